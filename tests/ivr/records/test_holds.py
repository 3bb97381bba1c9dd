"""Legal holds: nothing that is held is destroyed, and it takes two people to release it."""

import pytest

from ivr.calls.jobs import JobKind
from ivr.cases.acts import Closed as CaseClosed
from ivr.cases.acts import ComplaintReceived, CovertRecordingRegistered, JudgedWithoutListening, MessageSent
from ivr.cases.case import Who
from ivr.cases.service import Actor
from ivr.records.holds import HoldRefused, HoldService, Problem, is_held
from storage.consent_log.export import verify_log
from storage.errors import UnknownCall
from storage.records import RecordingRow
from tests.builders import CALLER, House, wav_of
from tests.fakes import RECORDING_SID

DAY_S = 86_400
YEARS_S = 1826 * DAY_S


@pytest.fixture
def holds(house: House) -> HoldService:
    return house.wiring.holds


@pytest.fixture
def kept(house: House) -> RecordingRow:
    """A call of which everything is kept: sound, number, and a closed case."""
    house.stopped(5)
    house.carrier.files[RECORDING_SID] = wav_of(5)
    house.recording("completed", RECORDING_SID)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    cases, call_id = house.wiring.cases, house.call.call_id
    employee = Actor("m.jansen", Who.EMPLOYEE)
    case = cases.open(CovertRecordingRegistered("zei het", published=False), "example", employee, call_id=call_id)
    cases.act(case.case_id, MessageSent("per brief"), employee)
    cases.act(case.case_id, CaseClosed("uitgepraat"), Actor("l.smit", Who.SUPERVISOR))
    with house.wiring.database.reading() as unit:
        row = unit.recordings.find_for_call(call_id)
    assert row is not None
    return row


def problem(refused: pytest.ExceptionInfo[HoldRefused]) -> Problem:
    return refused.value.problem


def test_what_is_held_stays_and_goes_once_two_people_released_it(
    house: House, holds: HoldService, kept: RecordingRow
) -> None:
    call_id = kept.call_id
    holds.place(call_id, "rechtszaak", "l.smit")
    house.clock.pass_s(YEARS_S)
    due = house.wiring.retention.list_due()
    assert (list(due.recordings), list(due.numbers), list(due.cases)) == ([], [], [])
    assert [row.recording_id for row in due.held.recordings] == [kept.recording_id]
    assert [call.call_id for call in due.held.numbers] == [call_id]
    assert [case.call_id for case in due.held.cases] == [call_id]
    house.wiring.retention.destroy_due()
    house.wiring.store.open(kept.object_key).close()
    with house.wiring.database.reading() as unit:
        assert unit.calls.find_caller_number(call_id) == CALLER
    assert house.entry("covert:message-sent").personal

    holds.ask_release(call_id, "uitspraak gedaan", "l.smit")
    house.wiring.retention.destroy_due()
    assert "recording:destroyed" not in house.tags
    holds.release(call_id, "p.groen")
    done = house.wiring.retention.destroy_due()
    assert (len(done.recordings), len(done.numbers), len(done.cases)) == (1, 1, 1)
    assert house.tags.count("recording:destroyed") == 1
    assert not house.entry("covert:message-sent").personal
    assert verify_log(house.wiring.database, house.wiring.log_keys).whole


def test_each_step_is_logged_with_names_and_reasons_beside_the_log(house: House, holds: HoldService) -> None:
    house.stopped(5)
    call_id = house.call.call_id
    placed = holds.place(call_id, "  klacht \n", "l.smit")
    holds.ask_release(call_id, "klaar", "l.smit")
    holds.refuse_release(call_id, "p.groen")
    holds.ask_release(call_id, "nu echt klaar", "p.groen")
    holds.release(call_id, "l.smit")
    own = [entry for entry in house.entries if entry.tag.startswith("legal-hold:")]
    assert [(entry.tag.split(":")[1], dict(entry.personal)) for entry in own] == [
        ("placed", {"by": "l.smit", "reason": "klacht"}),
        ("release-asked", {"by": "l.smit", "reason": "klaar"}),
        ("release-refused", {"by": "p.groen"}),
        ("release-asked", {"by": "p.groen", "reason": "nu echt klaar"}),
        ("released", {"by": "l.smit"}),
    ]
    assert {str(dict(entry.facts)) for entry in own} == {str({"agency": "example", "hold": placed.hold_id})}
    found = holds.of_call(call_id)
    assert found.active is None
    assert [(one.release_asked_by, one.released_by) for one in found.earlier] == [("p.groen", "l.smit")]


def test_who_asked_cannot_confirm(house: House, holds: HoldService) -> None:
    house.stopped(5)
    call_id = house.call.call_id
    holds.place(call_id, "klacht", "p.groen")
    with pytest.raises(HoldRefused) as refused:
        holds.release(call_id, "l.smit")
    assert problem(refused) is Problem.NOT_ASKED
    holds.ask_release(call_id, "klaar", "l.smit")
    with pytest.raises(HoldRefused) as refused:
        holds.release(call_id, "l.smit")
    assert problem(refused) is Problem.SAME_PERSON
    with pytest.raises(HoldRefused) as refused:
        holds.ask_release(call_id, "ik ook", "p.groen")
    assert problem(refused) is Problem.ASKED_ALREADY
    assert holds.of_call(call_id).active is not None
    assert house.tags.count("legal-hold:release-asked") == 1


@pytest.mark.parametrize(
    ("reason", "expected"),
    [("", Problem.NO_REASON), (" \n", Problem.NO_REASON), ("x" * 1001, Problem.LONG_REASON)],
)
def test_a_hold_has_a_reason(house: House, holds: HoldService, reason: str, expected: Problem) -> None:
    house.stopped(5)
    with pytest.raises(HoldRefused) as refused:
        holds.place(house.call.call_id, reason, "l.smit")
    assert problem(refused) is expected
    assert holds.of_call(house.call.call_id).active is None


def test_one_hold_at_a_time_and_only_on_a_call_that_is_there(house: House, holds: HoldService) -> None:
    house.stopped(5)
    call_id = house.call.call_id
    holds.place(call_id, "klacht", "l.smit")
    with pytest.raises(HoldRefused) as refused:
        holds.place(call_id, "nog een", "p.groen")
    assert problem(refused) is Problem.HELD_ALREADY
    with pytest.raises(UnknownCall):
        holds.place("nothing", "klacht", "l.smit")
    for act in (holds.ask_release, holds.place):
        with pytest.raises((HoldRefused, UnknownCall)):
            act("nothing", "klacht", "l.smit")
    assert [hold.call_id for hold in holds.list_active(["example"])] == [call_id]
    assert holds.list_active(["ind"]) == []


def test_a_hold_that_comes_after_the_list_was_made_still_wins(house: House, kept: RecordingRow) -> None:
    """Whoever destroys asks once more, in the same transaction."""
    house.clock.pass_s(YEARS_S)
    keeper = house.wiring.retention
    due = keeper.list_due()
    house.wiring.holds.place(kept.call_id, "net op tijd", "l.smit")
    for row in due.recordings:
        keeper._destroy(row)
    for call in due.numbers:
        keeper._forget_number(call)
    for case in due.cases:
        keeper._destroy_case(case)
    house.wiring.store.open(kept.object_key).close()
    assert not {"recording:destroyed", "number:destroyed", "case:destroyed"} & set(house.tags)
    with house.wiring.database.transaction() as unit:
        assert is_held(unit, kept.call_id)


# ---------------------------------------------------------------- complaints


COMMITTEE = Actor("k.visser", Who.COMMITTEE)


def complained(house: House) -> str:
    """A complaint about the call; gives the case's id."""
    opened = ComplaintReceived("de medewerker weigerde")
    case = house.wiring.cases.open(opened, "example", COMMITTEE, call_id=house.call.call_id)
    return case.case_id


def test_while_a_complaint_is_open_nothing_of_its_call_is_destroyed(house: House, kept: RecordingRow) -> None:
    """Even where it takes longer than the recording is kept."""
    complained(house)
    house.clock.pass_s(YEARS_S)
    due = house.wiring.retention.destroy_due()
    assert list(due.recordings) == []
    assert [row.recording_id for row in due.held.recordings] == [kept.recording_id]
    house.wiring.store.open(kept.object_key).close()


def test_when_the_complaint_ends_a_person_confirms_that_the_hold_does(
    house: House, holds: HoldService, kept: RecordingRow
) -> None:
    case_id = complained(house)
    with pytest.raises(HoldRefused) as refused:
        holds.ask_release(kept.call_id, "klaar", "l.smit")
    assert problem(refused) is Problem.NEEDED
    house.wiring.cases.act(case_id, JudgedWithoutListening("gegrond"), COMMITTEE)
    hold = holds.of_call(kept.call_id).active
    assert hold is not None
    assert (hold.placed_by, hold.release_asked_by) == ("spelregel", "spelregel")
    holds.release(kept.call_id, "l.smit")
    house.clock.pass_s(YEARS_S)
    assert [row.recording_id for row in house.wiring.retention.destroy_due().recordings] == [kept.recording_id]


def test_a_hold_by_a_person_is_not_ended_by_a_case(house: House, holds: HoldService, kept: RecordingRow) -> None:
    holds.place(kept.call_id, "rechtszaak", "l.smit")
    house.wiring.cases.act(complained(house), JudgedWithoutListening("gegrond"), COMMITTEE)
    hold = holds.of_call(kept.call_id).active
    assert hold is not None
    assert (hold.placed_by, hold.release_asked_by) == ("l.smit", None)


def test_of_two_complaints_the_last_one_to_end_counts(house: House, holds: HoldService, kept: RecordingRow) -> None:
    first, second = complained(house), complained(house)
    house.wiring.cases.act(first, JudgedWithoutListening("gegrond"), COMMITTEE)
    hold = holds.of_call(kept.call_id).active
    assert hold is not None
    assert hold.release_asked_by is None
    house.wiring.cases.act(second, JudgedWithoutListening("ongegrond"), COMMITTEE)
    hold = holds.of_call(kept.call_id).active
    assert hold is not None
    assert hold.release_asked_by == "spelregel"
