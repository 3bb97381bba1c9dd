"""The receipt: what was asked and answered, by which rules, with the numbers of the log; as a page and as files."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from ivr.calls.copy_codes import CODES_PER_DAY
from ivr.dialogue.events import ObjectionRaised
from ivr.dialogue.states import AgencyRecording
from storage.consent_log.checkpoint import parse_vkey
from storage.consent_log.tlog_proof import check_tlog_proof
from storage.tables import log_personal
from tests.builders import CALLER, House
from tests.ivr.uploads.asking import Sender
from tests.ivr.web.house import CALL_ID, CopyHouse
from tests.ivr.web.receipts import OUTSIDER, PAGE, finish

FORMS = (PAGE, f"{PAGE}.json", f"{PAGE}.pdf", f"{PAGE}.tlog-proof")


@pytest.fixture
def house(house: House) -> House:
    """A caller recorded, wanted the copy, and the recording is kept."""
    house.recorded()
    finish(house, "ja <script>alert(1)</script> graag")
    return house


@pytest.fixture
def client(house: House) -> FlaskClient:
    return Sender(house).client


def test_the_page_tells_what_was_asked_answered_and_done(house: House, client: FlaskClient) -> None:
    page = client.get(PAGE)
    assert page.status_code == 200
    entry = house.entry("consent:given")
    for words in (
        "Bewijs van uw gesprek met gemeente Voorbeeld",
        house.call.call_id,
        "U zei dat u wilde opnemen",
        "ik neem dit gesprek op",
        "Klopt dat?",
        f"<td>{entry.number}</td>",
        house.entry("recording:stored").facts["digest"],
        "sha256sum gesprek.wav",
        "Klachtencommissie",
        "Knip en plak niet",
        house.wiring.signer.key.vkey(),
        house.wiring.agencies.now("example").version,
    ):
        assert str(words) in page.text
    assert page.headers["Cache-Control"] == "no-store"
    assert house.tags.count("copy:receipt") == 1


def test_the_file_says_the_same_for_programs(house: House, client: FlaskClient) -> None:
    answer = client.get(f"{PAGE}.json")
    assert answer.headers["Content-Disposition"] == "attachment; filename=bewijs-example-2026-11-03-1405.json"
    told = json.loads(answer.text)
    said = told["receipt"]
    assert said["schema_version"] == told["schema_version"] == "spelregel-receipt/2"
    assert said["record_id"] == str(UUID(house.call.call_id))
    assert said["policy"]["digest"] == house.call.policy_digest
    assert said["privacy_notice"].endswith("/spelregels/example")
    ours = said["pii_processing"][1]
    assert ours["lawful_basis"] == "AVG 6(1)(e)"
    assert ours["storage"]["sha256"] == house.entry("recording:stored").facts["digest"]
    assert ours["storage"]["duration_ms"] == 20_000
    assert [event["entry"] for event in said["events"]] == sorted(event["entry"] for event in said["events"])
    assert said["complaint"]["term_days"] == 42
    assert OUTSIDER.check_receipt(answer.data, house.wiring.signer.key.vkey()) == len(said["events"])


def test_it_has_the_digest_of_each_file_that_the_caller_can_keep(client: FlaskClient) -> None:
    ours = json.loads(client.get(f"{PAGE}.json").text)["receipt"]["pii_processing"][1]
    page = client.get(PAGE).text
    for made, path in zip(ours["copies"], ("downloaden", "downloaden/mp3"), strict=True):
        assert made["sha256"] == hashlib.sha256(client.get(f"/kopie/opname/{path}").data).hexdigest()
        assert made["sha256"] in page


def test_every_form_is_of_the_same_receipt_and_is_logged_before_it_is_given(house: House, client: FlaskClient) -> None:
    for path in FORMS:
        assert client.get(path).status_code == 200
    assert house.tags.count("copy:receipt") == 1
    issue = house.entry("copy:receipt")
    told = json.loads(client.get(f"{PAGE}.json").text)
    assert told["receipt_id"] == issue.facts["receipt"]
    assert json.loads(told["issue"]["entry"])["number"] == issue.number
    assert str(issue.facts["receipt"]) in client.get(PAGE).text


def test_the_proof_alone_is_of_the_entry_about_the_receipt(house: House, client: FlaskClient) -> None:
    answer = client.get(f"{PAGE}.tlog-proof")
    assert answer.headers["Content-Disposition"] == "attachment; filename=bewijs-example-2026-11-03-1405.tlog-proof"
    assert answer.mimetype == "text/plain"
    entry = json.loads(client.get(f"{PAGE}.json").text)["issue"]["entry"]
    key = parse_vkey(house.wiring.signer.key.vkey())
    assert check_tlog_proof(answer.text, entry.encode(), [key]).origin == house.wiring.log_origin


def test_the_same_again_gives_the_same_bytes(client: FlaskClient) -> None:
    for path in FORMS:
        assert client.get(path).data == client.get(path).data


def test_another_visit_and_anything_new_gives_another_receipt(house: House, client: FlaskClient) -> None:
    first = json.loads(client.get(f"{PAGE}.json").text)["receipt_id"]
    other = json.loads(Sender(house).client.get(f"{PAGE}.json").text)["receipt_id"]
    client.get("/kopie/opname/downloaden")
    later = json.loads(client.get(f"{PAGE}.json").text)
    assert len({first, other, later["receipt_id"]}) == 3
    assert later["receipt"]["events"][-1]["event_type"] == "copy:downloaded"
    assert house.tags.count("copy:receipt") == 3


def test_the_log_is_signed_for_a_receipt_and_not_again_for_the_same(house: House, client: FlaskClient) -> None:
    with house.wiring.database.reading() as unit:
        before = unit.log.find_last_checkpoint()
    client.get(PAGE)
    with house.wiring.database.reading() as unit:
        after = unit.log.find_last_checkpoint()
    client.get(f"{PAGE}.pdf")
    with house.wiring.database.reading() as unit:
        assert unit.log.find_last_checkpoint() == after != before


def test_what_the_caller_said_is_shown_as_text(house: House, client: FlaskClient) -> None:
    assert "<script" not in client.get(PAGE).text
    assert "&lt;script&gt;" in client.get(PAGE).text


def test_names_and_what_is_inside_the_agency_stay_out(house: House, client: FlaskClient) -> None:
    house.happens(ObjectionRaised("privacy", "verslag", employee="m.jansen"))
    for path in FORMS:
        text = client.get(path).text if not path.endswith("pdf") else ""
        assert "m.jansen" not in text
        assert CALLER not in text
        assert "carrier" not in text


def test_it_is_there_in_english(house: House, client: FlaskClient) -> None:
    page = client.get(f"{PAGE}?taal=en").text
    assert "Proof of your call with the municipality of Voorbeeld" in page
    assert "You said that you wanted to record" in page
    assert "Het nummer" not in page
    told = json.loads(client.get(f"{PAGE}.json?taal=en").text)
    assert told["receipt"]["language"] == "en"
    assert told["receipt"]["complaint"]["who"] == "the complaints committee of the municipality of Voorbeeld"
    assert OUTSIDER.check_receipt(client.get(f"{PAGE}.json?taal=en").data, house.wiring.signer.key.vkey())


# ------------------------------------------------------------ without a recording of ours


@pytest.fixture
def failed(tmp_path: Path) -> Iterator[CopyHouse]:
    """The recording did not succeed, and the caller has a link and a code for it."""
    house = CopyHouse(tmp_path)
    house.add_call(AgencyRecording.FAILED)
    house.add_tickets()
    yield house
    house.database.close()


def test_who_has_no_recording_gets_the_receipt_with_a_code_by_sms(failed: CopyHouse) -> None:
    client = failed.app().test_client()
    page = client.get(f"/kopie/{failed.token}")
    assert page.status_code == 410
    assert "U kunt wel een bewijs krijgen" in page.text
    assert client.post(f"/kopie/{failed.token}/code/aanvragen").location == f"/kopie/{failed.token}/code"
    code = failed.send_code()
    assert client.post(f"/kopie/{failed.token}/code", data={"code": code}).location == "/kopie/opname"
    assert f'href="{PAGE}"' in client.get("/kopie/opname").text
    receipt = client.get(PAGE)
    assert receipt.status_code == 200
    assert "Onze opname is niet gelukt." in receipt.text
    assert "sha256sum" not in receipt.text


def test_a_pick_up_code_gives_the_receipt_too(failed: CopyHouse) -> None:
    client = failed.app().test_client()
    assert client.post("/kopie", data={"code": failed.code}).location == "/kopie/opname"
    assert client.get(f"{PAGE}.pdf").data.startswith(b"%PDF")


def test_asking_too_often_for_a_code_says_so_there_as_well(failed: CopyHouse) -> None:
    client = failed.app().test_client()
    for _ in range(CODES_PER_DAY):
        assert client.post(f"/kopie/{failed.token}/code/aanvragen").status_code == 303
        failed.clock.pass_s(3600)
    answer = client.post(f"/kopie/{failed.token}/code/aanvragen")
    assert answer.status_code == 429
    assert "U kunt wel een bewijs van het gesprek krijgen" in answer.text


@pytest.mark.parametrize("form", FORMS)
def test_a_ticket_that_is_over_or_a_visit_that_is_none_gets_nothing(failed: CopyHouse, form: str) -> None:
    assert failed.app().test_client().get(form).status_code == 403
    visitor = failed.visitor()
    failed.copies.withdraw(CALL_ID, "m.jansen")
    answer = visitor.get(form)
    assert answer.status_code == 410
    assert "bewijs krijgen" not in answer.text
    assert "copy:receipt" not in failed.tags()


def test_of_a_log_that_was_changed_there_is_no_receipt(house: House, client: FlaskClient) -> None:
    with house.wiring.database.transaction() as unit:
        unit.log._connection.execute(log_personal.update().values(value="nee"))
    for form in FORMS:
        answer = client.get(form)
        assert answer.status_code == 500
        assert "Er ging iets mis bij ons" in answer.text
