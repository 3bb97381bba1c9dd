"""Case files, with a version number against lost updates."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)

from storage.dialects import insert_new
from storage.errors import DuplicateCase, UnknownCase, VersionConflict
from storage.holds import is_held
from storage.records import Around, CaseFilter, CaseOrder, CaseRecord
from storage.tables import UtcTime, cases

IN_ORDER = (cases.c.opened_at, cases.c.case_id)
NEVER = datetime(9999, 12, 31, tzinfo=UTC)
DUE_FIRST = (func.coalesce(cases.c.due_at, literal(NEVER, UtcTime)), *IN_ORDER)


class SqlCaseStore:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def insert(self, case: CaseRecord) -> None:
        """Raises `DuplicateCase`."""
        if not insert_new(self._connection, cases, asdict(case)):
            raise DuplicateCase(case.case_id)

    def get(self, case_id: str) -> CaseRecord:
        """Raises `UnknownCase`."""
        row = self._connection.execute(select(cases).where(cases.c.case_id == case_id)).first()
        if row is None:
            raise UnknownCase(case_id)
        return _record(row)

    def save(self, case: CaseRecord) -> CaseRecord:
        """Write what an act may change; gives the case back one version higher.

        Raises `VersionConflict` when somebody else moved the case first, `UnknownCase`.
        """
        moved = replace(case, version=case.version + 1)
        statement = (
            update(cases)
            .where(cases.c.case_id == case.case_id, cases.c.version == case.version)
            .values(
                state=moved.state,
                owner=moved.owner,
                due_at=moved.due_at,
                closed_at=moved.closed_at,
                destroy_after=moved.destroy_after,
                document=moved.document,
                version=moved.version,
            )
        )
        if self._connection.execute(statement).rowcount == 0:
            stored = self.get(case.case_id)
            raise VersionConflict(f"case {case.case_id} is at version {stored.version}, not {case.version}")
        return moved

    def list(
        self, wanted: CaseFilter, limit: int, after: str | None = None, order: CaseOrder = CaseOrder.OPENED
    ) -> Sequence[CaseRecord]:
        """In that order, from the one after the case `after`. Raises `UnknownCase` where there is no such case."""
        statement = _wanted(wanted).limit(limit)
        last = None if after is None else self.get(after)
        match order:
            case CaseOrder.OPENED:
                statement = statement.order_by(*IN_ORDER)
                if last is not None:
                    statement = statement.where(tuple_(*IN_ORDER) > tuple_(last.opened_at, last.case_id))
            case CaseOrder.NEWEST:
                statement = statement.order_by(*(column.desc() for column in IN_ORDER))
                if last is not None:
                    statement = statement.where(tuple_(*IN_ORDER) < tuple_(last.opened_at, last.case_id))
            case CaseOrder.DUE:
                statement = statement.order_by(*DUE_FIRST)
                if last is not None:
                    place = tuple_(last.due_at or NEVER, last.opened_at, last.case_id)
                    statement = statement.where(tuple_(*DUE_FIRST) > place)
        return self._list(statement)

    def list_call(self, call_id: str) -> Sequence[CaseRecord]:
        """The cases of a call in the order in which they were opened."""
        return self._list(select(cases).where(cases.c.call_id == call_id).order_by(*IN_ORDER))

    def list_due(self, now: datetime, *, held: bool = False) -> Sequence[CaseRecord]:
        """Closed ones whose retention period is over, the longest overdue first; or, of those, what is `held`."""
        return self._list(
            select(cases)
            .where(cases.c.destroy_after <= now, is_held(cases.c.call_id, held=held))
            .order_by(cases.c.destroy_after, cases.c.case_id)
        )

    def destroy(self, case_id: str) -> None:
        self._connection.execute(delete(cases).where(cases.c.case_id == case_id))

    def _list(self, statement: Select[tuple[object, ...]]) -> Sequence[CaseRecord]:
        return [_record(row) for row in self._connection.execute(statement)]


def _wanted(wanted: CaseFilter) -> Select[tuple[object, ...]]:
    statement = select(cases)
    if wanted.agencies is not None:
        statement = statement.where(cases.c.agency.in_(wanted.agencies))
    if wanted.around is not None:
        statement = statement.where(_around(wanted.around))
    for column, value in (
        (cases.c.case_id, wanted.case_id),
        (cases.c.kind, wanted.kind),
        (cases.c.state, wanted.state),
        (cases.c.owner, wanted.owner),
    ):
        if value is not None:
            statement = statement.where(column == value)
    if wanted.due_before is not None:
        statement = statement.where(cases.c.due_at <= wanted.due_before)
    if wanted.due_before is not None or wanted.open_only:
        statement = statement.where(cases.c.closed_at.is_(None))
    if wanted.closed_only:
        statement = statement.where(cases.c.closed_at.is_not(None))
    return statement


def _around(around: Around) -> ColumnElement[bool]:
    others = cases.alias()
    beside = exists().where(others.c.call_id == cases.c.call_id, others.c.kind == around.kind)
    return or_(cases.c.kind == around.kind, cases.c.owner == around.owner, beside)


def _record(row: Row[tuple[object, ...]]) -> CaseRecord:
    return CaseRecord(**row._mapping)
