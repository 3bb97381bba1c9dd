"""What callers handed in goes when its time is over, and really."""

from dataclasses import replace

import pytest

from ivr.calls.jobs import JobKind
from ivr.cases.acts import CopyCompared, CopyDestroyed, CopyKept
from ivr.cases.case import State, Who
from ivr.cases.service import Actor
from ivr.records.data_subject import Kind
from storage.consent_log.export import verify_log
from tests.builders import House, wav_of
from tests.ivr.cases.playing import COMPARISON
from tests.ivr.uploads.asking import PAGE, Sender, case_record, objects, uploads

pytestmark = pytest.mark.asked

DAY_S = 86_400
SUPERVISOR = Actor("l.smit", Who.SUPERVISOR)
SOUND = wav_of(2)


@pytest.fixture
def kept(house: House) -> House:
    Sender(house).send(SOUND)
    house.run_jobs(JobKind.CHECK_UPLOAD)
    return house


def copy_days(house: House) -> int:
    return house.wiring.agencies.now("example").retention.citizen_copy_days


def test_the_file_of_a_copy_goes_on_its_day_and_the_case_says_so(kept: House) -> None:
    kept.clock.pass_s(copy_days(kept) * DAY_S - 1)
    kept.wiring.retention.keep()
    assert len(objects(kept)) == 1
    kept.clock.pass_s(1)
    assert kept.wiring.retention.destroy_due().citizen_copies == []
    assert objects(kept) == []
    assert case_record(kept).state == State.DESTROYED
    assert uploads(kept)[0].state == "destroyed"
    assert kept.entry("citizen-copy:destroyed").facts["role"] == "systeem"
    kept.wiring.retention.keep()
    assert kept.tags.count("citizen-copy:destroyed") == 1
    assert verify_log(kept.wiring.database, kept.wiring.log_keys, []).whole


def test_a_copy_that_was_kept_for_a_reason_goes_on_its_day_too(kept: House) -> None:
    case_id = case_record(kept).case_id
    for act in (CopyCompared(COMPARISON), CopyKept("bewijs")):
        kept.wiring.cases.act(case_id, act, SUPERVISOR)
    kept.clock.pass_s(copy_days(kept) * DAY_S)
    kept.wiring.retention.keep()
    assert case_record(kept).state == State.DESTROYED
    assert objects(kept) == []


def test_who_says_that_a_copy_is_gone_is_right(kept: House) -> None:
    kept.wiring.cases.act(case_record(kept).case_id, CopyDestroyed(), SUPERVISOR)
    kept.wiring.retention.keep()
    assert objects(kept) == []
    assert uploads(kept)[0].state == "destroyed"


def test_an_unfinished_file_goes_after_a_day(house: House) -> None:
    sender = Sender(house)
    address = sender.begin(1000).location
    sender.piece(address, 0, bytes(500))
    house.clock.pass_s(DAY_S - 1)
    house.wiring.retention.keep()
    assert len(objects(house)) == 1
    house.clock.pass_s(1)
    house.wiring.retention.keep()
    assert objects(house) == []
    assert uploads(house)[0].state == "refused"
    assert Sender(house).piece(address, 500, bytes(500)).status_code == 410
    assert "niet afgemaakt" in Sender(house).client.get(PAGE).text


def test_a_crash_between_file_and_case_is_made_good(kept: House) -> None:
    [row] = uploads(kept)
    assert row.object_key is not None
    kept.wiring.store.destroy(row.object_key)
    with kept.wiring.database.transaction() as unit:
        unit.uploads.save(replace(row, state="destroyed"), was="kept")
    kept.clock.pass_s(copy_days(kept) * DAY_S)
    kept.wiring.retention.keep()
    assert case_record(kept).state == State.DESTROYED


def test_a_legal_hold_keeps_the_file_and_its_end_lets_it_go(kept: House) -> None:
    call_id, holds = kept.call.call_id, kept.wiring.holds
    holds.place(call_id, "rechtszaak", "l.smit")
    kept.clock.pass_s(copy_days(kept) * DAY_S)
    kept.wiring.retention.keep()
    assert len(objects(kept)) == 1
    assert case_record(kept).state == State.RECEIVED
    kept.wiring.cases.act(case_record(kept).case_id, CopyDestroyed(), SUPERVISOR)
    kept.wiring.retention.keep()
    assert len(objects(kept)) == 1
    holds.ask_release(call_id, "uitspraak", "l.smit")
    holds.release(call_id, "p.groen")
    kept.wiring.retention.keep()
    assert objects(kept) == []


@pytest.mark.parametrize("recordings", [True, False])
def test_who_asks_to_be_erased_gets_the_file_they_gave_destroyed_where_recordings_go_too(
    kept: House, recordings: bool
) -> None:
    subjects, call_id = kept.wiring.data_subjects, kept.call.call_id
    request = subjects.register("example", Kind.ERASURE, [call_id], "belde terug", kept.clock.now(), "p.groen")
    subjects.erase(request, "niet meer nodig", "p.groen", "privacyfunctionaris", recordings=recordings)
    subjects.erase(request, "niet meer nodig", "p.groen", "privacyfunctionaris", recordings=recordings)
    assert [row.state for row in uploads(kept)] == (["destroyed"] if recordings else ["kept"])
    assert ("citizen-copy:destroyed" in kept.tags) is recordings
    assert not recordings or objects(kept) == []
    assert verify_log(kept.wiring.database, kept.wiring.log_keys).whole
    assert kept.wiring.record_checker.check() == []
