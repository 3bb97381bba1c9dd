"""Case files on a real database: each act and its entry together, once; what a call opens and lets lapse."""

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from config.policy import AgencyPolicy
from ivr.cases.acts import AccessGranted as Granted
from ivr.cases.acts import (
    Act,
    ComplaintReceived,
    CovertRecordingRegistered,
    Delivered,
    EmployeeAnswered,
    ListeningNeeded,
    MessageSent,
    Opening,
    Party,
    Played,
    RequestRefused,
    RequestRegistered,
    TalkPlanned,
    TrainingAnswered,
)
from ivr.cases.case import Case, Kind, State, Training, Who
from ivr.cases.opening import lapse_refusal, open_citizen_copy, open_refusal, open_training
from ivr.cases.service import Actor, KeyUsedBefore, Sight
from ivr.cases.turn import NotAllowed
from storage.errors import UnknownCall, UnknownCase
from storage.records import LoggedEntry
from tests.builders import BEGAN, House

DAY_S = 86_400
EMPLOYEE = Actor("m.jansen", Who.EMPLOYEE)
SUPERVISOR = Actor("l.smit", Who.SUPERVISOR)
COMMITTEE = Actor("c.visser", Who.COMMITTEE)
COVERT = CovertRecordingRegistered("zei het zelf", published=False)
COMPLAINT = ComplaintReceived("de medewerker weigerde")
AT_COUNTER = RequestRegistered("balie", BEGAN, "gewoon", third_persons=False)


def policy_of(house: House) -> AgencyPolicy:
    return house.wiring.agencies.now("example")


def history(house: House, case: Case) -> list[LoggedEntry]:
    return list(house.wiring.cases.get(case.case_id).history)


def tags(house: House, case: Case) -> list[str]:
    return [entry.tag for entry in history(house, case)]


# ---------------------------------------------------------------- opening and acting


def test_a_case_and_its_entries_are_written_together(house: House) -> None:
    case = house.wiring.cases.open(COVERT, "example", EMPLOYEE)
    acted = house.wiring.cases.act(case.case_id, MessageSent("per brief"), EMPLOYEE)
    file = house.wiring.cases.get(case.case_id)
    assert file.case == acted.case
    assert (file.case.state, file.case.version) == (State.TOLD, 1)
    assert tags(house, case) == ["covert:registered", "covert:message-sent"]
    first = file.history[0]
    assert first.call_id == case.case_id
    assert first.personal == {"discovered": "zei het zelf", "by": "m.jansen"}
    facts = dict(first.facts)
    assert re.fullmatch("[0-9a-f]{64}", str(facts.pop("document")))
    assert facts == {
        "case": case.case_id,
        "agency": "example",
        "act": "registered",
        "state": "registered",
        "role": "medewerker",
        "published": False,
    }


def test_what_is_not_allowed_leaves_no_trace(house: House) -> None:
    case = house.wiring.cases.open(COVERT, "example", EMPLOYEE)
    with pytest.raises(NotAllowed):
        house.wiring.cases.act(case.case_id, TalkPlanned(BEGAN.date()), SUPERVISOR)
    with pytest.raises(NotAllowed):
        house.wiring.cases.open(COVERT, "example", COMMITTEE)
    assert tags(house, case) == ["covert:registered"]
    assert house.wiring.cases.list(None) == [case]


def test_a_case_of_a_call_is_told_in_that_calls_chain(house: House) -> None:
    house.together()
    call = house.call
    case = house.wiring.cases.open(COMPLAINT, "example", EMPLOYEE, call_id=call.call_id)
    assert (case.channel, case.policy_digest) == ("phone", call.policy_digest)
    assert house.tags[-2:] == ["complaint:received", "legal-hold:placed"]
    assert tags(house, case) == ["complaint:received"]


def test_a_case_of_no_call_or_of_another_agencys(house: House) -> None:
    house.together()
    with pytest.raises(UnknownCall):
        house.wiring.cases.open(COMPLAINT, "example", EMPLOYEE, call_id="no-call")
    with pytest.raises(NotAllowed, match="another agency"):
        house.wiring.cases.open(COMPLAINT, "ind", EMPLOYEE, call_id=house.call.call_id)
    with pytest.raises(UnknownCase):
        house.wiring.cases.act("no-case", MessageSent("per brief"), EMPLOYEE)


def test_what_comes_twice_under_one_key_is_done_once(house: House) -> None:
    cases = house.wiring.cases
    case = cases.open(COVERT, "example", EMPLOYEE, key="k-1")
    assert cases.open(COVERT, "example", EMPLOYEE, key="k-1") == case
    acted = cases.act(case.case_id, MessageSent("per brief"), EMPLOYEE, key="k-2")
    cases.act(case.case_id, TalkPlanned(BEGAN.date()), SUPERVISOR, key="k-3")
    again = cases.act(case.case_id, MessageSent("per brief"), EMPLOYEE, key="k-2")
    assert (again.case.state, again.refused) == (State.PLANNED, None)
    assert tags(house, case) == ["covert:registered", "covert:message-sent", "covert:talk-planned"]
    assert acted.case.state is State.TOLD


def test_a_key_names_one_thing_of_one_person(house: House) -> None:
    cases = house.wiring.cases
    case = cases.open(COVERT, "example", EMPLOYEE, key="k-1")
    other = cases.open(COVERT, "example", SUPERVISOR, key="k-1")
    assert other.case_id != case.case_id
    cases.act(case.case_id, MessageSent("per brief"), EMPLOYEE, key="k-1")
    with pytest.raises(KeyUsedBefore):
        cases.act(case.case_id, Delivered("per post"), EMPLOYEE, key="k-1")
    with pytest.raises(KeyUsedBefore):
        cases.open(AT_COUNTER, "example", EMPLOYEE, key="k-1")


def test_two_who_act_at_once_act_in_turn(house: House) -> None:
    case = house.wiring.cases.open(COVERT, "example", EMPLOYEE)
    house.wiring.cases.act(case.case_id, MessageSent("per brief"), EMPLOYEE)
    days = [BEGAN.date() + timedelta(days=n) for n in range(8)]
    with ThreadPoolExecutor(8) as many:
        list(many.map(lambda day: house.wiring.cases.act(case.case_id, TalkPlanned(day), SUPERVISOR), days))
    assert house.wiring.cases.get(case.case_id).case.version == 9
    assert tags(house, case).count("covert:talk-planned") == 8


def test_one_key_from_many_sides_at_once_counts_once(house: House) -> None:
    with ThreadPoolExecutor(8) as many:
        opened = list(many.map(lambda _: house.wiring.cases.open(COVERT, "example", EMPLOYEE, key="k"), range(8)))
    assert len({case.case_id for case in opened}) == 1
    assert tags(house, opened[0]) == ["covert:registered"]


def test_lists_by_kind_state_and_what_is_overdue(house: House) -> None:
    cases = house.wiring.cases
    covert = cases.open(COVERT, "example", EMPLOYEE)
    complaint = cases.open(COMPLAINT, "example", EMPLOYEE)
    assert cases.list(Sight(("ind",))) == []
    assert cases.list(Sight(("example",)), kind=Kind.COMPLAINT) == [complaint]
    assert cases.list(None, state=State.REGISTERED) == [covert]
    house.clock.pass_s(20 * DAY_S)
    assert cases.list(None, overdue=True) == [complaint]
    house.clock.pass_s(20 * DAY_S)
    assert {case.kind for case in cases.list(None, overdue=True)} == {Kind.COVERT, Kind.COMPLAINT}


def test_a_refused_request_at_the_counter_opens_its_promise(house: House) -> None:
    cases = house.wiring.cases
    case = cases.open(AT_COUNTER, "example", EMPLOYEE)
    cases.act(case.case_id, RequestRefused("privacy", "verslag"), EMPLOYEE)
    promise = cases.list(None, kind=Kind.REFUSAL)[0]
    assert (promise.from_case, promise.call_id, promise.owner) == (case.case_id, None, Who.EMPLOYEE)
    assert promise.due_at == BEGAN + timedelta(days=10)
    assert history(house, promise)[0].facts["from_case"] == case.case_id
    assert cases.act(promise.case_id, Delivered("per post"), EMPLOYEE).case.state is State.DELIVERED


def test_a_case_keeps_the_profile_that_it_was_opened_under(house: House) -> None:
    case = house.wiring.cases.open(COVERT, "example", EMPLOYEE)
    policy = policy_of(house)
    changed = replace(policy, digest="another", covert=replace(policy.covert, talk_days=1))
    with house.wiring.database.reading() as unit:
        assert unit.policies.find(case.policy_digest) == policy.document
    house.wiring.agencies.policies.by_slug["example"] = changed  # type: ignore[index]
    told = house.wiring.cases.act(case.case_id, MessageSent("per brief"), EMPLOYEE).case
    assert told.policy_digest == policy.digest


# ---------------------------------------------------------------- listening for a complaint


def listening(house: House, *before: Act) -> Case:
    house.together()
    cases = house.wiring.cases
    case = cases.open(COMPLAINT, "example", EMPLOYEE, call_id=house.call.call_id)
    acts = (ListeningNeeded("de lezingen verschillen"), EmployeeAnswered(objects=False), *before)
    for act in acts:
        cases.act(case.case_id, act, COMMITTEE)
    grant = Granted(("c.visser",), BEGAN + timedelta(days=5), "nodig")
    return cases.act(case.case_id, grant, COMMITTEE).case


def test_every_playback_and_every_vain_attempt_is_in_the_log(house: House) -> None:
    case = listening(house)
    cases = house.wiring.cases
    assert cases.act(case.case_id, Played(), COMMITTEE).refused is None
    assert cases.act(case.case_id, Played(), EMPLOYEE).refused is not None
    house.clock.pass_s(5 * DAY_S)
    late = cases.act(case.case_id, Played(), COMMITTEE, key="visit")
    assert late.refused == cases.act(case.case_id, Played(), COMMITTEE, key="visit").refused
    assert tags(house, case)[-3:] == [
        "complaint:played",
        "complaint:playback-refused",
        "complaint:playback-refused",
    ]


# ---------------------------------------------------------------- what a call opens


def test_an_objection_opens_its_promise_once_and_taking_it_back_lets_it_lapse(house: House) -> None:
    house.together()
    call_id, policy = house.call.call_id, policy_of(house)
    with house.wiring.database.transaction() as unit:
        first = open_refusal(unit, policy, call_id, "verslag", BEGAN)
        assert open_refusal(unit, policy, call_id, "verslag", BEGAN) == first
        lapse_refusal(unit, policy, call_id, BEGAN)
        lapse_refusal(unit, policy, call_id, BEGAN)
        second = open_refusal(unit, policy, call_id, "nieuwe-afspraak", BEGAN)
    assert second != first
    assert house.tags[-3:] == ["refusal:promised", "refusal:lapsed", "refusal:promised"]
    states = [case.state for case in house.wiring.cases.list(None, kind=Kind.REFUSAL)]
    assert sorted(states) == [State.LAPSED, State.PROMISED]


@pytest.mark.parametrize("alternative", ["meeluisteren", "no-such-code"])
def test_an_alternative_that_is_kept_on_the_call_opens_nothing(house: House, alternative: str) -> None:
    house.together()
    with house.wiring.database.transaction() as unit:
        assert open_refusal(unit, policy_of(house), house.call.call_id, alternative, BEGAN) is None
        lapse_refusal(unit, policy_of(house), house.call.call_id, BEGAN)
    assert house.wiring.cases.list(None) == []


def test_copies_and_training_are_asked_once_and_only_where_the_profile_does(house: House) -> None:
    house.together()
    call_id, policy = house.call.call_id, policy_of(house)
    asking = replace(policy, copy=replace(policy.copy, ask_theirs=True), training=True)
    with house.wiring.database.transaction() as unit:
        assert open_citizen_copy(unit, policy, call_id, BEGAN) is None
        assert open_training(unit, policy, call_id, BEGAN, True) is None
        asked = open_citizen_copy(unit, asking, call_id, BEGAN)
        training = open_training(unit, asking, call_id, BEGAN, True)
        assert open_citizen_copy(unit, asking, call_id, BEGAN) == asked
        assert open_training(unit, asking, call_id, BEGAN, False) == training
    assert house.tags[-2:] == ["citizen-copy:asked", "training:opened"]
    assert training is not None
    agreed = house.wiring.cases.act(training, TrainingAnswered(Party.EMPLOYEE, True), EMPLOYEE).case
    assert (agreed.state, agreed.about) == (State.AGREED, Training(caller=True, employee=True))


OPENINGS: list[Opening] = [COVERT, COMPLAINT, AT_COUNTER]


@pytest.mark.parametrize("opening", OPENINGS)
def test_a_case_that_cannot_be_written_whole_is_not_written(house: House, opening: Opening) -> None:
    """A text that the log cannot keep comes after the case's row: both are gone."""
    unkept = Actor("half \ud800 a pair", Who.EMPLOYEE)
    with pytest.raises(ValueError, match="surrogates"):
        house.wiring.cases.open(opening, "example", unkept)
    assert house.wiring.cases.list(None) == []
