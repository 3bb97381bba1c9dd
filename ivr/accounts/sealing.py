"""Small secrets at rest and in cookies: AES-256-GCM under a key of their own."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
NONCE_BYTES = 12


class BrokenSeal(Exception):
    """Not ours, changed, sealed for something else, or under another key."""


class Sealer:
    """Seals under a key that is derived from the installation's secret for one purpose (RFC 5869)."""

    def __init__(self, secret: str, purpose: str) -> None:
        key = HKDF(SHA256(), KEY_BYTES, salt=None, info=purpose.encode()).derive(secret.encode())
        self._cipher = AESGCM(key)

    def seal(self, plain: bytes, about: str = "") -> bytes:
        """`about` names what it belongs to: it opens for nothing else."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, about.encode())

    def open(self, sealed: bytes, about: str = "") -> bytes:
        """Raises `BrokenSeal`."""
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], about.encode())
        except (InvalidTag, ValueError):
            raise BrokenSeal("this was not sealed by us, or for something else") from None
