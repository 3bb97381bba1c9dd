"""The code by SMS: to the number that called, in the caller's language, once, and only while somebody waits for it."""

from dataclasses import replace

import pytest

from ivr.calls.copy_codes import Asked, Tried
from ivr.calls.jobs import JobKind
from ivr.errors import CarrierBusy, CarrierRefused
from storage.records import CopyTicket
from tests.builders import CALLER, House
from tests.ivr.uploads.asking import ticket_of

pytestmark = pytest.mark.asked(wants_copy=True)


@pytest.fixture
def ticket(house: House) -> CopyTicket:
    return ticket_of(house)


def send(house: House, after_s: float = 0) -> list[tuple[str, ...]]:
    """Gives the messages that were sent."""
    house.clock.pass_s(after_s)
    house.run_jobs(JobKind.SEND_CODE)
    return [asked.arguments for asked in house.carrier.take() if asked.verb == "send_sms"]


def code_in(message: tuple[str, ...]) -> str:
    return next(word for word in message[1].replace(".", " ").split() if word.isdigit() and len(word) == 6)


def test_the_code_in_the_sms_opens_the_copy(house: House, ticket: CopyTicket) -> None:
    assert house.wiring.copy_codes.ask(ticket) is Asked.ON_ITS_WAY
    [message] = send(house)
    assert message[0] == CALLER
    assert "gemeente Voorbeeld: uw code is" in message[1]
    assert "10 minuten" in message[1]
    assert house.tags[-2:] == ["copy:code-asked", "copy:code-sent"]
    assert send(house) == []
    assert house.wiring.copy_codes.attempt(ticket, code_in(message)).result is Tried.GOOD


def test_the_code_stands_nowhere_but_in_the_sms(house: House, ticket: CopyTicket) -> None:
    house.wiring.copy_codes.ask(ticket)
    [message] = send(house)
    code = code_in(message)
    assert code not in str(house.entries)
    assert code.encode() not in (house.folder / "spelregel.db").read_bytes()
    assert code.encode() not in (house.folder / "spelregel.db-wal").read_bytes()


def test_who_chose_english_gets_english(house: House, ticket: CopyTicket) -> None:
    speak_english(house)
    house.wiring.copy_codes.ask(ticket)
    [message] = send(house)
    assert "municipality of Voorbeeld: your code is" in message[1]


def speak_english(house: House) -> None:
    """As if 9 was pressed in the greeting."""
    dialogue = replace(house.dialogue, language="en")
    with house.wiring.database.transaction() as unit:
        unit.calls.save(replace(house.call, dialogue=dialogue.to_json()))


def test_a_busy_carrier_is_asked_again_with_the_same_code(house: House, ticket: CopyTicket) -> None:
    house.carrier.fail("send_sms", CarrierBusy("busy"))
    house.wiring.copy_codes.ask(ticket)
    [first] = send(house)
    [second] = send(house, 5)
    assert first == second
    assert house.tags.count("copy:code-sent") == 1


def test_a_number_that_the_carrier_refuses_is_told(house: House, ticket: CopyTicket) -> None:
    house.carrier.fail("send_sms", CarrierRefused("21614", 400))
    house.wiring.copy_codes.ask(ticket)
    send(house)
    assert house.entry("copy:code-failed").facts["reason"] == "21614"
    latest = house.wiring.copy_codes.latest(ticket)
    assert latest is not None
    assert latest.failed_at is not None
    assert send(house, 1000) == []


def test_a_code_that_nobody_waits_for_any_more_is_not_sent(house: House, ticket: CopyTicket) -> None:
    house.wiring.copy_codes.ask(ticket)
    assert send(house, 1801) == []


def test_a_newer_wish_replaces_an_older_one(house: House, ticket: CopyTicket) -> None:
    house.wiring.copy_codes.ask(ticket)
    house.clock.pass_s(60)
    house.wiring.copy_codes.ask(ticket)
    assert len(send(house)) == 1


def test_after_a_withdrawal_no_code_is_sent(house: House, ticket: CopyTicket) -> None:
    house.wiring.copy_codes.ask(ticket)
    house.wiring.copies.withdraw(house.call.call_id, "l.smit")
    assert send(house) == []
