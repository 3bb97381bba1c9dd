"""The SMS with the link to the copy: when there is one, once, to who may have it."""

import sqlite3
from dataclasses import replace

import pytest

from ivr.calls.jobs import JobKind
from ivr.dialogue.events import CopySent, Heard
from ivr.errors import CarrierBusy, CarrierRefused
from tests.builders import CALL_SID, CALLER, EMPLOYEE_SID, House, wav_of
from tests.fakes import RECORDING_SID


@pytest.fixture
def asked(house: House) -> House:
    """The caller asked for the copy and the call is over; the recording is still at the carrier."""
    house.recorded()
    house.clock.pass_s(20)
    house.room("participant-leave", 5, EMPLOYEE_SID)
    house.hears(Heard.YES, "ja graag")
    house.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"})
    house.carrier.files[RECORDING_SID] = wav_of(20)
    house.carrier.take()
    return house


def keep(house: House) -> None:
    house.recording("completed", RECORDING_SID)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    house.carrier.take()


def send(house: House) -> list[tuple[str, ...]]:
    """Gives the messages that were sent."""
    house.clock.pass_s(1000)
    house.run_jobs(JobKind.SEND_COPY)
    return [asked.arguments for asked in house.carrier.take() if asked.verb == "send_sms"]


def test_the_link_is_sent_when_the_recording_is_kept(asked: House) -> None:
    assert send(asked) == []
    keep(asked)
    ((number, text),) = send(asked)
    assert number == CALLER
    assert asked.wiring.links.copy(asked.call.call_id) in text
    assert "gemeente Voorbeeld" in text
    assert asked.tags[-1] == "copy:sent"
    assert send(asked) == []


def test_what_was_sent_is_not_sent_again(asked: House) -> None:
    """The job's end was not written down before a crash; its entry was."""
    keep(asked)
    asked.happens(CopySent())
    assert send(asked) == []
    assert asked.tags.count("copy:sent") == 1


def test_a_crash_before_the_entry_sends_twice(asked: House) -> None:
    """At least once: the carrier cannot be asked whether it did. Both messages hold the same link."""
    keep(asked)
    asked.carrier.fail("send_sms", CarrierBusy("no answer"))
    assert len(send(asked)) == 1
    assert len(send(asked)) == 1
    assert asked.tags.count("copy:sent") == 1


def test_a_number_that_the_carrier_refuses(asked: House) -> None:
    keep(asked)
    asked.carrier.fail("send_sms", CarrierRefused("21614", 400))
    send(asked)
    assert asked.entry("copy:failed").facts["reason"] == "21614"
    assert send(asked) == []


def test_a_number_that_was_erased(asked: House) -> None:
    keep(asked)
    erase_number(asked)
    assert send(asked) == []
    assert asked.entry("copy:failed").facts["reason"] == "the caller's number was erased"


def erase_number(house: House) -> None:
    """As the right to erasure will: the row beside the call goes (AVG art. 17)."""

    with sqlite3.connect(house.folder / "spelregel.db") as connection:
        connection.execute("DELETE FROM caller_numbers")
    connection.close()


def test_who_chose_english_gets_the_link_in_english(asked: House) -> None:
    dialogue = replace(asked.dialogue, language="en")
    with asked.wiring.database.transaction() as unit:
        unit.calls.save(replace(asked.call, dialogue=dialogue.to_json()))
    keep(asked)
    ((_, text),) = send(asked)
    assert "the municipality of Voorbeeld: here is your copy" in text


def test_a_copy_that_was_withdrawn_meanwhile_is_not_sent(asked: House) -> None:
    keep(asked)
    asked.wiring.copies.withdraw(asked.call.call_id, "l.smit")
    assert send(asked) == []
    assert "copy:sent" not in asked.tags


def test_there_is_no_recording_after_all(asked: House) -> None:
    del asked.carrier.files[RECORDING_SID]
    asked.recording("absent", RECORDING_SID)
    asked.run_jobs(JobKind.COLLECT_RECORDING)
    assert send(asked) == []
    assert asked.entry("copy:failed").facts["reason"] == "there is no recording"


def test_neither_number_nor_link_stand_in_the_log(asked: House) -> None:
    keep(asked)
    send(asked)
    text = str(asked.entries)
    assert CALLER not in text
    assert asked.wiring.links.copy_token(asked.call.call_id) not in text
