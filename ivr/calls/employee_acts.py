"""What an employee can do during a call: which of it the dialogue would take now, and the facts that it is told.

The API and the console share this; the keys of a plain phone have their own questions (`employee_menu`).
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from config.demands import find_demand
from config.policy import AgencyPolicy
from ivr.cases.channel_request import OTHER_REASON
from ivr.dialogue.events import (
    Event,
    KindNamed,
    ObjectionRaised,
    ObjectionWithdrawn,
    PauseAsked,
    ResumeAsked,
    StopAsked,
    ThirdPersonPresent,
)
from ivr.dialogue.machine import step
from ivr.dialogue.states import Dialogue

LEAST_REASON, MOST_TEXT = 3, 200
"""Characters of a reason in words, and of whoever else takes part."""


class CallAct(StrEnum):
    """The acts by name."""

    OBJECT = "object"
    WITHDRAW_OBJECTION = "withdraw-objection"
    THIRD_PERSON = "third-person"
    NAME_KIND = "name-kind"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"


class Lack(StrEnum):
    """What may be wrong with a field of an act."""

    MISSING = "missing"
    UNKNOWN = "unknown"
    NEEDLESS = "needless"
    DEMANDS = "demands"
    TOO_SHORT = "too-short"
    TOO_LONG = "too-long"


@dataclass(frozen=True, slots=True)
class ActFault:
    """A field (`reason`, `reason_text`, `alternative`, `kind` or `who`) and what is wrong with it."""

    field: str
    lack: Lack


class Unusable(ValueError):
    """An act that cannot be told the dialogue as it is: all faults."""

    def __init__(self, faults: tuple[ActFault, ...]) -> None:
        super().__init__("; ".join(f"{fault.field} {fault.lack}" for fault in faults))
        self.faults = faults


def objection(
    policy: AgencyPolicy, employee: str, *, reason: str, reason_text: str, alternative: str
) -> ObjectionRaised:
    """A weighty reason, as a code of the agency's list or in words, and what is offered instead (R1).

    Empty is not told. Raises `Unusable`.
    """
    offered = policy.find_alternative(alternative)
    faults = tuple(_faults_of_reason(policy, reason, reason_text))
    if offered is None:
        faults += (ActFault("alternative", Lack.UNKNOWN if alternative else Lack.MISSING),)
    if faults or offered is None:
        raise Unusable(faults)
    return ObjectionRaised(
        reason=reason or OTHER_REASON,
        alternative=offered.code,
        agency_records=offered.agency_records,
        reason_text=reason_text,
        employee=employee,
    )


def _faults_of_reason(policy: AgencyPolicy, reason: str, reason_text: str) -> Iterator[ActFault]:
    in_words = reason in ("", OTHER_REASON)
    if not in_words and policy.find_reason(reason) is None:
        yield ActFault("reason", Lack.UNKNOWN)
    if in_words and not reason_text:
        yield ActFault("reason", Lack.MISSING)
    elif not in_words and reason_text:
        yield ActFault("reason_text", Lack.NEEDLESS)
    if reason_text and len(reason_text) < LEAST_REASON:
        yield ActFault("reason_text", Lack.TOO_SHORT)
    if len(reason_text) > MOST_TEXT:
        yield ActFault("reason_text", Lack.TOO_LONG)
    if reason_text and find_demand(reason_text):
        yield ActFault("reason_text", Lack.DEMANDS)


def third_person(who: str) -> ThirdPersonPresent:
    """Somebody else takes part or listens in; in words, where that is known. Raises `Unusable`."""
    if len(who) > MOST_TEXT:
        raise Unusable((ActFault("who", Lack.TOO_LONG),))
    return ThirdPersonPresent(who)


def kind_named(policy: AgencyPolicy, employee: str, kind: str) -> KindNamed:
    """Raises `Unusable` for a code that the profile has not."""
    found = policy.find_kind(kind)
    if found is None:
        raise Unusable((ActFault("kind", Lack.UNKNOWN if kind else Lack.MISSING),))
    return KindNamed(found.code, found.excluded.alternative if found.excluded else "", employee)


SIMPLE: Mapping[CallAct, Callable[[str], Event]] = {
    CallAct.WITHDRAW_OBJECTION: ObjectionWithdrawn,
    CallAct.PAUSE: lambda _: PauseAsked(),
    CallAct.RESUME: lambda _: ResumeAsked(),
    CallAct.STOP: StopAsked,
}
"""Acts of which nothing has to be told but who does it."""


def possible_acts(policy: AgencyPolicy, dialogue: Dialogue) -> frozenset[CallAct]:
    """Those that the dialogue would not ignore at this moment."""
    return frozenset(act for act in CallAct if why_not(policy, dialogue, act) is None)


def why_not(policy: AgencyPolicy, dialogue: Dialogue, act: CallAct) -> str | None:
    """Why the dialogue would ignore the act, None where it would not: it is asked itself, nobody else knows."""
    reasons = [step(dialogue, event).ignored for event in _examples(policy, act)]
    return None if None in reasons else next(iter(reasons), "the profile has nothing to choose from")


def _examples(policy: AgencyPolicy, act: CallAct) -> Iterator[Event]:
    """What the act could tell the dialogue; it takes one objection as it takes another."""
    match act:
        case CallAct.OBJECT:
            for offered in policy.alternatives[:1]:
                yield ObjectionRaised(OTHER_REASON, offered.code, offered.agency_records)
        case CallAct.THIRD_PERSON:
            yield ThirdPersonPresent()
        case CallAct.NAME_KIND:
            for kind in policy.conversation_kinds:
                yield kind_named(policy, "", kind.code)
        case _:
            yield SIMPLE[act]("")
