"""Destruction: on its day, proven, and said in the log."""

from pathlib import Path

import pytest

from config.policy import AgencyPolicy
from config.policy_file import parse_policy
from config.settings import SHIPPED_POLICIES
from ivr.calls.jobs import JobKind
from ivr.cases.acts import Closed as CaseClosed
from ivr.cases.acts import CopyReceived, CovertRecordingRegistered, MessageSent, RequestAllowed, RequestRegistered
from ivr.cases.case import Case, Kind, State, Who
from ivr.cases.opening import open_citizen_copy, open_training
from ivr.cases.service import Actor
from ivr.jobs.apply_retention import Due
from storage.consent_log.export import verify_log
from storage.errors import ObjectMissing
from storage.records import RecordingRow
from tests.builders import BEGAN, CALLER, House, wav_of
from tests.fakes import RECORDING_SID

DAY_S = 86_400
NOTHING = Due([], [], [], [], [])
EMPLOYEE = Actor("m.jansen", Who.EMPLOYEE)


@pytest.fixture
def kept(house: House) -> RecordingRow:
    house.stopped(5)
    house.carrier.files[RECORDING_SID] = wav_of(5)
    house.recording("completed", RECORDING_SID)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    call_id = house.call.call_id
    with house.wiring.database.transaction() as unit:
        row = unit.recordings.find_for_call(call_id)
    assert row is not None
    return row


def test_nothing_goes_before_its_day(house: House, kept: RecordingRow) -> None:
    house.clock.pass_s(30 * DAY_S - 1)
    assert house.wiring.retention.list_due() == NOTHING
    assert house.wiring.retention.destroy_due() == NOTHING


def test_on_its_day_it_is_gone_and_the_log_says_so(house: House, kept: RecordingRow) -> None:
    house.clock.pass_s(30 * DAY_S)
    assert house.wiring.retention.list_due().recordings == [kept]
    assert house.wiring.retention.destroy_due().recordings == [kept]
    with pytest.raises(ObjectMissing):
        house.wiring.store.open(kept.object_key)
    assert house.entry("recording:destroyed").facts["digest"] == kept.digest
    assert house.wiring.retention.destroy_due() == NOTHING


def test_a_run_that_was_cut_off_after_the_file_goes_on(house: House, kept: RecordingRow) -> None:
    house.clock.pass_s(30 * DAY_S)
    house.wiring.store.destroy(kept.object_key)
    assert house.wiring.retention.destroy_due().recordings == [kept]
    assert house.tags.count("recording:destroyed") == 1


def test_callbacks_of_long_ago_are_forgotten(house: House) -> None:
    def is_new() -> bool:
        with house.wiring.database.transaction() as unit:
            return unit.inbox.take("an event", house.clock.now())

    assert is_new()
    house.wiring.retention.keep()
    assert not is_new()
    house.clock.pass_s(3 * DAY_S)
    house.wiring.retention.keep()
    assert is_new()


# ---------------------------------------------------------------- callers' numbers


def number(house: House) -> str | None:
    call_id = house.call.call_id
    with house.wiring.database.reading() as unit:
        return unit.calls.find_caller_number(call_id)


def test_the_callers_number_goes_on_its_day_after_the_call(house: House) -> None:
    house.stopped(5)
    house.clock.pass_s(60 * DAY_S - 1)
    assert house.wiring.retention.destroy_due().numbers == []
    assert number(house) == CALLER
    house.clock.pass_s(1)
    assert house.wiring.retention.list_due().numbers == [house.call]
    house.wiring.retention.destroy_due()
    house.wiring.retention.destroy_due()
    assert number(house) is None
    assert house.tags.count("number:destroyed") == 1


def test_a_call_that_goes_on_keeps_its_number(house: House) -> None:
    house.together()
    house.clock.pass_s(100 * DAY_S)
    assert house.wiring.retention.destroy_due() == NOTHING
    assert number(house) == CALLER


# ---------------------------------------------------------------- the log's own period


LOG_DAYS = 1826


def personal_values(house: House) -> int:
    call_id = house.call.call_id
    with house.wiring.database.reading() as unit:
        return sum(len(entry.personal) for entry in unit.log.list_call(call_id))


def test_when_the_logs_period_is_over_everything_personal_goes_and_the_entries_stay(house: House) -> None:
    house.stopped(5)
    call = house.call
    house.wiring.notes.write(call.call_id, "m.jansen", "de beller klonk moe", "note-1")
    assert personal_values(house)
    tags = house.tags
    house.clock.pass_s(LOG_DAYS * DAY_S - 1)
    house.wiring.retention.destroy_due()
    assert personal_values(house)
    house.clock.pass_s(1)
    assert [due.call_id for due in house.wiring.retention.list_due().calls] == [call.call_id]
    assert [gone.call_id for gone in house.wiring.retention.destroy_due().calls] == [call.call_id]
    assert personal_values(house) == 0
    assert house.tags[: len(tags)] == tags
    facts = house.entry("personal:erased").facts
    assert (facts["ground"], facts["notes"], facts["agency"]) == ("retention period over", 1, "example")
    with house.wiring.database.reading() as unit:
        assert unit.notes.list_call(call.call_id) == []
    assert verify_log(house.wiring.database, house.wiring.log_keys).whole
    assert house.wiring.retention.destroy_due() == NOTHING
    assert house.tags.count("personal:erased") == 1


def test_a_call_that_goes_on_is_not_forgotten(house: House) -> None:
    house.together()
    house.clock.pass_s(2 * LOG_DAYS * DAY_S)
    assert house.wiring.retention.destroy_due().calls == []
    assert house.call.forgotten_at is None


def test_what_is_held_is_not_forgotten(house: House) -> None:
    house.stopped(5)
    call_id = house.call.call_id
    house.wiring.holds.place(call_id, "bezwaar bij de rechter", "f.dekker")
    house.clock.pass_s(LOG_DAYS * DAY_S)
    due = house.wiring.retention.destroy_due()
    assert due.calls == []
    assert [call.call_id for call in due.held.calls] == [call_id]
    assert personal_values(house)


def test_the_values_of_an_open_case_stay_with_its_file(house: House) -> None:
    house.stopped(5)
    opened = CovertRecordingRegistered("vertelde het zelf", published=False)
    house.wiring.cases.open(opened, "example", EMPLOYEE, call_id=house.call.call_id)
    house.clock.pass_s(LOG_DAYS * DAY_S)
    house.wiring.retention.destroy_due()
    call_id = house.call.call_id
    with house.wiring.database.reading() as unit:
        with_values = [entry for entry in unit.log.list_call(call_id) if entry.personal]
    assert with_values
    assert all("case" in entry.facts for entry in with_values)


# ---------------------------------------------------------------- case files


def closed_case(house: House) -> Case:
    cases = house.wiring.cases
    case = cases.open(RequestRegistered("balie", BEGAN, "gewoon", False, "had haast"), "example", EMPLOYEE)
    cases.act(case.case_id, RequestAllowed(), EMPLOYEE)
    return cases.act(case.case_id, CaseClosed("opgenomen"), EMPLOYEE).case


def test_a_closed_case_goes_on_its_day_and_its_entries_stay_without_personal_values(house: House) -> None:
    case = closed_case(house)
    open_one = house.wiring.cases.open(CovertRecordingRegistered("zei het", published=False), "example", EMPLOYEE)
    house.clock.pass_s(1826 * DAY_S - 1)
    assert house.wiring.retention.list_due().cases == []
    house.clock.pass_s(1)
    assert [one.case_id for one in house.wiring.retention.destroy_due().cases] == [case.case_id]
    assert house.wiring.cases.list(None) == [open_one]
    with house.wiring.database.reading() as unit:
        entries = unit.log.list_call(case.case_id)
        others = unit.log.list_call(open_one.case_id)
    assert [entry.tag for entry in entries][-2:] == ["channel-request:closed", "case:destroyed"]
    assert not any(entry.personal for entry in entries)
    assert all(entry.personal for entry in others)
    assert verify_log(house.wiring.database, house.wiring.log_keys, []).whole
    assert house.wiring.retention.destroy_due().cases == []


def test_of_a_call_only_what_belongs_to_the_case_is_erased(tmp_path: Path, sqlite_url: str) -> None:
    """Where the log is kept for longer than case files."""
    profile = (SHIPPED_POLICIES / "example.toml").read_text(encoding="utf-8")
    profiles = tmp_path / "profiles"
    profiles.mkdir()
    (profiles / "example.toml").write_text(profile.replace("log_days = 1826", "log_days = 3650"), encoding="utf-8")
    house = House(tmp_path, sqlite_url, profiles=profiles)
    house.stopped(5)
    cases, call_id = house.wiring.cases, house.call.call_id
    case = cases.open(CovertRecordingRegistered("zei het", published=False), "example", EMPLOYEE, call_id=call_id)
    cases.act(case.case_id, MessageSent("per brief"), EMPLOYEE)
    cases.act(case.case_id, CaseClosed("uitgepraat"), Actor("l.smit", Who.SUPERVISOR))
    house.clock.pass_s(1826 * DAY_S)
    house.wiring.retention.destroy_due()
    assert house.entry("request:heard").personal
    assert not house.entry("covert:message-sent").personal
    house.close()


# ---------------------------------------------------------------- copies of citizens, and training


def asking(house: House) -> AgencyPolicy:
    """The profile of a house that asks for copies and for training."""
    policy = house.wiring.agencies.now("example")
    document = policy.document.replace("ask_theirs = false", "ask_theirs = true")
    return parse_policy(document.replace("training = false", "training = true"), "example")


def test_a_copy_that_nobody_gave_is_no_longer_waited_for(house: House) -> None:
    house.stopped(5)
    with house.wiring.database.transaction() as unit:
        case_id = open_citizen_copy(unit, asking(house), house.call.call_id, BEGAN)
    assert case_id is not None
    house.clock.pass_s(13 * DAY_S)
    house.wiring.retention.keep()
    assert house.wiring.cases.get(case_id).case.state is State.ASKED
    house.clock.pass_s(1 * DAY_S)
    house.wiring.retention.keep()
    house.wiring.retention.keep()
    assert house.wiring.cases.get(case_id).case.state is State.LAPSED
    assert house.tags.count("citizen-copy:lapsed") == 1


def test_a_citizens_copy_whose_term_is_over_is_shown_until_people_destroyed_it(house: House) -> None:
    house.stopped(5)
    with house.wiring.database.transaction() as unit:
        case_id = open_citizen_copy(unit, asking(house), house.call.call_id, BEGAN)
    assert case_id is not None
    house.wiring.cases.act(case_id, CopyReceived("a" * 64, 5), EMPLOYEE)
    house.clock.pass_s(90 * DAY_S)
    house.wiring.retention.keep()
    assert [case.case_id for case in house.wiring.retention.list_due().citizen_copies] == [case_id]


def test_nobody_can_learn_from_a_recording_that_is_gone(house: House, kept: RecordingRow) -> None:
    with house.wiring.database.transaction() as unit:
        training = open_training(unit, asking(house), house.call.call_id, BEGAN, caller_agreed=True)
    assert training is not None
    house.clock.pass_s(30 * DAY_S)
    house.wiring.retention.destroy_due()
    assert house.wiring.cases.list(None, kind=Kind.TRAINING)[0].state is State.LAPSED
