"""What the browser phone's page asks of the service; the page itself is tried in tests/journeys."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ivr.web.browser_phone.phone_pages import PhoneLines, make_browser_phone
from ivr.web.headers import register_headers
from ivr.web.pages import register_pages
from tests.builders import CALL_SID, House

LINES = PhoneLines.of("http://127.0.0.1:4010", "ws://127.0.0.1:8001/media")


@pytest.fixture
def client(house: House) -> FlaskClient:
    app = Flask("browser phone under test")
    register_headers(app)
    register_pages(app)
    wiring = house.wiring
    policy = wiring.agencies.now("example")
    app.register_blueprint(make_browser_phone(wiring.driver, wiring.database, wiring.links, policy, LINES))
    return app.test_client()


@pytest.mark.parametrize("role", ["", "?rol=medewerker"])
def test_the_page_may_only_talk_to_the_local_carrier_and_the_captions(client: FlaskClient, role: str) -> None:
    headers = client.get(f"/bel{role}").headers
    assert "connect-src 'self' ws://127.0.0.1:4010 ws://127.0.0.1:8001;" in headers["Content-Security-Policy"] + ";"
    assert "script-src 'self'" in headers["Content-Security-Policy"]
    assert headers["Permissions-Policy"] == "microphone=(self)"


def test_addresses_for_the_page() -> None:
    assert LINES.phone == "ws://127.0.0.1:4010/local/phone"
    assert LINES.captions == "ws://127.0.0.1:8001/captions"


def test_the_latest_open_call_is_the_employees(client: FlaskClient, house: House) -> None:
    assert client.get("/bel/gesprek").json == {"call_sid": None}
    house.dial_in()
    assert client.get("/bel/gesprek").json == {"call_sid": CALL_SID}


def test_the_log_tells_what_was_logged_and_what_is_being_said(client: FlaskClient, house: House) -> None:
    house.dial_in()
    call = client.get(f"/bel/log/{CALL_SID}").json
    assert call is not None
    assert [entry["tag"] for entry in call["entries"]] == ["call:opened"]
    assert call["entries"][0]["words"] == "Het gesprek is begonnen"
    assert call["speaking"]["text"].startswith("Welkom bij gemeente Voorbeeld")
    assert call["state_words"] == "De beller hoort de begroeting."
    assert call["copy_url"] is None


def test_the_log_goes_on_where_the_page_is(client: FlaskClient, house: House) -> None:
    house.recorded()
    call = client.get(f"/bel/log/{CALL_SID}?since=3").json
    assert call is not None
    assert [entry["tag"] for entry in call["entries"]] == house.tags[3:]
    heard = next(entry for entry in call["entries"] if entry["tag"] == "consent:given")
    assert (heard["quote"], heard["detail"]) == ("ja", "gesproken")


def test_an_objection_is_raised_and_withdrawn(client: FlaskClient, house: House) -> None:
    house.recorded()
    policy = house.wiring.agencies.now("example")
    reason, alternative = policy.objection_reasons[0], policy.alternatives[0]
    chosen = {"reden": reason.code, "alternatief": alternative.code}
    assert client.post(f"/bel/bezwaar/{CALL_SID}", data=chosen).json == {"objected": True}
    facts = house.entry("objection:raised").facts
    assert (facts["reason"], facts["alternative"]) == (reason.code, alternative.code)
    assert client.post(f"/bel/bezwaar/{CALL_SID}/intrekken").json == {"objected": False}
    assert "objection:withdrawn" in house.tags


@pytest.mark.parametrize("chosen", [{}, {"reden": "zomaar", "alternatief": "verslag"}, {"reden": "derde-persoon"}])
def test_an_objection_needs_a_reason_and_an_alternative_of_the_agency(
    client: FlaskClient, house: House, chosen: dict[str, str]
) -> None:
    house.recorded()
    assert client.post(f"/bel/bezwaar/{CALL_SID}", data=chosen).status_code == 400
    assert "objection:raised" not in house.tags


def test_an_unknown_call_is_404(client: FlaskClient) -> None:
    assert client.get("/bel/log/CAonbekend").status_code == 404
    assert client.post("/bel/bezwaar/CAonbekend/intrekken").status_code == 404


def test_another_site_cannot_ask(client: FlaskClient, house: House) -> None:
    house.dial_in()
    evil = {"Origin": "https://evil.example"}
    assert client.post(f"/bel/bezwaar/{CALL_SID}/intrekken", headers=evil).status_code == 403
    ours = {"Origin": "http://localhost"}
    assert client.post(f"/bel/bezwaar/{CALL_SID}/intrekken", headers=ours).status_code == 200
