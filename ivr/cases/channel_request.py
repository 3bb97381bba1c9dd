"""PURE. A wish to record at a counter, a hearing, at home or by letter: the same rules, in the same log (R1, R3)."""

from ivr.cases.acts import AlternativePromised, Closed, RequestAllowed, RequestRefused, RequestRegistered
from ivr.cases.case import Kind, Request, State
from ivr.cases.table import OFFICE, OWNER, STAFF, begins, on
from ivr.cases.terms import Terms
from ivr.cases.turn import Beginning, Doing, NotAllowed, Turn

K = Kind.REQUEST
OTHER_REASON = "anders"


@begins(RequestRegistered, to=[State.REGISTERED], by=OFFICE)
def registered(act: RequestRegistered, doing: Doing, terms: Terms) -> Beginning:
    """Who registers it decides it: the employee before the talk, or who leads the hearing."""
    if act.channel not in terms.channels:
        raise NotAllowed("the profile has no channel %(code)s", field="channel", code=act.channel)
    if act.conversation not in terms.conversations:
        raise NotAllowed(
            "the profile has no kind of conversation %(code)s", field="conversation", code=act.conversation
        )
    if act.asked_at > doing.at:
        raise NotAllowed("it cannot have been asked in the future", field="asked_at")
    about = Request(act.asked_at, act.conversation, act.third_persons)
    return Beginning(State.REGISTERED, doing.role, about, channel=act.channel)


@on(K, [State.REGISTERED], RequestAllowed, to=[State.ALLOWED], by=[OWNER, *STAFF])
def allowed(turn: Turn, _: RequestAllowed) -> None:
    turn.go(State.ALLOWED)


@on(K, [State.REGISTERED], RequestRefused, to=[State.REFUSED], by=[OWNER, *STAFF])
def refused(turn: Turn, act: RequestRefused) -> None:
    """Only with a weighty reason and an alternative; what is promised becomes a case of its own (R1)."""
    if act.reason not in turn.terms.reasons | {OTHER_REASON}:
        raise NotAllowed("the profile has no reason %(code)s", field="reason", code=act.reason)
    if act.reason == OTHER_REASON and len(act.reason_text.strip()) < 3:
        raise NotAllowed("another reason is told in words", field="reason_text")
    if act.alternative not in turn.terms.follow:
        raise NotAllowed("the profile has no alternative %(code)s", field="alternative", code=act.alternative)
    turn.learn(reason=act.reason, alternative=act.alternative)
    turn.go(State.REFUSED)
    if turn.terms.follow[act.alternative] is not None:
        turn.open(AlternativePromised(act.alternative))


@on(K, [State.ALLOWED, State.REFUSED], Closed, to=[State.CLOSED], by=[OWNER, *STAFF])
def closed(turn: Turn, _: Closed) -> None:
    turn.go(State.CLOSED)
