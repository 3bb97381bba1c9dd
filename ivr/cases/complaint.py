"""PURE. A complaint: first whether listening is needed at all, then whether somebody may, who, and for how long."""

from datetime import datetime, timedelta

from ivr.cases.acts import (
    AccessGranted,
    AccessRefused,
    Closed,
    ComplaintReceived,
    EmployeeAnswered,
    JudgedWithoutListening,
    ListeningNeeded,
    Played,
    ThirdPersonsWeighed,
)
from ivr.cases.case import Access, Case, Complaint, Kind, State, Who
from ivr.cases.table import OFFICE, begins, on
from ivr.cases.terms import Promise, Terms
from ivr.cases.turn import Beginning, Doing, NotAllowed, Turn

C = Kind.COMPLAINT
COMMITTEE = [Who.COMMITTEE]


@begins(ComplaintReceived, to=[State.RECEIVED], by=OFFICE)
def received(_: ComplaintReceived, __: Doing, terms: Terms) -> Beginning:
    return Beginning(State.RECEIVED, Who.COMMITTEE, Complaint(), terms.committee_days)


@on(C, [State.RECEIVED], JudgedWithoutListening, to=[State.CLOSED], by=COMMITTEE)
def judged(turn: Turn, _: JudgedWithoutListening) -> None:
    turn.go(State.CLOSED)


def about_no_call(case: Case, _: Doing, __: Terms) -> NotAllowed | None:
    if case.call_id is None:
        return NotAllowed("the complaint is not about a call, so there is no recording of ours to listen to")
    return None


@on(C, [State.RECEIVED], ListeningNeeded, to=[State.ASKING], by=COMMITTEE, bar=about_no_call)
def needed(turn: Turn, _: ListeningNeeded) -> None:
    """From here the term of the complaint itself counts."""
    turn.go(State.ASKING)
    turn.expect(Promise(Who.COMMITTEE, turn.terms.complaint_days), since=turn.case.opened_at)


@on(C, [State.ASKING], EmployeeAnswered, to=[State.WEIGHING], by=[Who.EMPLOYEE, Who.COMMITTEE])
def answered(turn: Turn, act: EmployeeAnswered) -> None:
    """The committee may note down what the employee said."""
    if act.objects and not act.reason.strip():
        raise NotAllowed("who objects to listening says why", field="reason")
    turn.learn(objects=act.objects)
    turn.go(State.WEIGHING)


@on(C, [State.WEIGHING], ThirdPersonsWeighed, by=COMMITTEE)
def weighed(turn: Turn, _: ThirdPersonsWeighed) -> None:
    turn.learn(third_persons_weighed=True)


def third_persons_not_weighed(case: Case, doing: Doing, _: Terms) -> NotAllowed | None:
    about = case.about
    if doing.third_persons and isinstance(about, Complaint) and not about.third_persons_weighed:
        return NotAllowed("somebody else took part in the call: their privacy is weighed first")
    return None


@on(
    C,
    [State.WEIGHING, State.LISTENING],
    AccessGranted,
    to=[State.LISTENING],
    by=COMMITTEE,
    bar=third_persons_not_weighed,
)
def granted(turn: Turn, act: AccessGranted) -> None:
    """A new decision takes the place of an earlier one: other people, or another date."""
    now = turn.doing.at
    if act.until <= now:
        raise NotAllowed("the date has passed", field="until")
    if act.until > now + timedelta(days=turn.terms.access_days):
        raise NotAllowed("access lasts at most %(days)s days", field="until", days=turn.terms.access_days)
    turn.learn(access=Access(act.people, act.until))
    turn.go(State.LISTENING)


@on(C, [State.WEIGHING], AccessRefused, to=[State.DECIDING], by=COMMITTEE)
def refused(turn: Turn, _: AccessRefused) -> None:
    turn.go(State.DECIDING)


@on(C, [State.LISTENING], Played, by=OFFICE)
def played(turn: Turn, _: Played) -> None:
    """Who may not listen is refused, and the attempt is in the log."""
    why = why_no_playback(turn.about(Complaint), turn.doing.name, turn.doing.at)
    if why is not None:
        turn.log_refusal("playback-refused", why)


OTHER_PEOPLE = "access was granted to other people"
ENDED = "the access has ended"


def why_no_playback(about: Complaint, name: str, now: datetime) -> str | None:
    """None for who may listen now."""
    if about.access is None or name not in about.access.people:
        return OTHER_PEOPLE
    return ENDED if now >= about.access.until else None


@on(C, [State.LISTENING, State.DECIDING], Closed, to=[State.CLOSED], by=COMMITTEE)
def closed(turn: Turn, _: Closed) -> None:
    """The access ends with the case."""
    turn.learn(access=None)
    turn.go(State.CLOSED)
