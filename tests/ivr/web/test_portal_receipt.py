"""The receipt: what was asked and answered, by which rules, with the numbers of the log; as a page and as a file."""

import json

import pytest
from flask.testing import FlaskClient

from ivr.calls.jobs import JobKind
from ivr.dialogue.events import EmployeeLeft, Heard, ObjectionRaised
from tests.builders import CALL_SID, CALLER, House, wav_of
from tests.fakes import RECORDING_SID
from tests.ivr.uploads.asking import Sender

PAGE = "/kopie/opname/bewijs"


@pytest.fixture
def house(house: House) -> House:
    """A caller recorded, wanted the copy, and the recording is kept."""
    house.recorded()
    house.clock.pass_s(20)
    house.happens(EmployeeLeft())
    house.hears(Heard.YES, "ja <script>alert(1)</script> graag")
    house.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"})
    house.carrier.files[RECORDING_SID] = wav_of(20)
    house.recording("completed", RECORDING_SID)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    return house


@pytest.fixture
def client(house: House) -> FlaskClient:
    return Sender(house).client


def test_the_page_tells_what_was_asked_answered_and_done(house: House, client: FlaskClient) -> None:
    page = client.get(PAGE)
    assert page.status_code == 200
    entry = house.entry("consent:given")
    for words in (
        "Bewijs van ontvangst",
        house.call.call_id,
        "U zei dat u wilde opnemen",
        "ik neem dit gesprek op",
        "Klopt dat?",
        f"<td>{entry.number}</td>",
        house.entry("recording:stored").facts["digest"],
        "sha256sum gesprek.wav",
        "Klachtencommissie",
        house.wiring.agencies.now("example").version,
    ):
        assert str(words) in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert house.tags.count("copy:receipt") == 1


def test_the_file_says_the_same_for_programs(house: House, client: FlaskClient) -> None:
    answer = client.get(f"{PAGE}.json")
    assert answer.headers["Content-Disposition"] == "attachment; filename=bewijs-example-2026-11-03-1405.json"
    told = json.loads(answer.text)
    assert told["schema_version"] == "spelregel-receipt/1"
    assert told["rules"]["digest"] == house.call.policy_digest
    assert told["rules"]["url"].endswith("/spelregels/example")
    assert told["agencys_recording"]["sha256"] == house.entry("recording:stored").facts["digest"]
    assert told["verify"]["digest"] == f"sha256:{told['agencys_recording']['sha256']}"
    given = house.entry("consent:given")
    [event] = [event for event in told["events"] if event["tag"] == "consent:given"]
    assert (event["entry"], event["entry_hash"]) == (given.number, given.entry_hash)
    assert [event["entry"] for event in told["events"]] == sorted(event["entry"] for event in told["events"])
    assert told["complaint"]["term_days"] == 42


def test_what_the_caller_said_is_shown_as_text(house: House, client: FlaskClient) -> None:
    assert "<script" not in client.get(PAGE).text
    assert "&lt;script&gt;" in client.get(PAGE).text


def test_names_and_what_is_inside_the_agency_stay_out(house: House, client: FlaskClient) -> None:
    house.happens(ObjectionRaised("privacy", "verslag", employee="m.jansen"))
    for text in (client.get(PAGE).text, client.get(f"{PAGE}.json").text):
        assert "m.jansen" not in text
        assert CALLER not in text
        assert "carrier" not in text
        assert RECORDING_SID not in text


def test_it_is_there_in_english(client: FlaskClient) -> None:
    page = client.get(f"{PAGE}?taal=en").text
    assert "Receipt" in page
    assert "You said that you wanted to record" in page
    assert "Het nummer" not in page


def test_opening_it_again_in_the_same_visit_is_logged_once(house: House, client: FlaskClient) -> None:
    client.get(PAGE)
    client.get(f"{PAGE}.json")
    Sender(house).client.get(PAGE)
    assert house.tags.count("copy:receipt") == 2
