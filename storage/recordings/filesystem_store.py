"""Encrypted, write-once objects as files below one folder."""

import fcntl
import hashlib
import io
import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from storage.errors import ObjectExists, ObjectMissing, StorageUnavailable
from storage.recordings.cipher import CHUNK_BYTES, DecryptingReader, Keyring, encrypt, plain_size
from storage.recordings.keys import check_key
from storage.records import StoredObject

ASIDE = ".aside"


class FilesystemStore:
    """A file is written aside, synced and then linked under its name: what has a name is whole.

    All methods raise `StorageUnavailable` for a disk that is full, read-only or gone, and `ValueError` for a text that
    is no object key.
    """

    def __init__(self, root: Path, keyring: Keyring) -> None:
        """Makes the folder, and removes what killed writers left aside."""
        self._root = root
        self._aside = root / ASIDE
        self._keyring = keyring
        with _translated_errors():
            self._aside.mkdir(mode=0o700, parents=True, exist_ok=True)
            _remove_orphans(self._aside)

    def write(self, object_key: str, chunks: Iterable[bytes]) -> StoredObject:
        """Raises `ObjectExists` and never overwrites. An error from `chunks` passes through and leaves nothing."""
        final = self._path(object_key)
        plain = _Measured(chunks)
        with _translated_errors():
            if final.exists():
                raise ObjectExists(object_key)
            file = tempfile.NamedTemporaryFile(dir=self._aside)  # noqa: SIM115  closed by the next with
        with file:
            with _translated_errors():
                fcntl.flock(file, fcntl.LOCK_EX)  # alive: see _remove_orphans
            for piece in encrypt(plain, object_key, self._keyring):
                with _translated_errors():
                    _write_all(file.fileno(), piece)
            with _translated_errors():
                os.fsync(file.fileno())
                _make_folder(final.parent)
                try:
                    os.link(file.name, final)
                except FileExistsError as error:
                    raise ObjectExists(object_key) from error
                _sync_folder(final.parent)
        return plain.measure()

    def open(self, object_key: str) -> BinaryIO:
        """A seekable reader of the plain text. Raises `ObjectMissing`, or `ObjectDamaged` here or while reading."""
        path = self._path(object_key)
        with _translated_errors(), _missing(object_key):
            source = path.open("rb")
            try:
                return io.BufferedReader(DecryptingReader(source, object_key, self._keyring), CHUNK_BYTES)
            except BaseException:
                source.close()
                raise

    def size_bytes(self, object_key: str) -> int:
        """Of the plain text. Raises `ObjectMissing`, or `ObjectDamaged` for a size that no object can have."""
        path = self._path(object_key)
        with _translated_errors(), _missing(object_key):
            return plain_size(path.stat().st_size)

    def destroy(self, object_key: str) -> None:
        """Remove the object and look again; one that is gone already is no error.

        Overwriting first would prove nothing on journaling, copy-on-write or flash storage. What is left on such
        storage, and in its backups, is cipher text.
        """
        path = self._path(object_key)
        with _translated_errors():
            if not path.parent.exists():
                return
            path.unlink(missing_ok=True)
            _sync_folder(path.parent)
            if os.path.lexists(path):
                raise StorageUnavailable(f"{object_key} is still there after its removal")

    def _path(self, object_key: str) -> Path:
        return self._root / check_key(object_key)


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


def _remove_orphans(aside: Path) -> None:
    """A writer holds a lock on its file and the kernel drops it when the writer dies."""
    for path in aside.iterdir():
        try:
            file = path.open("rb")
        except FileNotFoundError:
            continue  # its writer finished just now
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue
            path.unlink(missing_ok=True)


def _write_all(descriptor: int, piece: bytes) -> None:
    """Not buffered: what cannot be written shows here and not when the file is closed."""
    while piece:
        piece = piece[os.write(descriptor, piece) :]


def _make_folder(folder: Path) -> None:
    missing = [path for path in (folder, *folder.parents) if not path.exists()]
    for path in reversed(missing):
        path.mkdir(mode=0o700, exist_ok=True)
        _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    """A name is durable only when its folder is (fsync(2))."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _missing(object_key: str) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise ObjectMissing(object_key) from error


@contextmanager
def _translated_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageUnavailable(f"recordings: {error.strerror}") from error
