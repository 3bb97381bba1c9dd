"""Checking an export of the consent log with nothing but public keys: no settings, no database.

docs/log-format.md says what an export is, and docs/verify_log.py checks one without us.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from storage.consent_log import tlog_proof
from storage.consent_log.checkpoint import NoteKey
from storage.consent_log.entry import MOST_BYTES, canonical_json, parse_entry
from storage.consent_log.verifier import StoredEntry, StoredNote, Verdict, verify
from storage.errors import NotAnExport

CHECKPOINT_START = b'{"checkpoint":'
LINE_BYTES = MOST_BYTES + 2
"""One more than the longest line with its end: no line can fill the memory."""


def verify_export(path: Path, keys: Sequence[NoteKey], kept: Sequence[str] = ()) -> Verdict:
    """Check a file that `export_jsonl` wrote, also against signed checkpoints that somebody kept outside.

    Raises `NotAnExport`, and `OSError`.
    """
    with path.open("rb") as export:
        notes = _read_notes(export)
        export.seek(0)
        return verify(_read_entries(export), notes, keys, kept=kept)


def read_kept(path: Path) -> str:
    """The signed checkpoint in a file, which may be a proof too: each one that left the house keeps a checkpoint.

    Raises `OSError`, and `UnicodeDecodeError`.
    """
    text = path.read_text(encoding="utf-8")
    return text.partition("\n\n")[2] if text.startswith(f"{tlog_proof.FIRST_LINE}\n") else text


def _read_notes(export: BinaryIO) -> list[StoredNote]:
    notes, has_entry = [], False
    for line in _lines(export):
        if line.startswith(CHECKPOINT_START):
            notes.append(StoredNote(_note_in(line)))
        else:
            has_entry = has_entry or _is_entry(line)
    if not has_entry and not notes:
        raise NotAnExport("not an export of a consent log: no line is an entry or a checkpoint")
    return notes


def _read_entries(export: BinaryIO) -> Iterator[StoredEntry]:
    for line in _lines(export):
        if not line.startswith(CHECKPOINT_START):
            yield StoredEntry(_without_end(line))


def _lines(export: BinaryIO) -> Iterator[bytes]:
    """With their ends; of a line that is too long only the beginning."""
    while line := export.readline(LINE_BYTES):
        yield line
        while len(line) == LINE_BYTES and not line.endswith(b"\n"):
            line = export.readline(LINE_BYTES)


def _without_end(line: bytes) -> bytes:
    """A last line that lost its line feed was cut short, so it is no entry: its last character goes instead."""
    return line[:-1]


def _is_entry(line: bytes) -> bool:
    try:
        parse_entry(_without_end(line))
    except ValueError:
        return False
    return True


def _note_in(line: bytes) -> str:
    """Text that no key can have signed where the line is damaged: the verifier names it."""
    try:
        note = json.loads(line)["checkpoint"]
        return str(note) if canonical_json({"checkpoint": note}) + b"\n" == line else ""
    except (ValueError, KeyError, RecursionError):
        return ""
