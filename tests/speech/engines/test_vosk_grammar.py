"""A grammar that would kill the process never reaches Vosk."""

import json

import pytest

from speech.engines.vosk_grammar import make_grammar
from speech.errors import ModelError

VOCABULARY = {"opnemen", "gesprek", "ja", "[unk]"}


def test_words_that_the_model_lacks_are_left_out() -> None:
    grammar = make_grammar(("opnemen", "geluidsopname", "gesprek", "opnemen"), VOCABULARY.__contains__)
    assert json.loads(grammar) == ["opnemen", "gesprek", "[unk]"]


def test_the_unknown_token_only_where_the_model_has_it() -> None:
    assert json.loads(make_grammar(("ja",), {"ja"}.__contains__)) == ["ja"]


@pytest.mark.parametrize("words", [(), ("recorder",)])
def test_a_grammar_without_words_is_refused(words: tuple[str, ...]) -> None:
    with pytest.raises(ModelError, match="none of the grammar"):
        make_grammar(words, VOCABULARY.__contains__)


@pytest.mark.parametrize("word", ["", " ", "ja nee", "ja\n", "\x00"])
def test_what_is_no_single_word_is_refused(word: str) -> None:
    with pytest.raises(ModelError, match="no single word"):
        make_grammar(("ja", word), VOCABULARY.__contains__)
