"""What the bot says, and whether words that were heard are only its own come back."""

import pytest

from ivr.calls.speaking import is_echo

QUESTION = "U wilt dit gesprek opnemen. Klopt dat? Zeg ja of nee."


@pytest.mark.parametrize(
    "heard", ["klopt dat zeg ja of nee", "u wilt dit gesprek opnemen", "dit gesprek opnemen klopt dat"]
)
def test_the_bots_own_words_are_an_echo(heard: str) -> None:
    assert is_echo(heard, QUESTION)


@pytest.mark.parametrize("heard", ["ja dat klopt", "nee dat klopt niet", "ja", "klopt", "nee ik wil niets opnemen", ""])
def test_an_answer_is_none_even_with_the_same_words(heard: str) -> None:
    assert not is_echo(heard, QUESTION)
