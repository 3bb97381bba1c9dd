"""The caller's copy pages, on a real database and real encrypted recordings."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from flask import Response
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ivr.carrier.links import token_digest
from ivr.copying.files import Form
from ivr.dialogue.states import AgencyRecording
from ivr.web.portal.visits import Visits
from storage.records import CopyTicket
from tests.builders import BEGAN
from tests.ivr.web.house import CALL_ID, CONFIG, CopyHouse, ready_house

PAGE = "/kopie/opname"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[CopyHouse]:
    house = CopyHouse(tmp_path)
    yield house
    house.database.close()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[CopyHouse]:
    house = ready_house(tmp_path)
    yield house
    house.database.close()


@pytest.fixture
def client(house: CopyHouse) -> FlaskClient:
    """Nobody yet."""
    return house.app().test_client()


@pytest.fixture
def visitor(house: CopyHouse) -> FlaskClient:
    """The caller, who has shown who they are."""
    return house.visitor()


def media(page: TestResponse, what: str) -> str:
    """The address that the page gives for listening or downloading."""
    found = re.search(rf'(?:src|href)="(/kopie/opname/{what})"', page.text)
    assert found, page.text
    return found[1]


def csrf_of(page: TestResponse) -> str:
    found = re.search(r'name="csrf" value="([0-9a-f]{64})"', page.text)
    assert found, page.text
    return found[1]


# ------------------------------------------------------------ the page


def test_the_page_tells_what_when_how_long_and_the_rules(house: CopyHouse, visitor: FlaskClient) -> None:
    page = visitor.get(PAGE)
    assert page.status_code == 200
    for words in (
        "gemeente Voorbeeld",
        "3 november 2026, 14.05 uur",
        "12 seconden",
        "17 november 2026, 14.05 uur",
        "3 december 2026",
        "Knip en plak niet",
        "Zet de opname niet op internet",
        "Klachtencommissie",
        sha256(house.file(Form.WAV)).hexdigest(),
        sha256(house.file(Form.MP3)).hexdigest(),
        "geen digitale handtekening",
    ):
        assert words in page.text


def test_the_page_is_strict_about_scripts_caches_frames_and_referrers(house: CopyHouse, visitor: FlaskClient) -> None:
    headers = visitor.get(PAGE).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "noindex" in headers["X-Robots-Tag"]


def test_the_page_loads_nothing_from_elsewhere(house: CopyHouse, visitor: FlaskClient) -> None:
    page = visitor.get(PAGE).text
    assert not re.search(r'(?:src|<link[^>]+href)="(?:https?:)?//', page)
    assert "<script" not in page
    assert "style=" not in page


def test_opening_is_logged_but_is_no_use(house: CopyHouse, visitor: FlaskClient) -> None:
    visitor.get(PAGE)
    assert house.tags() == ["copy:opened"]
    assert house.entries()[0].facts["ticket"] == "sms"
    assert house.uses() == 0


def test_a_head_request_opens_nothing(house: CopyHouse, visitor: FlaskClient) -> None:
    response = visitor.head(PAGE)
    assert (response.status_code, response.data) == (200, b"")
    assert house.tags() == []


# ------------------------------------------------------------ the sound


def test_the_download_has_every_sample_of_the_recording(house: CopyHouse, visitor: FlaskClient) -> None:
    response = visitor.get(media(visitor.get(PAGE), "downloaden"))
    assert response.data == house.file()
    assert response.data.endswith(house.sound[44:])
    assert response.mimetype == "audio/wav"
    assert response.content_length == len(house.file())
    assert response.headers["Content-Disposition"] == "attachment; filename=gesprek-example-2026-11-03-1405.wav"
    assert response.headers["Cache-Control"] == "no-store"


def test_the_log_knows_of_the_download_before_the_first_byte(house: CopyHouse, visitor: FlaskClient) -> None:
    url = media(visitor.get(PAGE), "downloaden")
    response = visitor.get(url, buffered=False)
    assert house.tags() == ["copy:opened", "copy:downloaded"]
    assert house.uses() == 1
    facts = house.entries()[-1].facts
    assert (facts["use"], facts["format"], facts["digest"]) == ("download", "wav", sha256(house.file()).hexdigest())
    assert response.data == house.file()


@pytest.mark.parametrize(
    ("asked", "first", "last"),
    [
        ("bytes=0-", 0, None),
        ("bytes=0-99", 0, 99),
        ("bytes=16380-16390", 16380, 16390),  # over the edge between two encrypted chunks
        ("bytes=100000-150000", 100000, 150000),
        ("bytes=-10", -10, None),
        ("bytes=150000-99999999", 150000, None),
    ],
)
def test_any_range_can_be_asked_for(
    house: CopyHouse, visitor: FlaskClient, asked: str, first: int, last: int | None
) -> None:
    url = media(visitor.get(PAGE), "luisteren")
    response = visitor.get(url, headers={"Range": asked})
    wanted = house.sound[first : None if last is None else last + 1]
    assert response.status_code == 206
    assert response.data == wanted
    start = first % len(house.sound)
    assert response.headers["Content-Range"] == f"bytes {start}-{start + len(wanted) - 1}/{len(house.sound)}"


def test_several_ranges_at_once_get_the_whole_file(house: CopyHouse, visitor: FlaskClient) -> None:
    url = media(visitor.get(PAGE), "luisteren")
    response = visitor.get(url, headers={"Range": "bytes=0-1,5-6"})
    assert (response.status_code, response.data) == (200, house.sound)


def test_a_range_beyond_the_end_is_refused_with_the_length(house: CopyHouse, visitor: FlaskClient) -> None:
    url = media(visitor.get(PAGE), "luisteren")
    response = visitor.get(url, headers={"Range": "bytes=99999999-"})
    assert response.status_code == 416
    assert response.headers["Content-Range"] == f"bytes */{len(house.sound)}"


def test_seeking_is_one_playback(house: CopyHouse, visitor: FlaskClient) -> None:
    url = media(visitor.get(PAGE), "luisteren")
    for start in (0, 50_000, 20_000):
        visitor.get(url, headers={"Range": f"bytes={start}-"})
    assert house.tags() == ["copy:opened", "copy:downloaded"]
    assert house.entries()[-1].facts["use"] == "listen"
    assert house.uses() == 1


def test_another_visit_is_another_playback(house: CopyHouse) -> None:
    for _ in range(2):
        visitor = house.visitor()
        visitor.get(media(visitor.get(PAGE), "luisteren"))
    assert house.tags() == ["copy:opened", "copy:downloaded"] * 2
    assert house.uses() == 2


def test_a_head_request_for_the_sound_tells_its_length_and_is_no_use(house: CopyHouse, visitor: FlaskClient) -> None:
    response = visitor.head(media(visitor.get(PAGE), "luisteren"))
    assert (response.status_code, response.data) == (200, b"")
    assert response.headers["Content-Length"] == str(len(house.sound))
    assert response.headers["Accept-Ranges"] == "bytes"
    assert house.uses() == 0


@pytest.mark.parametrize("path", ["", "/luisteren", "/downloaden", "/bewijs", "/bewijs.json", "/inleveren"])
@pytest.mark.parametrize("cookie", [None, "", "abc", "a" * 43, "x" * 4000])
def test_without_a_visit_nothing_opens(house: CopyHouse, client: FlaskClient, path: str, cookie: str | None) -> None:
    if cookie is not None:
        client.set_cookie(house.visits.cookie, cookie)
    page = client.get(PAGE + path)
    assert page.status_code == 403
    assert "niet meer open" in page.text
    assert house.tags() == []


def test_a_visit_ends_when_nothing_happens_for_a_while(house: CopyHouse, visitor: FlaskClient) -> None:
    url = media(visitor.get(PAGE), "luisteren")
    house.clock.at += timedelta(hours=2)
    assert visitor.get(url).status_code == 403


def test_a_visit_in_use_goes_on_and_still_ends(house: CopyHouse, visitor: FlaskClient) -> None:
    statuses = []
    for _ in range(13):
        statuses.append(visitor.get(PAGE).status_code)
        house.clock.at += timedelta(hours=1)
    assert statuses == [200] * 12 + [403]


def test_who_is_done_closes_the_page(house: CopyHouse, visitor: FlaskClient) -> None:
    csrf = csrf_of(visitor.get(PAGE))
    cookie = visitor.get_cookie(house.visits.cookie)
    assert cookie is not None
    assert visitor.post("/kopie/klaar", data={"csrf": "a" * 64}).status_code == 403
    assert "gesloten" in visitor.post("/kopie/klaar", data={"csrf": csrf}).text
    assert visitor.get_cookie(house.visits.cookie) is None
    visitor.set_cookie(house.visits.cookie, cookie.value)
    assert visitor.get(PAGE).status_code == 403


def test_the_cookie_is_for_the_visit_only(house: CopyHouse, client: FlaskClient) -> None:
    answer = client.post("/kopie", data={"code": house.code})
    [cookie] = answer.headers.getlist("Set-Cookie")
    assert re.fullmatch(r"spelregel-kopie=[\w-]{43}; HttpOnly; Path=/; SameSite=Lax", cookie)
    secure = Visits(house.database, house.clock, secure=True)
    response = Response()
    secure.set_cookie(response, secure.begin(f"{CALL_ID}:sms"))
    assert re.fullmatch(
        r"__Host-spelregel-kopie=[\w-]{43}; Secure; HttpOnly; Path=/; SameSite=Lax", response.headers["Set-Cookie"]
    )


def test_a_session_of_staff_is_no_visit(house: CopyHouse, client: FlaskClient) -> None:
    client.set_cookie("spelregel", house.visits.begin(f"{CALL_ID}:sms").token)
    assert client.get(PAGE).status_code == 403


def test_a_damaged_recording_is_not_handed_over(house: CopyHouse, visitor: FlaskClient) -> None:
    path = house.folder / "recordings" / house.recording.object_key
    path.write_bytes(path.read_bytes()[:-1])
    url = media(visitor.get(PAGE), "luisteren")
    response = visitor.get(url)
    assert response.status_code == 500
    assert "Er ging iets mis bij ons" in response.text
    assert house.uses() == 0


# ------------------------------------------------------------ when there is nothing


@pytest.mark.parametrize("token", ["0" * 32, "f" * 31, "onzin", "%00", "A" * 32])
def test_everything_unknown_gets_the_same_page(house: CopyHouse, client: FlaskClient, token: str) -> None:
    page = client.get(f"/kopie/{token}")
    assert page.status_code == 404
    assert page.text == client.get(f"/kopie/{'1' * 32}").text
    assert house.tags() == []


def test_an_expired_link_says_until_when_it_worked(house: CopyHouse, client: FlaskClient) -> None:
    house.clock.at = BEGAN + timedelta(days=14)
    page = client.get(f"/kopie/{house.token}")
    assert page.status_code == 410
    assert "17 november 2026, 14.05 uur" in page.text
    assert client.post(f"/kopie/{house.token}/code/aanvragen").status_code == 410
    assert client.post("/kopie", data={"code": house.code}).status_code == 410
    assert house.tags() == []


def test_a_link_that_ends_during_a_visit_gives_no_more_sound(house: CopyHouse) -> None:
    house.clock.at = BEGAN + timedelta(days=14, seconds=-1)
    visitor = house.visitor()
    url = media(visitor.get(PAGE), "luisteren")
    house.clock.at += timedelta(seconds=1)
    for path in (url, PAGE, f"{PAGE}/bewijs", f"{PAGE}/inleveren"):
        assert visitor.get(path).status_code == 410
    assert house.uses() == 0


def test_a_revoked_link_says_so(empty: CopyHouse) -> None:
    empty.add_call()
    empty.add_recording()
    empty.add_tickets(revoked_at=BEGAN)
    page = empty.app().test_client().get(f"/kopie/{empty.token}")
    assert page.status_code == 410
    assert "ingetrokken" in page.text
    assert empty.tags() == []


@pytest.mark.parametrize(
    ("agency_recording", "status", "words"),
    [
        (AgencyRecording.STOPPED, 200, "nog niet klaar"),
        (AgencyRecording.STARTED, 200, "nog niet klaar"),
        (AgencyRecording.FAILED, 410, "geen opname van ons gelukt"),
        (AgencyRecording.BLOCKED, 410, "geen opname van ons gelukt"),
        (AgencyRecording.STORED, 410, "vernietigd"),
    ],
)
def test_a_recording_that_is_not_there_is_explained(
    empty: CopyHouse, agency_recording: AgencyRecording, status: int, words: str
) -> None:
    empty.add_call(agency_recording)
    empty.add_tickets()
    page = empty.app().test_client().get(f"/kopie/{empty.token}")
    assert page.status_code == status
    assert words in page.text
    assert "Een klacht" in page.text


def test_a_destroyed_recording_is_gone(house: CopyHouse, client: FlaskClient) -> None:
    house.store.destroy(house.recording.object_key)
    with house.database.transaction() as unit:
        unit.recordings.mark_destroyed(house.recording.recording_id, house.clock.now())
    page = client.get(f"/kopie/{house.token}")
    assert page.status_code == 410
    assert "De opname is vernietigd" in page.text


def test_a_recording_that_is_due_is_not_handed_over_any_more(empty: CopyHouse) -> None:
    empty.add_call()
    empty.recording = replace(empty.recording, destroy_after=empty.clock.now())
    empty.add_recording()
    empty.add_tickets()
    assert "vernietigd" in empty.app().test_client().get(f"/kopie/{empty.token}").text


def test_an_incomplete_recording_is_handed_over_and_says_so(empty: CopyHouse) -> None:
    empty.add_call(AgencyRecording.DEGRADED)
    empty.add_recording("degraded")
    empty.add_tickets()
    page = empty.visitor().get(PAGE)
    assert page.status_code == 200
    assert "niet helemaal volledig" in page.text


# ------------------------------------------------------------ the pick-up code


def test_the_code_opens_the_same_page(house: CopyHouse, client: FlaskClient) -> None:
    spaced = " ".join(house.code[at : at + 3] for at in range(0, 12, 3))
    answer = client.post("/kopie", data={"code": spaced})
    assert (answer.status_code, answer.location) == (303, PAGE)
    page = client.get(answer.location)
    assert "Uw kopie van het gesprek" in page.text
    assert house.entries()[0].facts["ticket"] == "code"
    assert client.get(media(page, "downloaden")).data == house.file()


@pytest.mark.parametrize("typed", ["", "123", "12345678901x", "<script>alert(1)</script>", "1" * 500])
def test_what_is_no_code_is_asked_again_without_counting(client: FlaskClient, typed: str) -> None:
    for _ in range(12):
        page = client.post("/kopie", data={"code": typed})
        assert page.status_code == 422
        assert "Vul de code van 12 cijfers in" in page.text
        assert "<script" not in page.text


def test_a_wrong_code_is_asked_again_and_keeps_what_was_typed(client: FlaskClient) -> None:
    page = client.post("/kopie", data={"code": "123 456 789 012"})
    assert page.status_code == 422
    assert 'value="123 456 789 012"' in page.text
    assert 'aria-invalid="true"' in page.text


def test_a_code_stands_in_no_address(house: CopyHouse, client: FlaskClient) -> None:
    """Addresses end up in histories and logs; the code is all that is needed."""
    assert client.get(f"/kopie/{house.code}").status_code == 404
    assert client.post(f"/kopie/{house.code}/code/aanvragen").status_code == 404


def test_the_secret_of_a_link_is_no_pick_up_code_and_the_other_way_round(house: CopyHouse, client: FlaskClient) -> None:
    assert client.post("/kopie", data={"code": house.token}).status_code == 422
    with house.database.transaction() as unit:
        odd = CopyTicket(f"{CALL_ID}:receipt-code", CALL_ID, token_digest("c" * 32), BEGAN, BEGAN + timedelta(days=14))
        unit.copies.add(odd)
    assert client.get(f"/kopie/{'c' * 32}").status_code == 404


def guess(client: FlaskClient, code: str, address: str = "127.0.0.1") -> int:
    return client.post("/kopie", data={"code": code}, environ_base={"REMOTE_ADDR": address}).status_code


def test_who_guesses_is_held_up_and_then_even_the_right_code_waits(house: CopyHouse, client: FlaskClient) -> None:
    for number in range(10):
        assert guess(client, f"{number:012d}") == 422
    held_up = client.post("/kopie", data={"code": house.code})
    assert held_up.status_code == 429
    assert held_up.headers["Retry-After"] == "900"
    assert "te vaak geprobeerd" in held_up.text
    assert house.tags() == []
    assert client.get(f"/kopie/{house.token}").status_code == 200  # a link cannot be guessed
    house.clock.at += timedelta(minutes=15)
    assert guess(client, house.code) == 303


def test_another_client_is_not_held_up(house: CopyHouse, client: FlaskClient) -> None:
    for number in range(11):
        guess(client, f"{number:012d}", "192.0.2.1")
    assert guess(client, house.code, "192.0.2.2") == 303


def test_one_subscriber_is_one_client_however_many_addresses_they_use(house: CopyHouse, client: FlaskClient) -> None:
    for number in range(10):
        guess(client, f"{number:012d}", f"2001:db8:1:2::{number:x}")
    assert guess(client, house.code, "2001:db8:1:2::ffff") == 429
    assert guess(client, house.code, "2001:db8:1:3::1") == 303


def test_guessing_from_everywhere_closes_the_codes(house: CopyHouse, client: FlaskClient) -> None:
    for number in range(500):
        guess(client, f"{number:012d}", f"198.51.{number // 256}.{number % 256}")
    assert guess(client, house.code) == 429
    assert client.get(f"/kopie/{house.token}").status_code == 200


def test_a_page_cannot_be_opened_without_end(house: CopyHouse, client: FlaskClient) -> None:
    statuses = {client.get(f"/kopie/{house.token}").status_code for _ in range(60)}
    assert statuses == {200}
    assert client.get(f"/kopie/{house.token}").status_code == 429
    assert house.tags() == []


# ------------------------------------------------------------ what goes wrong elsewhere


def test_pages_that_are_not_there_look_like_ours(client: FlaskClient) -> None:
    page = client.get("/nergens", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert "Deze pagina bestaat niet" in page.text
    assert "script-src" not in page.headers["Content-Security-Policy"]


def test_programs_get_a_line_of_text(client: FlaskClient) -> None:
    answer = client.get("/nergens", headers={"Accept": "application/json"})
    assert (answer.status_code, answer.mimetype, answer.text) == (404, "text/plain", "Not Found\n")


def test_a_wrong_method_keeps_its_header(client: FlaskClient) -> None:
    answer = client.delete("/kopie")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


def test_a_database_that_does_not_answer_gives_503(house: CopyHouse, client: FlaskClient) -> None:
    house.database.close()
    (house.folder / "calls.db").rename(house.folder / "away.db")
    (house.folder / "calls.db").mkdir()
    page = client.get(f"/kopie/{house.token}")
    assert page.status_code == 503
    assert "even niet bereikbaar" in page.text
    assert page.headers["Retry-After"] == "30"


# ---------------------------------------------------------------- where the caller can listen


def test_who_can_listen_at_the_agency_only_is_told_so_and_still_gets_the_copy(tmp_path: Path) -> None:
    """The profile decides where one listens; a copy is the caller's right all the same (R4)."""
    profiles = tmp_path / "profiles"
    profiles.mkdir()
    document = (CONFIG / "policies" / "example.toml").read_text(encoding="utf-8")
    (profiles / "example.toml").write_text(document.replace("online = true", "online = false"), encoding="utf-8")
    house = CopyHouse(tmp_path, profiles=profiles)
    house.add_call()
    house.add_recording()
    house.add_tickets()
    house.prepare()
    client = house.visitor()
    page = client.get(PAGE)
    assert "<audio" not in page.text
    assert "U kunt de opname ook komen beluisteren in het gemeentehuis." in page.text
    download = media(page, "downloaden")
    assert client.get(download.replace("downloaden", "luisteren")).status_code == 404
    assert client.get(download).status_code == 200
    assert house.tags() == ["copy:opened", "copy:downloaded"]
    house.database.close()
