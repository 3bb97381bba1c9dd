"""What a call opens and lets lapse, in the transaction of the call itself. Doing it again changes nothing."""

from datetime import datetime

from config.policy import AgencyPolicy
from ivr.cases.acts import AlternativePromised, CopyAsked, Lapsed, Opening, TrainingAsked
from ivr.cases.case import Case, Kind, Who
from ivr.cases.turn import Doing
from ivr.cases.writing import case_of, move_case, open_case
from ivr.ports import Unit


def open_refusal(unit: Unit, policy: AgencyPolicy, call_id: str, alternative_code: str, now: datetime) -> str | None:
    """The promise made with an objection; gives the case's id. None where nothing has to happen after the call."""
    alternative = policy.find_alternative(alternative_code)
    if alternative is None or alternative.follow is None:
        return None
    for case in _cases(unit, call_id, Kind.REFUSAL):
        if case.closed_at is None:
            return case.case_id
    return _open(unit, policy, call_id, AlternativePromised(alternative_code), now)


def lapse_refusal(unit: Unit, policy: AgencyPolicy, call_id: str, now: datetime) -> None:
    """The objection was withdrawn: what is still open of its promise lapses."""
    for case in _cases(unit, call_id, Kind.REFUSAL):
        if case.closed_at is None:
            lapse(unit, policy, case, now)


def open_citizen_copy(unit: Unit, policy: AgencyPolicy, call_id: str, now: datetime) -> str | None:
    """The caller was asked for a copy of theirs; gives the case's id. None where the profile asks for none."""
    return _open_once(unit, policy, call_id, CopyAsked(), now) if policy.copy.ask_theirs else None


def open_training(unit: Unit, policy: AgencyPolicy, call_id: str, now: datetime, caller_agreed: bool) -> str | None:
    """The caller has said whether staff may learn from the recording. None where the profile does not ask it."""
    return _open_once(unit, policy, call_id, TrainingAsked(caller_agreed), now) if policy.training else None


def lapse(unit: Unit, policy: AgencyPolicy, case: Case, now: datetime) -> None:
    """Let an open case lapse, under the profile that it was opened by."""
    move_case(unit, policy, case, Lapsed(), by_itself(now), "lapsed")


def by_itself(now: datetime) -> Doing:
    """Nobody acts: the service does what follows from a fact."""
    return Doing("", Who.SYSTEM, now)


def _cases(unit: Unit, call_id: str, kind: Kind) -> list[Case]:
    return [case_of(record) for record in unit.cases.list_call(call_id) if record.kind == kind]


def _open_once(unit: Unit, policy: AgencyPolicy, call_id: str, opening: Opening, now: datetime) -> str:
    for case in _cases(unit, call_id, opening.kind):
        return case.case_id
    return _open(unit, policy, call_id, opening, now)


def _open(unit: Unit, policy: AgencyPolicy, call_id: str, opening: Opening, now: datetime) -> str:
    return open_case(unit, policy, opening, by_itself(now), call_id=call_id).case_id
