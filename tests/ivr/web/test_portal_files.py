"""The files that a caller keeps: two forms, with the agency's credentials or honestly without, whole or in ranges."""

import io
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest

from ivr.calls.jobs import JobKind
from ivr.copying.credentials import State, read_credentials
from ivr.copying.files import Form
from ivr.copying.signing import Signer
from ivr.dialogue.states import AgencyRecording
from ivr.records.destruction import destroy_recording
from tests.certificates import Authority
from tests.ivr.web.house import CALL_ID, CopyHouse, ready_house

PAGE = "/kopie/opname"
ADDRESS = {Form.WAV: f"{PAGE}/downloaden", Form.MP3: f"{PAGE}/downloaden/mp3"}


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "certificates")


@pytest.fixture
def wanted(tmp_path: Path) -> Iterator[CopyHouse]:
    """The caller may have the copy, which is not prepared yet."""
    house = CopyHouse(tmp_path)
    house.add_call()
    house.add_recording()
    house.add_tickets()
    yield house
    house.database.close()


@pytest.fixture
def house(wanted: CopyHouse, authority: Authority) -> CopyHouse:
    wanted.prepare(Signer(authority.issue().load()))
    return wanted


@pytest.mark.parametrize("form", Form)
def test_each_form_is_handed_over_with_the_agencys_credentials(
    house: CopyHouse, authority: Authority, form: Form
) -> None:
    answer = house.visitor().get(ADDRESS[form])
    assert answer.mimetype == form.mimetype
    assert answer.headers["Content-Disposition"] == f"attachment; filename=gesprek-example-2026-11-03-1405.{form}"
    found = read_credentials(form, io.BytesIO(answer.data), authority.pem.read_text())
    assert found.state is State.TRUSTED
    assert found.statement is not None
    assert found.statement["call"] == CALL_ID


@pytest.mark.parametrize("form", Form)
def test_the_log_knows_which_form_was_taken(house: CopyHouse, form: Form) -> None:
    data = house.visitor().get(ADDRESS[form]).data
    [entry] = house.entries()
    assert entry.facts == {
        "ticket": "sms", "use": "download", "format": form, "digest": sha256(data).hexdigest()
    }  # fmt: skip
    assert house.uses() == 1


def test_taking_both_forms_is_two_uses_and_taking_one_twice_is_one(house: CopyHouse) -> None:
    visitor = house.visitor()
    for address in (*ADDRESS.values(), *ADDRESS.values()):
        visitor.get(address)
    assert house.tags() == ["copy:downloaded", "copy:downloaded"]
    assert house.uses() == 2


@pytest.mark.parametrize("form", Form)
def test_everybody_gets_the_same_bytes_each_time(house: CopyHouse, form: Form) -> None:
    first, second = (house.visitor(kind).get(ADDRESS[form]).data for kind in ("sms", "code"))
    house.prepare()
    assert first == second == house.visitor().get(ADDRESS[form]).data


@pytest.mark.parametrize("form", Form)
def test_a_download_that_broke_off_goes_on_where_it_was(house: CopyHouse, form: Form) -> None:
    visitor = house.visitor()
    whole = house.file(form)
    answer = visitor.get(ADDRESS[form], headers={"Range": "bytes=30000-"})
    assert (answer.status_code, answer.data) == (206, whole[30000:])
    assert answer.headers["Content-Range"] == f"bytes 30000-{len(whole) - 1}/{len(whole)}"
    changed = visitor.get(ADDRESS[form], headers={"Range": "bytes=30000-", "If-Range": '"other"'})
    assert (changed.status_code, changed.data) == (200, whole)


@pytest.mark.parametrize("form", Form)
def test_a_head_request_tells_the_length_and_is_no_use(house: CopyHouse, form: Form) -> None:
    answer = house.visitor().head(ADDRESS[form])
    assert (answer.status_code, answer.content_length) == (200, len(house.file(form)))
    assert not house.tags()


def test_the_page_offers_both_forms_with_their_sizes_and_says_what_is_in_them(house: CopyHouse) -> None:
    page = house.visitor().get(PAGE).text
    assert "geluidsbestand (WAV), 0,4 MB" in page
    assert "geluidsbestand (MP3), 0,1 MB" in page
    assert "zit een digitale handtekening van de organisatie (C2PA)" in page
    assert "geen digitale handtekening" not in page


def test_without_a_certificate_the_page_says_so(tmp_path: Path) -> None:
    house = ready_house(tmp_path)
    page = house.visitor().get(PAGE).text
    house.database.close()
    assert "zit geen digitale handtekening" in page
    assert "handtekening van de organisatie" not in page


def test_until_the_files_lie_ready_one_can_listen_and_is_told_to_come_back(wanted: CopyHouse) -> None:
    visitor = wanted.visitor()
    page = visitor.get(PAGE).text
    assert "Wij maken het bestand klaar" in page
    assert "downloaden" not in page
    assert visitor.get(f"{PAGE}/luisteren").data == wanted.sound
    for address in ADDRESS.values():
        early = visitor.get(address)
        assert (early.status_code, early.mimetype) == (200, "text/html")
        assert "nog niet klaar" in early.text
        assert visitor.head(address).mimetype == "text/html"
    assert wanted.tags() == ["copy:opened", "copy:downloaded"]


def test_who_opens_the_page_of_a_copy_that_nobody_prepared_has_it_prepared(wanted: CopyHouse) -> None:
    wanted.visitor().get(PAGE)
    with wanted.database.transaction() as unit:
        job = unit.outbox.claim([JobKind.PREPARE_COPY], wanted.clock.now(), 60)
    assert job is not None
    assert job.payload == {"call_id": CALL_ID}


def test_opening_a_page_with_files_asks_for_nothing(house: CopyHouse) -> None:
    house.visitor().get(PAGE)
    with house.database.reading() as unit:
        assert not any(unit.outbox.count_by_state().values())


def test_a_copy_that_is_not_whole_says_so_on_the_page_and_in_the_credentials(
    tmp_path: Path, authority: Authority
) -> None:
    house = CopyHouse(tmp_path)
    house.add_call(AgencyRecording.DEGRADED)
    house.recording = replace(house.recording, completeness=0.8)
    house.add_recording("degraded")
    house.add_tickets()
    house.prepare(Signer(authority.issue().load()))
    visitor = house.visitor()
    assert "niet helemaal volledig" in visitor.get(PAGE).text
    for form in Form:
        found = read_credentials(form, io.BytesIO(visitor.get(ADDRESS[form]).data))
        assert found.statement is not None
        assert (found.statement["whole"], found.statement["completeness"]) == (False, "0.8000")
        assert "not whole" in str(found.statement["statement"])
    house.database.close()


@pytest.mark.parametrize("form", Form)
def test_a_damaged_file_is_not_handed_over(house: CopyHouse, form: Form) -> None:
    for path in (house.folder / "recordings" / "copies").rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-1])
    assert house.visitor().get(ADDRESS[form]).status_code == 500
    assert not house.tags()


def test_when_the_recording_is_destroyed_there_is_no_copy_either(house: CopyHouse) -> None:
    visitor = house.visitor()
    with house.database.transaction() as unit:
        assert destroy_recording(unit, house.store, house.recording, "test", house.clock.now())
    for address in (PAGE, *ADDRESS.values()):
        gone = visitor.get(address)
        assert gone.status_code == 410
        assert "vernietigd" in gone.text
    assert not [path for path in (house.folder / "recordings").rglob("*") if path.is_file()]
    assert not house.tags()
