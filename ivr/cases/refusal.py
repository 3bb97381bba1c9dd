"""PURE. After a refusal: what was promised is delivered, or the objection was taken back (R1)."""

from ivr.cases.acts import AlternativePromised, Delivered, Lapsed
from ivr.cases.case import Case, Kind, Refusal, State, Who
from ivr.cases.table import OWNER, STAFF, begins, on
from ivr.cases.terms import Terms
from ivr.cases.turn import Beginning, Doing, NotAllowed, Turn


@begins(AlternativePromised, to=[State.PROMISED], by=[Who.SYSTEM])
def promised(act: AlternativePromised, _: Doing, terms: Terms) -> Beginning:
    promise = terms.follow.get(act.alternative)
    if promise is None:
        raise NotAllowed("nothing has to happen afterwards for this alternative")
    return Beginning(State.PROMISED, promise.owner, Refusal(act.alternative), promise.within_days)


@on(Kind.REFUSAL, [State.PROMISED], Delivered, to=[State.DELIVERED], by=[OWNER, Who.SUPERVISOR])
def delivered(turn: Turn, _: Delivered) -> None:
    turn.fact(late=turn.case.is_overdue(turn.doing.at))
    turn.go(State.DELIVERED)


def made_on_a_call(case: Case, doing: Doing, _: Terms) -> NotAllowed | None:
    """On a call the objection is taken back on the call itself; nobody escapes a promise by saying so afterwards."""
    if case.call_id is not None and doing.role is not Who.SYSTEM:
        return NotAllowed("the objection was made on a call, and is taken back on the call")
    return None


@on(Kind.REFUSAL, [State.PROMISED], Lapsed, to=[State.LAPSED], by=[*STAFF, Who.SYSTEM], bar=made_on_a_call)
def lapsed(turn: Turn, _: Lapsed) -> None:
    turn.go(State.LAPSED)
