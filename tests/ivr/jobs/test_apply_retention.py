"""Destruction: on its day, proven, and said in the log."""

import pytest

from ivr.calls.jobs import JobKind
from storage.errors import ObjectMissing
from storage.records import RecordingRow
from tests.builders import House, wav_of
from tests.fakes import RECORDING_SID

DAY_S = 86_400


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
    assert house.wiring.retention.list_due() == []
    assert house.wiring.retention.destroy_due() == 0


def test_on_its_day_it_is_gone_and_the_log_says_so(house: House, kept: RecordingRow) -> None:
    house.clock.pass_s(30 * DAY_S)
    assert house.wiring.retention.list_due() == [kept]
    assert house.wiring.retention.destroy_due() == 1
    with pytest.raises(ObjectMissing):
        house.wiring.store.open(kept.object_key)
    assert house.entry("recording:destroyed").facts["digest"] == kept.digest
    assert house.wiring.retention.destroy_due() == 0


def test_a_run_that_was_cut_off_after_the_file_goes_on(house: House, kept: RecordingRow) -> None:
    house.clock.pass_s(30 * DAY_S)
    house.wiring.store.destroy(kept.object_key)
    assert house.wiring.retention.destroy_due() == 1
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
