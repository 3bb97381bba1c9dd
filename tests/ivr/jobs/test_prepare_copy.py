"""The files that callers keep: prepared once, for who wants them, whatever comes in between."""

import io
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ivr.calls.jobs import JobKind
from ivr.copying import signing
from ivr.copying.credentials import State, read_credentials
from ivr.copying.files import CopyFile, Form, prepared_files
from ivr.copying.signing import Signer
from ivr.copying.statement import moment
from ivr.dialogue.events import EmployeeLeft, Heard
from ivr.jobs.prepare_copy import STAMP_TRIES, NotStamped
from ivr.records.destruction import destroy_recording
from storage.errors import LogBroken, ObjectDamaged, ObjectMissing, StorageUnavailable
from storage.recordings.keys import copy_key
from storage.records import Json, RecordingRow
from tests.builders import CALL_SID, House, wav_of
from tests.certificates import DAY, Authority, Files
from tests.fakes import RECORDING_SID
from tests.ivr.copying.stamping import WRONG, dated
from tests.ivr.witnesses.outsiders import OpensslAuthority, web_server

LENGTH_S = 20.0


def use_certificate(house: House, files: Files | None, tsa: str | None = None) -> None:
    certificate = None if files is None else files.load()
    house.wiring.settings = replace(house.wiring.settings, certificate=certificate, c2pa_tsa=tsa)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "certificates")


@pytest.fixture
def house(house: House, authority: Authority) -> House:
    use_certificate(house, authority.issue())
    return house


def wanted(house: House) -> None:
    """The caller wants the copy; then the carrier has the recording."""
    house.recorded()
    house.clock.pass_s(LENGTH_S)
    house.happens(EmployeeLeft())
    house.hears(Heard.YES, "ja graag")
    house.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"})
    house.carrier.files[RECORDING_SID] = wav_of(LENGTH_S)
    house.recording("completed", RECORDING_SID)


def recording_of(house: House) -> RecordingRow:
    with house.wiring.database.reading() as unit:
        found = unit.recordings.find_for_call(house.call.call_id)
    assert found is not None
    return found


def files_of(house: House) -> dict[Form, CopyFile]:
    return {file.form: file for file in prepared_files(recording_of(house), house.entries)}


def bytes_of(house: House, form: Form) -> bytes:
    with house.wiring.store.open(copy_key(recording_of(house).recording_id, form)) as file:
        return file.read()


def prepare(house: House, attempts: int = 1) -> None:
    """The job itself, so that what it raises is seen."""
    house.wiring.preparer.run(replace(house.job(JobKind.PREPARE_COPY), attempts=attempts))


def test_a_copy_that_the_caller_wants_is_prepared_in_both_forms(house: House, authority: Authority) -> None:
    wanted(house)
    house.run_jobs(JobKind.COLLECT_RECORDING, JobKind.PREPARE_COPY)
    stored = house.entry("recording:stored")
    assert house.tags.count("copy:prepared") == 2
    for form in Form:
        file, data = files_of(house)[form], bytes_of(house, form)
        assert (file.size_bytes, file.is_signed) == (len(data), True)
        found = read_credentials(form, io.BytesIO(data), authority.pem.read_text())
        assert found.state is State.TRUSTED
        assert found.statement is not None
        log = found.statement["log"]
        assert log == {
            "origin": "spelregel.test/log", "entry": str(stored.number), "entry_hash": stored.entry_hash
        }  # fmt: skip
    assert {entry.facts["of"] for entry in house.entries if entry.tag == "copy:prepared"} == {stored.facts["digest"]}


def test_a_copy_that_nobody_wants_is_not_made(house: House) -> None:
    house.carrier.files[RECORDING_SID] = wav_of(LENGTH_S)
    house.stopped(LENGTH_S)
    house.recording("completed", RECORDING_SID)
    house.run_jobs()
    assert "recording:stored" in house.tags
    assert "copy:prepared" not in house.tags


def test_who_wants_it_after_the_recording_was_stored_gets_it_too(house: House) -> None:
    house.recorded()
    house.clock.pass_s(LENGTH_S)
    house.happens(EmployeeLeft())
    house.carrier.files[RECORDING_SID] = wav_of(LENGTH_S)
    house.recording("completed", RECORDING_SID)
    house.run_jobs(JobKind.COLLECT_RECORDING, JobKind.PREPARE_COPY)
    assert "recording:stored" in house.tags
    assert "copy:prepared" not in house.tags
    house.hears(Heard.YES, "ja graag")
    house.run_jobs(JobKind.PREPARE_COPY)
    assert house.tags.count("copy:prepared") == 2


def test_doing_it_again_changes_nothing(house: House) -> None:
    wanted(house)
    house.run_jobs(JobKind.COLLECT_RECORDING, JobKind.PREPARE_COPY)
    before = {form: bytes_of(house, form) for form in Form}
    prepare(house)
    assert {form: bytes_of(house, form) for form in Form} == before
    assert house.tags.count("copy:prepared") == 2


@pytest.mark.parametrize("written", [1, 2])
def test_a_crash_between_file_and_entry_is_made_good(
    house: House, written: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file that is there is the one that is logged: it got its name last, so it is whole."""
    wanted(house)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    write = house.wiring.store.write
    done = []

    def write_and_die(object_key: str, chunks: object) -> object:
        stored = write(object_key, chunks)  # type: ignore[arg-type]
        done.append(object_key)
        if len(done) == written:
            raise KeyboardInterrupt
        return stored

    monkeypatch.setattr(house.wiring.store, "write", write_and_die)
    with pytest.raises(KeyboardInterrupt):
        prepare(house)
    monkeypatch.undo()
    last = Form.WAV if written == 1 else Form.MP3
    survivor = bytes_of(house, last)
    assert house.tags.count("copy:prepared") == written - 1
    prepare(house)
    assert house.tags.count("copy:prepared") == 2
    assert bytes_of(house, last) == survivor
    assert len(survivor) == files_of(house)[last].size_bytes


def test_a_full_disk_leaves_nothing_half_written(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    wanted(house)
    house.run_jobs(JobKind.COLLECT_RECORDING)

    def full(_: str, chunks: object) -> object:
        raise StorageUnavailable("recordings: no space left on device")

    monkeypatch.setattr(house.wiring.store, "write", full)
    with pytest.raises(StorageUnavailable):
        prepare(house)
    monkeypatch.undo()
    assert "copy:prepared" not in house.tags
    prepare(house)
    assert house.tags.count("copy:prepared") == 2


@pytest.mark.parametrize("has_one", [False, True], ids=["none", "one that is over"])
def test_without_a_good_certificate_the_copy_goes_out_unsigned_and_says_so(
    house: House, authority: Authority, has_one: bool
) -> None:
    use_certificate(house, authority.issue(ends=-100 * DAY) if has_one else None)
    wanted(house)
    house.run_jobs(JobKind.COLLECT_RECORDING, JobKind.PREPARE_COPY)
    assert [file.is_signed for file in files_of(house).values()] == [False, False]
    for form in Form:
        assert read_credentials(form, io.BytesIO(bytes_of(house, form))).state is State.NONE


def test_a_time_stamp_is_waited_for_but_not_forever(house: House, authority: Authority) -> None:
    use_certificate(house, authority.issue(), tsa="http://127.0.0.1:9/tsr")
    wanted(house)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    for attempt in range(1, STAMP_TRIES):
        with pytest.raises(NotStamped, match="could not be signed"):
            prepare(house, attempt)
    assert "copy:prepared" not in house.tags
    prepare(house, STAMP_TRIES)
    for form in Form:
        found = read_credentials(form, io.BytesIO(bytes_of(house, form)), authority.pem.read_text())
        assert (found.state, found.stamped_at) == (State.TRUSTED, None)


@pytest.fixture
def stamps(tmp_path: Path) -> OpensslAuthority:
    return OpensslAuthority(tmp_path / "stamps")


def collected(house: House, authority: Authority, tsa: str) -> None:
    """By the house's clock it is as late as by that of the time stamp authority."""
    use_certificate(house, authority.issue(), tsa)
    house.clock.at = datetime.now(UTC)
    wanted(house)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    house.clock.at = datetime.now(UTC)


def stamps_of(house: House) -> list[Json]:
    return [entry.facts["time_stamp"] for entry in house.entries if entry.tag == "copy:prepared"]


def test_the_log_says_when_an_authority_saw_the_copy(
    house: House, authority: Authority, stamps: OpensslAuthority
) -> None:
    with web_server(stamps) as url:
        collected(house, authority, url)
        prepare(house)
    for form, logged in zip(Form, stamps_of(house), strict=True):
        found = read_credentials(form, io.BytesIO(bytes_of(house, form)))
        assert found.stamped_at is not None
        assert logged == moment(found.stamped_at)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_never_costs_the_copy_and_the_log_says_that_it_has_no_stamp(
    house: House, authority: Authority, stamps: OpensslAuthority, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    with web_server(WRONG[name](stamps)) as url:
        collected(house, authority, url)
        with pytest.raises(NotStamped):
            prepare(house, STAMP_TRIES - 1)
        prepare(house, STAMP_TRIES)
    assert stamps_of(house) == ["none", "none"]
    assert caplog.messages.count("a copy goes out without a time stamp") == 2
    for form in Form:
        found = read_credentials(form, io.BytesIO(bytes_of(house, form)), authority.pem.read_text())
        assert (found.state, found.stamped_at) == (State.TRUSTED, None)


def test_a_stamp_by_a_clock_that_is_wrong_goes_out_to_nobody(
    house: House, authority: Authority, stamps: OpensslAuthority
) -> None:
    with web_server(dated(stamps, timedelta(days=3))) as url:
        collected(house, authority, url)
        with pytest.raises(ObjectDamaged, match="time stamp"):
            prepare(house, STAMP_TRIES - 1)
        assert stamps_of(house) == []
        prepare(house, STAMP_TRIES)
    assert stamps_of(house) == ["none", "none"]
    assert {file.is_signed for file in files_of(house).values()} == {True}


def test_an_mp3_that_is_too_long_to_be_signed_is_a_whole_copy_all_the_same(
    house: House, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signing, "LARGEST_MP3_BYTES", 100_000)
    wanted(house)
    house.run_jobs(JobKind.COLLECT_RECORDING, JobKind.PREPARE_COPY)
    files = files_of(house)
    assert (files[Form.WAV].is_signed, files[Form.MP3].is_signed) == (True, False)
    assert len(bytes_of(house, Form.MP3)) > LENGTH_S * 8000
    wav = read_credentials(Form.WAV, io.BytesIO(bytes_of(house, Form.WAV)), authority.pem.read_text())
    assert wav.state is State.TRUSTED


def test_a_stored_recording_that_is_not_the_logged_one_is_copied_for_nobody(house: House) -> None:
    """As long as the right one, and well encrypted under its name: only the log's digest tells."""
    wanted(house)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    row = recording_of(house)
    house.wiring.store.destroy(row.object_key)
    forged = bytearray(wav_of(LENGTH_S))
    forged[1000] ^= 1
    house.wiring.store.write(row.object_key, [bytes(forged)])
    with pytest.raises(LogBroken, match="is not that of entry"):
        prepare(house)
    assert "copy:prepared" not in house.tags


def test_a_recording_that_is_not_there_is_copied_for_nobody(house: House) -> None:
    wanted(house)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    house.wiring.store.destroy(recording_of(house).object_key)
    with pytest.raises(ObjectMissing):
        prepare(house)


def test_the_copies_go_with_the_recording(house: House) -> None:
    wanted(house)
    house.run_jobs(JobKind.COLLECT_RECORDING, JobKind.PREPARE_COPY)
    row = recording_of(house)
    house.clock.at = row.destroy_after
    house.wiring.retention.destroy_due()
    for object_key in (row.object_key, *(copy_key(row.recording_id, form) for form in Form)):
        with pytest.raises(ObjectMissing):
            house.wiring.store.open(object_key)


def test_a_legal_hold_keeps_the_copies_too(house: House) -> None:
    wanted(house)
    house.run_jobs(JobKind.COLLECT_RECORDING, JobKind.PREPARE_COPY)
    house.wiring.holds.place(house.call.call_id, "een klacht", "a.visser")
    house.clock.at = recording_of(house).destroy_after
    house.wiring.retention.destroy_due()
    assert all(bytes_of(house, form) for form in Form)


def test_a_recording_destroyed_while_its_copy_was_made_leaves_no_copy(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted(house)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    row = recording_of(house)
    write = house.wiring.store.write

    def write_late(object_key: str, chunks: object) -> object:
        with house.wiring.database.transaction() as unit:
            destroy_recording(unit, house.wiring.store, row, "test", house.clock.now())
        return write(object_key, chunks)  # type: ignore[arg-type]

    monkeypatch.setattr(house.wiring.store, "write", write_late)
    prepare(house)
    assert "copy:prepared" not in house.tags
    assert not list((house.folder / "recordings" / "copies").rglob("?" * 64))


def test_a_call_whose_recording_is_gone_or_never_was_is_no_fault(house: House) -> None:
    house.together()
    prepare(house)
    shutil.rmtree(house.folder / "recordings", ignore_errors=True)
    prepare(house)
    assert "copy:prepared" not in house.tags


def test_the_signer_is_the_installations_own(house: House) -> None:
    assert isinstance(house.wiring.copy_signer, Signer)
