"""Recordings at rest: envelope encryption in chunks, so that playback can seek without decrypting all.

An object is `header || body`; docs/recording-format.md has all of it:
header  76 bytes, which wrap the data key (master_keys.py); all that changes when the master key does.
body    C2SP chunked-encryption (Cobblestone-256: HKDF-Expand SHA-512, AES-256-GCM) with the data key as input key and
        the object key as context: salt 24 · key commitment 32 · chunks of 16 KiB + 16. The last chunk is always
        shorter, which marks the end; chunk numbers are part of the nonce.
So an object under another name, a cut one, a swapped or changed chunk, and a wrong key are all refused.
"""

import hmac
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from storage.errors import ObjectDamaged, StorageUnavailable
from storage.recordings.master_keys import HEADER_BYTES, KEY_BYTES, NONCE_BYTES, TAG_BYTES, Keyring
from storage.recordings.seekable import SeekableReader

SALT_BYTES = 24
COMMITMENT_BYTES = 32
CHUNK_BYTES = 16 * 1024
SEALED_CHUNK_BYTES = CHUNK_BYTES + TAG_BYTES
PREFIX_BYTES = HEADER_BYTES + SALT_BYTES + COMMITMENT_BYTES
HKDF_INFO = b"c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\x00"


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


class DecryptingReader(SeekableReader):
    """A seekable reader of the plain text that decrypts only the chunks that are read; owns and closes `source`.

    Raises `ObjectDamaged` at once for a wrong key, name, commitment or end, and later for a chunk that is not the one
    that was written.
    """

    def __init__(self, source: BinaryIO, object_key: str, keyring: Keyring) -> None:
        self._source = source
        super().__init__(plain_size(source.seek(0, os.SEEK_END)))
        self._object_key = object_key
        self._chunk_number = -1
        self._chunk = b""
        source.seek(0)
        header, salt, commitment = _cut(source.read(PREFIX_BYTES), HEADER_BYTES, SALT_BYTES)
        self._cipher = ChunkCipher.derive(keyring.unwrap(header, object_key), salt, object_key.encode())
        if not hmac.compare_digest(self._cipher.commitment, commitment):
            raise ObjectDamaged(f"{object_key} has a damaged key commitment")
        self._load(self._size // CHUNK_BYTES)

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
        try:
            self._source.seek(PREFIX_BYTES + number * SEALED_CHUNK_BYTES)
            self._chunk = self._cipher.open(number, self._source.read(SEALED_CHUNK_BYTES))
        except (InvalidTag, ValueError) as error:
            raise ObjectDamaged(f"{self._object_key}: chunk {number} is not what was written") from error
        except OSError as error:
            raise StorageUnavailable(f"{self._object_key}: chunk {number} cannot be read: {error.strerror}") from error
        self._chunk_number = number


def _cut(joined: bytes, *lengths: int) -> list[bytes]:
    """Pieces of the given lengths, and the rest."""
    pieces = []
    for length in lengths:
        pieces.append(joined[:length])
        joined = joined[length:]
    return [*pieces, joined]
