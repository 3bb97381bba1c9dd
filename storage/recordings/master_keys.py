"""The keys that wrap the recordings' own keys, and the header that says which of them did.

header  magic 8 · master key id 8 · nonce 12 · wrapped data key 48: AES-256-GCM under the master key, with magic, key id
        and object key as associated data.
Changing the master key changes headers only: a data key stays what it was, and so does what it encrypted.
"""

import hashlib
import os
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from storage.errors import ObjectDamaged

MAGIC = b"SPREL\x00\x00\x01"
KEY_BYTES = 32
KEY_ID_BYTES = 8
NONCE_BYTES = 12
TAG_BYTES = 16
HEADER_BYTES = len(MAGIC) + KEY_ID_BYTES + NONCE_BYTES + KEY_BYTES + TAG_BYTES


class HeaderDamaged(ObjectDamaged):
    """The header is not what was written, or the object has another name."""


class MasterKey(Protocol):
    """An AES-256 key that wraps data keys with AES-GCM, wherever it lies."""

    @property
    def key_id(self) -> bytes:
        """8 bytes, the same for the same key at all times. Raises `StorageUnavailable`."""
        ...

    def wrap(self, nonce: bytes, data_key: bytes, context: bytes) -> bytes:
        """48 bytes: cipher text and tag. Raises `StorageUnavailable`."""
        ...

    def unwrap(self, nonce: bytes, wrapped: bytes, context: bytes) -> bytes:
        """The data key. Raises `InvalidTag` for what this key did not wrap so, `StorageUnavailable`."""
        ...


class LocalKey:
    """A master key in the memory of this process."""

    def __init__(self, key: bytes) -> None:
        """Raises `ValueError` for a key that is not 32 bytes."""
        if len(key) != KEY_BYTES:
            raise ValueError("a recording key has 32 bytes")
        self.key_id = hashlib.sha256(b"spelregel recording key id\x00" + key).digest()[:KEY_ID_BYTES]
        self._aead = AESGCM(key)

    def wrap(self, nonce: bytes, data_key: bytes, context: bytes) -> bytes:
        return self._aead.encrypt(nonce, data_key, context)

    def unwrap(self, nonce: bytes, wrapped: bytes, context: bytes) -> bytes:
        return self._aead.decrypt(nonce, wrapped, context)


class Keyring:
    """Master keys by id: the current one wraps, earlier ones still open what they wrapped."""

    def __init__(self, current: MasterKey, *earlier: MasterKey) -> None:
        self._current = current
        self._all = (current, *earlier)

    @property
    def current_id(self) -> bytes:
        return self._current.key_id

    def wrap(self, data_key: bytes, object_key: str) -> bytes:
        """The header of an object."""
        nonce, start = os.urandom(NONCE_BYTES), MAGIC + self.current_id
        return start + nonce + self._current.wrap(nonce, data_key, start + object_key.encode())

    def unwrap(self, header: bytes, object_key: str) -> bytes:
        """The data key. Raises `HeaderDamaged` for a changed header and for another name, `ObjectDamaged` for an
        unknown key."""
        key_id = key_id_of(header, object_key)
        master = next((key for key in self._all if key.key_id == key_id), None)
        if master is None:
            raise ObjectDamaged(f"{object_key} needs the recording key {key_id.hex()}, which is not configured")
        start = MAGIC + key_id
        nonce, wrapped = header[len(start) : len(start) + NONCE_BYTES], header[len(start) + NONCE_BYTES :]
        try:
            return master.unwrap(nonce, wrapped, start + object_key.encode())
        except InvalidTag as error:
            raise HeaderDamaged(f"{object_key} has a damaged header") from error


def key_id_of(header: bytes, object_key: str) -> bytes:
    """Which master key a header needs; says nothing on whether the rest of it is good. Raises `ObjectDamaged`."""
    if len(header) != HEADER_BYTES or not header.startswith(MAGIC):
        raise ObjectDamaged(f"{object_key} is no recording of ours")
    return header[len(MAGIC) : len(MAGIC) + KEY_ID_BYTES]
