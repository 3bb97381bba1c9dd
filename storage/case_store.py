"""Case files, with a version number against lost updates."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import Connection, Row, Select, delete, select, tuple_, update

from storage.dialects import insert_new
from storage.errors import DuplicateCase, UnknownCase, VersionConflict
from storage.holds import is_held
from storage.records import CaseFilter, CaseRecord
from storage.tables import cases

IN_ORDER = (cases.c.opened_at, cases.c.case_id)


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

    def list(self, wanted: CaseFilter, limit: int, after: str | None = None) -> Sequence[CaseRecord]:
        """By the time they were opened and then by id, from the one after the case `after`.

        Raises `UnknownCase` where there is no case `after`.
        """
        statement = select(cases).order_by(*IN_ORDER).limit(limit)
        if wanted.agencies is not None:
            statement = statement.where(cases.c.agency.in_(wanted.agencies))
        if wanted.kind is not None:
            statement = statement.where(cases.c.kind == wanted.kind)
        if wanted.state is not None:
            statement = statement.where(cases.c.state == wanted.state)
        if wanted.due_before is not None:
            statement = statement.where(cases.c.due_at <= wanted.due_before, cases.c.closed_at.is_(None))
        if wanted.open_only:
            statement = statement.where(cases.c.closed_at.is_(None))
        if after is not None:
            last = self.get(after)
            statement = statement.where(tuple_(*IN_ORDER) > tuple_(last.opened_at, last.case_id))
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


def _record(row: Row[tuple[object, ...]]) -> CaseRecord:
    return CaseRecord(**row._mapping)
