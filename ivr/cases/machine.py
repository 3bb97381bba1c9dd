"""PURE. begin(...) and step(case, act) -> Step: the only ways in which a case comes about and moves."""

from dataclasses import dataclass, replace
from datetime import timedelta

from ivr.cases import (  # noqa: F401 - importing the kinds fills the table
    channel_request,
    citizen_copy,
    complaint,
    covert,
    misuse,
    refusal,
    training,
)
from ivr.cases.acts import Act, Opening
from ivr.cases.case import FINAL, KINDS, Case, Kind, Who
from ivr.cases.shapes import split
from ivr.cases.table import BARRED, HANDLERS, OPENERS, acts_of
from ivr.cases.terms import Terms
from ivr.cases.turn import Doing, NotAllowed, Note, Turn, WrongRole, make_note

PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a new case belongs."""

    case_id: str
    agency: str
    policy_digest: str
    call_id: str | None = None
    from_case: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """The case after an act and its one entry in the consent log.

    `refused` says why what was wished for is not given although the wish is logged, else it is None. `opens` are the
    cases that come out of this one.
    """

    case: Case
    note: Note
    refused: str | None = None
    opens: tuple[Opening, ...] = ()


def begin(place: Place, opening: Opening, doing: Doing, terms: Terms) -> Step:
    """Open a case. Raises `NotAllowed`, `WrongRole`."""
    opener = OPENERS[opening.kind]
    if doing.role not in opener.by:
        raise WrongRole(
            "a %(role)s does not open this kind of case: %(kind)s", role=doing.role, kind=KINDS[opening.kind]
        )
    beginning = opener.begin(opening, doing, terms)
    days = beginning.within_days
    case = Case(
        case_id=place.case_id,
        kind=opening.kind,
        agency=place.agency,
        policy_digest=place.policy_digest,
        state=beginning.state,
        owner=beginning.owner,
        opened_at=doing.at,
        about=beginning.about,
        due_at=None if days is None else doing.at + timedelta(days=days),
        call_id=place.call_id,
        from_case=place.from_case,
        channel=PHONE if place.call_id else beginning.channel,
        closed_at=doing.at if beginning.state in FINAL else None,
    )
    return Step(case, make_note(case, opening, doing, *split(opening)), opens=beginning.opens)


@dataclass(frozen=True, slots=True)
class Choice:
    """An act that this role does in this state; `barred` says what stands in the way at this moment."""

    act: type[Act]
    barred: NotAllowed | None


def choices(case: Case, doing: Doing, terms: Terms) -> list[Choice]:
    """What somebody can do with a case now. Only the values of its fields can still make an act be refused."""
    mine = [
        (act, handler)
        for act in acts_of(case.kind)
        if (handler := HANDLERS.get((case.kind, case.state, act))) and handler.is_for(doing.role, case)
    ]
    return [Choice(act, handler.bar(case, doing, terms)) for act, handler in mine]


def kinds_opened_by(role: Who) -> list[Kind]:
    """The kinds of cases that this role may open."""
    return [kind for kind, opener in OPENERS.items() if role in opener.by]


def step(case: Case, act: Act, doing: Doing, terms: Terms) -> Step:
    """Do one act. Raises `NotAllowed` where it does not fit the kind, the state or the facts, `WrongRole`."""
    place = (case.kind, case.state, type(act))
    if place not in HANDLERS:
        raise NotAllowed(BARRED.get(place, f"there is no {act.code} in {KINDS[case.kind]}"))
    handler = HANDLERS[place]
    if not handler.is_for(doing.role, case):
        raise WrongRole("a %(role)s does not do this", role=doing.role)
    if (barred := handler.bar(case, doing, terms)) is not None:
        raise barred
    turn = Turn(case, act, doing, terms)
    handler.handle(turn, act)
    after = turn.case
    if after.state in FINAL:
        after = replace(after, due_at=None)
    turn.case = after
    return Step(after, turn.note(), turn.refused, tuple(turn.opens))
