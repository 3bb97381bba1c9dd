"""PURE. Misuse of a recording: evidence, the profile's steps one after another, the outcome (R5, R6)."""

from ivr.cases.acts import Closed, EvidenceAdded, MisuseReported, StepDone
from ivr.cases.case import Case, Kind, Misuse, MisuseOfRecording, State, Who
from ivr.cases.table import IN_CHARGE, STAFF, begins, on
from ivr.cases.terms import Terms
from ivr.cases.turn import Beginning, Doing, NotAllowed, Turn


@begins(MisuseReported, to=[State.REPORTED], by=[*STAFF, Who.PRIVACY_OFFICER, Who.SYSTEM])
def reported(act: MisuseReported, _: Doing, terms: Terms) -> Beginning:
    first = terms.misuse[0].promise
    return Beginning(State.REPORTED, first.owner, MisuseOfRecording(act.what), first.within_days)


@on(Kind.MISUSE, [State.REPORTED, State.DECIDING], EvidenceAdded, by=[*IN_CHARGE, Who.EMPLOYEE])
def evidence(turn: Turn, act: EvidenceAdded) -> None:
    if act.comparison is not None:
        turn.learn(compared=True)


def not_compared(case: Case, _: Doing, __: Terms) -> NotAllowed | None:
    """Nobody is told that they cut a recording before it was compared with the agency's."""
    about = case.about
    if isinstance(about, MisuseOfRecording) and about.what is Misuse.CUTTING and not about.compared:
        return NotAllowed("the recordings have to be compared first")
    return None


@on(Kind.MISUSE, [State.REPORTED], StepDone, to=[State.DECIDING], by=IN_CHARGE, bar=not_compared)
def step_done(turn: Turn, act: StepDone) -> None:
    about, steps = turn.about(MisuseOfRecording), turn.terms.misuse
    due = steps[about.steps_done]
    if act.step != due.code:
        raise NotAllowed("the next step is %(step)s", field="step", step=due.code)
    turn.fact(late=turn.case.is_overdue(turn.doing.at))
    turn.learn(steps_done=about.steps_done + 1)
    following = steps[about.steps_done + 1 :]
    if following:
        turn.expect(following[0].promise)
    else:
        turn.go(State.DECIDING)


@on(Kind.MISUSE, [State.REPORTED, State.DECIDING], Closed, to=[State.CLOSED], by=IN_CHARGE)
def closed(turn: Turn, _: Closed) -> None:
    """Before the last step too: a step that helps makes the next ones needless, and some reports are mistaken."""
    turn.fact(steps_done=turn.about(MisuseOfRecording).steps_done)
    turn.go(State.CLOSED)
