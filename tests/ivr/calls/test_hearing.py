"""From what was heard to an event of the call: nothing that speech tells is unknown there, an echo is nothing."""

import logging

import pytest

from ivr.calls.hearing import Ear
from ivr.dialogue.events import Heard
from speech.intent import Label
from speech.matters import Matter
from tests.builders import House


def moves(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The events that reached the call."""
    return [str(vars(record)["event"]) for record in caplog.records if "event" in vars(record)]


def test_every_label_and_every_matter_can_be_heard() -> None:
    assert {heard.value for heard in Heard} == {*Label, *Matter} - {Label.NONE}


@pytest.mark.parametrize("matter", Matter)
def test_a_matter_reaches_the_call(house: House, caplog: pytest.LogCaptureFixture, matter: Matter) -> None:
    house.together()
    ear = Ear(house.wiring.driver, house.call.call_id)
    with caplog.at_level(logging.INFO, "ivr.calls.driver"):
        ear.hear(matter, "iets over de opname", 0.8, ("woorden: iets",))
    assert "UtteranceHeard" in moves(caplog)


def test_the_bots_own_words_are_no_matter(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """A prompt that comes back over the line, on which a matter could be read."""
    house.confirmed()
    assert house.dialogue.speaking is not None
    own = house.wiring.driver.words(house.call, house.dialogue.speaking)
    ear = Ear(house.wiring.driver, house.call.call_id)
    with caplog.at_level(logging.INFO, "ivr.calls.driver"):
        ear.hear(Matter.AGENCY_RECORDS, own, 0.8, ())
    assert moves(caplog) == []
