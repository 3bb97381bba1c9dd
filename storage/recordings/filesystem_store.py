"""Encrypted, write-once objects as files below one folder."""

import fcntl
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, BinaryIO

from storage.errors import ObjectExists, ObjectMissing, StorageUnavailable
from storage.recordings.encrypted_store import EncryptedStore
from storage.recordings.master_keys import Keyring

ASIDE = ".aside"
PIECE_BYTES = 1024 * 1024


class FilesystemStore(EncryptedStore):
    """A file is written aside, synced and then linked under its name: what has a name is whole."""

    def __init__(self, root: Path, keyring: Keyring) -> None:
        """Makes the folder, and removes what killed writers left aside."""
        super().__init__(keyring)
        self._root = root
        self._aside = root / ASIDE
        with _translated_errors():
            self._aside.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.tidy()

    def list_keys(self) -> Iterator[str]:
        with _translated_errors():
            for folder, folders, files in os.walk(self._root, onerror=_raise):
                if folder == str(self._root):
                    folders.remove(ASIDE)
                for name in files:
                    yield (Path(folder) / name).relative_to(self._root).as_posix()

    def tidy(self) -> None:
        """A writer holds a lock on its file and the kernel drops it when the writer dies."""
        with _translated_errors():
            for path in self._aside.iterdir():
                with suppress(FileNotFoundError), path.open("rb") as file:  # else its writer finished just now
                    try:
                        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    except BlockingIOError:
                        continue
                    path.unlink(missing_ok=True)

    def _put(self, object_key: str, pieces: Iterator[bytes]) -> None:
        final = self._root / object_key
        with _translated_errors():
            if final.exists():
                raise ObjectExists(object_key)
        with self._written_aside() as file:
            for piece in pieces:
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

    def _source(self, object_key: str) -> BinaryIO:
        with _translated_errors(), _missing(object_key):
            return (self._root / object_key).open("rb")

    def _stored_bytes(self, object_key: str) -> int:
        with _translated_errors(), _missing(object_key):
            return (self._root / object_key).stat().st_size

    def _remove(self, object_key: str) -> None:
        """Overwriting first would prove nothing on journaling, copy-on-write or flash storage. What is left on such
        storage, and in its backups, is cipher text.
        """
        path = self._root / object_key
        with _translated_errors():
            if not path.parent.exists():
                return
            with suppress(FileNotFoundError), _locked(path):
                path.unlink()
            _sync_folder(path.parent)
            if os.path.lexists(path):
                raise StorageUnavailable(f"{object_key} is still there after its removal")

    def _replace(self, object_key: str, header: bytes, new_header: bytes) -> bool:
        path = self._root / object_key
        with _translated_errors(), suppress(FileNotFoundError), _locked(path) as old:
            if old.read(len(header)) != header:
                return False
            with self._written_aside() as file:
                _write_all(file.fileno(), new_header)
                while piece := old.read(PIECE_BYTES):
                    _write_all(file.fileno(), piece)
                os.fsync(file.fileno())
                # A name of its own, since the file's first one goes when it is closed.
                os.link(file.name, f"{file.name}.whole")
                os.replace(f"{file.name}.whole", path)
                _sync_folder(path.parent)
            return True
        return False

    @contextmanager
    def _written_aside(self) -> Iterator[IO[bytes]]:
        """A locked file without a final name; gone at the end unless it got one."""
        with _translated_errors():
            file = tempfile.NamedTemporaryFile(dir=self._aside)  # noqa: SIM115  closed by the next with
        with file:
            with _translated_errors():
                fcntl.flock(file, fcntl.LOCK_EX)  # alive: see tidy
            yield file


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
def _locked(path: Path) -> Iterator[BinaryIO]:
    """The file that has this name, for one writer at a time: what is destroyed is not put back by a new header.

    Raises `FileNotFoundError`.
    """
    while True:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                yield file
                return


def _raise(error: OSError) -> None:
    raise error


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
