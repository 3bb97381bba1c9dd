"""PURE. Whether staff may learn from the agency's recording: when both agreed, and until one of them takes it back."""

from ivr.cases.acts import Lapsed, Party, Played, TrainingAnswered, TrainingAsked, TrainingWithdrawn
from ivr.cases.case import Case, Kind, State, Training, Who
from ivr.cases.table import STAFF, begins, on
from ivr.cases.terms import Terms
from ivr.cases.turn import Beginning, Doing, NotAllowed, Turn, WrongRole

K = Kind.TRAINING
NOT_BOTH = "not both have agreed"
FOR_THEMSELVES = "the employee answers for themselves"


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


def unanswered(about: Training) -> list[Party]:
    """Who has not answered yet."""
    answers = {Party.CALLER: about.caller, Party.EMPLOYEE: about.employee}
    return [party for party, answer in answers.items() if answer is None]


def speaks_for(role: Who, about: Training) -> list[Party]:
    """Staff note what the caller said; for the employee speaks nobody else.

    That it is the employee of that very call is not known here: a line of the agency is no person. Whoever answers
    says so under their own name, which stands beside the log.
    """
    return [party for party in unanswered(about) if party is Party.CALLER or role is Who.EMPLOYEE]


def not_theirs(case: Case, doing: Doing, _: Terms) -> NotAllowed | None:
    if isinstance(case.about, Training) and not speaks_for(doing.role, case.about):
        return WrongRole(FOR_THEMSELVES)
    return None


@on(K, [State.ASKED], TrainingAnswered, to=[State.AGREED, State.NOT_AGREED], by=[*STAFF, Who.SYSTEM], bar=not_theirs)
def answered(turn: Turn, act: TrainingAnswered) -> None:
    about = turn.about(Training)
    if act.party not in unanswered(about):
        raise NotAllowed("this party has answered; an agreement can be taken back", field="party")
    if act.party not in speaks_for(turn.doing.role, about):
        raise WrongRole(FOR_THEMSELVES, field="party")
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


@on(K, [State.AGREED], Played, by=STAFF)
def played(turn: Turn, _: Played) -> None:
    """Staff listen to learn; each playback is in the log."""
    if not may_be_used(turn.about(Training), turn.case.state):
        raise NotAllowed(NOT_BOTH)


@on(K, [State.ASKED, State.AGREED], Lapsed, to=[State.LAPSED], by=[Who.SYSTEM])
def lapsed(turn: Turn, _: Lapsed) -> None:
    turn.go(State.LAPSED)


def may_be_used(case_about: Training, state: State) -> bool:
    """Staff may learn from the recording now."""
    return state is State.AGREED and bool(case_about.caller and case_about.employee)
