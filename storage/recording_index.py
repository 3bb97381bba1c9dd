"""The agency's recordings: where they are, what is known of them, when they must go."""

from collections.abc import Sequence
from dataclasses import asdict, fields
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from storage.consent_log.chain import HASH_BYTES
from storage.dialects import insert_new
from storage.errors import DuplicateRecording
from storage.holds import is_held
from storage.records import RecordingRow
from storage.tables import recording_seconds, recordings

KNOWN = [recordings.c[field.name] for field in fields(RecordingRow)]


class SqlRecordingIndex:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, row: RecordingRow, seconds: Sequence[bytes] = ()) -> None:
        """With the hashes of its seconds. Raises `DuplicateRecording` for a known recording_sid or recording_id."""
        if not insert_new(self._connection, recordings, asdict(row)):
            raise DuplicateRecording(row.recording_sid)
        hashes = {"recording_id": row.recording_id, "hashes": b"".join(seconds)}
        self._connection.execute(insert(recording_seconds).values(hashes))

    def list_seconds(self, recording_id: str) -> Sequence[bytes]:
        """The hashes as they were added; none where there are none, or not any more."""
        wanted = select(recording_seconds.c.hashes).where(recording_seconds.c.recording_id == recording_id)
        hashes = self._connection.execute(wanted).scalar() or b""
        return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]

    def find_for_call(self, call_id: str) -> RecordingRow | None:
        """The latest one that is not destroyed."""
        statement = (
            select(*KNOWN)
            .where(recordings.c.call_id == call_id, recordings.c.destroyed_at.is_(None))
            .order_by(recordings.c.stored_at.desc(), recordings.c.recording_id)
            .limit(1)
        )
        row = self._connection.execute(statement).first()
        return None if row is None else RecordingRow(**row._mapping)

    def list_kept(self) -> Sequence[RecordingRow]:
        """All that are not destroyed, in the order in which they were stored."""
        statement = (
            select(*KNOWN)
            .where(recordings.c.destroyed_at.is_(None))
            .order_by(recordings.c.stored_at, recordings.c.recording_id)
        )
        return [RecordingRow(**row._mapping) for row in self._connection.execute(statement)]

    def list_due(self, now: datetime, *, held: bool = False) -> Sequence[RecordingRow]:
        """Those to be destroyed by now and not destroyed yet, the longest overdue first; or, of those, what is `held`
        by a legal hold."""
        statement = (
            select(*KNOWN)
            .where(recordings.c.destroy_after <= now, recordings.c.destroyed_at.is_(None))
            .where(is_held(recordings.c.call_id, held=held))
            .order_by(recordings.c.destroy_after, recordings.c.recording_id)
        )
        return [RecordingRow(**row._mapping) for row in self._connection.execute(statement)]

    def mark_destroyed(self, recording_id: str, at: datetime) -> None:
        """The first time counts. What its seconds were is forgotten."""
        self._connection.execute(delete(recording_seconds).where(recording_seconds.c.recording_id == recording_id))
        self._connection.execute(
            update(recordings)
            .where(recordings.c.recording_id == recording_id, recordings.c.destroyed_at.is_(None))
            .values(destroyed_at=at)
        )
