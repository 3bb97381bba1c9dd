"""How the consent log is: its size, its signed checkpoints, and the checks of the whole of it."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Connection, Row, insert, select, text, update

from storage.consent_log.checkpoint import Checkpoint, NoteKey, open_checkpoint
from storage.consent_log.consistency import prove_continues
from storage.consent_log.sql_log import SqlConsentLog
from storage.consent_log.stored_log import read_head
from storage.errors import LogBroken
from storage.oversight import CheckpointRow, LogCheck, LogState, LogVerdict
from storage.oversight_tables import log_checks
from storage.tables import checkpoints, log_entries, log_head


class SqlLogChecks:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def state(self) -> LogState:
        size = self._connection.execute(select(log_head.c.size)).scalar_one()
        last = next(iter(self.list_checkpoints(1)), None)
        sealed = 0 if last is None else last.size
        first_unsealed = select(log_entries.c.occurred_at).where(log_entries.c.number == sealed)
        return LogState(
            size=size,
            sealed_size=sealed,
            sealed_at=None if last is None else last.sealed_at,
            note=None if last is None else last.note,
            unsealed_since=self._connection.execute(first_unsealed).scalar(),
        )

    def list_checkpoints(self, limit: int, below: int | None = None) -> Sequence[CheckpointRow]:
        """The largest first, from those smaller than `below`."""
        statement = select(checkpoints).order_by(checkpoints.c.size.desc()).limit(limit)
        if below is not None:
            statement = statement.where(checkpoints.c.size < below)
        return [CheckpointRow(**row._mapping) for row in self._connection.execute(statement)]

    def find_checkpoint(self, size: int) -> CheckpointRow | None:
        row = self._connection.execute(select(checkpoints).where(checkpoints.c.size == size)).first()
        return None if row is None else CheckpointRow(**row._mapping)

    def check_last(self, keys: Sequence[NoteKey]) -> str | None:
        """What is wrong with the last two checkpoints and the head, proven from a few hashes; None for nothing.

        The last checkpoint must continue the one before it, and the log the last one (RFC 9162 section 2.1.4).
        """
        log = SqlConsentLog(self._connection)
        try:
            notes = [row.note for row in reversed(self.list_checkpoints(2))]
            signed = [open_checkpoint(note, keys) for note in notes]
            head = read_head(self._connection)
            for old, later in pairwise([*signed, Checkpoint("", head.size, head.root())]):
                prove_continues(old, later, log.subtree_at)
        except LogBroken as broken:
            return str(broken)
        return None

    def list_unsafe_settings(self) -> Sequence[str]:
        """What the database server has switched off, so that acknowledged entries may be lost with its power.

        On PostgreSQL the two that only the server's owner can set; each of our connections asks for the third,
        `synchronous_commit`, and for SQLite's `synchronous = FULL`, itself.
        """
        if self._connection.dialect.name != "postgresql":
            return []
        off = text("SELECT name FROM pg_settings WHERE name IN ('fsync', 'full_page_writes') AND setting = 'off'")
        return sorted(self._connection.execute(off).scalars())

    def ask(self, at: datetime, by: str) -> int:
        """Gives the new check's number."""
        added = self._connection.execute(insert(log_checks).values(asked_at=at, asked_by=by))
        return int(added.inserted_primary_key[0])  # type: ignore[index]  # one row, so there is one

    def end(self, check_id: int, at: datetime, verdict: LogVerdict) -> None:
        """The first time counts."""
        self._connection.execute(
            update(log_checks)
            .where(log_checks.c.check_id == check_id, log_checks.c.ended_at.is_(None))
            .values(ended_at=at, verdict=asdict(verdict))
        )

    def list(self, limit: int) -> Sequence[LogCheck]:
        """The newest first."""
        statement = select(log_checks).order_by(log_checks.c.check_id.desc()).limit(limit)
        return [_check(row) for row in self._connection.execute(statement)]


def _check(row: Row[tuple[object, ...]]) -> LogCheck:
    values = dict(row._mapping)
    verdict = values.pop("verdict")
    if verdict is not None:
        faults = {name: tuple(verdict.get(name, ())) for name in ("faults", "trail_faults", "record_faults")}
        verdict = LogVerdict(**verdict | faults)
    return LogCheck(**values, verdict=verdict)
