"""A file that was handed in: put together, looked at, scanned, and given to its case in one transaction."""

import hashlib
from dataclasses import dataclass, field
from typing import BinaryIO

import pytest

from ivr.calls.jobs import JobKind
from ivr.cases.acts import CopyDeclined
from ivr.cases.case import State, Who
from ivr.cases.service import Actor
from ivr.errors import ScannerBusy
from ivr.jobs.check_upload import UploadChecker
from storage.errors import StorageUnavailable
from storage.records import Job
from tests.builders import House, wav_of
from tests.ivr.uploads.asking import Sender, about, case_record, objects, uploads
from tests.ivr.uploads.sounds import film

pytestmark = pytest.mark.asked

EMPLOYEE = Actor("m.jansen", Who.EMPLOYEE)
SOUND = wav_of(20)


@dataclass
class FakeScanner:
    """Finds what it is told to find; `faults` come first, once each."""

    finds: str | None = None
    faults: list[Exception] = field(default_factory=list)
    seen: list[bytes] = field(default_factory=list)

    def find_malware(self, file: BinaryIO) -> str | None:
        if self.faults:
            raise self.faults.pop(0)
        file.seek(0)
        self.seen.append(file.read())
        return self.finds


def with_scanner(house: House, scanner: FakeScanner) -> None:
    vars(house.wiring).update(scanner=scanner)


def check(house: House) -> None:
    house.clock.pass_s(1000)
    house.run_jobs(JobKind.CHECK_UPLOAD)


def test_a_good_file_moves_the_case_with_its_digest_and_size(house: House) -> None:
    Sender(house).send(SOUND)
    check(house)
    [row] = uploads(house)
    digest = hashlib.sha256(SOUND).hexdigest()
    assert (row.state, row.sound_type, row.digest, row.scanned) == ("kept", "wav", digest, False)
    assert case_record(house).state == State.RECEIVED
    assert (about(house).digest, about(house).size_bytes) == (digest, len(SOUND))
    facts = house.entry("citizen-copy:received").facts
    assert (facts["digest"], facts["size_bytes"], facts["role"]) == (digest, len(SOUND), "systeem")
    assert row.object_key is not None
    with house.wiring.store.open(row.object_key) as file:
        assert file.read() == SOUND


def test_the_parts_go_and_nothing_lies_there_in_the_clear(house: House) -> None:
    Sender(house).send(SOUND, piece_bytes=50_000)
    assert sum(name.startswith("parts/") for name in objects(house)) == -(-len(SOUND) // 50_000)
    check(house)
    [name] = objects(house)
    assert name.startswith("citizen-copies/")
    assert SOUND[1000:2000] not in (house.wiring.settings.recordings_dir / name).read_bytes()


def test_without_a_scanner_the_case_says_not_scanned_and_with_one_that_it_was(house: House) -> None:
    scanner = FakeScanner()
    with_scanner(house, scanner)
    Sender(house).send(SOUND)
    check(house)
    assert scanner.seen == [SOUND]
    assert about(house).scanned
    assert house.entry("citizen-copy:received").facts["scanned"] is True
    assert uploads(house)[0].scanned


def test_without_a_scanner_the_log_says_so(house: House) -> None:
    Sender(house).send(SOUND)
    check(house)
    assert not about(house).scanned
    assert house.entry("citizen-copy:received").facts["scanned"] is False


@pytest.mark.parametrize(
    ("file", "finds", "reason"),
    [
        (SOUND, "Win.Test.EICAR_HDB-1", "malware"),
        (b"MZ" + bytes(5000), None, "no-sound"),
        (SOUND[:-100], None, "damaged"),
        (film(), None, "pictures"),
    ],
)
def test_what_is_not_taken_is_destroyed_and_says_why(house: House, file: bytes, finds: str | None, reason: str) -> None:
    with_scanner(house, FakeScanner(finds))
    Sender(house).send(file)
    check(house)
    assert [(row.state, row.reason) for row in uploads(house)] == [("refused", reason)]
    assert objects(house) == []
    assert house.entry("upload:refused").facts["reason"] == reason
    assert case_record(house).state == State.ASKED


def test_after_a_refusal_another_file_is_welcome(house: House) -> None:
    sender = Sender(house)
    sender.send(b"%PDF-1.7" + bytes(500))
    check(house)
    assert "geen geluidsopname" in sender.page().text
    sender.send(SOUND)
    check(house)
    assert "Wij hebben uw opname ontvangen" in sender.page().text
    assert "niet gescand" in sender.page().text


def test_a_scanner_that_is_away_is_waited_for(house: House) -> None:
    with_scanner(house, FakeScanner(faults=[ScannerBusy("no answer")]))
    Sender(house).send(SOUND)
    check(house)
    assert uploads(house)[0].state == "complete"
    assert case_record(house).state == State.ASKED
    check(house)
    assert case_record(house).state == State.RECEIVED


def test_a_case_that_waits_no_more_takes_no_file(house: House) -> None:
    Sender(house).send(SOUND)
    house.wiring.cases.act(case_record(house).case_id, CopyDeclined(), EMPLOYEE)
    check(house)
    assert uploads(house)[0].reason == "not-asked"
    assert objects(house) == []


def test_repeating_the_job_after_a_crash_changes_nothing(house: House) -> None:
    Sender(house).send(SOUND)
    [row] = uploads(house)
    wiring = house.wiring
    checker = UploadChecker(wiring.database, wiring.store, wiring.agencies, wiring.clock, None)
    job = Job(1, JobKind.CHECK_UPLOAD, row.upload_id, {"upload_id": row.upload_id, "call_id": house.call.call_id}, 1)
    checker.run(job)
    checker.run(job)
    assert house.tags.count("citizen-copy:received") == 1
    assert len(objects(house)) == 1


def test_a_disk_that_fills_up_leaves_the_file_to_be_checked_again(house: House) -> None:
    Sender(house).send(SOUND)
    wiring = house.wiring

    class FullDisk:
        def write(self, *_: object) -> None:
            raise StorageUnavailable("no space left")

    [row] = uploads(house)
    job = Job(1, JobKind.CHECK_UPLOAD, row.upload_id, {"upload_id": row.upload_id, "call_id": house.call.call_id}, 1)
    full = UploadChecker(wiring.database, FullDisk(), wiring.agencies, wiring.clock, None)  # type: ignore[arg-type]
    with pytest.raises(StorageUnavailable):
        full.run(job)
    check(house)
    assert case_record(house).state == State.RECEIVED
