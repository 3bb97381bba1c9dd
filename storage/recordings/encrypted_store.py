"""What the stores of recordings share: encrypted, write-once objects under opaque names, wherever the bytes lie."""

import hashlib
import io
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

from storage.recordings.cipher import CHUNK_BYTES, DecryptingReader, encrypt, plain_size
from storage.recordings.keys import check_key
from storage.recordings.master_keys import HEADER_BYTES, Keyring, key_id_of
from storage.records import StoredObject, StoreFault


class EncryptedStore(ABC):
    """All methods raise `StorageUnavailable` for a place that is full, read-only or gone, and `ValueError` for a text
    that is no object key."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def write(self, object_key: str, chunks: Iterable[bytes]) -> StoredObject:
        """Raises `ObjectExists` and never overwrites. An error from `chunks` passes through and leaves nothing."""
        plain = _Measured(chunks)
        self._put(check_key(object_key), encrypt(plain, object_key, self._keyring))
        return plain.measure()

    def open(self, object_key: str) -> BinaryIO:
        """A seekable reader of the plain text. Raises `ObjectMissing`, or `ObjectDamaged` here or while reading."""
        source = self._source(check_key(object_key))
        try:
            return io.BufferedReader(DecryptingReader(source, object_key, self._keyring), CHUNK_BYTES)
        except BaseException:
            source.close()
            raise

    def size_bytes(self, object_key: str) -> int:
        """Of the plain text. Raises `ObjectMissing`, or `ObjectDamaged` for a size that no object can have."""
        return plain_size(self._stored_bytes(check_key(object_key)))

    def destroy(self, object_key: str) -> None:
        """Remove the object and look again; one that is gone already is no error."""
        self._remove(check_key(object_key))

    @property
    def current_key_id(self) -> str:
        return self._keyring.current_id.hex()

    def key_id(self, object_key: str) -> str:
        """Which master key opens the object, by its own word. Raises `ObjectMissing`, `ObjectDamaged`."""
        return key_id_of(self._header(check_key(object_key)), object_key).hex()

    def rewrap(self, object_key: str) -> bool:
        """Wrap the object's key with the current master key; the body stays as it is. False where it is so already.

        At each moment the whole old or the whole new object has the name. Raises `ObjectMissing`, and `ObjectDamaged`
        before anything is changed.
        """
        header = self._header(check_key(object_key))
        if key_id_of(header, object_key) == self._keyring.current_id:
            return False
        data_key = self._keyring.unwrap(header, object_key)
        return self._replace(object_key, header, self._keyring.wrap(data_key, object_key))

    def find_faults(self) -> Sequence[StoreFault]:
        """What an operator has to look at; tried out where asking is not enough."""
        return ()

    @abstractmethod
    def list_keys(self) -> Iterator[str]:
        """The names of all objects, and of whatever else lies there; in no order."""

    @abstractmethod
    def tidy(self) -> None:
        """Remove what killed writers left; nothing of it has a name yet."""

    @abstractmethod
    def _put(self, object_key: str, pieces: Iterator[bytes]) -> None:
        """What has the name is whole. Raises `ObjectExists`."""

    @abstractmethod
    def _source(self, object_key: str) -> BinaryIO:
        """The stored bytes, seekable. Raises `ObjectMissing`."""

    def _header(self, object_key: str) -> bytes:
        """Fewer bytes where there are not so many. Raises `ObjectMissing`."""
        with self._source(object_key) as source:
            return source.read(HEADER_BYTES)

    @abstractmethod
    def _stored_bytes(self, object_key: str) -> int:
        """How many there are. Raises `ObjectMissing`."""

    @abstractmethod
    def _remove(self, object_key: str) -> None: ...

    @abstractmethod
    def _replace(self, object_key: str, header: bytes, new_header: bytes) -> bool:
        """Put the object with another header of the same length under its name; False where `header` is not its header
        any more, or the object is gone."""


class _Measured:
    """Passes pieces on and keeps their size and SHA-256."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = pieces
        self._size_bytes = 0
        self._digest = hashlib.sha256()

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._pieces:
            self._size_bytes += len(piece)
            self._digest.update(piece)
            yield piece

    def measure(self) -> StoredObject:
        return StoredObject(self._size_bytes, self._digest.hexdigest())
