"""Requests of data subjects for access or erasure, and what was answered."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, Row, insert, select, update

from storage.errors import UnknownRequest
from storage.oversight import SubjectRequest
from storage.oversight_tables import subject_requests


class SqlSubjectRequests:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, request: SubjectRequest) -> None:
        self._connection.execute(insert(subject_requests).values(asdict(request) | {"calls": list(request.calls)}))

    def get(self, request_id: str) -> SubjectRequest:
        """Raises `UnknownRequest`."""
        found = select(subject_requests).where(subject_requests.c.request_id == request_id)
        row = self._connection.execute(found).first()
        if row is None:
            raise UnknownRequest(request_id)
        return _request(row)

    def list(self, agencies: Sequence[str], limit: int, *, answered: bool) -> Sequence[SubjectRequest]:
        """Open ones by the day of their answer, or the last ones that were answered, the newest first."""
        answered_at = subject_requests.c.answered_at
        statement = select(subject_requests).where(subject_requests.c.agency.in_(agencies)).limit(limit)
        if answered:
            statement = statement.where(answered_at.is_not(None)).order_by(answered_at.desc())
        else:
            statement = statement.where(answered_at.is_(None)).order_by(subject_requests.c.due_at)
        return [_request(row) for row in self._connection.execute(statement)]

    def answer(self, request_id: str, outcome: str, explanation: str, at: datetime, by: str) -> bool:
        """False, and nothing changed, where it was answered before."""
        statement = (
            update(subject_requests)
            .where(subject_requests.c.request_id == request_id, subject_requests.c.answered_at.is_(None))
            .values(outcome=outcome, explanation=explanation, answered_at=at, answered_by=by)
        )
        return self._connection.execute(statement).rowcount == 1


def _request(row: Row[tuple[object, ...]]) -> SubjectRequest:
    values = dict(row._mapping)
    return SubjectRequest(**values | {"calls": tuple(values["calls"])})
