"""Another header for a stored object: whatever comes between, the whole old or the whole new object has the name."""

import errno
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ivr.records.recording_keys import Move, RecordingKeys
from storage.errors import ObjectMissing, StorageUnavailable
from storage.recordings.filesystem_store import ASIDE, FilesystemStore
from storage.recordings.keys import citizen_copy_key, copy_key, part_key, recording_key
from storage.recordings.master_keys import Keyring, LocalKey

OLD, NEW = LocalKey(bytes(range(32))), LocalKey(bytes(32))
KEY = recording_key("rec-1")
PLAIN = bytes(range(256)) * 1000
REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def store(tmp_path: Path) -> FilesystemStore:
    """An object under the old key, in a store whose current key is the new one."""
    FilesystemStore(tmp_path, Keyring(OLD)).write(KEY, [PLAIN])
    return FilesystemStore(tmp_path, Keyring(NEW, OLD))


def read_all(store: FilesystemStore) -> bytes:
    with store.open(KEY) as sound:
        return sound.read()


def files(root: Path) -> list[str]:
    return sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())


def test_all_kinds_of_objects_are_moved_and_counted(tmp_path: Path, store: FilesystemStore) -> None:
    old = FilesystemStore(tmp_path, Keyring(OLD))
    for key in (copy_key("r-1", "mp3"), citizen_copy_key("u-1"), part_key("u-1", "p-1")):
        old.write(key, [b"sound"])
    store.write(recording_key("rec-2"), [b"sound"])
    keys = RecordingKeys(store)
    assert keys.count() == {OLD.key_id.hex(): 4, NEW.key_id.hex(): 1}
    assert sorted(moved.move for moved in keys.move_all()) == [Move.CURRENT, *[Move.MOVED] * 4]
    assert keys.count() == {keys.current_id: 5}
    assert {moved.move for moved in keys.move_all()} == {Move.CURRENT}
    assert read_all(FilesystemStore(tmp_path, Keyring(NEW))) == PLAIN


def test_what_cannot_be_moved_is_named_and_does_not_stop_the_others(tmp_path: Path, store: FilesystemStore) -> None:
    other = FilesystemStore(tmp_path, Keyring(LocalKey(b"\x07" * 32)))
    other.write(recording_key("lost key"), [b"sound"])
    (tmp_path / "recordings" / "notes.txt").write_bytes(b"hello")
    keys = RecordingKeys(store)
    moved = {found.object_key: found for found in keys.move_all()}
    assert moved[KEY].move is Move.MOVED
    assert moved[recording_key("lost key")].move is Move.FAILED
    assert "not configured" in moved[recording_key("lost key")].detail
    assert moved["recordings/notes.txt"].move is Move.FAILED
    assert keys.count()[""] == 1


# ---------------------------------------------------------------- crashes

KILLED = """
import os, signal, sys
from pathlib import Path
from storage.recordings.filesystem_store import FilesystemStore
from storage.recordings.master_keys import Keyring, LocalKey
store = FilesystemStore(Path(sys.argv[1]), Keyring(LocalKey(bytes(32)), LocalKey(bytes(range(32)))))
function, after = sys.argv[3], sys.argv[4] == "after"
real, calls = getattr(os, function), 0
def dying(*arguments, **named):
    if not after:
        os.kill(os.getpid(), signal.SIGKILL)
    done = real(*arguments, **named)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(os, function, dying)
store.rewrap(sys.argv[2])
"""


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("function", ["write", "fsync", "link", "replace"])
def test_a_kill_at_any_step_leaves_the_whole_object_and_the_next_run_goes_on(
    tmp_path: Path, store: FilesystemStore, function: str, when: str
) -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path), KEY, function, when], cwd=REPOSITORY)
    assert killed.returncode == -signal.SIGKILL
    assert read_all(store) == PLAIN
    moved = (function, when) == ("replace", "after")
    assert store.key_id(KEY) == (NEW if moved else OLD).key_id.hex()
    store.tidy()
    assert files(tmp_path) == [KEY]
    assert store.rewrap(KEY) is not moved
    assert read_all(FilesystemStore(tmp_path, Keyring(NEW))) == PLAIN
    assert files(tmp_path) == [KEY]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EIO, errno.EROFS, errno.EDQUOT])
@pytest.mark.parametrize("function", ["write", "fsync", "link", "replace", "open"])
def test_a_disk_that_refuses_any_step_leaves_the_old_object(
    tmp_path: Path, store: FilesystemStore, monkeypatch: pytest.MonkeyPatch, function: str, number: int
) -> None:
    with monkeypatch.context() as disk:
        disk.setattr(os, function, refusing(getattr(os, function), number))
        with pytest.raises(StorageUnavailable, match=os.strerror(number)):
            store.rewrap(KEY)
    assert read_all(store) == PLAIN
    if function != "open":  # by then the new object has the name, and only its durability is not known
        assert store.key_id(KEY) == OLD.key_id.hex()
    assert files(tmp_path) == [KEY] or function == "replace"
    store.tidy()
    assert files(tmp_path) == [KEY]


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EIO, errno.EROFS, errno.EDQUOT])
@pytest.mark.parametrize("function", ["write", "fsync", "link", "mkdir"])
def test_a_disk_that_refuses_any_step_of_a_new_object_leaves_none(
    tmp_path: Path, store: FilesystemStore, monkeypatch: pytest.MonkeyPatch, function: str, number: int
) -> None:
    other = recording_key("rec-of-another-folder")
    with monkeypatch.context() as disk:
        disk.setattr(os, function, refusing(getattr(os, function), number))
        with pytest.raises(StorageUnavailable, match=os.strerror(number)):
            store.write(other, [PLAIN])
    assert files(tmp_path) == [KEY]
    store.write(other, [PLAIN])
    assert store.size_bytes(other) == len(PLAIN)


def refusing(real: Callable[..., object], number: int) -> Callable[..., object]:
    """The system call, refused; opening only where a folder is to be synced, which is the last step."""

    def call(*arguments: Any, **named: Any) -> object:
        if real is os.open and not (isinstance(arguments[1], int) and arguments[1] & os.O_DIRECTORY):
            return real(*arguments, **named)
        raise OSError(number, os.strerror(number))

    return call


# ---------------------------------------------------------------- others at the same time


def test_what_is_destroyed_meanwhile_does_not_come_back(
    tmp_path: Path, store: FilesystemStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The destroyer waits for the new header, or the new header finds nothing any more."""
    real, destroyer = os.replace, threading.Thread(target=store.destroy, args=(KEY,))

    def replace(source: str, target: Path) -> None:
        destroyer.start()
        real(source, target)

    monkeypatch.setattr(os, "replace", replace)
    assert store.rewrap(KEY)
    destroyer.join()
    assert files(tmp_path) == []
    with pytest.raises(ObjectMissing):
        store.rewrap(KEY)


def test_several_at_once_move_an_object_once(tmp_path: Path, store: FilesystemStore) -> None:
    stores = [FilesystemStore(tmp_path, Keyring(NEW, OLD)) for _ in range(6)]
    moved: list[bool] = []
    threads = [threading.Thread(target=lambda each=each: moved.append(each.rewrap(KEY))) for each in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(moved) == [False] * 5 + [True]
    assert read_all(FilesystemStore(tmp_path, Keyring(NEW))) == PLAIN
    assert files(tmp_path) == [KEY]
    assert list((tmp_path / ASIDE).iterdir()) == []
