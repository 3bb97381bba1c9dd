"""Cosignatures: a witness's signed word that a checkpoint continues all that it saw of this log before.

Source: C2SP tlog-cosignature, Ed25519 (signature type 0x04) and ML-DSA-44 (0x06).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from storage.consent_log.checkpoint import Checkpoint, make_key_id, parse_signature, split_vkey
from storage.errors import LogBroken

ED25519, ML_DSA_44 = b"\x04", b"\x06"
TIME_BYTES = 8
LONGEST_NAME_BYTES = 255
LAST_SECOND = int(datetime.max.replace(tzinfo=UTC).timestamp())


@dataclass(frozen=True, slots=True)
class CosignerKey:
    """The public key of a witness; its name is a URL without scheme."""

    name: str
    public: Ed25519PublicKey | MLDSA44PublicKey

    @property
    def material(self) -> bytes:
        kind = ED25519 if isinstance(self.public, Ed25519PublicKey) else ML_DSA_44
        return kind + self.public.public_bytes_raw()

    @property
    def key_id(self) -> bytes:
        return make_key_id(self.name, self.material)


@dataclass(frozen=True, slots=True)
class Cosignature:
    """A signature line, without its newline, and when the witness says that it made it."""

    line: str
    at: datetime


def parse_cosigner(vkey: str) -> CosignerKey:
    """Raises `ValueError` for text that is no verifier key of a witness."""
    name, material = split_vkey(vkey)
    kind, raw = material[:1], material[1:]
    if len(name.encode()) > LONGEST_NAME_BYTES:
        raise ValueError("the name of the key is too long")
    if kind == ED25519:
        return CosignerKey(name, Ed25519PublicKey.from_public_bytes(raw))
    if kind == ML_DSA_44:
        return CosignerKey(name, MLDSA44PublicKey.from_public_bytes(raw))
    raise ValueError("not a witness's key: Ed25519 cosignatures have type 4, ML-DSA-44 ones type 6")


def find_cosignature(checkpoint: Checkpoint, lines: Sequence[str], key: CosignerKey) -> Cosignature | None:
    """The witness's line among these; lines by other keys are passed over.

    Raises `LogBroken` for a malformed line, and for a false signature by this key.
    """
    for line in lines:
        name, key_id, stamped = parse_signature(line)
        if (name, key_id) != (key.name, key.key_id):
            continue
        seconds = int.from_bytes(stamped[:TIME_BYTES])
        if len(stamped) <= TIME_BYTES or seconds > LAST_SECOND:
            raise LogBroken(f"the cosignature of {name} is malformed")
        try:
            key.public.verify(stamped[TIME_BYTES:], cosigned_message(checkpoint, seconds, key))
        except InvalidSignature as error:
            raise LogBroken(f"the cosignature of {name} is false") from error
        return Cosignature(line, datetime.fromtimestamp(seconds, UTC))
    return None


def cosigned_message(checkpoint: Checkpoint, seconds: int, key: CosignerKey) -> bytes:
    """The bytes that a witness signs; `seconds` since 1970, UTC."""
    if isinstance(key.public, Ed25519PublicKey):
        return f"cosignature/v1\ntime {seconds}\n{checkpoint.text()}".encode()
    name, origin = key.name.encode(), checkpoint.origin.encode()
    return b"".join(
        (
            b"subtree/v1\n\0",
            bytes([len(name)]) + name,
            seconds.to_bytes(8),
            bytes([len(origin)]) + origin,
            (0).to_bytes(8),
            checkpoint.size.to_bytes(8),
            checkpoint.root,
        )
    )
