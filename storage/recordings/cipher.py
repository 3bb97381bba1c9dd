"""Recordings at rest: envelope encryption in chunks, so that playback can seek without decrypting all.

An object is `header || body`:
header  magic 8 · master key id 8 · nonce 12 · wrapped data key 48: AES-256-GCM under the master key, with magic, key id
        and object key as associated data.
body    C2SP chunked-encryption (Cobblestone-256: HKDF-Expand SHA-512, AES-256-GCM) with the data key as input key and
        the object key as context: salt 24 · key commitment 32 · chunks of 16 KiB + 16. The last chunk is always
        shorter, which marks the end; chunk numbers are part of the nonce.
So an object under another name, a cut one, a swapped or changed chunk, and a wrong key are all refused.
"""

import hashlib
import hmac
import io
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from storage.errors import ObjectDamaged

MAGIC = b"SPREL\x00\x00\x01"
KEY_BYTES = 32
KEY_ID_BYTES = 8
NONCE_BYTES = 12
TAG_BYTES = 16
SALT_BYTES = 24
COMMITMENT_BYTES = 32
CHUNK_BYTES = 16 * 1024
SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES
HEADER_BYTES = len(MAGIC) + KEY_ID_BYTES + NONCE_BYTES + KEY_BYTES + TAG_BYTES
PREFIX_BYTES = HEADER_BYTES + SALT_BYTES + COMMITMENT_BYTES
HKDF_INFO = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00"


class Keyring:
    """Master keys by id: the current one wraps, earlier ones still open what they wrapped."""

    def __init__(self, current: bytes, *earlier: bytes) -> None:
        """Raises `ValueError` for a key that is not 32 bytes."""
        if any(len(key) != KEY_BYTES for key in (current, *earlier)):
            raise ValueError("a recording key has 32 bytes")
        self._current = current
        self._keys = {master_key_id(key): AESGCM(key) for key in (current, *earlier)}

    def wrap(self, data_key: bytes, object_key: str) -> bytes:
        """The header."""
        key_id = master_key_id(self._current)
        nonce = os.urandom(NONCE_BYTES)
        wrapped = self._keys[key_id].encrypt(nonce, data_key, MAGIC + key_id + object_key.encode())
        return MAGIC + key_id + nonce + wrapped

    def unwrap(self, header: bytes, object_key: str) -> bytes:
        """The data key. Raises `ObjectDamaged`."""
        magic, key_id, nonce, wrapped = _cut(header, len(MAGIC), KEY_ID_BYTES, NONCE_BYTES)
        if magic != MAGIC or len(header) != HEADER_BYTES:
            raise ObjectDamaged(f"{object_key} is no recording of ours")
        if key_id not in self._keys:
            raise ObjectDamaged(f"{object_key} needs the recording key {key_id.hex()}, which is not configured")
        try:
            return self._keys[key_id].decrypt(nonce, wrapped, MAGIC + key_id + object_key.encode())
        except InvalidTag as error:
            raise ObjectDamaged(f"{object_key} has a damaged header") from error


def master_key_id(key: bytes) -> bytes:
    """Derived, so that nobody has to number keys."""
    return hashlib.sha256(b"spelregel recording key id\x00" + key).digest()[:KEY_ID_BYTES]


@dataclass(frozen=True, slots=True)
class ChunkCipher:
    """The key material of one object body."""

    aead: AESGCM
    base_nonce: int
    commitment: bytes

    @classmethod
    def derive(cls, input_key: bytes, salt: bytes, context: bytes) -> "ChunkCipher":
        length = KEY_BYTES + NONCE_BYTES + COMMITMENT_BYTES
        material = HKDFExpand(SHA512(), length, HKDF_INFO + salt + context).derive(input_key)
        key, base_nonce, commitment = _cut(material, KEY_BYTES, NONCE_BYTES)
        return cls(AESGCM(key), int.from_bytes(base_nonce, "big"), commitment)

    def seal(self, number: int, chunk: bytes) -> bytes:
        return self.aead.encrypt(self._nonce(number), chunk, None)

    def open(self, number: int, sealed: bytes) -> bytes:
        """Raises `InvalidTag`, or `ValueError` for what is too short to be a chunk."""
        return self.aead.decrypt(self._nonce(number), sealed, None)

    def _nonce(self, number: int) -> bytes:
        return (self.base_nonce ^ number).to_bytes(NONCE_BYTES, "big")


def encrypt(plain: Iterable[bytes], object_key: str, keyring: Keyring) -> Iterator[bytes]:
    """The object's bytes, piece by piece; memory stays at one chunk and one piece of `plain`."""
    data_key, salt = os.urandom(KEY_BYTES), os.urandom(SALT_BYTES)
    cipher = ChunkCipher.derive(data_key, salt, object_key.encode())
    yield keyring.wrap(data_key, object_key) + salt + cipher.commitment
    number = 0
    waiting = bytearray()
    for piece in plain:
        waiting += piece
        while len(waiting) >= CHUNK_BYTES:
            yield cipher.seal(number, bytes(waiting[:CHUNK_BYTES]))
            del waiting[:CHUNK_BYTES]
            number += 1
    yield cipher.seal(number, bytes(waiting))


def plain_size(object_bytes: int) -> int:
    """Plain-text bytes of an object of this size. Raises `ObjectDamaged` for a size that no object can have."""
    full, last = divmod(object_bytes - PREFIX_BYTES, SEALED_CHUNK_BYTES)
    if object_bytes < PREFIX_BYTES or last < TAG_BYTES:
        raise ObjectDamaged("the object is cut short")
    return full * CHUNK_BYTES + last - TAG_BYTES


class DecryptingReader(io.RawIOBase):
    """A seekable reader of the plain text that decrypts only the chunks that are read; owns and closes `source`.

    Raises `ObjectDamaged` at once for a wrong key, name, commitment or end, and later for a chunk that is not the one
    that was written.
    """

    def __init__(self, source: BinaryIO, object_key: str, keyring: Keyring) -> None:
        super().__init__()
        self._source = source
        self._object_key = object_key
        self._size = plain_size(source.seek(0, os.SEEK_END))
        self._at = 0
        self._chunk_number = -1
        self._chunk = b""
        source.seek(0)
        header, salt, commitment = _cut(source.read(PREFIX_BYTES), HEADER_BYTES, SALT_BYTES)
        self._cipher = ChunkCipher.derive(keyring.unwrap(header, object_key), salt, object_key.encode())
        if not hmac.compare_digest(self._cipher.commitment, commitment):
            raise ObjectDamaged(f"{object_key} has a damaged key commitment")
        self._load(self._size // CHUNK_BYTES)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("seek before the beginning")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # typeshed's Buffer has no length
        if self._at >= self._size:
            return 0
        number, start = divmod(self._at, CHUNK_BYTES)
        self._load(number)
        piece = self._chunk[start : start + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        self._source.close()
        super().close()

    def _load(self, number: int) -> None:
        if number == self._chunk_number:
            return
        self._source.seek(PREFIX_BYTES + number * SEALED_CHUNK_BYTES)
        try:
            self._chunk = self._cipher.open(number, self._source.read(SEALED_CHUNK_BYTES))
        except (InvalidTag, ValueError) as error:
            raise ObjectDamaged(f"{self._object_key}: chunk {number} is not what was written") from error
        self._chunk_number = number


def _cut(joined: bytes, *lengths: int) -> list[bytes]:
    """Pieces of the given lengths, and the rest."""
    pieces = []
    for length in lengths:
        pieces.append(joined[:length])
        joined = joined[length:]
    return [*pieces, joined]
