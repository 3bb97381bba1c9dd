"""A caller hands in another file, where nobody can read the one that came first; not without end."""

import hashlib

import pytest

from ivr.calls.jobs import JobKind
from ivr.cases.case import State, Verdict, Who
from ivr.cases.service import Actor
from ivr.cases.writing import case_of
from ivr.errors import Unusable
from storage.consent_log.export import verify_log
from tests.builders import House
from tests.ivr.uploads.asking import Sender, about, case_record, objects, uploads
from tests.ivr.uploads.comparing import (
    COPY,
    OURS,
    RECORDING,
    SetComparer,
    collected,
    compare,
    handed_in,
    hollow,
    run_again,
    unreadable,
)
from tests.speech.comparison.encoding import encode

pytestmark = pytest.mark.asked

SUPERVISOR = Actor("l.smit", Who.SUPERVISOR)


def test_after_a_file_that_cannot_be_read_the_caller_hands_in_another_and_that_is_compared(house: House) -> None:
    unreadable(house)
    handed_in(house)
    compare(house)
    assert case_record(house).state == State.COMPARED
    assert (about(house).verdict, about(house).not_compared) == (Verdict.COMPLETE, None)
    assert about(house).digest == hashlib.sha256(COPY).hexdigest()
    tags = [tag for tag in house.tags if tag.startswith("citizen-copy:")]
    received, not_compared = "citizen-copy:received", "citizen-copy:not-compared"
    assert tags == ["citizen-copy:asked", received, not_compared, received, "citizen-copy:compared"]
    assert verify_log(house.wiring.database, house.wiring.log_keys, []).whole
    assert house.wiring.record_checker.check() == []


def test_the_page_says_what_was_wrong_and_how_often_the_caller_may_still_try(house: House) -> None:
    unreadable(house)
    sender = Sender(house)
    page = sender.page().text
    assert "Wij kunnen geen geluid uit het bestand halen" in page
    assert "U mag een ander bestand sturen. Dat kan nog 4 keer." in page
    assert 'type="file"' in page
    assert "Wij hebben uw opname ontvangen" not in page
    assert "U mag een ander bestand sturen" in sender.client.get("/kopie/opname").text
    handed_in(house)
    page = sender.page().text
    assert "Wij hebben uw opname ontvangen" in page
    assert "Kijk straks nog eens op deze pagina" in page
    assert 'type="file"' not in page
    compare(house)
    assert "Uw opname is gelijk aan onze opname" in sender.page().text


def test_the_plain_form_takes_another_one_too(house: House) -> None:
    unreadable(house)
    assert Sender(house).send_form(COPY).status_code == 303
    house.run_jobs(JobKind.CHECK_UPLOAD)
    compare(house)
    assert case_record(house).state == State.COMPARED


def test_the_number_of_tries_is_limited_whatever_is_wrong_with_them(house: House) -> None:
    unreadable(house)
    for tries in range(4):
        house.clock.pass_s(60)
        handed_in(house, hollow(6000 + tries) if tries % 2 else b"MZ" * 500)
        compare(house)
    sender = Sender(house)
    assert sender.begin(1000).status_code == 429
    assert sender.send_form(COPY).status_code == 429
    page = sender.page().text
    assert "te vaak een bestand verstuurd" in page
    assert "Wij kunnen geen geluid uit het bestand halen" in page
    assert 'type="file"' not in page
    assert len(uploads(house)) == 5


def test_with_the_link_the_tries_end(house: House) -> None:
    unreadable(house)
    house.clock.pass_s(house.wiring.agencies.now("example").copy.valid_days * 86_400)
    sender = Sender(house)
    assert sender.begin(1000).status_code == 409
    assert sender.page().status_code == 410


@pytest.mark.parametrize(
    "fault", [Unusable(is_agencys=False, too_long=True), Unusable(is_agencys=True, too_long=False)]
)
def test_a_copy_that_is_not_compared_for_another_reason_is_the_copy(
    house: House, comparer: SetComparer, fault: Unusable
) -> None:
    comparer.faults = [fault]
    collected(house)
    handed_in(house)
    compare(house)
    assert about(house).not_compared is not None
    assert Sender(house).begin(1000).status_code == 409


def test_a_late_job_of_the_file_that_cannot_be_read_says_nothing_of_the_next_one(
    house: House, comparer: SetComparer
) -> None:
    comparer.faults = [Unusable(is_agencys=False, too_long=False)]
    collected(house)
    handed_in(house, hollow())
    compare(house)
    house.clock.pass_s(60)
    handed_in(house)
    run_again(house)
    assert about(house).not_compared is None
    assert "citizen-copy:compared" not in house.tags
    compare(house)
    assert comparer.seen[-1] == (RECORDING, COPY)
    assert house.entry("citizen-copy:compared").facts["copy_digest"] == hashlib.sha256(COPY).hexdigest()


def test_two_files_that_come_at_once_after_it_are_one_copy(house: House, comparer: SetComparer) -> None:
    """Both were begun before one of them was whole."""
    comparer.faults = [Unusable(is_agencys=False, too_long=False)]
    collected(house)
    handed_in(house, hollow())
    compare(house)
    sender = Sender(house)
    other = encode(OURS[0], "mp3")
    first, second = (sender.begin(len(file)).location for file in (COPY, other))
    for address, file in ((first, COPY), (second, other)):
        assert sender.piece(address, 0, file).status_code == 204
    house.run_jobs(JobKind.CHECK_UPLOAD)
    assert sorted(row.state for row in uploads(house)) == ["kept", "kept", "refused"]
    assert house.tags.count("citizen-copy:received") == 2


def test_staff_listen_to_the_file_that_was_compared_and_not_to_the_one_before(house: House) -> None:
    unreadable(house)
    handed_in(house)
    compare(house)
    pair = house.wiring.compared_copies.find_pair(case_of(case_record(house)), SUPERVISOR.name)
    assert pair is not None
    assert pair.upload.digest == hashlib.sha256(COPY).hexdigest()


def test_both_files_go_on_the_day_of_the_copy(house: House) -> None:
    unreadable(house)
    handed_in(house)
    compare(house)
    house.clock.pass_s(house.wiring.agencies.now("example").retention.citizen_copy_days * 86_400)
    house.wiring.retention.keep()
    assert [row.state for row in uploads(house)] == ["destroyed", "destroyed"]
    assert not any(key.startswith("citizen-copies/") for key in objects(house))
