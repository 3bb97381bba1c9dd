"""Properties that hold for any text: no error, no yes from a denial, the same answer every time."""

import string
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from speech.intent import Expecting, Label, classify

STATES = st.sampled_from([None, *Expecting])
ANSWERS = [
    "ja", "ja dat klopt", "klopt", "ja graag", "ja ik wil dit gesprek opnemen", "jazeker", "ja doe maar",
    "dat is juist",
    "ja ik neem het op", "ja dat wil ik graag", "ja hoor", "zeker", "ja voor mezelf", "ja ik bevestig dat", "ja prima",
    "inderdaad dat heeft u goed begrepen",
]  # fmt: skip
DENIALS = ["niet", "nee", "neen", "geen", "niks", "nooit"]
VOCABULARY = """
ja nee niet geen ik u neem neemt op opnemen opname gesprek dit het klopt dat wil mag stop kopie uit jullie mijn telefoon
contact eh wat hoe maar want en . ? recorder loopt gezegd name
"""
DUTCH = st.lists(st.sampled_from(VOCABULARY.split()), max_size=25).map(" ".join)


@given(st.sampled_from(ANSWERS), st.sampled_from(DENIALS), st.integers(0, 12), STATES)
def test_a_denial_anywhere_in_an_answer_takes_the_yes_away(
    answer: str, denial: str, place: int, expecting: Expecting | None
) -> None:
    words = answer.split()
    words.insert(min(place, len(words)), denial)
    assert classify(" ".join(words), expecting).label is not Label.YES


@given(st.text(max_size=300), STATES)
def test_any_text_gets_a_label_and_garbage_is_no_yes(text: str, expecting: Expecting | None) -> None:
    intent = classify(text, expecting)
    assert bool(intent.evidence) is (intent.label is not Label.NONE)
    if not set(unicodedata.normalize("NFD", text.lower())) & set(string.ascii_lowercase):
        assert intent.label in {Label.NONE, Label.UNCLEAR}


@given(DUTCH, STATES)
def test_any_order_of_our_own_words_is_answered_alike_each_time(text: str, expecting: Expecting | None) -> None:
    intent = classify(text, expecting)
    assert intent == classify(text, expecting)
    if "nee" in text.split():
        assert intent.label is not Label.YES


@given(DUTCH)
def test_only_the_states_that_asked_give_an_answer(text: str) -> None:
    answers = {Label.YES, Label.NO, Label.UNCLEAR}
    assert classify(text, Expecting.LISTENING).label not in answers
    assert classify(text, Expecting.RECORDING).label not in answers
    if set(text) & set(string.ascii_lowercase):
        assert classify(text, Expecting.CONFIRMING).label is not Label.NONE


@given(DUTCH, STATES)
def test_case_and_hesitation_change_nothing(text: str, expecting: Expecting | None) -> None:
    assert classify(text.upper(), expecting) == classify(text, expecting)
    assert classify(f"eh {text}", expecting).label is classify(text, expecting).label or not text.strip(" .?")
