"""A log head as text, signed so that outsiders can keep and compare it.

Source: C2SP tlog-checkpoint and signed-note, Ed25519 (signature type 0x01).
"""

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from storage.consent_log.chain import HASH_BYTES
from storage.errors import LogBroken

ED25519 = b"\x01"
KEY_ID_BYTES = 4
SIGNATURE_MARK = "\u2014"  # em dash


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`origin` is a URL without scheme that names the log; `root` is the Merkle root of its first `size` entries."""

    origin: str
    size: int
    root: bytes

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


@dataclass(frozen=True, slots=True)
class NoteKey:
    """The public half of a signing key; `name` has no spaces and no plus."""

    name: str
    public: Ed25519PublicKey

    @property
    def key_id(self) -> bytes:
        return make_key_id(self.name, ED25519 + self.public.public_bytes_raw())

    def vkey(self) -> str:
        """`name+hex(key id)+base64(type || key)`: what an outsider needs to check our notes."""
        encoded = base64.b64encode(ED25519 + self.public.public_bytes_raw()).decode()
        return f"{self.name}+{self.key_id.hex()}+{encoded}"


@dataclass(frozen=True, slots=True)
class NoteSigner:
    name: str
    private: Ed25519PrivateKey

    @classmethod
    def from_seed(cls, name: str, seed: bytes) -> "NoteSigner":
        """Raises `ValueError` for a seed that is not 32 bytes, or a name with spaces or a plus."""
        _check_name(name)
        return cls(name, Ed25519PrivateKey.from_private_bytes(seed))

    @property
    def key(self) -> NoteKey:
        return NoteKey(self.name, self.private.public_key())

    def sign(self, text: str) -> str:
        """The signed note. `text` ends in a newline."""
        signature = base64.b64encode(self.key.key_id + self.private.sign(text.encode())).decode()
        return f"{text}\n{SIGNATURE_MARK} {self.name} {signature}\n"


def decode_base64(text: str) -> bytes:
    """Of each value there is one spelling: a changed letter never means the same. Raises `ValueError`."""
    decoded = base64.b64decode(text, validate=True)
    if base64.b64encode(decoded).decode() != text:
        raise ValueError("not the base64 of these bytes")
    return decoded


def parse_vkey(vkey: str) -> NoteKey:
    """Raises `ValueError` for text that is no Ed25519 verifier key or whose key id is not that of the key."""
    name, material = split_vkey(vkey)
    if material[:1] != ED25519:
        raise ValueError("not an Ed25519 key")
    return NoteKey(name, Ed25519PublicKey.from_public_bytes(material[1:]))


def split_vkey(vkey: str) -> tuple[str, bytes]:
    """The name of a verifier key, and its type byte and key. Raises `ValueError` also for a key id of another key."""
    try:
        name, key_id, encoded = vkey.strip().split("+", 2)
        material = decode_base64(encoded)
    except ValueError:
        raise ValueError("not a verifier key, which is name+id+key") from None
    _check_name(name)
    if make_key_id(name, material).hex() != key_id:
        raise ValueError("the key id does not belong to this key")
    return name, material


def make_key_id(name: str, material: bytes) -> bytes:
    """`material` is the type byte and the public key."""
    return hashlib.sha256(f"{name}\n".encode() + material).digest()[:KEY_ID_BYTES]


def open_checkpoint(note: str, keys: Sequence[NoteKey]) -> Checkpoint:
    """The log head in a note, which the log itself must have signed: a key that bears the name of its origin.

    Raises `LogBroken`, for the head of another log too, by whichever of `keys` that is signed.
    """
    text, signers = open_note(note, keys)
    checkpoint = parse_checkpoint(text)
    if checkpoint.origin not in signers:
        raise LogBroken(f"it is of another log, {checkpoint.origin}")
    return checkpoint


def open_note(note: str, keys: Sequence[NoteKey]) -> tuple[str, set[str]]:
    """The text of a signed note, and the names of the known keys that signed it, one at least; signatures by unknown
    keys are passed over.

    Raises `LogBroken` for a malformed note, no signature by a known key, or a bad one by a known key.
    """
    text, separator, signatures = note.rpartition("\n\n")
    if not separator or not signatures.endswith("\n") or any(c < " " and c != "\n" for c in note):
        raise LogBroken("not a signed note")
    text += "\n"
    known = {(key.name, key.key_id): key for key in keys}
    signers = set()
    for line in signatures[:-1].split("\n"):
        name, key_id, signature = parse_signature(line)
        key = known.get((name, key_id))
        if key is None:
            continue
        try:
            key.public.verify(signature, text.encode())
        except InvalidSignature as error:
            raise LogBroken(f"the signature of {name} is false") from error
        signers.add(name)
    if not signers:
        raise LogBroken("no known key signed this")
    return text, signers


def parse_checkpoint(text: str) -> Checkpoint:
    """Raises `LogBroken`; lines after the third, which the format allows, are refused: we write none."""
    try:
        origin, size, root, end = text.split("\n")
        checkpoint = Checkpoint(origin, int(size), decode_base64(root))
    except ValueError as error:
        raise LogBroken("not a checkpoint") from error
    if end or not origin or checkpoint.size < 0 or len(checkpoint.root) != HASH_BYTES or checkpoint.text() != text:
        raise LogBroken("not a checkpoint")
    return checkpoint


def as_signed(note: str) -> str:
    """The note as the log itself signed it, without what witnesses added: theirs stand after ours."""
    text, separator, signatures = note.rpartition("\n\n")
    first, _, _ = signatures.partition("\n")
    return f"{text}{separator}{first}\n"


def parse_signature(line: str) -> tuple[str, bytes, bytes]:
    """The name, key id and signature of a note's signature line. Raises `LogBroken`."""
    try:
        mark, name, encoded = line.split(" ")
        material = decode_base64(encoded)
    except ValueError as error:
        raise LogBroken("a signature line is malformed") from error
    if mark != SIGNATURE_MARK or not name or len(material) <= KEY_ID_BYTES:
        raise LogBroken("a signature line is malformed")
    return name, material[:KEY_ID_BYTES], material[KEY_ID_BYTES:]


def _check_name(name: str) -> None:
    if not name or "+" in name or any(character.isspace() for character in name):
        raise ValueError(f"no name for a signing key: {name!r}")
