"""The consent log as a file that can be checked without us, and as a table for spreadsheets; and its check in place."""

import csv
import json
from collections.abc import Sequence
from typing import BinaryIO, TextIO

from storage.consent_log.chain import leaf_hash
from storage.consent_log.checkpoint import NoteKey
from storage.consent_log.entry import canonical_json, parse_entry
from storage.consent_log.stored_log import read_entries, read_head, read_notes
from storage.consent_log.verifier import Verdict, verify
from storage.session import SqlDatabase
from storage.spreadsheet import json_cell, plain_cell

CSV_HEADER = (
    "number", "call_id", "call_number", "event_id", "tag", "occurred_at", "facts", "personal_digests", "entry_hash"
)  # fmt: skip


def verify_log(database: SqlDatabase, keys: Sequence[NoteKey], kept: Sequence[str] = ()) -> Verdict:
    """Check the stored log, also against signed checkpoints that somebody kept outside. No writer waits for it."""
    with database.snapshot() as connection:
        return verify(read_entries(connection), read_notes(connection), keys, read_head(connection), kept)


def export_jsonl(database: SqlDatabase, sink: BinaryIO) -> None:
    """One canonical entry a line, exactly the bytes that were hashed; then `{"checkpoint": signed note}` lines."""
    with database.snapshot() as connection:
        for stored in read_entries(connection):
            sink.write(stored.body + b"\n")
        for stored_note in read_notes(connection):
            sink.write(canonical_json({"checkpoint": stored_note.note}) + b"\n")


def export_csv(database: SqlDatabase, sink: TextIO) -> None:
    """Entries for a spreadsheet. `sink` is opened with `newline=""`."""
    writer = csv.writer(sink)
    writer.writerow(CSV_HEADER)
    with database.snapshot() as connection:
        for stored in read_entries(connection):
            entry = parse_entry(stored.body)
            fields = json.loads(stored.body)
            writer.writerow(
                [
                    entry.number,
                    plain_cell(entry.call_id),
                    entry.call_number,
                    plain_cell(entry.event_id),
                    entry.tag,
                    fields["occurred_at"],
                    json_cell(canonical_json(fields["facts"]).decode()),
                    json_cell(canonical_json(fields["personal"]).decode()),
                    leaf_hash(stored.body).hex(),
                ]
            )
