"""Reading the whole consent log from the database: for the verifier and for exports."""

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, select

from storage.consent_log.chain import Frontier
from storage.consent_log.sql_log import split_hashes
from storage.consent_log.verifier import Columns, StoredEntry, StoredNote
from storage.tables import checkpoints, log_entries, log_head, log_personal

ROWS_AT_ONCE = 1000


def read_entries(connection: Connection) -> Iterator[StoredEntry]:
    """In the order of their numbers, in constant memory."""
    options = {"yield_per": ROWS_AT_ONCE}
    personal = connection.execute(select(log_personal).order_by(log_personal.c.number), execution_options=options)
    value = personal.fetchone()
    for row in connection.execute(select(log_entries).order_by(log_entries.c.number), execution_options=options):
        values: dict[str, tuple[bytes, str]] = {}
        while value is not None and value.number <= row.number:
            if value.number == row.number:
                values[value.name] = (value.nonce, value.value)
            value = personal.fetchone()
        columns = Columns(row.number, row.call_id, row.call_number, row.event_id, row.tag, row.occurred_at)
        yield StoredEntry(row.body.encode(), columns, row.subtrees, values)


def read_head(connection: Connection) -> Frontier:
    """That of an empty log where there is none."""
    row = connection.execute(select(log_head.c.size, log_head.c.peaks)).first()
    return Frontier() if row is None else Frontier(row.size, split_hashes(row.peaks))


def read_notes(connection: Connection) -> Sequence[StoredNote]:
    """The stored signed checkpoints, smallest first."""
    rows = connection.execute(select(checkpoints).order_by(checkpoints.c.size))
    return [StoredNote(row.note, row.size, row.sealed_at) for row in rows]
