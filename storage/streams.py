"""Media streams, as last seen by the media process that reads them."""

from datetime import datetime

from sqlalchemy import Connection, select, update

from storage.dialects import insert_new
from storage.records import StreamRow
from storage.tables import streams


class SqlStreamStore:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def opened(self, stream_sid: str, call_id: str, at: datetime) -> None:
        """A start that comes twice changes nothing. Raises `ConstraintBroken` for an unknown call."""
        insert_new(
            self._connection,
            streams,
            {"stream_sid": stream_sid, "call_id": call_id, "started_at": at, "seen_at": at},
        )

    def seen(self, stream_sid: str, at: datetime) -> None:
        """Never moves back; an unknown stream is passed over."""
        self._connection.execute(
            update(streams).where(streams.c.stream_sid == stream_sid, streams.c.seen_at < at).values(seen_at=at)
        )

    def ended(self, stream_sid: str, at: datetime) -> None:
        """The first end counts; an unknown stream is passed over."""
        self._connection.execute(
            update(streams).where(streams.c.stream_sid == stream_sid, streams.c.ended_at.is_(None)).values(ended_at=at)
        )

    def find_latest(self, call_id: str) -> StreamRow | None:
        statement = (
            select(streams)
            .where(streams.c.call_id == call_id)
            .order_by(streams.c.started_at.desc(), streams.c.stream_sid.desc())
            .limit(1)
        )
        row = self._connection.execute(statement).first()
        return None if row is None else StreamRow(**row._mapping)
