"""The recording's way home: fetched, read back, kept, and only then deleted at the carrier, whatever comes between."""

import wave
from collections.abc import Callable
from datetime import timedelta

import pytest

from ivr.calls.jobs import JobKind
from ivr.dialogue.events import Heard
from ivr.dialogue.states import AgencyRecording
from ivr.errors import CarrierBusy, CarrierRefused
from ivr.jobs.collect_recording import GIVE_UP_AFTER
from storage.recordings.keys import recording_key
from storage.records import RecordingRow
from tests.builders import House, wav_of
from tests.fakes import RECORDING_SID, Asked

LENGTH_S = 20.0


@pytest.fixture
def done(house: House) -> House:
    """A call that was recorded for 20 seconds and is over; the carrier has its file."""
    house.stopped(LENGTH_S)
    house.carrier.files[RECORDING_SID] = wav_of(LENGTH_S)
    house.carrier.take()
    return house


def collect(house: House) -> list[str]:
    """The carrier said that the recording is complete; gives what it was asked then."""
    house.recording("completed", RECORDING_SID)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    return [asked.verb for asked in house.carrier.take()]


def retry(house: House) -> list[str]:
    house.clock.pass_s(1000)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    return [asked.verb for asked in house.carrier.take()]


def row_of(house: House) -> RecordingRow | None:
    call_id = house.call.call_id
    with house.wiring.database.transaction() as unit:
        return unit.recordings.find_for_call(call_id)


def test_a_whole_recording_is_kept_and_then_deleted_at_the_carrier(done: House) -> None:
    assert collect(done) == ["download_recording", "delete_recording"]
    row = row_of(done)
    assert row is not None
    assert (row.outcome, row.channels, row.samples, row.completeness) == ("ok", 2, 160_000, 1.0)
    assert done.tags[-2:] == ["recording:stored", "recording:carrier-deleted"]
    assert done.entry("recording:stored").facts["digest"] == row.digest
    assert done.dialogue.agency_recording is AgencyRecording.STORED
    with done.wiring.store.open(row.object_key) as stored, wave.open(stored) as wav:
        assert wav.getnframes() == 160_000
    assert done.waiting()["parked"] == 0


def test_nothing_is_deleted_before_it_was_read_back(done: House) -> None:
    """When the carrier is asked to delete, digest and row are durable and the stored bytes have that digest."""
    kept: list[RecordingRow | None] = []

    def look(asked: Asked) -> None:
        if asked.verb == "delete_recording":
            kept.append(row_of(done))

    done.carrier.watch = look
    collect(done)
    assert kept == [row_of(done)]
    assert kept[0] is not None
    assert done.wiring.store.size_bytes(kept[0].object_key) == kept[0].size_bytes


@pytest.mark.parametrize(
    ("sound", "channels", "share"),
    [
        (wav_of(LENGTH_S, channels=1), 1, 1.0),
        (wav_of(LENGTH_S / 2), 2, 0.5),
        (wav_of(LENGTH_S - 1.6), 2, 0.92),
        (wav_of(LENGTH_S + 10), 2, 1.0),
    ],
)
def test_a_recording_that_lacks_something_is_kept_as_degraded(
    done: House, sound: bytes, channels: int, share: float
) -> None:
    done.carrier.files[RECORDING_SID] = sound
    assert "delete_recording" in collect(done)
    row = row_of(done)
    assert row is not None
    assert (row.outcome, row.channels) == ("degraded", channels)
    assert row.completeness == pytest.approx(share)
    assert done.entry("recording:degraded").facts["completeness"] == f"{row.completeness:.4f}"
    assert done.dialogue.agency_recording is AgencyRecording.DEGRADED


def test_a_call_that_ended_unnoticed_did_not_last_until_it_was_noticed(done: House) -> None:
    """After a crash the end is logged when it is found; the carrier knows when it was."""
    done.carrier.files[RECORDING_SID] = wav_of(LENGTH_S / 2)
    done.carrier.ended_at = done.entry("recording:started").occurred_at + timedelta(seconds=LENGTH_S / 2)
    collect(done)
    row = row_of(done)
    assert row is not None
    assert (row.outcome, row.completeness) == ("ok", 1.0)


def test_a_file_that_is_late_is_waited_for(done: House) -> None:
    sound = done.carrier.files.pop(RECORDING_SID)
    assert collect(done) == ["download_recording"]
    assert "recording:failed" not in done.tags
    done.carrier.files[RECORDING_SID] = sound
    assert retry(done) == ["download_recording", "delete_recording"]


def test_the_carrier_is_asked_before_the_recording_is_given_up(done: House) -> None:
    """The worker was down for a weekend: the recording is still there, and is not called failed for that."""
    done.clock.pass_s(3 * 86_400)
    assert collect(done) == ["download_recording", "delete_recording"]
    assert "recording:failed" not in done.tags


def test_a_file_that_never_comes_is_given_up(done: House) -> None:
    del done.carrier.files[RECORDING_SID]
    collect(done)
    done.clock.pass_s(GIVE_UP_AFTER.total_seconds())
    retry(done)
    assert done.entry("recording:failed").facts["reason"] == "the carrier has no recording"
    assert done.dialogue.agency_recording is AgencyRecording.FAILED
    assert done.waiting()["waiting"] == done.waiting()["parked"] == 0 or row_of(done) is None


def test_a_recording_that_is_absent(done: House) -> None:
    del done.carrier.files[RECORDING_SID]
    done.recording("absent", RECORDING_SID)
    done.run_jobs(JobKind.COLLECT_RECORDING)
    assert done.tags[-1] == "recording:failed"
    assert "delete_recording" not in done.carrier.verbs()


@pytest.mark.parametrize("damage", [lambda wav: wav[:-100], lambda wav: wav[:30], lambda _: b"", lambda _: b"<html>"])
def test_a_damaged_file_is_fetched_again(done: House, damage: Callable[[bytes], bytes]) -> None:
    whole = done.carrier.files[RECORDING_SID]
    done.carrier.files[RECORDING_SID] = damage(whole)
    assert collect(done) == ["download_recording"]
    assert row_of(done) is None
    done.carrier.files[RECORDING_SID] = whole
    assert retry(done) == ["download_recording", "delete_recording"]
    assert done.dialogue.agency_recording is AgencyRecording.STORED


def test_a_refused_download_is_left_to_an_operator(done: House) -> None:
    done.carrier.fail("download_recording", CarrierRefused("401", 401))
    collect(done)
    assert done.waiting()["parked"] == 1
    assert "recording:failed" not in done.tags


# ---------------------------------------------------------------- crashes


def test_a_crash_after_storing_and_before_the_row(done: House) -> None:
    key = recording_key(RECORDING_SID)
    done.wiring.store.write(key, [done.carrier.files[RECORDING_SID]])
    collect(done)
    row = row_of(done)
    assert row is not None
    assert row.outcome == "ok"
    assert done.tags.count("recording:stored") == 1


def test_a_crash_before_the_carrier_was_told_to_delete(done: House) -> None:
    done.carrier.fail("delete_recording", CarrierBusy("503"))
    collect(done)
    assert done.tags[-1] == "recording:stored"
    assert retry(done) == ["delete_recording"]
    assert done.tags.count("recording:stored") == 1
    assert done.tags[-1] == "recording:carrier-deleted"


def test_a_run_that_is_repeated_changes_nothing(done: House) -> None:
    collect(done)
    before = (done.tags, row_of(done))
    done.wiring.runner._work[JobKind.COLLECT_RECORDING](done.job(JobKind.COLLECT_RECORDING))
    assert (done.tags, row_of(done)) == before


def test_a_completed_that_comes_twice_is_one_job(done: House) -> None:
    collect(done)
    assert collect(done) == []


def test_what_was_destroyed_is_not_looked_for_again(done: House) -> None:
    collect(done)
    done.clock.pass_s(31 * 86_400)
    assert len(done.wiring.retention.destroy_due().recordings) == 1
    done.wiring.runner._work[JobKind.COLLECT_RECORDING](done.job(JobKind.COLLECT_RECORDING))
    assert "recording:failed" not in done.tags


def test_a_call_that_was_never_recorded(house: House) -> None:
    house.together()
    house.wiring.runner._work[JobKind.COLLECT_RECORDING](house.job(JobKind.COLLECT_RECORDING))
    assert "download_recording" not in house.carrier.verbs()


def test_the_expected_length_counts_pauses(house: House) -> None:
    """They are kept as silence, so the time line stays whole (R5)."""
    house.recorded()
    house.clock.pass_s(5)
    house.room("participant-hold", 5)
    house.clock.pass_s(10)
    house.room("participant-unhold", 6)
    house.announced(7)
    house.clock.pass_s(5)
    house.hears(Heard.STOP, "stop de opname")
    house.carrier.files[RECORDING_SID] = wav_of(20)
    collect(house)
    row = row_of(house)
    assert row is not None
    assert (row.outcome, row.completeness) == ("ok", 1.0)
