"""PURE. Whether staff may learn from the agency's recording: when both agreed, and until one of them takes it back."""

from ivr.cases.acts import Lapsed, Party, TrainingAnswered, TrainingAsked, TrainingWithdrawn
from ivr.cases.case import Kind, State, Training, Who
from ivr.cases.table import STAFF, begins, on
from ivr.cases.terms import Terms
from ivr.cases.turn import Beginning, Doing, NotAllowed, Turn, WrongRole

K = Kind.TRAINING


@begins(TrainingAsked, to=[State.ASKED, State.NOT_AGREED], by=[*STAFF, Who.SYSTEM])
def asked(act: TrainingAsked, _: Doing, terms: Terms) -> Beginning:
    """There is no term: nobody has to answer."""
    if not terms.asks_training:
        raise NotAllowed("the agency does not use recordings for training")
    return Beginning(
        State.NOT_AGREED if act.caller_agreed is False else State.ASKED,
        Who.SUPERVISOR,
        Training(caller=act.caller_agreed),
    )


@on(K, [State.ASKED], TrainingAnswered, to=[State.AGREED, State.NOT_AGREED], by=[*STAFF, Who.SYSTEM])
def answered(turn: Turn, act: TrainingAnswered) -> None:
    """Staff note what the caller said; for the employee speaks nobody else."""
    about = turn.about(Training)
    if (about.caller if act.party is Party.CALLER else about.employee) is not None:
        raise NotAllowed("this party has answered; an agreement can be taken back")
    if act.party is Party.EMPLOYEE and turn.doing.role is not Who.EMPLOYEE:
        raise WrongRole("the employee answers for themselves")
    turn.learn(**{act.party.value: act.agrees})
    about = turn.about(Training)
    if not act.agrees:
        turn.go(State.NOT_AGREED)
    elif about.caller and about.employee:
        turn.go(State.AGREED)


@on(
    K,
    [State.ASKED, State.AGREED],
    TrainingWithdrawn,
    to=[State.WITHDRAWN],
    by=[*STAFF, Who.PRIVACY_OFFICER, Who.SYSTEM],
)
def withdrawn(turn: Turn, _: TrainingWithdrawn) -> None:
    turn.go(State.WITHDRAWN)


@on(K, [State.ASKED, State.AGREED], Lapsed, to=[State.LAPSED], by=[Who.SYSTEM])
def lapsed(turn: Turn, _: Lapsed) -> None:
    turn.go(State.LAPSED)


def may_be_used(case_about: Training, state: State) -> bool:
    """Staff may learn from the recording now."""
    return state is State.AGREED and bool(case_about.caller and case_about.employee)
