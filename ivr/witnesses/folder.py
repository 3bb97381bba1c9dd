"""A folder on another disk: one file a checkpoint, only added, and held against the log at each new one."""

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from ivr.errors import LogContradicted, WitnessBusy, WitnessRefused
from ivr.evidence_ports import Submission
from storage.consent_log.chain import verify_consistency
from storage.consent_log.checkpoint import NoteKey, open_checkpoint
from storage.errors import LogBroken
from storage.witnessing import Statement, StatementKind, StatementRow

NAME = re.compile(r"checkpoint-([0-9]{12,18})\.txt")
LARGEST_NOTE_BYTES = 64 * 1024


class Folder:
    """The folder itself is never made: where the disk is away, nothing may land on the one below it."""

    def __init__(self, name: str, folder: Path, keys: Sequence[NoteKey]) -> None:
        self.name = name
        self.folder = folder
        self._keys = keys

    def deliver(self, submission: Submission) -> Statement:
        file = self._file(submission.checkpoint.size)
        try:
            self._compare(submission)
            if not _write(file, submission.note.encode()):
                told = f"{self.name} has another checkpoint of {submission.checkpoint.size} entries"
                raise LogContradicted(told, submission.checkpoint.size)
        except OSError as fault:
            raise WitnessBusy(f"{self.name} cannot be written: {fault.strerror}") from fault
        return Statement(StatementKind.KEPT, file.name.encode())

    def check(self, row: StatementRow) -> None:
        try:
            kept = _read(self._file(row.size))
        except OSError as fault:
            raise LogBroken(f"{self._file(row.size).name} cannot be read: {fault.strerror}") from fault
        if kept != row.note:
            raise LogBroken(f"{self._file(row.size).name} is not what was put there")

    def _compare(self, submission: Submission) -> None:
        """The newest one that is kept must be the beginning of this one."""
        newest = max(_names(self.folder), key=_size, default=None)
        if newest is None:
            return
        now = submission.checkpoint
        try:
            kept = open_checkpoint(_read(self.folder / newest), self._keys)
        except LogBroken as fault:
            raise WitnessRefused(f"{self.name}: {newest} is not a checkpoint of ours: {fault}") from fault
        if kept.size > now.size:
            raise LogContradicted(f"{self.name} has {kept.size} entries of this log; ours has {now.size}", kept.size)
        proof = submission.prove(kept.size)
        if not verify_consistency(kept.size, now.size, kept.root, now.root, proof):
            told = f"{self.name} has {kept.size} entries that are not the first {kept.size} of this log"
            raise LogContradicted(told, kept.size)

    def _file(self, size: int) -> Path:
        return self.folder / f"checkpoint-{size:012d}.txt"


def read_kept(folder: Path) -> Iterator[tuple[str, str]]:
    """Names and notes of the checkpoints in a folder, the smallest first. Raises `OSError`."""
    for name in sorted(_names(folder), key=_size):
        yield name, _read(folder / name)


def _names(folder: Path) -> list[str]:
    return [entry.name for entry in folder.iterdir() if NAME.fullmatch(entry.name)]


def _size(name: str) -> int:
    return int(name.removeprefix("checkpoint-").removesuffix(".txt"))


def _read(file: Path) -> str:
    """Damaged bytes become a text that no key signed."""
    with file.open("rb") as source:
        return source.read(LARGEST_NOTE_BYTES).decode(errors="replace")


def _write(file: Path, note: bytes) -> bool:
    """Aside, synced, and linked under its name: what has a name is whole, and is never overwritten.

    False where another checkpoint has the name. Raises `OSError` for a disk that is full, read-only or away.
    """
    with tempfile.NamedTemporaryFile(dir=file.parent, prefix=".", suffix=".aside") as aside:
        aside.write(note)
        aside.flush()
        os.fsync(aside.fileno())
        try:
            os.link(aside.name, file)
        except FileExistsError:
            if file.read_bytes() != note:
                return False
    folder = os.open(file.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return True
