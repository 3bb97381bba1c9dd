"""What an employee can do during a call is what the dialogue would take."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import config
from config.policy import AgencyPolicy
from config.policy_file import load_policies
from ivr.calls.employee_acts import (
    SIMPLE,
    ActFault,
    CallAct,
    Lack,
    Unusable,
    kind_named,
    objection,
    possible_acts,
    third_person,
    why_not,
)
from ivr.dialogue.events import Event, KindNamed, ObjectionRaised, ThirdPersonPresent
from ivr.dialogue.machine import step
from ivr.dialogue.states import AgencyRecording, CallerRecording, Dialogue, Employee, Refusal, State
from ivr.dialogue.table import OVER

POLICIES = load_policies(Path(config.__file__).parent / "policies").by_slug
EXAMPLE = POLICIES["example"]

DIALOGUES = st.builds(
    Dialogue,
    state=st.sampled_from(State),
    caller_recording=st.sampled_from(CallerRecording),
    agency_recording=st.sampled_from(AgencyRecording),
    employee=st.sampled_from(Employee),
    private=st.booleans(),
    in_room=st.booleans(),
    kind=st.sampled_from(["", "gewoon"]),
    refusal=st.sampled_from([None, Refusal("privacy", "verslag"), Refusal("gewoon", "verslag", by_kind=True)]),
)


def told(policy: AgencyPolicy, act: CallAct) -> list[Event]:
    """All that the act could tell the dialogue, by the profile's lists."""
    match act:
        case CallAct.OBJECT:
            return [
                objection(policy, "bo", reason=reason.code, reason_text="", alternative=offered.code)
                for reason in policy.objection_reasons
                for offered in policy.alternatives
            ]
        case CallAct.THIRD_PERSON:
            return [third_person("een tolk")]
        case CallAct.NAME_KIND:
            return [kind_named(policy, "bo", kind.code) for kind in policy.conversation_kinds]
        case _:
            return [SIMPLE[act]("bo")]


@given(st.sampled_from(sorted(POLICIES)), DIALOGUES)
def test_an_act_is_offered_exactly_where_the_dialogue_takes_it(slug: str, dialogue: Dialogue) -> None:
    policy = POLICIES[slug]
    for act in CallAct:
        taken = [step(dialogue, event).ignored is None for event in told(policy, act)]
        assert (act in possible_acts(policy, dialogue)) == any(taken)
        assert (why_not(policy, dialogue, act) is None) == any(taken)
        assert act is not CallAct.OBJECT or all(taken) == any(taken)


def test_nothing_can_be_done_about_a_call_that_is_over() -> None:
    ended = Dialogue(state=State.ENDED)
    assert possible_acts(EXAMPLE, ended) == frozenset()
    assert why_not(EXAMPLE, ended, CallAct.STOP) == OVER


def test_an_objection_knows_whether_the_agency_records_instead() -> None:
    raised = objection(EXAMPLE, "bo", reason="privacy", reason_text="", alternative="eigen-opname")
    assert raised == ObjectionRaised("privacy", "eigen-opname", agency_records=True, employee="bo")
    own = objection(EXAMPLE, "bo", reason="", reason_text="er zit een kind bij", alternative="verslag")
    assert (own.reason, own.reason_text) == ("anders", "er zit een kind bij")


@pytest.mark.parametrize(
    ("reason", "text", "alternative", "faults"),
    [
        ("", "", "", {("reason", Lack.MISSING), ("alternative", Lack.MISSING)}),
        ("anders", "", "verslag", {("reason", Lack.MISSING)}),
        ("zomaar", "", "taart", {("reason", Lack.UNKNOWN), ("alternative", Lack.UNKNOWN)}),
        ("privacy", "en nog iets", "verslag", {("reason_text", Lack.NEEDLESS)}),
        ("anders", "x", "verslag", {("reason_text", Lack.TOO_SHORT)}),
        ("anders", "x" * 201, "verslag", {("reason_text", Lack.TOO_LONG)}),
        ("anders", "Vertel eerst waarom u opneemt.", "verslag", {("reason_text", Lack.DEMANDS)}),
    ],
)
def test_all_faults_of_an_objection_are_told_at_once(
    reason: str, text: str, alternative: str, faults: set[tuple[str, Lack]]
) -> None:
    with pytest.raises(Unusable) as unusable:
        objection(EXAMPLE, "bo", reason=reason, reason_text=text, alternative=alternative)
    assert set(unusable.value.faults) == {ActFault(*fault) for fault in faults}


def test_a_kind_that_may_not_be_recorded_names_what_is_offered() -> None:
    policy = POLICIES["nationale-ombudsman"]
    excluded = next(kind for kind in policy.conversation_kinds if kind.excluded)
    assert excluded.excluded is not None
    assert kind_named(policy, "bo", excluded.code) == KindNamed(excluded.code, excluded.excluded.alternative, "bo")
    for unknown in ("", "taart"):
        with pytest.raises(Unusable):
            kind_named(policy, "bo", unknown)


def test_a_third_person_may_be_told_in_few_words() -> None:
    assert third_person("") == ThirdPersonPresent("")
    with pytest.raises(Unusable):
        third_person("x" * 201)
