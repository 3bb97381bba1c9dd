"""Model folders on disk: digests, safe unpacking, and coming into being as a whole or not at all."""

import fcntl
import hashlib
import os
import shutil
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile, ZipInfo

from speech.errors import ModelError

_CHUNK_BYTES = 1 << 20
_MOST_FILES = 1_000
_MOST_BYTES = 2_000_000_000

Digests = Mapping[str, str]


@contextmanager
def locked(model_dir: Path) -> Iterator[None]:
    """One process at a time installs into `model_dir`, which is made where it is missing."""
    try:
        model_dir.mkdir(parents=True, exist_ok=True)
        lock = (model_dir / ".lock").open("w")
    except OSError as error:
        raise ModelError(f"{model_dir}: cannot be written ({error.strerror}); set SPELREGEL_MODEL_DIR") from error
    with lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def arriving(folder: Path) -> Iterator[Path]:
    """A new folder to fill; it takes the place of `folder` when the block ends well, and disappears when it does not.

    Only under `locked`: what an interrupted installation left behind is removed.
    """
    aside = folder.with_name(f".{folder.name}.new")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    try:
        yield aside
        for path in aside.rglob("*"):
            _sync(path)
        shutil.rmtree(folder, ignore_errors=True)
        aside.rename(folder)
        _sync(folder.parent)
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digests_of(folder: Path) -> Digests:
    """The SHA-256 of each file, by its path within the folder."""
    return {
        path.relative_to(folder).as_posix(): sha256_of(path) for path in sorted(folder.rglob("*")) if path.is_file()
    }


def difference(folder: Path, expected: Digests) -> str | None:
    """What is wrong with the folder in a few words, None where it is as expected."""
    for name, digest in expected.items():
        path = folder / name
        if not path.is_file():
            return f"{name} is missing"
        if sha256_of(path) != digest:
            return f"{name} is damaged"
    return None


def join(parts: list[Path], target: Path) -> None:
    """Write the parts one after another."""
    with target.open("wb") as out:
        for part in parts:
            with part.open("rb") as piece:
                shutil.copyfileobj(piece, out, _CHUNK_BYTES)


def unpack(archive: Path, root: str, target: Path) -> None:
    """Unpack what lies under `root` in a zip into `target`.

    Raises `ModelError` for anything but plain files and folders under that root, and for more than a model can hold.
    """
    try:
        with ZipFile(archive) as pack:
            members = pack.infolist()
            if len(members) > _MOST_FILES or sum(member.file_size for member in members) > _MOST_BYTES:
                raise ModelError(f"{archive.name}: holds more than a speech model; not unpacked")
            for member in members:
                place = target / _safe_place(archive, member, root)
                if member.is_dir():
                    place.mkdir(parents=True, exist_ok=True)
                    continue
                place.parent.mkdir(parents=True, exist_ok=True)
                with pack.open(member) as piece, place.open("xb") as out:
                    shutil.copyfileobj(piece, out, _CHUNK_BYTES)
    except (BadZipFile, EOFError, FileExistsError, NotImplementedError) as error:
        raise ModelError(f"{archive.name}: is no good zip file ({error}); install again") from error


def _safe_place(archive: Path, member: ZipInfo, root: str) -> Path:
    path = PurePosixPath(member.filename)
    kind = stat.S_IFMT(member.external_attr >> 16)
    if path.parts[:1] != (root,) or ".." in path.parts or kind not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise ModelError(f"{archive.name}: {member.filename!r} does not belong in a model; not unpacked")
    return Path(*path.parts[1:])


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
