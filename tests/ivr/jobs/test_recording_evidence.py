"""What the log says of a stored recording, and that no crash and no bad file makes it say more than is true."""

import hashlib
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO

import pytest

from ivr.calls.jobs import JobKind
from ivr.dialogue.states import AgencyRecording
from ivr.jobs.collect_recording import GIVE_UP_AFTER
from storage.recordings.encrypted_store import EncryptedStore
from storage.recordings.keys import recording_key
from storage.records import RecordingRow, StoredObject
from tests.builders import House, wav_of
from tests.fakes import RECORDING_SID

LENGTH_S = 20.0
WHOLE = wav_of(LENGTH_S)
KEY = recording_key(RECORDING_SID)
REPOSITORY = Path(__file__).parents[3]


@pytest.fixture
def done(house: House) -> House:
    """A call that was recorded for 20 seconds and is over; the carrier has its file."""
    house.stopped(LENGTH_S)
    house.carrier.files[RECORDING_SID] = WHOLE
    house.carrier.take()
    return house


def collect(house: House) -> list[str]:
    """Gives what the carrier was asked."""
    house.clock.pass_s(1000)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    return [asked.verb for asked in house.carrier.take()]


def row_of(house: House) -> RecordingRow | None:
    with house.wiring.database.reading() as unit:
        return unit.recordings.find_for_call(house.call.call_id)


def test_the_log_says_what_the_recording_is(done: House) -> None:
    collect(done)
    entry, row = done.entry("recording:stored"), row_of(done)
    assert row is not None
    with done.wiring.database.reading() as unit:
        seconds = unit.recordings.list_seconds(row.recording_id)
    assert entry.facts == {
        "recording_sid": RECORDING_SID,
        "digest": hashlib.sha256(WHOLE).hexdigest(),
        "size_bytes": len(WHOLE),
        "samples": 160_000,
        "channels": 2,
        "sample_rate_hz": 8000,
        "channel_map": "1 caller, 2 employee and announcements",
        "pcm_digest": hashlib.sha256(WHOLE[44:]).hexdigest(),
        "seconds": 20,
        "seconds_root": entry.facts["seconds_root"],
        "completeness": "1.0000",
        "stored_s": "20.000",
        "expected_s": "20.000",
        "destroy_after": row.destroy_after.isoformat(),
    }
    assert len(seconds) == 20
    assert entry.occurred_at == row.stored_at


@pytest.mark.parametrize(
    ("data", "lacks"),
    [
        (wav_of(LENGTH_S, channels=1), ["channels"]),
        (wav_of(LENGTH_S / 2), ["time"]),
        (wav_of(LENGTH_S * 2), ["end"]),
        (wav_of(0), ["time"]),
        (WHOLE + WHOLE, ["form"]),
        (wav_of(LENGTH_S / 2, channels=1), ["channels", "time"]),
    ],
    ids=["mono", "half", "too long", "empty", "doubled", "mono and half"],
)
def test_what_a_recording_lacks_is_named(done: House, data: bytes, lacks: list[str]) -> None:
    done.carrier.files[RECORDING_SID] = data
    assert "delete_recording" in collect(done)
    facts = done.entry("recording:degraded").facts
    assert facts["lacks"] == lacks
    assert facts["expected_s"] == "20.000"
    assert facts["channel_map"] == ("1 everybody" if "channels" in lacks else "1 caller, 2 employee and announcements")
    with done.wiring.store.open(KEY) as stored:
        assert stored.read() == data


@pytest.mark.parametrize(
    "data", [b"", WHOLE[:43], WHOLE[:-1], b"<html>502</html>" * 5000], ids=["nothing", "header", "cut", "a web page"]
)
def test_what_is_no_recording_is_neither_kept_nor_deleted_at_the_carrier(done: House, data: bytes) -> None:
    done.carrier.files[RECORDING_SID] = data
    assert collect(done) == ["download_recording"]
    assert list(done.wiring.store.list_keys()) == []
    assert done.tags[-1] == "call:ended"
    assert done.waiting()["waiting"] >= 1


class Harming:
    """A store, as the port knows it, that loses a bit between writing and reading back."""

    def __init__(self, store: EncryptedStore, harm: Callable[[], object]) -> None:
        self._store = store
        self._harm = harm

    def write(self, object_key: str, chunks: Iterable[bytes]) -> StoredObject:
        written = self._store.write(object_key, chunks)
        self._harm()
        return written

    def open(self, object_key: str) -> BinaryIO:
        return self._store.open(object_key)

    def size_bytes(self, object_key: str) -> int:
        return self._store.size_bytes(object_key)

    def destroy(self, object_key: str) -> None:
        self._store.destroy(object_key)


def test_what_is_read_back_otherwise_than_it_came_is_fetched_again(done: House) -> None:
    store = done.wiring.store

    def replace_it() -> None:
        store.destroy(KEY)
        store.write(KEY, [wav_of(LENGTH_S - 1)])

    harms: list[Callable[[], object]] = [
        lambda: (done.wiring.settings.recordings_dir / KEY).write_bytes(b"x" * 100),
        replace_it,
        lambda: None,
    ]
    vars(done.wiring).update(store=Harming(store, lambda: harms.pop(0)()))
    assert collect(done) == ["download_recording"]
    assert collect(done) == ["download_recording"]
    assert row_of(done) is None
    assert collect(done) == ["download_recording", "delete_recording"]
    assert done.dialogue.agency_recording is AgencyRecording.STORED


# ---------------------------------------------------------------- crashes


def test_what_was_stored_before_a_crash_is_compared_with_the_carriers_file(done: House) -> None:
    done.wiring.store.write(KEY, [WHOLE])
    assert collect(done) == ["download_recording", "delete_recording"]
    assert done.tags[-2:] == ["recording:stored", "recording:carrier-deleted"]


@pytest.mark.parametrize("other", [wav_of(LENGTH_S - 1), b"no WAV"])
def test_what_lies_there_and_is_not_the_carriers_file_gives_way_to_it(done: House, other: bytes) -> None:
    done.wiring.store.write(KEY, [other])
    assert collect(done) == ["download_recording"]
    assert collect(done) == ["download_recording", "delete_recording"]
    row = row_of(done)
    assert row is not None
    assert row.digest == hashlib.sha256(WHOLE).hexdigest()


def test_a_damaged_object_that_nobody_knows_gives_way_to_the_carriers_file(done: House) -> None:
    done.wiring.store.write(KEY, [WHOLE])
    path = done.wiring.settings.recordings_dir / KEY
    path.write_bytes(path.read_bytes()[:-1])
    assert collect(done) == ["download_recording"]
    assert collect(done) == ["download_recording", "delete_recording"]


def test_a_stored_recording_is_kept_though_the_carrier_has_none_any_more(done: House) -> None:
    """Its row was lost, or it never came to that; nothing is left to compare it with, and the log says so."""
    done.wiring.store.write(KEY, [WHOLE])
    del done.carrier.files[RECORDING_SID]
    done.clock.pass_s(GIVE_UP_AFTER.total_seconds())
    collect(done)
    assert "recording:failed" not in done.tags
    assert done.entry("recording:degraded").facts["lacks"] == ["comparison"]
    assert done.dialogue.agency_recording is AgencyRecording.DEGRADED


def test_a_damaged_object_without_another_is_left_for_an_operator(done: House) -> None:
    done.wiring.store.write(KEY, [b"no WAV"])
    del done.carrier.files[RECORDING_SID]
    collect(done)
    assert done.wiring.store.size_bytes(KEY) == 6
    assert row_of(done) is None
    assert done.waiting()["waiting"] >= 1


def test_a_row_that_cannot_be_written_leaves_nothing_unsaid_and_is_written_later(done: House, sqlite_url: str) -> None:
    """The database fails between the write of the file and the commit."""
    done.wiring.database.close()
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON recording_seconds BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    connection.close()
    assert collect(done) == ["download_recording"]
    assert row_of(done) is None
    assert "recording:stored" not in done.tags
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as connection:
        connection.execute("DROP TRIGGER full")
    connection.close()
    assert collect(done) == ["download_recording", "delete_recording"]
    assert done.tags.count("recording:stored") == 1


KILLED = """
import os, signal, sys
from datetime import datetime
from pathlib import Path
from ivr.calls.jobs import JobKind
from tests.builders import House, SetClock, wav_of
from tests.fakes import RECORDING_SID
from tests.ivr.jobs.test_recording_evidence import Harming

folder, url, now, step = sys.argv[1:]
house = House(Path(folder), url, clock=SetClock(datetime.fromisoformat(now)))

def die():
    os.kill(os.getpid(), signal.SIGKILL)

class Dying(type(house.carrier)):
    def download_recording(self, recording_sid):
        whole = wav_of(20.0)
        yield whole[:100_000]
        if step == "download":
            die()
        yield whole[100_000:]

    def delete_recording(self, recording_sid):
        if step == "before the delete":
            die()
        print("deleted", flush=True)
        if step == "after the delete":
            die()

vars(house.wiring).update(carrier=Dying())
if step == "after the write":
    vars(house.wiring).update(store=Harming(house.wiring.store, die))
house.run_jobs(JobKind.COLLECT_RECORDING)
"""


@pytest.mark.parametrize("step", ["download", "after the write", "before the delete", "after the delete"])
def test_a_worker_that_is_killed_loses_nothing(done: House, tmp_path: Path, sqlite_url: str, step: str) -> None:
    done.clock.pass_s(1000)
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path), sqlite_url, done.clock.now().isoformat(), step],
        cwd=REPOSITORY,
        stdout=subprocess.PIPE,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    if b"deleted" in killed.stdout:
        del done.carrier.files[RECORDING_SID]
    kept_before = row_of(done)
    asked: list[tuple[str, RecordingRow | None]] = []
    done.carrier.watch = lambda request: asked.append((request.verb, row_of(done)))
    collect(done)
    row = row_of(done)
    assert row is not None
    assert kept_before in (None, row)
    assert ("delete_recording", row) in asked, "it was deleted before it was known to be kept"
    assert done.tags.count("recording:stored") == done.tags.count("recording:carrier-deleted") == 1
    assert list(done.wiring.store.list_keys()) == [KEY]
    done.wiring.store.tidy()
    assert [path for path in done.wiring.settings.recordings_dir.rglob("*") if path.is_file()] == [
        done.wiring.settings.recordings_dir / KEY
    ]
    with done.wiring.store.open(KEY) as stored:
        assert stored.read() == WHOLE
