"""A folder on another disk: what stands there is never overwritten, and contradicts a log that was rewritten."""

import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest

from ivr.errors import LogContradicted, WitnessBusy, WitnessRefused
from ivr.witnesses.folder import Folder, read_kept
from storage.consent_log.checkpoint import NoteSigner
from storage.errors import LogBroken
from storage.witnessing import StatementKind, StatementRow
from tests.builders import BEGAN
from tests.ivr.witnesses.submitting import ORIGIN, SIGNER, SmallLog

LOG = SmallLog(12)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(f"file://{tmp_path}", tmp_path, [SIGNER.key])


def row(size: int, note: str) -> StatementRow:
    return StatementRow("file", size, note, StatementKind.KEPT, b"", BEGAN)


def test_each_checkpoint_is_a_file_that_can_be_read_back(folder: Folder, tmp_path: Path) -> None:
    for size in (1, 5, 12):
        said = folder.deliver(LOG.submission(size))
        assert (said.kind, said.answer) == (StatementKind.KEPT, f"checkpoint-{size:012d}.txt".encode())
        folder.check(row(size, LOG.submission(size).note))
    assert [note for _, note in read_kept(tmp_path)] == [LOG.submission(size).note for size in (1, 5, 12)]
    assert sorted(os.listdir(tmp_path)) == [name for name, _ in read_kept(tmp_path)]


def test_the_same_checkpoint_again_changes_nothing(folder: Folder, tmp_path: Path) -> None:
    folder.deliver(LOG.submission(5))
    before = (tmp_path / "checkpoint-000000000005.txt").stat()
    folder.deliver(LOG.submission(5))
    after = (tmp_path / "checkpoint-000000000005.txt").stat()
    assert (before.st_ino, before.st_mtime_ns) == (after.st_ino, after.st_mtime_ns)


def test_files_of_others_are_left_alone(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "lees mij.txt").write_text("van iemand anders")
    (tmp_path / "checkpoint-9.txt").write_text("van iemand anders")
    folder.deliver(LOG.submission(5))
    assert len(list(read_kept(tmp_path))) == 1


@pytest.mark.parametrize(
    ("size", "kind", "told"),
    [
        (12, "rewritten", "8 entries that are not the first 8"),
        (8, "rewritten", "8 entries that are not the first 8"),
        (5, "true", "has 8 entries of this log; ours has 5"),
    ],
)
def test_a_log_that_does_not_continue_what_is_kept_is_contradicted(
    folder: Folder, tmp_path: Path, size: int, kind: str, told: str
) -> None:
    folder.deliver(LOG.submission(8))
    with pytest.raises(LogContradicted, match=told) as caught:
        folder.deliver(SmallLog(size, kind).submission())
    assert caught.value.size == 8
    assert [name for name, _ in read_kept(tmp_path)] == ["checkpoint-000000000008.txt"]


def test_another_checkpoint_in_its_place_is_contradicted_and_stays(folder: Folder, tmp_path: Path) -> None:
    """One that is not the newest, so that only its name tells."""
    folder.deliver(LOG.submission(3))
    other = SmallLog(8, "rewritten").submission().note
    Path(tmp_path / "checkpoint-000000000008.txt").write_text(other)
    with pytest.raises(LogContradicted):
        folder.deliver(LOG.submission(8))
    assert (tmp_path / "checkpoint-000000000008.txt").read_text() == other


def test_a_newest_file_that_we_never_signed_is_said(folder: Folder, tmp_path: Path) -> None:
    stranger = NoteSigner.from_seed(ORIGIN, bytes(range(32)))
    (tmp_path / "checkpoint-000000000003.txt").write_text(LOG.submission(3, signer=stranger).note)
    with pytest.raises(WitnessRefused, match=r"checkpoint-000000000003\.txt is not a checkpoint of ours"):
        folder.deliver(LOG.submission(8))


def test_where_the_disk_is_away_nothing_is_made_in_its_place(tmp_path: Path) -> None:
    away = tmp_path / "other-disk" / "checkpoints"
    with pytest.raises(WitnessBusy, match="No such file"):
        Folder("file", away, [SIGNER.key]).deliver(LOG.submission(5))
    assert not away.parent.exists()


@pytest.fixture
def no_room() -> Iterator[None]:
    """No file may grow beyond ten bytes, as on a disk that is nearly full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (10, hard))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.mark.usefixtures("no_room")
def test_a_write_that_fails_leaves_nothing_and_is_tried_again(folder: Folder, tmp_path: Path) -> None:
    with pytest.raises(WitnessBusy, match="cannot be written"):
        folder.deliver(LOG.submission(5))
    assert os.listdir(tmp_path) == []


def test_a_file_is_never_put_over_a_name_that_is_taken(folder: Folder, tmp_path: Path) -> None:
    (tmp_path / "checkpoint-000000000005.txt").symlink_to(tmp_path / "nowhere")
    with pytest.raises(WitnessBusy):
        folder.deliver(LOG.submission(5))
    assert os.listdir(tmp_path) == ["checkpoint-000000000005.txt"]


def test_a_kept_file_that_was_harmed_or_is_gone_is_named(folder: Folder, tmp_path: Path) -> None:
    folder.deliver(LOG.submission(5))
    file, stated = tmp_path / "checkpoint-000000000005.txt", row(5, LOG.submission(5).note)
    whole = file.read_bytes()
    for at in range(0, len(whole), 7):
        file.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(LogBroken, match="is not what was put there"):
            folder.check(stated)
    file.write_bytes(whole[:-1])
    with pytest.raises(LogBroken, match="is not what was put there"):
        folder.check(stated)
    file.write_bytes(b"x" * 1_000_000)
    with pytest.raises(LogBroken, match="is not what was put there"):
        folder.check(stated)
    file.unlink()
    with pytest.raises(LogBroken, match="cannot be read"):
        folder.check(stated)
