"""The trail of who did or saw what: lines are only added."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select

from storage.records import TrailRow
from storage.tables import trail


class SqlTrail:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, row: TrailRow) -> None:
        self._connection.execute(insert(trail).values(asdict(row)))

    def list_object(self, object_id: str, limit: int) -> Sequence[TrailRow]:
        """What was done with, or seen of, one call, case or user; the newest first."""
        statement = select(trail).where(trail.c.object == object_id).order_by(trail.c.number.desc()).limit(limit)
        return [_line(row) for row in self._connection.execute(statement)]

    def list(self, agencies: Sequence[str], since: datetime, until: datetime, limit: int) -> Sequence[TrailRow]:
        """Lines about these agencies from `since` up to, and not at, `until`; the newest first."""
        statement = (
            select(trail)
            .where(trail.c.agency.in_(agencies), trail.c.at >= since, trail.c.at < until)
            .order_by(trail.c.number.desc())
            .limit(limit)
        )
        return [_line(row) for row in self._connection.execute(statement)]


def _line(row: Row[tuple[object, ...]]) -> TrailRow:
    values = dict(row._mapping)
    del values["number"]
    return TrailRow(**values)
