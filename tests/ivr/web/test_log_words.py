"""Nobody who reads along should meet a bare tag."""

import pytest

from ivr.web.log_words import WORDS, describe, details, quoted
from storage.consent_log.tags import Tag


def test_every_tag_has_words() -> None:
    assert set(WORDS) == set(Tag)


def test_a_tag_of_tomorrow_is_shown_as_it_is() -> None:
    assert describe("recording:praised") == "recording:praised"


@pytest.mark.parametrize(
    ("facts", "personal", "words"),
    [
        ({"text": "Dat mag."}, {}, "Dat mag."),
        ({}, {"words": "ik wil opnemen"}, "ik wil opnemen"),
        ({"channel": "key"}, {"answer": "toets 1"}, "toets 1"),
        ({"prompt": "3"}, {}, ""),
    ],
)
def test_what_was_said_is_quoted(facts: dict[str, str], personal: dict[str, str], words: str) -> None:
    assert quoted(facts, personal) == words


def test_how_an_answer_came_is_told() -> None:
    assert details({"channel": "key"}) == "met een toets"
    assert details({}) == ""
