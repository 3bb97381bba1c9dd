"""PURE. A recording without notice: the profile's message, a talk to restore trust, how a publication is weighed."""

from ivr.cases.acts import (
    Closed,
    CovertRecordingRegistered,
    MessageSent,
    MisuseReported,
    PublicationWeighed,
    TalkPlanned,
)
from ivr.cases.case import Covert, Kind, Misuse, State, Who
from ivr.cases.table import IN_CHARGE, STAFF, begins, on
from ivr.cases.terms import Terms
from ivr.cases.turn import Beginning, Doing, NotAllowed, Turn


@begins(
    CovertRecordingRegistered, to=[State.REGISTERED, State.WEIGHING, State.CLOSED], by=[*STAFF, Who.PRIVACY_OFFICER]
)
def registered(act: CovertRecordingRegistered, _: Doing, terms: Terms) -> Beginning:
    """A publication is weighed first, or counts as misuse at once."""
    talk, about = terms.talk, Covert(act.published)
    if not act.published:
        return Beginning(State.REGISTERED, talk.owner, about, talk.within_days)
    if terms.weighs_publication:
        return Beginning(State.WEIGHING, talk.owner, about, talk.within_days)
    return Beginning(State.CLOSED, talk.owner, about, opens=(published(act.discovered),))


def published(report: str) -> MisuseReported:
    return MisuseReported(Misuse.PUBLICATION, report)


@on(Kind.COVERT, [State.WEIGHING], PublicationWeighed, to=[State.REGISTERED, State.CLOSED], by=IN_CHARGE)
def weighed(turn: Turn, act: PublicationWeighed) -> None:
    if act.misuse:
        turn.open(published(f"{act.purpose}\n{act.harm_to_staff}"))
    turn.go(State.CLOSED if act.misuse else State.REGISTERED)


@on(Kind.COVERT, [State.REGISTERED], MessageSent, to=[State.TOLD], by=[*IN_CHARGE, Who.EMPLOYEE])
def told(turn: Turn, _: MessageSent) -> None:
    turn.go(State.TOLD)


@on(Kind.COVERT, [State.TOLD, State.PLANNED], TalkPlanned, to=[State.PLANNED], by=IN_CHARGE)
def planned(turn: Turn, act: TalkPlanned) -> None:
    """A date can be moved; the profile's term stays as it is."""
    if act.on < turn.case.opened_at.date():
        raise NotAllowed("the talk cannot be before the recording was discovered", field="on")
    turn.learn(talk_on=act.on)
    turn.go(State.PLANNED)


@on(Kind.COVERT, [State.TOLD, State.PLANNED], Closed, to=[State.CLOSED], by=IN_CHARGE)
def closed(turn: Turn, _: Closed) -> None:
    """Without a talk too: a citizen who does not want one need not have it."""
    turn.go(State.CLOSED)
