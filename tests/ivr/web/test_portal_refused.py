"""A caller who was refused gets the receipt of the call by a link or a code of their own, and nothing else (R7)."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from ivr.calls.copies import Copy
from ivr.calls.copy_codes import CODES_PER_DAY
from ivr.calls.jobs import JobKind
from ivr.calls.tickets import TicketKind, kind_of
from ivr.dialogue.effects import PromptKey
from ivr.dialogue.events import EmployeeLeft, Heard, ObjectionRaised, ObjectionWithdrawn
from tests.builders import CALLER, House, wav_of
from tests.fakes import RECORDING_SID
from tests.ivr.uploads.asking import EXAMPLE, Sender
from tests.ivr.web.receipts import OBJECTION, OUTSIDER, PAGE, hang_up, refused_on_a_landline

RECORD_INSTEAD = ObjectionRaised("privacy", "eigen-opname", agency_records=True, employee="balie 3")
LINK = re.compile(r"http://spelregel\.test(/kopie/[0-9a-f]{32})")
DAY_S = 86_400


def refused(house: House) -> str:
    """The caller asked, the employee objected, the call ended; gives the path of the link in the SMS."""
    house.together()
    house.hears(Heard.REQUEST, "ik neem dit gesprek op")
    house.announced(3)
    house.happens(OBJECTION)
    path = link_of(house)
    hang_up(house)
    return path


def link_of(house: House) -> str:
    house.clock.pass_s(30)
    house.run_jobs(JobKind.SEND_REFUSAL)
    paths: list[str] = LINK.findall(" ".join(messages(house)))
    return paths[0]


def messages(house: House) -> list[str]:
    return [asked.arguments[1] for asked in house.carrier.take() if asked.verb == "send_sms"]


def code_of(house: House) -> str:
    house.run_jobs(JobKind.SEND_CODE)
    [message] = messages(house)
    codes: list[str] = re.findall(r"\b[0-9]{6}\b", message)
    return codes[0]


def kinds(house: House) -> list[TicketKind]:
    call_id = house.call.call_id
    with house.wiring.database.reading() as unit:
        return [kind_of(ticket) for ticket in unit.copies.list_call(call_id)]


def inside(house: House, kind: TicketKind = TicketKind.RECEIPT_SMS) -> FlaskClient:
    return Sender(house, f"{house.call.call_id}:{kind}").client


def answers_of_the_copy(client: FlaskClient) -> list[TestResponse]:
    sound = ("/luisteren", "/downloaden", "/downloaden/mp3")
    return [client.open(f"/kopie/opname{path}", method=method) for path in sound for method in ("GET", "HEAD")]


# ------------------------------------------------------------ by the link


def test_a_refused_caller_comes_from_the_sms_to_the_receipt(house: House) -> None:
    path = refused(house)
    client = house.client
    explanation = client.get(path)
    assert explanation.status_code == 200
    for words in ("Bewijs van uw gesprek met gemeente Voorbeeld", "Stuur mij een code", "Deze link werkt tot"):
        assert words in explanation.text
    assert client.post(f"{path}/code/aanvragen").location == f"{path}/code"
    opened = client.post(f"{path}/code", data={"code": code_of(house)})
    assert opened.location == PAGE
    page = client.get(PAGE)
    assert page.status_code == 200
    for words in (
        "Waarom u niet mocht opnemen",
        "De opname raakt de privacy van iemand anders.",
        "U krijgt een schriftelijk verslag van dit gesprek.",
        "U zei dat u wilde opnemen",
        "Klachtencommissie",
        "https://voorbeeld.example/klacht",
        "Pagina sluiten",
    ):
        assert words in page.text
    assert "Terug naar uw kopie" not in page.text
    assert "balie 3" not in page.text
    assert client.get(path).location == PAGE


def test_it_proves_itself_and_the_log_says_who_got_it(house: House) -> None:
    refused(house)
    client = inside(house)
    file = client.get(f"{PAGE}.json").data
    assert OUTSIDER.check_receipt(file, house.wiring.signer.key.vkey())
    told = json.loads(file)["receipt"]["refusal"]
    assert (told["reason"], told["alternative"]) == ("privacy", "verslag")
    assert client.get(f"{PAGE}.pdf").data.startswith(b"%PDF")
    assert house.entry("copy:receipt").facts["ticket"] == "receipt-sms"
    assert house.tags.count("copy:receipt") == 1


def test_it_is_in_the_language_of_the_reader(house: House) -> None:
    path = refused(house)
    assert "Proof of your call with" in house.client.get(f"{path}?taal=en").text
    assert "How long you can get the proof" in inside(house).get(f"{PAGE}?taal=en").text


def test_it_opens_no_recording_even_where_the_agency_made_one(house: House) -> None:
    """The agency recorded in place of the caller, who wanted the copy as well: that has a link of its own."""
    house.recorded()
    house.happens(RECORD_INSTEAD)
    path = link_of(house)
    house.happens(EmployeeLeft())
    house.hears(Heard.YES, "ja graag")
    hang_up(house)
    house.carrier.files[RECORDING_SID] = wav_of(20)
    house.recording("completed", RECORDING_SID)
    house.run_jobs(JobKind.COLLECT_RECORDING, JobKind.PREPARE_COPY)
    assert kinds(house) == [TicketKind.RECEIPT_SMS, TicketKind.SMS]
    assert path != house.wiring.links.copy(house.call.call_id).removeprefix("http://spelregel.test")
    assert isinstance(house.wiring.copies.find(f"{house.call.call_id}:sms"), Copy)
    client = inside(house)
    for answer in answers_of_the_copy(client):
        assert answer.status_code == 404
        assert b"RIFF" not in answer.data
    assert client.get("/kopie/opname").location == PAGE
    assert client.get(PAGE).status_code == 200
    assert "copy:opened" not in house.tags
    assert "copy:downloaded" not in house.tags


def test_nothing_can_be_handed_in_by_it(tmp_path: Path, sqlite_url: str) -> None:
    """The objection was taken back, the caller recorded after all and was asked for a copy: by a link of its own."""
    profiles = tmp_path / "profiles"
    profiles.mkdir()
    (profiles / "example.toml").write_text(EXAMPLE.replace("ask_theirs = false", "ask_theirs = true"), encoding="utf-8")
    house = House(tmp_path, sqlite_url, profiles=profiles)
    house.recorded()
    house.happens(OBJECTION)
    link_of(house)
    house.happens(ObjectionWithdrawn())
    house.happens(EmployeeLeft())
    house.hears(Heard.NO, "nee")
    hang_up(house)
    sender = Sender(house, f"{house.call.call_id}:receipt-sms")
    assert sender.page().status_code == 404
    assert sender.begin(1000).status_code == 409
    assert sender.send_form(wav_of(1)).status_code == 404
    assert Sender(house, f"{house.call.call_id}:sms").begin(1000).status_code == 201
    assert house.tags.count("upload:begun") == 1
    house.close()


def test_no_copy_is_prepared_for_who_has_the_receipt_alone(house: House) -> None:
    house.recorded()
    house.happens(RECORD_INSTEAD)
    house.happens(EmployeeLeft())
    house.hears(Heard.NO, "nee")
    hang_up(house)
    house.carrier.files[RECORDING_SID] = wav_of(20)
    house.recording("completed", RECORDING_SID)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    assert kinds(house) == [TicketKind.RECEIPT_SMS]
    assert JobKind.PREPARE_COPY not in house.waiting()


def test_an_objection_that_was_taken_back_is_told_as_it_was(house: House) -> None:
    house.recorded()
    house.happens(OBJECTION)
    link_of(house)
    house.happens(ObjectionWithdrawn())
    page = inside(house).get(PAGE)
    assert "Waarom u niet mocht opnemen" not in page.text
    assert "bezwaar" in page.text


# ------------------------------------------------------------ limits and ends, as for a copy


def test_its_end_is_that_of_a_copy(house: House) -> None:
    path = refused(house)
    client = inside(house)
    valid_days = house.wiring.agencies.now("example").copy.valid_days
    house.clock.pass_s(valid_days * DAY_S - 3600)
    assert house.client.get(path).status_code == 200
    house.clock.pass_s(3600)
    for answer in (house.client.get(path), house.client.post(f"{path}/code/aanvragen")):
        assert answer.status_code == 410
        assert "U kon het bewijs van uw gesprek ophalen tot" in answer.text
        assert "Bekijk het bewijs" not in answer.text
    assert client.get(PAGE).status_code == 403  # the visit has ended long before
    assert "copy:receipt" not in house.tags


def test_staff_can_withdraw_it_and_that_ends_a_visit_too(house: House) -> None:
    path = refused(house)
    client = inside(house)
    assert client.get(PAGE).status_code == 200
    house.wiring.copies.withdraw(house.call.call_id, "m.jansen")
    for answer in (house.client.get(path), client.get(PAGE), client.get(f"{PAGE}.json")):
        assert answer.status_code == 410
        assert "heeft deze link ingetrokken" in answer.text


def test_a_link_that_was_withdrawn_before_the_sms_is_not_sent(house: House) -> None:
    house.recorded()
    house.happens(OBJECTION)
    house.wiring.copies.withdraw(house.call.call_id, "m.jansen")
    house.clock.pass_s(30)
    house.run_jobs(JobKind.SEND_REFUSAL)
    [message] = messages(house)
    assert "/kopie/" not in message


def test_codes_and_openings_are_limited(house: House) -> None:
    path = refused(house)
    for _ in range(CODES_PER_DAY):
        assert house.client.post(f"{path}/code/aanvragen").status_code == 303
        house.clock.pass_s(60)
    limited = house.client.post(f"{path}/code/aanvragen")
    assert limited.status_code == 429
    assert "Bewijs van uw gesprek" in limited.text
    statuses = [house.client.get(path).status_code for _ in range(61)]
    assert (statuses[0], statuses[-1]) == (200, 429)


def test_without_the_code_or_with_a_wrong_one_nothing_is_shown(house: House) -> None:
    path = refused(house)
    house.client.post(f"{path}/code/aanvragen")
    code = code_of(house)
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    assert house.client.post(f"{path}/code", data={"code": wrong}).status_code == 422
    assert house.client.get(PAGE).status_code == 403
    assert house.entry("copy:code-wrong").facts["ticket"] == "receipt-sms"


@pytest.mark.parametrize("forged", ["0" * 32, "f" * 31, "g" * 32, "f" * 4000, "..%2f..%2fopname"])
def test_a_forged_link_leads_nowhere(house: House, forged: str) -> None:
    refused(house)
    assert house.client.get(f"/kopie/{forged}").status_code in (404, 414)


def test_erasing_the_caller_ends_it(house: House) -> None:
    path = refused(house)
    with house.wiring.database.transaction() as unit:
        assert unit.copies.revoke_all(house.call.call_id, house.clock.now()) == 1
    assert house.client.get(path).status_code == 410


# ------------------------------------------------------------ by a code, where no SMS can be sent


@pytest.fixture
def read_out(house: House) -> House:
    """A caller on a landline who stays on the line until the end."""
    refused_on_a_landline(house)
    house.happens(EmployeeLeft())
    return house


def test_who_can_have_no_sms_hears_a_code_and_gets_the_receipt_with_it(read_out: House) -> None:
    house = read_out
    speaking = house.dialogue.speaking
    assert speaking is not None
    assert speaking.key is PromptKey.RECEIPT_CODE
    code = house.wiring.links.receipt_code(house.call.call_id)
    spoken = re.sub(r"\D", "", house.wiring.driver.words(house.call, speaking))
    assert spoken == code * 2
    assert kinds(house) == [TicketKind.RECEIPT_CODE]
    house.leg(speaking.prompt_id)
    hang_up(house)
    entry = next(entry for entry in house.entries if entry.facts.get("key") == "receipt_code")
    assert code not in re.sub(r"\D", "", str(entry.facts["text"]))
    assert house.client.post("/kopie", data={"code": code}).location == PAGE
    assert "Waarom u niet mocht opnemen" in house.client.get(PAGE).text
    assert house.entry("copy:receipt").facts["ticket"] == "receipt-code"


def test_the_code_is_no_address_and_not_that_of_a_copy(read_out: House) -> None:
    links, call_id = read_out.wiring.links, read_out.call.call_id
    assert len({links.receipt_code(call_id), links.copy_code(call_id)}) == 2
    assert read_out.client.get(f"/kopie/{links.receipt_code(call_id)}").status_code == 404
    assert read_out.client.get(f"/kopie/{links.receipt_token(call_id)}").status_code == 404
    assert read_out.client.post("/kopie", data={"code": links.copy_code(call_id)}).status_code == 422


def test_guesses_are_counted(read_out: House) -> None:
    for guess in range(10):
        assert read_out.client.post("/kopie", data={"code": f"{guess:012d}"}).status_code == 422
    code = read_out.wiring.links.receipt_code(read_out.call.call_id)
    assert read_out.client.post("/kopie", data={"code": code}).status_code == 429


@pytest.fixture
def no_links(tmp_path: Path, sqlite_url: str) -> Iterator[House]:
    """An agency that gives nothing by SMS link, such as a doctor."""
    profiles = tmp_path / "profiles"
    profiles.mkdir()
    document = EXAMPLE.replace('by = "sms"', 'by = "code"')
    assert document != EXAMPLE
    (profiles / "example.toml").write_text(document, encoding="utf-8")
    house = House(tmp_path, sqlite_url, profiles=profiles)
    yield house
    house.close()


def test_an_agency_that_sends_no_links_reads_a_code_out_here_too(no_links: House) -> None:
    house = no_links
    house.together()
    house.hears(Heard.REQUEST, "ik neem dit gesprek op")
    house.announced(3)
    house.happens(OBJECTION)
    house.clock.pass_s(30)
    house.run_jobs(JobKind.SEND_REFUSAL)
    sent = [asked.arguments for asked in house.carrier.take() if asked.verb == "send_sms"]
    assert [number for number, _ in sent] == [CALLER]
    assert "/kopie/" not in sent[0][1]
    house.happens(EmployeeLeft())
    assert house.dialogue.speaking is not None
    assert house.dialogue.speaking.key is PromptKey.RECEIPT_CODE
