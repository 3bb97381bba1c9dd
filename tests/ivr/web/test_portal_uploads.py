"""The way back: a caller hands in their own recording, piece by piece or in one form, and what can go wrong with it."""

import base64
import re
from datetime import timedelta
from pathlib import Path

import pytest

from ivr.calls.jobs import JobKind
from ivr.cases.acts import CopyDeclined
from ivr.cases.case import State, Who
from ivr.cases.service import Actor
from ivr.uploads.receiving import LARGEST_BYTES, MOST_PARTS
from tests.builders import House, wav_of
from tests.ivr.uploads.asking import (
    FILES,
    PAGE,
    PIECE,
    TUS,
    Sender,
    case_record,
    multipart,
    objects,
    ticket_of,
    uploads,
)

pytestmark = pytest.mark.asked

SOUND = wav_of(3)


@pytest.fixture
def sender(house: House) -> Sender:
    return Sender(house)


def received(house: House) -> bool:
    house.run_jobs(JobKind.CHECK_UPLOAD)
    return case_record(house).state == State.RECEIVED


def metadata(**pairs: str) -> str:
    return ",".join(f"{key} {base64.b64encode(value.encode()).decode()}" for key, value in pairs.items())


def piece(sender: Sender) -> dict[str, str]:
    """The headers of a first piece."""
    return {**TUS, **PIECE, **sender.csrf, "Upload-Offset": "0"}


# ------------------------------------------------------------ the page


def test_the_page_asks_and_says_that_nobody_has_to(sender: Sender) -> None:
    page = sender.page()
    assert page.status_code == 200
    for words in ("U hoeft die niet te geven", "Hoogstens 200 MB", "versleuteld", "multipart/form-data", "Een klacht"):
        assert words in page.text
    policy = page.headers["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "connect-src 'self'" in policy
    assert "unsafe" not in policy
    assert not re.search(r'(?:src|href)="(?:https?:)?//', re.sub(r'<a [^>]+rel="noreferrer"', "", page.text))


def test_the_home_page_leads_there_even_without_a_recording_of_ours(house: House, sender: Sender) -> None:
    home = sender.client.get("/kopie/opname")
    assert home.status_code == 200
    assert f'href="{PAGE}"' in home.text
    link = house.wiring.links.copy(house.call.call_id).removeprefix(house.wiring.settings.public_url)
    explanation = house.client.get(link).text
    assert "kopie van uw eigen opname" in explanation
    assert "Stuur mij een code" in explanation


def test_who_was_not_asked_finds_no_page(house: House, tmp_path: Path) -> None:
    """The call of another house, whose agency asks for nothing."""
    with house.wiring.database.transaction() as unit:
        unit.cases.destroy(case_record(house).case_id)
    sender = Sender(house)
    assert sender.page().status_code == 404
    assert sender.begin(100).status_code == 409
    assert sender.send_form(SOUND).status_code == 404


# ------------------------------------------------------------ piece by piece (tus 1.0)


def test_a_file_in_pieces_becomes_the_copy_of_the_case(house: House, sender: Sender) -> None:
    begun = sender.begin(len(SOUND))
    assert begun.status_code == 201
    assert begun.headers["Tus-Resumable"] == "1.0.0"
    assert begun.headers["Upload-Expires"].endswith("GMT")
    at = 0
    for size in (1, 20_000, len(SOUND) - 20_001):
        answer = sender.piece(begun.location, at, SOUND[at : at + size])
        at += size
        assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(at))
    assert "Wij hebben uw bestand" in sender.page().text
    assert received(house)
    assert house.tags.count("upload:begun") == 1


def test_what_it_can_do_is_told(sender: Sender) -> None:
    answer = sender.client.options(FILES)
    assert answer.status_code == 204
    assert answer.headers["Tus-Version"] == "1.0.0"
    assert answer.headers["Tus-Extension"] == "creation,expiration"
    assert answer.headers["Tus-Max-Size"] == str(LARGEST_BYTES)


def test_a_broken_connection_costs_what_it_broke(house: House, sender: Sender) -> None:
    """Less than was announced came: what came is kept, and the sender asks where to go on."""
    address = sender.begin(len(SOUND)).location
    announced = {"CONTENT_LENGTH": str(len(SOUND))}
    answer = sender.client.patch(address, data=SOUND[:30_000], headers=piece(sender), environ_overrides=announced)
    assert answer.headers["Upload-Offset"] == "30000"
    assert sender.offset(address) == 30_000
    sender.piece(address, 30_000, SOUND[30_000:])
    assert received(house)


@pytest.mark.parametrize("offset", [0, 99, 101, 10_000])
def test_pieces_out_of_order_and_twice_are_refused_and_change_nothing(
    house: House, sender: Sender, offset: int
) -> None:
    address = sender.begin(len(SOUND)).location
    sender.piece(address, 0, SOUND[:100])
    answer = sender.piece(address, offset, SOUND[offset : offset + 50])
    assert answer.status_code == 409
    assert sender.offset(address) == 100
    assert len(objects(house)) == 1


def test_more_than_was_said_is_refused_and_not_kept(house: House, sender: Sender) -> None:
    address = sender.begin(1000).location
    assert sender.piece(address, 0, bytes(1001)).status_code == 413
    assert sender.offset(address) == 0
    assert objects(house) == []


def test_a_body_without_a_length_is_counted_as_it_comes(house: House, sender: Sender) -> None:
    """Chunked transfer: nothing says beforehand how much it is."""
    address = sender.begin(1000).location
    chunked = {"wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    answer = sender.client.patch(address, data=bytes(25_000), headers=piece(sender), environ_overrides=chunked)
    assert answer.status_code == 413
    assert sender.offset(address) == 0
    assert objects(house) == []


@pytest.mark.parametrize(
    ("length", "status"),
    [(0, 413), (LARGEST_BYTES + 1, 413), ("", 400), ("-5", 400), ("1e6", 400), ("9" * 30, 400), ("1 000", 400)],
)
def test_a_length_that_cannot_be_is_refused(house: House, sender: Sender, length: object, status: int) -> None:
    assert sender.begin(length).status_code == status
    assert uploads(house) == []


def test_a_piece_needs_its_type_and_a_place(sender: Sender) -> None:
    address = sender.begin(1000).location
    assert sender.piece(address, 0, bytes(10), **{"Content-Type": "application/octet-stream"}).status_code == 415
    for offset in ("", "x", "-1"):
        assert sender.piece(address, offset, bytes(10)).status_code == 400


def test_another_version_of_the_protocol_is_refused(sender: Sender) -> None:
    address = sender.begin(1000).location
    assert sender.begin(1000, **{"Tus-Resumable": "0.2.2"}).status_code == 412
    assert sender.piece(address, 0, b"a", **{"Tus-Resumable": "2.0.0"}).status_code == 412
    assert sender.client.head(address).status_code == 412


def test_the_same_file_goes_on_where_it_was_also_from_another_browser(house: House, sender: Sender) -> None:
    own = {"Upload-Metadata": metadata(fingerprint="a" * 64, filename="../../etc/passwd")}
    address = sender.begin(len(SOUND), **own).location
    sender.piece(address, 0, SOUND[:100])
    later = Sender(house).begin(len(SOUND), **own)
    assert (later.location, later.headers["Upload-Offset"]) == (address, "100")
    assert sender.begin(len(SOUND), **{"Upload-Metadata": metadata(fingerprint="b" * 64)}).location != address
    assert sender.begin(len(SOUND)).location != address


@pytest.mark.parametrize("text", ["fingerprint", "fingerprint ###", "fingerprint YQ==", ",,,", "fingerprint /w=="])
def test_metadata_that_make_no_sense_are_no_fingerprint(house: House, sender: Sender, text: str) -> None:
    assert sender.begin(1000, **{"Upload-Metadata": text}).status_code == 201
    assert uploads(house)[0].fingerprint == ""


def test_names_of_files_are_kept_nowhere(house: House, sender: Sender) -> None:
    sender.begin(1000, **{"Upload-Metadata": metadata(filename="../../gesprek met mevrouw De Vries.wav")})
    sender.send_form(SOUND, name="../../../tmp/gesprek met mevrouw De Vries.wav")
    everything = str(uploads(house)) + str(house.entries) + " ".join(objects(house))
    assert "Vries" not in everything
    assert not (house.folder.parent / "tmp").exists()


def test_a_file_is_over_a_day_after_its_last_piece(house: House, sender: Sender) -> None:
    address = sender.begin(1000).location
    house.clock.pass_s(timedelta(hours=23).total_seconds())
    sender = Sender(house)
    assert sender.piece(address, 0, bytes(10)).status_code == 204
    house.clock.pass_s(timedelta(hours=23).total_seconds())
    assert Sender(house).piece(address, 10, bytes(10)).status_code == 204
    house.clock.pass_s(timedelta(hours=24).total_seconds())
    assert Sender(house).piece(address, 20, bytes(10)).status_code == 410


# ------------------------------------------------------------ limits


def test_five_files_a_case(house: House, sender: Sender) -> None:
    for _ in range(5):
        assert sender.begin(1000).status_code == 201
    assert sender.begin(1000).status_code == 429
    assert sender.send_form(SOUND).status_code == 429
    assert "te vaak een bestand verstuurd" in sender.page().text
    assert len(uploads(house)) == 5


def test_a_file_of_countless_pieces_is_refused(house: House, sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.uploads.receiving.MOST_PARTS", 3)
    assert LARGEST_BYTES / MOST_PARTS <= 4 * 1024 * 1024  # the page's own pieces always fit
    address = sender.begin(1000).location
    for at in range(3):
        assert sender.piece(address, at, b"a").status_code == 204
    assert sender.piece(address, 3, b"a").status_code == 429


def test_a_file_that_is_being_checked_takes_nothing_more(house: House, sender: Sender) -> None:
    address = sender.send(SOUND)
    assert sender.piece(address, len(SOUND), b"").status_code == 410
    assert sender.begin(1000).status_code == 409
    assert sender.send_form(SOUND).status_code == 409


def test_when_one_was_received_no_other_is_taken(house: House, sender: Sender) -> None:
    sender.send(SOUND)
    assert received(house)
    assert sender.begin(1000).status_code == 409
    assert "Wij hebben uw opname ontvangen" in sender.send_form(SOUND).text
    assert house.tags.count("citizen-copy:received") == 1


def test_a_case_that_is_over_takes_nothing(house: House, sender: Sender) -> None:
    address = sender.begin(len(SOUND)).location
    house.wiring.cases.act(case_record(house).case_id, CopyDeclined(), Actor("m.jansen", Who.EMPLOYEE))
    assert sender.begin(1000).status_code == 409
    assert "geen opname van u nodig" in sender.page().text
    sender.piece(address, 0, SOUND)
    assert not received(house)


def test_an_expired_or_withdrawn_link_takes_nothing(house: House, sender: Sender) -> None:
    address = sender.begin(len(SOUND)).location
    house.wiring.copies.withdraw(house.call.call_id, "l.smit")
    assert sender.begin(1000).status_code == 409
    assert sender.piece(address, 0, SOUND).status_code == 409
    assert sender.send_form(SOUND).status_code == 410
    assert sender.page().status_code == 410
    assert objects(house) == []


# ------------------------------------------------------------ who is there, and whose file it is


def test_without_a_visit_nothing_is_taken(house: House) -> None:
    client = house.client
    assert client.post(FILES, headers={**TUS, "Upload-Length": "10"}).status_code == 403
    assert client.patch(f"{FILES}/abc", headers=TUS, data=b"a").status_code == 403
    assert client.head(f"{FILES}/abc", headers=TUS).status_code == 403
    form = multipart(("csrf", "a" * 64), ("bestand", SOUND))
    assert client.post(PAGE, data=form, content_type="multipart/form-data; boundary=grens").status_code == 403


@pytest.mark.parametrize("csrf", ["", "a" * 64, "é"])
def test_a_form_of_elsewhere_is_refused(house: House, sender: Sender, csrf: str) -> None:
    assert sender.send_form(SOUND, csrf=csrf).status_code == 403
    assert sender.begin(10, **{"X-CSRF-Token": "a" * 64}).status_code == 403
    assert sender.begin(10, Origin="https://elders.example").status_code == 403
    assert uploads(house) == []


def test_a_file_of_another_call_does_not_exist(house: House, sender: Sender) -> None:
    address = sender.begin(1000).location
    other = "CA" + "7" * 32
    house.dial_in(CallSid=other)
    call = house.wiring.driver.find(other)
    assert call is not None
    with house.wiring.database.transaction() as unit:
        mine = ticket_of(house)
        foreign = type(mine)(f"{call.call_id}:sms", call.call_id, "d" * 64, mine.created_at, mine.expires_at)
        unit.copies.add(foreign)
    stranger = Sender(house, foreign.ticket_id)
    assert stranger.client.head(address, headers=TUS).status_code == 404
    assert stranger.piece(address, 0, bytes(10)).status_code == 404
    assert sender.offset(address) == 0


@pytest.mark.parametrize("name", ["0" * 32, "..%2f..%2fetc%2fpasswd", "%00", "a" * 3000])
def test_a_file_that_nobody_began_does_not_exist(sender: Sender, name: str) -> None:
    assert sender.client.head(f"{FILES}/{name}", headers=TUS).status_code == 404
    assert sender.piece(f"{FILES}/{name}", 0, b"a").status_code == 404


# ------------------------------------------------------------ in one form, without a script


def test_a_plain_form_hands_in_the_file(house: House, sender: Sender) -> None:
    answer = sender.send_form(SOUND)
    assert (answer.status_code, answer.location) == (303, PAGE)
    assert received(house)
    assert uploads(house)[0].size_bytes == len(SOUND)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"geen formulier",
        multipart(("csrf", "CSRF")),
        multipart(("csrf", "CSRF"), ("bestand", b"")),
        multipart(("csrf", "CSRF"), ("bestand", SOUND), end=b""),
        multipart(("csrf", "CSRF"), ("bestand", SOUND))[:-3000],
        multipart(("csrf", "CSRF"), ("iets", "x" * 5000), ("bestand", SOUND)),
    ],
    ids=["empty", "no form", "no file", "empty file", "no end", "cut off", "long field"],
)
def test_a_form_that_is_not_whole_leaves_nothing_and_says_what_to_do(house: House, sender: Sender, body: bytes) -> None:
    body = body.replace(b"CSRF", sender.visit.csrf.encode())
    page = sender.client.post(PAGE, data=body, content_type="multipart/form-data; boundary=grens")
    assert page.status_code == 422
    assert "Kies een bestand" in page.text
    assert objects(house) == []
    assert case_record(house).state == State.ASKED


def test_a_file_that_comes_before_the_forms_token_is_refused(house: House, sender: Sender) -> None:
    form = multipart(("bestand", SOUND), ("csrf", sender.visit.csrf))
    assert sender.client.post(PAGE, data=form, content_type="multipart/form-data; boundary=grens").status_code == 403
    assert objects(house) == []


def test_a_form_larger_than_may_be_is_refused_before_it_is_read(house: House, sender: Sender) -> None:
    announced = {"CONTENT_LENGTH": str(LARGEST_BYTES + 1_000_000)}
    form = {"data": b"--grens", "content_type": "multipart/form-data; boundary=grens"}
    page = sender.client.post(PAGE, **form, environ_overrides=announced)
    assert page.status_code == 413
    assert "hoogstens 200 MB" in page.text
    assert uploads(house) == []


def test_a_form_that_turns_out_larger_is_refused(house: House, sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ivr.uploads.receiving.LARGEST_BYTES", 10_000)
    page = sender.send_form(SOUND)
    assert page.status_code == 413
    assert objects(house) == []


def test_other_kinds_of_forms_are_none(sender: Sender) -> None:
    assert sender.client.post(PAGE, data={"bestand": "x"}).status_code == 422
    assert sender.client.post(PAGE, data=b"x", content_type="multipart/form-data").status_code == 422
