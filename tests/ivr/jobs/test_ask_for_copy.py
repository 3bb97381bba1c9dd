"""The link for handing in one's own recording: to who does not want ours, once, and only while the case waits."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ivr.calls.jobs import JobKind
from ivr.cases.acts import CopyDeclined
from ivr.cases.case import Who
from ivr.cases.service import Actor
from ivr.errors import CarrierBusy, CarrierRefused
from tests.builders import CALLER, House
from tests.ivr.uploads.asking import asked_house, case_record, ticket_of


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str) -> Iterator[House]:
    house = asked_house(tmp_path, sqlite_url)
    house.carrier.take()
    yield house
    house.close()


def send(house: House) -> list[tuple[str, ...]]:
    """Gives the messages that were sent."""
    house.clock.pass_s(1000)
    house.run_jobs(JobKind.ASK_FOR_COPY)
    return [asked.arguments for asked in house.carrier.take() if asked.verb == "send_sms"]


def test_who_does_not_want_our_copy_gets_a_link_for_theirs(house: House) -> None:
    [(number, text)] = send(house)
    assert number == CALLER
    assert house.wiring.links.copy(house.call.call_id) in text
    assert "U hoeft die niet te geven" in text
    assert house.tags[-1] == "upload:link-sent"
    assert send(house) == []
    assert ticket_of(house).ticket_id.endswith(":sms")


def test_who_wants_our_copy_has_one_link_for_both(tmp_path: Path, sqlite_url: str) -> None:
    (tmp_path / "both").mkdir()
    both = asked_house(tmp_path / "both", sqlite_url, wants_copy=True)
    both.carrier.take()
    assert send(both) == []
    assert ticket_of(both).ticket_id.endswith(":sms")
    both.close()


def test_the_message_is_in_the_language_of_the_call(house: House) -> None:
    dialogue = replace(house.dialogue, language="en")
    with house.wiring.database.transaction() as unit:
        unit.calls.save(replace(house.call, dialogue=dialogue.to_json()))
    [(_, text)] = send(house)
    assert "You do not have to give it" in text


def test_a_case_that_waits_no_more_is_not_asked_for(house: House) -> None:
    house.wiring.cases.act(case_record(house).case_id, CopyDeclined(), Actor("m.jansen", Who.EMPLOYEE))
    assert send(house) == []


def test_a_busy_carrier_is_asked_again_and_a_refusal_is_logged(house: House) -> None:
    house.carrier.fail("send_sms", CarrierBusy("busy"), CarrierRefused("a landline"))
    assert len(send(house)) == 1
    assert len(send(house)) == 1
    assert house.entry("upload:link-failed").facts["reason"] == "a landline"
    assert send(house) == []
