"""What somebody is offered can be done, and what is not offered cannot."""

from dataclasses import replace
from itertools import product

import pytest

from ivr.cases.acts import (
    Act,
    ComplaintReceived,
    EmployeeAnswered,
    Lapsed,
    ListeningNeeded,
    MisuseReported,
    Party,
    StepDone,
    TrainingAnswered,
    TrainingAsked,
)
from ivr.cases.case import Case, Kind, Misuse, State, Who
from ivr.cases.machine import choices, kinds_opened_by, step
from ivr.cases.training import speaks_for
from ivr.cases.turn import NotAllowed
from tests.ivr.cases.playing import ACTS, OPENINGS, TERMS, doing, opened, play

PEOPLE = [who for who in Who if who is not Who.SYSTEM]


def reachable(first: Case) -> list[Case]:
    """Every case that acts lead to from this one, each (state, about) once."""
    seen, ahead = {(first.state, first.about): first}, [first]
    while ahead:
        case = ahead.pop()
        for act, role in product(ACTS, Who):
            try:
                after = step(case, act, doing(role), TERMS).case
            except NotAllowed:
                continue
            if (after.state, after.about) not in seen:
                seen[after.state, after.about] = after
                ahead.append(after)
    return list(seen.values())


def can_be_done(case: Case, act: type[Act], role: Who, *, third_persons: bool) -> bool:
    for one in ACTS:
        if type(one) is act:
            try:
                step(case, one, doing(role, third_persons=third_persons), TERMS)
            except NotAllowed:
                continue
            return True
    return False


@pytest.mark.parametrize("call_id", ["call-1", None])
@pytest.mark.parametrize("third_persons", [True, False])
def test_exactly_what_is_offered_and_not_barred_can_be_done(call_id: str | None, third_persons: bool) -> None:
    for opening in OPENINGS:
        role = Who.SYSTEM if opening.kind is Kind.REFUSAL else Who.SUPERVISOR
        for case, who in product(reachable(opened(opening, role, call_id=call_id)), PEOPLE):
            told = choices(case, doing(who, third_persons=third_persons), TERMS)
            free = {choice.act for choice in told if choice.barred is None}
            done = {act for act in map(type, ACTS) if can_be_done(case, act, who, third_persons=third_persons)}
            assert free == done, (case.kind, case.state, case.about, who)


def test_what_stands_in_the_way_is_told() -> None:
    def barred(case: Case, role: Who, act: type[Act], *, third_persons: bool = False) -> str:
        (found,) = [one for one in choices(case, doing(role, third_persons=third_persons), TERMS) if one.act is act]
        return str(found.barred)

    promise = opened(OPENINGS[0], Who.SYSTEM)
    assert "on a call" in barred(promise, Who.SUPERVISOR, Lapsed)
    assert barred(replace(promise, call_id=None), Who.SUPERVISOR, Lapsed) == "None"
    complaint = opened(ComplaintReceived("een klacht"), call_id=None)
    assert "no recording" in barred(complaint, Who.COMMITTEE, ListeningNeeded)
    cutting = opened(MisuseReported(Misuse.CUTTING, "er mist een stuk"))
    assert "compared" in barred(cutting, Who.SUPERVISOR, StepDone)
    half = play(opened(TrainingAsked()), (TrainingAnswered(Party.CALLER, agrees=True), Who.SUPERVISOR))
    assert "themselves" in barred(half, Who.SUPERVISOR, TrainingAnswered)


def test_for_the_employee_speaks_nobody_else() -> None:
    asked = opened(TrainingAsked()).about
    assert speaks_for(Who.SUPERVISOR, asked) == [Party.CALLER]  # type: ignore[arg-type]
    assert speaks_for(Who.EMPLOYEE, asked) == [Party.CALLER, Party.EMPLOYEE]  # type: ignore[arg-type]


@pytest.mark.parametrize("role", PEOPLE)
def test_a_role_opens_the_kinds_that_are_told_and_no_others(role: Who) -> None:
    can: set[Kind] = set()
    for opening in OPENINGS:
        try:
            can.add(opened(opening, role).kind)
        except NotAllowed:
            continue
    assert set(kinds_opened_by(role)) == can


def test_nothing_is_offered_once_it_is_over() -> None:
    closed = play(
        opened(ComplaintReceived("een klacht")),
        (ListeningNeeded("nodig"), Who.COMMITTEE),
        (EmployeeAnswered(objects=False), Who.COMMITTEE),
        *[(act, Who.COMMITTEE) for act in ACTS if act.code in ("access-refused", "closed")],
    )
    assert closed.state is State.CLOSED
    assert choices(closed, doing(Who.COMMITTEE), TERMS) == []
