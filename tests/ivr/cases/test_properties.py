"""Whatever is done in whatever order: nobody listens too early, and nothing leaves a closed case."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from ivr.cases.acts import ACTS as ACTS_BY_CODE
from ivr.cases.acts import Act, ComplaintReceived, Opening
from ivr.cases.case import FINAL, Case, Complaint, Kind, State, Training, Who
from ivr.cases.machine import Step, step
from ivr.cases.training import may_be_used
from ivr.cases.turn import NotAllowed
from tests.ivr.cases.playing import ACTS, NOON, OPENINGS, TERMS, doing, opened

Move = tuple[Act, Who, str, int, bool]
MOVES: st.SearchStrategy[list[Move]] = st.lists(
    st.tuples(
        st.sampled_from(ACTS),
        st.sampled_from([Who.COMMITTEE, Who.EMPLOYEE, Who.SUPERVISOR, Who.SYSTEM]),
        st.sampled_from(["c.visser", "a.bakker"]),
        st.integers(0, 9),
        st.booleans(),
    ),
    max_size=40,
)


def tried(case: Case, move: Move) -> Step | None:
    act, role, name, day, third_persons = move
    at = NOON + timedelta(days=day)
    try:
        return step(case, act, doing(role, name, at, third_persons=third_persons), TERMS)
    except NotAllowed:
        return None


def test_the_acts_of_these_properties_are_all_there_are() -> None:
    assert {act.code for act in ACTS} == ACTS_BY_CODE.keys()


@given(MOVES, st.booleans())
def test_nobody_listens_before_it_is_needed_the_employee_was_asked_and_third_persons_are_weighed(
    moves: list[Move], third_persons: bool
) -> None:
    case = opened(ComplaintReceived("een klacht"), Who.EMPLOYEE)
    done: list[str] = []
    for act, role, name, day, _ in moves:
        moved = tried(case, (act, role, name, day, third_persons))
        if moved is None:
            continue
        case = moved.case
        done.append(moved.note.tag.removeprefix("complaint:"))
        about = case.about
        assert isinstance(about, Complaint)
        if about.access is not None or moved.note.tag == "complaint:played":
            assert done.index("listening-needed") < done.index("employee-answered") < done.index("access-granted")
            assert not third_persons or done.index("third-persons-weighed") < done.index("access-granted")
        if moved.note.tag == "complaint:played":
            assert about.access is not None
            assert name in about.access.people
            assert NOON + timedelta(days=day) < about.access.until


@given(st.sampled_from(OPENINGS), MOVES)
def test_nothing_leaves_a_closed_case_and_all_it_holds_can_be_stored(opening: Opening, moves: list[Move]) -> None:
    case = opened(opening, Who.SYSTEM if opening.kind is Kind.REFUSAL else Who.SUPERVISOR)
    for move in moves:
        moved = tried(case, move)
        if case.state in FINAL:
            assert moved is None
        if moved is None:
            continue
        case = moved.case
        assert Case.from_json(case.to_json()) == case
        assert (case.closed_at is not None) == (case.state in FINAL)
        assert case.state not in FINAL or case.due_at is None
        assert moved.note.facts["state"] == case.state
        if isinstance(case.about, Training):
            both = case.about.caller is True and case.about.employee is True
            assert may_be_used(case.about, case.state) == (both and case.state is State.AGREED)
