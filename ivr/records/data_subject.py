"""What a caller may ask of what is kept of their calls: access (AVG art. 15) and erasure (art. 17).

A request is registered and answered within a month (art. 12(3)). Erasure destroys personal values and leaves the chain
of the log whole. It never touches what is under a legal hold (art. 17(3)), and the recording only where somebody
decided so.
"""

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from ivr.calls.agencies import Agencies
from ivr.calls.numbers import NumberKey, parse_number
from ivr.carrier.links import token_digest
from ivr.cases.case import Kind as CaseKind
from ivr.ports import Clock, Database, RecordingStore, Unit
from ivr.records.destruction import destroy_recording, lapse_training
from ivr.records.forgetting import Forgotten, forget, is_of_caller
from ivr.records.holds import is_held
from ivr.uploads.keeping import UploadKeeper
from storage.errors import UnknownCall, UnknownRequest
from storage.oversight import SubjectRequest
from storage.records import CallRecord, Json, NewEntry, TrailRow

MOST_CALLS = 50
PAGE = 100
MOST_VIEWERS = 10_000
PICK_UP_CODE = re.compile(r"[0-9]{12}")
BETWEEN = re.compile(r"[\s.,-]")

ERASURE = "erased on request (AVG art. 17)"
NOTHING = Forgotten(values=0, number=False, copies=0, notes=0)


class Kind(StrEnum):
    ACCESS = "access"
    ERASURE = "erasure"


class Outcome(StrEnum):
    """GIVEN: done as asked."""

    GIVEN = "given"
    PARTLY = "partly"
    REFUSED = "refused"
    NOTHING_KEPT = "nothing-kept"


class Left(StrEnum):
    """Why nothing of a call was erased."""

    HELD = "held"
    GOES_ON = "goes-on"


@dataclass(frozen=True, slots=True)
class Erased:
    """What was erased of one call; `left` says why nothing was."""

    call_id: str
    gone: Forgotten = NOTHING
    recording: bool = False
    left: Left | None = None


class DataSubjectService:
    """Whoever calls checks before whether `by` may do so, and for which agencies."""

    def __init__(
        self, database: Database, store: RecordingStore, agencies: Agencies, numbers: NumberKey, clock: Clock
    ) -> None:
        self._database = database
        self._store = store
        self._agencies = agencies
        self._numbers = numbers
        self._clock = clock
        self._uploads = UploadKeeper(database, store, agencies, clock)

    # ------------------------------------------------------------ finding

    def find_calls(self, agencies: Sequence[str], typed: str) -> Sequence[CallRecord]:
        """By a phone number, a call's number, or a copy's code or link; of these agencies only, the newest first."""
        with self._database.reading() as unit:
            calls = [*self._by_copy(unit, typed), *_by_id(unit, typed.strip())]
            number = parse_number(typed)
            number_hash = None if number is None else self._numbers.hash_of(number)
            if number_hash is not None:
                calls += unit.calls.list_with_number(agencies, number_hash, MOST_CALLS)
        unique = {call.call_id: call for call in calls if call.agency in agencies}
        return sorted(unique.values(), key=lambda call: call.opened_at, reverse=True)

    def _by_copy(self, unit: Unit, typed: str) -> Sequence[CallRecord]:
        code = BETWEEN.sub("", typed)
        token = code if PICK_UP_CODE.fullmatch(code) else typed.strip().rstrip("/").rpartition("/")[2]
        ticket = unit.copies.find_by_digest(token_digest(token)) if token else None
        return [] if ticket is None else [unit.calls.get(ticket.call_id)]

    # ------------------------------------------------------------ requests

    def register(
        self, agency: str, kind: Kind, calls: Sequence[str], identified: str, received_at: datetime, by: str
    ) -> SubjectRequest:
        """`calls` are ones of this agency. Raises `UnknownCall` where one is not."""
        request = SubjectRequest(
            request_id=uuid4().hex,
            agency=agency,
            kind=kind,
            calls=tuple(calls),
            identified=identified,
            received_at=received_at,
            due_at=a_month_after(received_at),
            taken_by=by,
        )
        with self._database.transaction() as unit:
            for call_id in calls:
                if unit.calls.get(call_id).agency != agency:
                    raise UnknownCall(call_id)
            unit.requests.add(request)
            self._log(unit, request, "requested", by, {})
        return request

    def list_requests(self, agencies: Sequence[str], *, answered: bool) -> Sequence[SubjectRequest]:
        with self._database.reading() as unit:
            return unit.requests.list(agencies, PAGE, answered=answered)

    def find_request(self, request_id: str, agencies: Sequence[str]) -> SubjectRequest | None:
        """None for one of another agency too."""
        try:
            with self._database.reading() as unit:
                request = unit.requests.get(request_id)
        except UnknownRequest:
            return None
        return request if request.agency in agencies else None

    def calls_of(self, request: SubjectRequest) -> Sequence[CallRecord]:
        with self._database.reading() as unit:
            return [unit.calls.get(call_id) for call_id in request.calls]

    def list_viewers(self, call_id: str) -> Sequence[TrailRow]:
        """Who did or saw what of a call, the newest first."""
        with self._database.reading() as unit:
            return unit.trail.list_object(call_id, MOST_VIEWERS)

    def packaged(self, request: SubjectRequest, by: str) -> None:
        """The package with everything that is kept was made, and given to whoever answers the request."""
        with self._database.transaction() as unit:
            self._log(unit, request, "packaged", by, {})

    def answer(self, request: SubjectRequest, outcome: Outcome, explanation: str, by: str) -> bool:
        """False, and nothing changed, where it was answered before."""
        with self._database.transaction() as unit:
            if not unit.requests.answer(request.request_id, outcome, explanation, self._clock.now(), by):
                return False
            self._log(unit, request, "answered", by, {"outcome": outcome})
        return True

    # ------------------------------------------------------------ erasing

    def erase(self, request: SubjectRequest, reason: str, by: str, role: str, *, recordings: bool) -> Sequence[Erased]:
        """Everything personal of the request's calls, each in a transaction of its own. With `recordings` these too:
        ours, and what the caller handed in of theirs."""
        erased = [self._erase_call(request, call_id, reason, by, role, recordings) for call_id in request.calls]
        if recordings:
            for one in erased:
                if one.left is None:
                    self._destroy_handed_in(one.call_id)
        return erased

    def _destroy_handed_in(self, call_id: str) -> None:
        with self._database.reading() as unit:
            copies = [case for case in unit.cases.list_call(call_id) if case.kind == CaseKind.CITIZEN_COPY]
        for case in copies:
            self._uploads.destroy_copy(case)

    def _erase_call(
        self, request: SubjectRequest, call_id: str, reason: str, by: str, role: str, recordings: bool
    ) -> Erased:
        now = self._clock.now()
        with self._database.transaction() as unit:
            if is_held(unit, call_id):
                return Erased(call_id, left=Left.HELD)
            call = unit.calls.get(call_id)
            if call.closed_at is None:
                return Erased(call_id, left=Left.GOES_ON)
            recording = unit.recordings.find_for_call(call_id) if recordings else None
            gone = forget(unit, call, is_of_caller, now)
            if recording is not None:
                destroy_recording(unit, self._store, recording, ERASURE, now)
                lapse_training(unit, self._agencies, call_id, now)
            facts: dict[str, Json] = {
                "request": request.request_id,
                "agency": request.agency,
                "role": role,
                "ground": "AVG 17",
                **gone.facts(),
                "recording": recording is not None,
            }
            event_id = f"{request.request_id}:{call_id}:erased:{uuid4().hex}"
            personal = {"by": by, "reason": reason}
            unit.log.append(NewEntry(call_id, event_id, "personal:erased", now, facts, personal))
        return Erased(call_id, gone, recording=recording is not None)

    def _log(self, unit: Unit, request: SubjectRequest, what: str, by: str, more: Mapping[str, Json]) -> None:
        """In the chain of each call that it is about; in one of its own where nothing was found."""
        facts: dict[str, Json] = {"request": request.request_id, "agency": request.agency, "kind": request.kind, **more}
        for chain in request.calls or (request.request_id,):
            event_id = f"{request.request_id}:{chain}:{what}:{uuid4().hex}"
            unit.log.append(NewEntry(chain, event_id, f"data-subject:{what}", self._clock.now(), facts, {"by": by}))


def a_month_after(at: datetime) -> datetime:
    """The same day of the next month, or its last one (AVG art. 12(3), Regulation 1182/71 art. 3)."""
    year, month = (at.year + at.month // 12, at.month % 12 + 1)
    return at.replace(year=year, month=month, day=min(at.day, calendar.monthrange(year, month)[1]))


def _by_id(unit: Unit, call_id: str) -> Sequence[CallRecord]:
    try:
        return [unit.calls.get(call_id)]
    except UnknownCall:
        return []
