"""The trail of who did or saw what: lines are only added, and go when their time is over."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, Row, and_, delete, func, insert, or_, select, tuple_

from storage.oversight import TrailFilter, TrailLine
from storage.records import TrailRow
from storage.tables import trail

LINES_AT_ONCE = 1000


class SqlTrail:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def append(self, row: TrailRow) -> None:
        self._connection.execute(insert(trail).values(asdict(row)))

    def list_object(self, object_id: str, limit: int) -> Sequence[TrailRow]:
        """What was done with, or seen of, one call, case or user; the newest first."""
        statement = select(trail).where(trail.c.object == object_id).order_by(trail.c.number.desc()).limit(limit)
        return [_line(row).row for row in self._connection.execute(statement)]

    def search(self, wanted: TrailFilter, limit: int, before: int | None = None) -> Sequence[TrailLine]:
        """The newest first; from the one before the line `before`, nothing where there is no such line."""
        ours = or_(
            trail.c.agency.in_(wanted.agencies),
            and_(trail.c.agency.is_(None), trail.c.actor.not_in(wanted.strangers)),
        )
        statement = select(trail).where(ours).order_by(trail.c.at.desc(), trail.c.number.desc()).limit(limit)
        for column, value in ((trail.c.actor, wanted.actor), (trail.c.object, wanted.object)):
            if value is not None:
                statement = statement.where(column == value)
        if wanted.action is not None:
            statement = statement.where(trail.c.action == wanted.action)
        if wanted.since is not None:
            statement = statement.where(trail.c.at >= wanted.since)
        if wanted.until is not None:
            statement = statement.where(trail.c.at < wanted.until)
        if before is not None:
            last = select(trail.c.at, trail.c.number).where(trail.c.number == before)
            found = self._connection.execute(last).first()
            if found is None:
                return []
            statement = statement.where(tuple_(trail.c.at, trail.c.number) < tuple_(found.at, found.number))
        return [_line(row) for row in self._connection.execute(statement)]

    def find_last(self, before: datetime) -> int | None:
        """The highest number among the lines of before that time."""
        return self._connection.execute(select(func.max(trail.c.number)).where(trail.c.at < before)).scalar()

    def stream(self, first: int, last: int) -> Iterator[TrailLine]:
        """In the order of their numbers, both ends included; read while the transaction runs, in constant memory."""
        statement = select(trail).where(trail.c.number.between(first, last)).order_by(trail.c.number)
        for row in self._connection.execute(statement, execution_options={"yield_per": LINES_AT_ONCE}):
            yield _line(row)

    def forget(self, last: int) -> None:
        """All lines up to this number."""
        self._connection.execute(delete(trail).where(trail.c.number <= last))


def _line(row: Row[tuple[object, ...]]) -> TrailLine:
    values = dict(row._mapping)
    number = values.pop("number")
    return TrailLine(number, TrailRow(**values))
