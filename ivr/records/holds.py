"""Legal holds (bewaarplicht): what is kept of a call stays, whatever its period says, until two people release it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import uuid4

from ivr.cases.case import Kind
from ivr.ports import Clock, Database, Unit
from storage.oversight import HoldRecord
from storage.records import Json, NewEntry

SERVICE = "spelregel"
"""Who places a hold for a case, and asks for its end: somebody else has to confirm that too."""

NEED_THE_CALL = frozenset({Kind.COMPLAINT, Kind.MISUSE})
"""Cases in which somebody has to weigh what was said: while one is open, nothing of its call is destroyed."""

LONGEST_REASON = 1000
PAGE = 100


class Problem(StrEnum):
    """Why nothing was done."""

    NO_REASON = "no-reason"
    LONG_REASON = "long-reason"
    HELD_ALREADY = "held-already"
    NOT_HELD = "not-held"
    ASKED_ALREADY = "asked-already"
    NOT_ASKED = "not-asked"
    SAME_PERSON = "same-person"
    NEEDED = "needed"


class HoldRefused(Exception):
    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.value)
        self.problem = problem


@dataclass(frozen=True, slots=True)
class HoldsOfCall:
    """The hold that stands, and those that were released before, oldest first."""

    active: HoldRecord | None
    earlier: tuple[HoldRecord, ...]


class HoldService:
    """Places and releases holds. Whoever calls checks before whether `by` may do so, and for that agency."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def of_call(self, call_id: str) -> HoldsOfCall:
        with self._database.reading() as unit:
            found = unit.holds.list_call(call_id)
        active = next((hold for hold in found if hold.released_at is None), None)
        return HoldsOfCall(active, tuple(hold for hold in found if hold.released_at is not None))

    def list_active(self, agencies: Sequence[str], after: str | None = None) -> Sequence[HoldRecord]:
        """The oldest first; a page of them."""
        with self._database.reading() as unit:
            return unit.holds.list_active(agencies, PAGE, after)

    def place(self, call_id: str, reason: str, by: str) -> HoldRecord:
        """Raises `HoldRefused`, `UnknownCall`."""
        reason = _checked(reason)
        now = self._clock.now()
        with self._database.transaction() as unit:
            unit.calls.lock(call_id)  # nothing of this call is being destroyed meanwhile
            hold = HoldRecord(uuid4().hex, call_id, unit.calls.get(call_id).agency, reason, now, by)
            if not unit.holds.add(hold):
                raise HoldRefused(Problem.HELD_ALREADY)
            _log(unit, hold, "placed", by, now, reason)
        return hold

    def ask_release(self, call_id: str, reason: str, by: str) -> None:
        """Somebody else has to confirm it. Raises `HoldRefused`, also while a case needs the call."""
        reason = _checked(reason)
        with self._database.transaction() as unit:
            hold = _active(unit, call_id)
            if is_needed(unit, call_id):
                raise HoldRefused(Problem.NEEDED)
            if not unit.holds.ask_release(hold.hold_id, self._clock.now(), by, reason):
                raise HoldRefused(Problem.ASKED_ALREADY)
            _log(unit, hold, "release-asked", by, self._clock.now(), reason)

    def refuse_release(self, call_id: str, by: str) -> None:
        """The hold stays; whoever asked may take it back like this too. Raises `HoldRefused`."""
        with self._database.transaction() as unit:
            hold = _active(unit, call_id)
            if not unit.holds.refuse_release(hold.hold_id):
                raise HoldRefused(Problem.NOT_ASKED)
            _log(unit, hold, "release-refused", by, self._clock.now())

    def release(self, call_id: str, by: str) -> None:
        """The second person's word. From now on the retention periods hold again. Raises `HoldRefused`."""
        with self._database.transaction() as unit:
            hold = _active(unit, call_id)
            if hold.release_asked_by is None:
                raise HoldRefused(Problem.NOT_ASKED)
            if not unit.holds.release(hold.hold_id, self._clock.now(), by):
                raise HoldRefused(Problem.SAME_PERSON)
            _log(unit, hold, "released", by, self._clock.now())


def is_needed(unit: Unit, call_id: str) -> bool:
    return any(case.kind in NEED_THE_CALL and case.closed_at is None for case in unit.cases.list_call(call_id))


def keep_for_case(unit: Unit, case_id: str, call_id: str, agency: str, now: datetime) -> None:
    """What is kept of the call stays while a case needs it; nothing where a hold is there already."""
    unit.calls.lock(call_id)
    hold = HoldRecord(case_id, call_id, agency, f"zaak {case_id} loopt", now, SERVICE)
    if unit.holds.add(hold):
        _log(unit, hold, "placed", SERVICE, now, hold.reason)


def end_with_case(unit: Unit, case_id: str, call_id: str, now: datetime) -> None:
    """Where no other case needs the call, the end of the service's own hold is asked, and a person confirms it."""
    hold = unit.holds.find_active(call_id)
    if hold is None or hold.placed_by != SERVICE or is_needed(unit, call_id):
        return
    reason = f"zaak {case_id} is gesloten"
    if unit.holds.ask_release(hold.hold_id, now, SERVICE, reason):
        _log(unit, hold, "release-asked", SERVICE, now, reason)


def _log(unit: Unit, hold: HoldRecord, what: str, by: str, now: datetime, reason: str = "") -> None:
    """Names and reasons stand beside the log."""
    facts: dict[str, Json] = {"hold": hold.hold_id, "agency": hold.agency}
    personal = {"by": by} | ({"reason": reason} if reason else {})
    event_id = f"{hold.hold_id}:{what}:{uuid4().hex}"
    unit.log.append(NewEntry(hold.call_id, event_id, f"legal-hold:{what}", now, facts, personal))


def is_held(unit: Unit, call_id: str) -> bool:
    """Whoever destroys something of a call asks first, in the same transaction: until it ends no hold is placed."""
    unit.calls.lock(call_id)
    return unit.holds.find_active(call_id) is not None


def _checked(reason: str) -> str:
    reason = reason.strip()
    if not reason:
        raise HoldRefused(Problem.NO_REASON)
    if len(reason) > LONGEST_REASON:
        raise HoldRefused(Problem.LONG_REASON)
    return reason


def _active(unit: Unit, call_id: str) -> HoldRecord:
    hold = unit.holds.find_active(call_id)
    if hold is None:
        raise HoldRefused(Problem.NOT_HELD)
    return hold
