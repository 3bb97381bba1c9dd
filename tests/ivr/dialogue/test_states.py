"""The dialogue as it is stored."""

import pytest

from ivr.dialogue.events import HoldStarted, StarPressed
from ivr.dialogue.rules import Rules
from ivr.dialogue.states import Dialogue
from tests.ivr.dialogue.playing import OBJECTION, asking, recording


def test_a_dialogue_comes_back_from_json_as_it_was() -> None:
    call = recording(Rules(answer_timeout_s=4.5, can_text=False))
    call.play(HoldStarted(), OBJECTION)
    assert call.now.queue
    assert Dialogue.from_json(call.now.to_json()) == call.now
    call = asking()
    call.play(StarPressed())
    assert call.now.speaking
    assert call.now.aside
    assert Dialogue.from_json(call.now.to_json()) == call.now
    assert Dialogue.from_json(Dialogue().to_json()) == Dialogue()


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"rules": 1}'])
def test_what_is_no_dialogue_is_refused(text: str) -> None:
    with pytest.raises((ValueError, TypeError, KeyError)):
        Dialogue.from_json(text)


def test_a_stored_prompt_must_be_whole() -> None:
    text = asking().now.to_json().replace('"speaking":null', '"speaking":{"prompt_id":1,"key":"confirm","params":"x"}')
    with pytest.raises(TypeError):
        Dialogue.from_json(text)
