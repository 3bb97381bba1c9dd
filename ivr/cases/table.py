"""PURE. The table (kind, state) x act -> handler, and the verbs that fill it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ivr.cases.acts import Act, Opening
from ivr.cases.case import FINAL, STATES, Case, Kind, State, Who
from ivr.cases.terms import Terms
from ivr.cases.turn import Beginning, Doing, NotAllowed, Turn

Handle = Callable[[Turn, Any], None]
Begin = Callable[[Any, Doing, Terms], Beginning]
Bar = Callable[[Case, Doing, Terms], NotAllowed | None]
"""What stands in the way whatever the act's fields say; None where nothing does."""

OWNER = "owner"
"""In the place of a role: whoever must act next."""

STAFF = (Who.EMPLOYEE, Who.SUPERVISOR)
OFFICE = (*STAFF, Who.PRIVACY_OFFICER, Who.COMMITTEE)
IN_CHARGE = (OWNER, Who.SUPERVISOR, Who.PRIVACY_OFFICER)
OVER = "the case is closed"


@dataclass(frozen=True, slots=True)
class Handler:
    """What answers an act in a state, the states it may lead to, the roles that may do it, and what may bar it."""

    handle: Handle
    to: frozenset[State]
    by: tuple[str, ...]
    bar: Bar

    def is_for(self, role: Who, case: Case) -> bool:
        return role in self.by or (OWNER in self.by and role is case.owner)


@dataclass(frozen=True, slots=True)
class Opener:
    """What begins a case, the states it may begin in, and the roles that may open it."""

    begin: Begin
    to: frozenset[State]
    by: tuple[str, ...]


HANDLERS: dict[tuple[Kind, State, type[Act]], Handler] = {}
BARRED: dict[tuple[Kind, State, type[Act]], str] = {}
OPENERS: dict[Kind, Opener] = {}


def begins(opening: type[Opening], to: Iterable[State], by: Iterable[str]) -> Callable[[Begin], Begin]:
    """Enter what begins a case of the opening's kind."""

    def enter(begin: Begin) -> Begin:
        OPENERS[opening.kind] = Opener(begin, frozenset(to), tuple(by))
        return begin

    return enter


def unbarred(_: Case, __: Doing, ___: Terms) -> None:
    """Nothing stands in the way."""


def on(
    kind: Kind,
    states: Iterable[State],
    act: type[Act],
    *,
    to: Iterable[State] = (),
    by: Iterable[str],
    bar: Bar = unbarred,
) -> Callable[[Handle], Handle]:
    """Enter a handler; it leaves the state as it is, or leads to one of those named."""

    def enter(handle: Handle) -> Handle:
        for state in states:
            HANDLERS[kind, state, act] = Handler(handle, frozenset(to), tuple(by), bar)
            BARRED.pop((kind, state, act), None)
        for state in STATES[kind]:
            if (kind, state, act) not in HANDLERS:
                BARRED.setdefault((kind, state, act), OVER if state in FINAL else f"not now: {STATES[kind][state]}")
        return handle

    return enter


def acts_of(kind: Kind) -> list[type[Act]]:
    """The acts that a case of this kind knows, in the order in which they were entered."""
    return list(dict.fromkeys(act for known, _, act in HANDLERS if known is kind))
