"""PURE. The agency asks for a copy of the caller's recording (R4): given or not, compared, kept for its term or not."""

from ivr.cases.acts import (
    CopyAsked,
    CopyCompared,
    CopyDeclined,
    CopyDestroyed,
    CopyKept,
    CopyNotCompared,
    CopyReceived,
    Lapsed,
)
from ivr.cases.case import Case, CitizenCopy, Kind, NotCompared, State, Who
from ivr.cases.table import IN_CHARGE, OFFICE, STAFF, begins, on
from ivr.cases.terms import Promise, Terms
from ivr.cases.turn import Beginning, Doing, NotAllowed, Turn

K = Kind.CITIZEN_COPY


def is_unreadable(case: Case) -> bool:
    """What was handed in last is no sound that can be read."""
    return isinstance(case.about, CitizenCopy) and case.about.not_compared is NotCompared.UNREADABLE


@begins(CopyAsked, to=[State.ASKED], by=[*STAFF, Who.SYSTEM])
def asked(_: CopyAsked, __: Doing, terms: Terms) -> Beginning:
    if not terms.asks_copies:
        raise NotAllowed("the agency asks for no copies")
    return Beginning(State.ASKED, Who.EMPLOYEE, CitizenCopy(), terms.ask_days)


def is_here(case: Case, _: Doing, __: Terms) -> NotAllowed | None:
    """Another one is welcome only where nobody can read the one that came."""
    return None if is_unreadable(case) else NotAllowed("a copy was handed in before")


@on(K, [State.RECEIVED], CopyReceived, to=[State.RECEIVED], by=[*STAFF, Who.SYSTEM], bar=is_here)
@on(K, [State.ASKED], CopyReceived, to=[State.RECEIVED], by=[*STAFF, Who.SYSTEM])
def received(turn: Turn, act: CopyReceived) -> None:
    """Its term runs from now, whatever is done with it."""
    turn.learn(digest=act.digest, size_bytes=act.size_bytes, scanned=act.scanned, not_compared=None)
    turn.go(State.RECEIVED)
    turn.expect(Promise(Who.SUPERVISOR, turn.terms.copy_days))


@on(K, [State.RECEIVED], CopyCompared, to=[State.COMPARED], by=[*OFFICE, Who.SYSTEM])
def compared(turn: Turn, act: CopyCompared) -> None:
    turn.learn(verdict=act.comparison.verdict, not_compared=None)
    turn.go(State.COMPARED)


@on(K, [State.RECEIVED], CopyNotCompared, by=[Who.SYSTEM])
def not_compared(turn: Turn, act: CopyNotCompared) -> None:
    """Not a state of its own: a person may still compare it, and its term runs as before. Where it cannot be read, the
    caller may hand in another."""
    turn.learn(not_compared=act.not_compared)


@on(K, [State.COMPARED], CopyKept, to=[State.KEPT], by=IN_CHARGE)
def kept(turn: Turn, _: CopyKept) -> None:
    turn.go(State.KEPT)


@on(K, [State.RECEIVED, State.COMPARED, State.KEPT], CopyDestroyed, to=[State.DESTROYED], by=[*IN_CHARGE, Who.SYSTEM])
def destroyed(turn: Turn, _: CopyDestroyed) -> None:
    turn.go(State.DESTROYED)


@on(K, [State.ASKED], CopyDeclined, to=[State.DECLINED], by=[*STAFF, Who.SYSTEM])
def declined(turn: Turn, _: CopyDeclined) -> None:
    turn.go(State.DECLINED)


@on(K, [State.ASKED], Lapsed, to=[State.LAPSED], by=[Who.SYSTEM])
def lapsed(turn: Turn, _: Lapsed) -> None:
    turn.go(State.LAPSED)
