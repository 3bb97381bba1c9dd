"""Every harm that can be done to a stored recording is found and named; what is whole is left in peace."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ivr.calls.jobs import JobKind
from ivr.records.recording_check import Finding, Flaw
from storage.errors import UnknownCall
from storage.recordings.cipher import PREFIX_BYTES, SEALED_CHUNK_BYTES
from storage.recordings.keys import recording_key
from storage.recordings.master_keys import HEADER_BYTES
from tests.builders import House, wav_of
from tests.fakes import RECORDING_SID
from tests.ivr.uploads.asking import Sender, asked_house

LENGTH_S = 20.0
KEY = recording_key(RECORDING_SID)
OTHER = recording_key("another")
CHUNKS = -(-len(wav_of(LENGTH_S)) // 16384)


@pytest.fixture
def kept(house: House) -> House:
    """A call whose recording of 20 seconds is stored."""
    house.stopped(LENGTH_S)
    house.carrier.files[RECORDING_SID] = wav_of(LENGTH_S)
    house.recording("completed", RECORDING_SID)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    assert house.dialogue.agency_recording.value == "stored"
    return house


def check(house: House) -> list[Finding]:
    return list(house.wiring.recording_checker.check_all())


def flaws(house: House) -> list[tuple[Flaw | None, str]]:
    return [(finding.flaw, finding.object_key) for finding in check(house)]


def file_of(house: House, key: str = KEY) -> Path:
    return house.wiring.settings.recordings_dir / key


def alter(house: House, change: Callable[[bytes], bytes]) -> None:
    file_of(house).write_bytes(change(file_of(house).read_bytes()))


def flip(at: int) -> Callable[[bytes], bytes]:
    return lambda data: data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def in_the_database(house: House, statement: str, *values: object) -> None:
    """Somebody with the database in their hands."""
    path = house.database_url.removeprefix("sqlite:///")
    with sqlite3.connect(path) as connection:
        assert connection.execute(statement, values).rowcount == 1
    connection.close()


def test_what_is_whole_is_found_whole(kept: House) -> None:
    assert check(kept) == [Finding(KEY, kept.call.call_id)]
    assert list(kept.wiring.recording_checker.check_call(kept.call.call_id)) == [Finding(KEY, kept.call.call_id)]


def test_nothing_stored_is_nothing_wrong(house: House) -> None:
    assert check(house) == []
    house.together()
    assert check(house) == []
    assert list(house.wiring.recording_checker.check_call(house.call.call_id)) == []


def test_there_is_no_such_call(kept: House) -> None:
    with pytest.raises(UnknownCall):
        list(kept.wiring.recording_checker.check_call("nobody"))


# ---------------------------------------------------------------- harm to the object

BOUNDARIES = [0, 8, 16, 28, HEADER_BYTES, HEADER_BYTES + 24, PREFIX_BYTES, PREFIX_BYTES + 16]
CHUNK_ENDS = [PREFIX_BYTES + number * SEALED_CHUNK_BYTES for number in range(1, CHUNKS)]


@pytest.mark.parametrize("at", [0, 8, 16, 28, 75, 76, 99, 100, 131, -1])
def test_a_bit_of_the_header_the_commitment_or_the_last_tag(kept: House, at: int) -> None:
    alter(kept, flip(at % file_of(kept).stat().st_size))
    [finding] = check(kept)
    assert (finding.flaw, finding.object_key, finding.about) == (Flaw.DAMAGED, KEY, kept.call.call_id)
    assert finding.detail.endswith("no second of it can be read")


@pytest.mark.parametrize("where", [0, SEALED_CHUNK_BYTES - 1], ids=["sound", "tag"])
def test_a_bit_of_any_chunk_and_which_seconds_it_costs(kept: House, where: int) -> None:
    for number in range(CHUNKS - 1):
        alter(kept, flip(PREFIX_BYTES + number * SEALED_CHUNK_BYTES + where))
        [finding] = check(kept)
        first = max(0, number * 16384 - 44) // 32_000
        last = ((number + 1) * 16384 - 45) // 32_000
        lost = str(first) if first == last else f"{first}-{last}"
        left = 20 - (last - first + 1)
        assert finding.flaw is Flaw.DAMAGED
        assert finding.detail.endswith(f"lost are the seconds {lost}; the other {left} are what was recorded")
        alter(kept, flip(PREFIX_BYTES + number * SEALED_CHUNK_BYTES + where))
    assert flaws(kept) == [(None, KEY)]


@pytest.mark.parametrize("length", [*BOUNDARIES, *CHUNK_ENDS, -16, -1])
def test_an_object_that_was_cut_short_at_any_boundary(kept: House, length: int) -> None:
    alter(kept, lambda data: data[:length])
    assert flaws(kept) == [(Flaw.DAMAGED, KEY)]


@pytest.mark.parametrize("more", [b"\x00", b"\x00" * 16, b"\x00" * SEALED_CHUNK_BYTES])
def test_an_object_with_something_behind_it(kept: House, more: bytes) -> None:
    alter(kept, lambda data: data + more)
    assert flaws(kept) == [(Flaw.DAMAGED, KEY)]


def test_an_object_that_was_dropped(kept: House) -> None:
    file_of(kept).unlink()
    assert flaws(kept) == [(Flaw.MISSING, KEY)]


def test_two_objects_that_were_swapped(kept: House) -> None:
    kept.wiring.store.write(OTHER, [wav_of(LENGTH_S)])
    os.rename(file_of(kept), file_of(kept, "aside"))
    os.rename(file_of(kept, OTHER), file_of(kept))
    os.rename(file_of(kept, "aside"), file_of(kept, OTHER))
    found = flaws(kept)
    assert (Flaw.DAMAGED, KEY) in found
    assert (Flaw.EXTRA, OTHER) in found


def test_an_old_object_under_another_name(kept: House) -> None:
    """Copied over one that is whole: the name is part of what was encrypted."""
    kept.wiring.store.write(OTHER, [wav_of(LENGTH_S)])
    file_of(kept).write_bytes(file_of(kept, OTHER).read_bytes())
    assert (Flaw.DAMAGED, KEY) in flaws(kept)


def test_another_recording_that_somebody_with_the_key_wrote_under_the_name(kept: House) -> None:
    kept.wiring.store.destroy(KEY)
    kept.wiring.store.write(KEY, [wav_of(LENGTH_S - 1)])
    [finding] = check(kept)
    assert finding.flaw is Flaw.CHANGED
    assert "was stored" in finding.detail


def test_what_is_no_sound_under_the_name(kept: House) -> None:
    kept.wiring.store.destroy(KEY)
    kept.wiring.store.write(KEY, [b"no sound"])
    assert flaws(kept) == [(Flaw.CHANGED, KEY)]


def test_a_key_that_is_not_configured(kept: House) -> None:
    alter(kept, lambda data: data[:8] + bytes(8) + data[16:])
    [finding] = check(kept)
    assert finding.flaw is Flaw.DAMAGED
    assert "needs the recording key 0000000000000000, which is not configured" in finding.detail


# ---------------------------------------------------------------- harm around the object


def test_an_object_that_nothing_speaks_of(kept: House) -> None:
    kept.wiring.store.write(OTHER, [b"sound"])
    assert flaws(kept) == [(None, KEY), (Flaw.EXTRA, OTHER)]


@pytest.mark.parametrize("name", ["recordings/ab/notes.txt", "recordings/ab/cd", "README"])
@pytest.mark.parametrize("data", [b"", b"hello", b"x" * 1000])
def test_a_file_that_is_not_ours(kept: House, name: str, data: bytes) -> None:
    file_of(kept, name).parent.mkdir(parents=True, exist_ok=True)
    file_of(kept, name).write_bytes(data)
    assert flaws(kept) == [(None, KEY), (Flaw.FOREIGN, name)]


def test_a_recording_that_was_destroyed_and_put_back(kept: House) -> None:
    data = file_of(kept).read_bytes()
    kept.clock.pass_s(31 * 86_400)
    assert len(kept.wiring.retention.destroy_due().recordings) == 1
    assert check(kept) == []
    file_of(kept).write_bytes(data)
    [finding] = check(kept)
    assert (finding.flaw, finding.about) == (Flaw.EXTRA, kept.call.call_id)
    assert "was destroyed" in finding.detail


def test_a_recording_that_was_stored_and_whose_row_was_never_written(house: House) -> None:
    house.stopped(LENGTH_S)
    house.wiring.store.write(KEY, [wav_of(LENGTH_S)])
    [finding] = check(house)
    assert (finding.flaw, finding.about) == (Flaw.EXTRA, house.call.call_id)
    assert "still being collected" in finding.detail


def test_a_row_that_was_dropped(kept: House) -> None:
    in_the_database(kept, "DELETE FROM recording_seconds")
    in_the_database(kept, "DELETE FROM recordings")
    assert flaws(kept) == [(Flaw.NO_ROW, KEY), (Flaw.EXTRA, KEY)]
    [finding] = kept.wiring.recording_checker.check_call(kept.call.call_id)
    assert finding.flaw is Flaw.NO_ROW


def test_a_row_that_says_destroyed_where_the_log_does_not(kept: House) -> None:
    in_the_database(kept, "UPDATE recordings SET destroyed_at = '2026-11-03 14:00:00.000000'")
    assert (Flaw.NO_ROW, KEY) in flaws(kept)


@pytest.mark.parametrize(
    ("column", "value", "named"),
    [
        ("digest", "0" * 64, "digest"),
        ("size_bytes", 5, "size_bytes"),
        ("samples", 5, "samples"),
        ("channels", 1, "channels"),
        ("sample_rate_hz", 16000, "sample_rate_hz"),
        ("completeness", 0.5, "completeness"),
        ("outcome", "degraded", "outcome"),
        ("stored_at", "2026-11-01 09:00:00.000000", "stored_at"),
        ("destroy_after", "2036-11-01 09:00:00.000000", "destroy_after"),
    ],
)
def test_a_row_that_was_changed(kept: House, column: str, value: object, named: str) -> None:
    in_the_database(kept, f"UPDATE recordings SET {column} = ?", value)  # noqa: S608  a name of this table
    [finding] = check(kept)
    assert finding.flaw is Flaw.ROW
    assert named in finding.detail


def test_a_row_that_points_at_another_object(kept: House) -> None:
    kept.wiring.store.write(OTHER, [wav_of(LENGTH_S)])
    in_the_database(kept, "UPDATE recordings SET object_key = ?", OTHER)
    found = check(kept)
    assert (Flaw.ROW, OTHER) in [(finding.flaw, finding.object_key) for finding in found]
    assert "object_key" in found[0].detail
    assert (Flaw.EXTRA, KEY) in [(finding.flaw, finding.object_key) for finding in found]


def test_a_row_of_a_recording_that_was_never_logged(kept: House) -> None:
    in_the_database(kept, "UPDATE recordings SET recording_sid = 'RE0'")
    assert (Flaw.NOT_LOGGED, KEY) in flaws(kept)


def test_hashes_of_seconds_that_were_changed_prove_nothing(kept: House) -> None:
    in_the_database(kept, "UPDATE recording_seconds SET hashes = zeroblob(640)")
    [finding] = check(kept)
    assert (finding.flaw, finding.detail) == (Flaw.ROW, "not as it was logged: hashes of its seconds")
    alter(kept, flip(PREFIX_BYTES))
    [finding] = check(kept)
    assert finding.flaw is Flaw.DAMAGED
    assert finding.detail.endswith("what each second was is not known")


@pytest.fixture
def locked_out(kept: House) -> Iterator[House]:
    """A recording that the disk does not give: a folder in the file's place, which cannot be read as one."""
    file_of(kept).unlink()
    file_of(kept).mkdir()
    yield kept
    file_of(kept).rmdir()


def test_what_cannot_be_read_just_now_is_not_called_damaged(locked_out: House) -> None:
    assert flaws(locked_out)[0] == (Flaw.UNREADABLE, KEY)


def test_one_flaw_does_not_hide_the_next_object(kept: House) -> None:
    kept.wiring.store.write(OTHER, [b"sound"])
    alter(kept, lambda data: data[:100])
    assert flaws(kept) == [(Flaw.DAMAGED, KEY), (Flaw.EXTRA, OTHER)]


# ---------------------------------------------------------------- what callers handed in


@pytest.fixture
def handed_in(tmp_path: Path, sqlite_url: str) -> Iterator[House]:
    """A copy that was kept, and half of another file."""
    house = asked_house(tmp_path, sqlite_url)
    sender = Sender(house)
    begun = sender.begin(100_000)
    sender.piece(begun.headers["Location"], 0, bytes(50_000))
    sender.send(wav_of(5))
    house.clock.pass_s(1000)
    house.run_jobs(JobKind.CHECK_UPLOAD)
    yield house
    house.close()


def copy_and_part(house: House) -> tuple[str, str]:
    copy, part = sorted(house.wiring.store.list_keys())
    return copy, part


def test_copies_and_parts_are_found_whole(handed_in: House) -> None:
    assert sorted(flaws(handed_in)) == [(None, key) for key in copy_and_part(handed_in)]


@pytest.mark.parametrize("which", [0, 1], ids=["copy", "part"])
def test_harm_to_what_was_handed_in(handed_in: House, which: int) -> None:
    key = copy_and_part(handed_in)[which]
    data = file_of(handed_in, key).read_bytes()
    alter_it: list[tuple[bytes, Flaw]] = [(data[:-1], Flaw.DAMAGED), (flip(200)(data), Flaw.DAMAGED)]
    for harmed, flaw in alter_it:
        file_of(handed_in, key).write_bytes(harmed)
        assert (flaw, key) in flaws(handed_in)
    file_of(handed_in, key).unlink()
    assert (Flaw.MISSING, key) in flaws(handed_in)
    handed_in.wiring.store.write(key, [b"other"])
    assert (Flaw.CHANGED, key) in flaws(handed_in)


def test_a_copys_digest_that_was_changed_with_the_copy(handed_in: House) -> None:
    key, _ = copy_and_part(handed_in)
    handed_in.wiring.store.destroy(key)
    other = handed_in.wiring.store.write(key, [wav_of(5)[::-1]])
    in_the_database(handed_in, "UPDATE uploads SET digest = ? WHERE object_key = ?", other.digest, key)
    assert (Flaw.NOT_LOGGED, key) in flaws(handed_in)
