"""What the browser phone's page asks of the service; the page itself is tried in tests/journeys."""

import json
import re
from html import unescape
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from config import settings
from ivr.app import create_app
from ivr.dialogue.events import EmployeeUnreachable
from ivr.web.browser_phone.phone_pages import PhoneLines
from ivr.wiring import Wiring
from tests.builders import CALL_SID, NUMBER, House, environment
from tests.ivr.web.test_portal_refused import refused

LINES = PhoneLines.of("http://127.0.0.1:4010", "ws://127.0.0.1:8001/media")
IND_SID = "CA" + "4" * 32


@pytest.fixture
def client(house: House) -> FlaskClient:
    return house.client


def data_of(page: str, name: str) -> str:
    found = re.search(rf"data-{name}=([\"'])(.*?)\1", page)
    assert found is not None
    return unescape(found[2])


@pytest.mark.parametrize("role", ["", "?rol=medewerker"])
def test_the_page_may_only_talk_to_the_local_carrier_and_the_captions(client: FlaskClient, role: str) -> None:
    headers = client.get(f"/bel{role}").headers
    assert "connect-src 'self' ws://127.0.0.1:9 ws://spelregel.test;" in headers["Content-Security-Policy"] + ";"
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
    assert call["receipt_url"] is None


def test_who_was_refused_finds_the_link_to_the_receipt(client: FlaskClient, house: House) -> None:
    path = refused(house)
    call = client.get(f"/bel/log/{CALL_SID}").json
    assert call is not None
    assert call["receipt_url"].endswith(path)
    assert call["copy_url"] is None


def test_the_log_goes_on_where_the_page_is(client: FlaskClient, house: House) -> None:
    house.recorded()
    call = client.get(f"/bel/log/{CALL_SID}?since=3").json
    assert call is not None
    assert [entry["tag"] for entry in call["entries"]] == house.tags[3:]
    heard = next(entry for entry in call["entries"] if entry["tag"] == "consent:given")
    assert (heard["quote"], heard["detail"]) == ("ja", "gesproken")


def test_every_profile_can_be_called_and_answered(client: FlaskClient, house: House) -> None:
    policies = house.wiring.agencies.policies
    numbers = set()
    for slug, policy in policies.by_slug.items():
        page = client.get(f"/bel?profiel={slug}").text
        number = data_of(page, "number")
        numbers.add(number)
        assert policies.for_number(number) == policy
        assert f'<option value="{slug}" selected>' in page
        employee = client.get(f"/bel?profiel={slug}&rol=medewerker").text
        assert json.loads(data_of(employee, "identities")) == list(policy.employee.to)
    assert len(numbers) == len(policies.by_slug)


def test_without_a_known_choice_the_example_is_called(client: FlaskClient) -> None:
    for query in ("", "?profiel=", "?profiel=<script>"):
        page = client.get(f"/bel{query}").text
        assert data_of(page, "number") == NUMBER
        assert "<script>" not in page


def test_the_employee_follows_the_call_of_their_own_agency(client: FlaskClient, house: House) -> None:
    house.together()
    number = house.wiring.agencies.policies.local_numbers["ind"]
    house.dial_in(CallSid=IND_SID, To=number)
    assert client.get("/bel/gesprek?profiel=ind").json == {"call_sid": IND_SID}
    assert client.get("/bel/gesprek?profiel=example").json == {"call_sid": CALL_SID}
    assert client.get("/bel/gesprek?profiel=uwv").json == {"call_sid": None}


def test_of_two_calls_the_one_that_rings_is_the_employees(client: FlaskClient, house: House) -> None:
    house.dial_in()
    house.leg(1)
    house.room("participant-join", 1, CALL_SID)
    house.clock.pass_s(5)
    house.dial_in(CallSid=IND_SID)
    assert client.get("/bel/gesprek").json == {"call_sid": CALL_SID}
    house.happens(EmployeeUnreachable())
    assert client.get("/bel/gesprek").json == {"call_sid": IND_SID}


def test_the_call_leads_to_the_employees_screen(client: FlaskClient, house: House) -> None:
    house.dial_in()
    call = client.get(f"/bel/log/{CALL_SID}").json
    assert call is not None
    assert call["desk_url"] == f"/console/nu/{house.call.call_id}"


def test_the_page_and_its_scripts_speak_english_too(client: FlaskClient, house: House) -> None:
    house.recorded()
    page = client.get("/bel?taal=en").text
    assert json.loads(data_of(page, "words"))["states"]["idle"] == "You can call."
    call = client.get(f"{data_of(page, 'log').replace('SID', CALL_SID)}").json
    assert call is not None
    assert call["state_words"] == "The organisation is recording."
    assert call["entries"][0]["words"] == "The call began"
    assert all("Content-Type" not in str(entry) for entry in call["entries"])


def test_an_unknown_call_is_404(client: FlaskClient) -> None:
    assert client.get("/bel/log/CAonbekend").status_code == 404


def test_the_page_is_only_there_beside_the_local_carrier(tmp_path: Path) -> None:
    """In production nobody may call for free, or read a log without signing in."""
    production = environment(tmp_path, SPELREGEL_PUBLIC_URL="https://spelregel.test", DATABASE_URL="")
    del production["TWILIO_API_URL"]
    wiring = Wiring(settings.load(production))
    wiring.prepare()
    client = create_app(wiring).test_client()
    for path in ("/bel", "/bel/gesprek", f"/bel/log/{CALL_SID}"):
        assert client.get(path).status_code == 404
    assert not wiring.agencies.policies.local_numbers
    wiring.database.close()
