"""Legal holds: what is kept of a call stays, until two people have released it."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, Select, exists, select, tuple_, update

from storage.dialects import insert_new
from storage.oversight import HoldRecord
from storage.oversight_tables import legal_holds

IN_ORDER = (legal_holds.c.placed_at, legal_holds.c.hold_id)
ACTIVE = legal_holds.c.released_at.is_(None)


def is_held(call_id: ColumnElement[str], *, held: bool) -> ColumnElement[bool]:
    """For a query over things that belong to a call: only what is under a hold, or only what is not."""
    under_hold = exists().where(legal_holds.c.call_id == call_id, ACTIVE)
    return under_hold if held else ~under_hold


class SqlHolds:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, hold: HoldRecord) -> bool:
        """False, and nothing changed, where the call is held already."""
        return insert_new(self._connection, legal_holds, asdict(hold))

    def find_active(self, call_id: str) -> HoldRecord | None:
        found = self._list(select(legal_holds).where(legal_holds.c.call_id == call_id, ACTIVE))
        return found[0] if found else None

    def list_call(self, call_id: str) -> Sequence[HoldRecord]:
        """Also those that were released; in the order in which they were placed."""
        return self._list(select(legal_holds).where(legal_holds.c.call_id == call_id).order_by(*IN_ORDER))

    def list_active(self, agencies: Sequence[str], limit: int, after: str | None = None) -> Sequence[HoldRecord]:
        """The oldest first, from the one after the hold `after`; nothing where there is no such hold."""
        statement = select(legal_holds).where(legal_holds.c.agency.in_(agencies), ACTIVE).order_by(*IN_ORDER)
        if after is not None:
            last = self._connection.execute(select(*IN_ORDER).where(legal_holds.c.hold_id == after)).first()
            if last is None:
                return []
            statement = statement.where(tuple_(*IN_ORDER) > tuple_(last.placed_at, last.hold_id))
        return self._list(statement.limit(limit))

    def ask_release(self, hold_id: str, at: datetime, by: str, reason: str) -> bool:
        """False where it was asked already, or is released."""
        statement = (
            update(legal_holds)
            .where(legal_holds.c.hold_id == hold_id, ACTIVE, legal_holds.c.release_asked_at.is_(None))
            .values(release_asked_at=at, release_asked_by=by, release_reason=reason)
        )
        return self._connection.execute(statement).rowcount == 1

    def refuse_release(self, hold_id: str) -> bool:
        """The hold stays as if nobody had asked. False where nobody did."""
        statement = (
            update(legal_holds)
            .where(legal_holds.c.hold_id == hold_id, ACTIVE, legal_holds.c.release_asked_at.is_not(None))
            .values(release_asked_at=None, release_asked_by=None, release_reason=None)
        )
        return self._connection.execute(statement).rowcount == 1

    def release(self, hold_id: str, at: datetime, by: str) -> bool:
        """False where nobody asked for it, the same person did, or it is released."""
        statement = (
            update(legal_holds)
            .where(legal_holds.c.hold_id == hold_id, ACTIVE, legal_holds.c.release_asked_by != by)
            .values(released_at=at, released_by=by)
        )
        return self._connection.execute(statement).rowcount == 1

    def _list(self, statement: Select[tuple[object, ...]]) -> list[HoldRecord]:
        return [HoldRecord(**row._mapping) for row in self._connection.execute(statement)]
