"""A record in the agency's processing log for each person whose data were asked for, or changed, over the API."""

from collections.abc import Iterator
from datetime import datetime
from uuid import uuid4

from ivr.calls.accounting import put_record
from ivr.calls.processing_records import Action
from ivr.calls.trace_context import TraceParent
from ivr.ports import Clock, Database
from ivr.web.api.declaring import Asked
from ivr.web.api.views import CaseFileView, CaseList, CaseView


class RequestAccountant:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def now(self) -> datetime:
        return self._clock.now()

    def write(self, name: str, asked: Asked, answer: object, began_at: datetime, parent: TraceParent | None) -> None:
        """Ask for the records, as surely as they are stored: before the answer leaves the house.

        `parent` is the action of the other application that this request was made for.
        """
        ended_at = self._clock.now()
        with self._database.transaction() as unit:
            for chain in dict.fromkeys(_chains(asked, answer)):
                put_record(unit, Action(chain, f"{chain}:api:{uuid4().hex}", name, began_at, ended_at, parent=parent))


def _chains(asked: Asked, answer: object) -> Iterator[str]:
    """Of whom the answer tells: the call, or the case where it is of none, which their entries in the log are about."""
    match answer:
        case CaseList(cases=cases):
            for case in cases:
                yield case.call_id or case.case_id
        case CaseView() as case:
            yield case.call_id or case.case_id
        case CaseFileView(case=case):
            yield case.call_id or case.case_id
        case _:
            yield asked.path["call_id"]
