"""The Dutch words of the spotter: what they would find in perfectly heard sentences."""

import re
from pathlib import Path

import pytest

from speech.evaluation import Utterance, read_utterances
from speech.intent import Label
from speech.spotting import DUTCH_ANSWERS, DUTCH_SPOTTING, THRESHOLDS, Trigger
from speech.training.__main__ import UTTERANCES

HERE = Path(__file__).parent


def is_candidate(text: str) -> bool:
    heard = re.findall(r"\w+", text.lower())
    return DUTCH_SPOTTING.is_candidate(word for word in heard if word in DUTCH_SPOTTING.words)


def clean(label: Label) -> list[Utterance]:
    rows = read_utterances(UTTERANCES) + read_utterances(HERE / "unseen.tsv")
    return [row for row in rows if row.label is label and row.variant != "asr_error"]


@pytest.mark.parametrize(("label", "least"), [(Label.REQUEST, 0.98), (Label.STOP, 0.97), (Label.COPY, 0.95)])
def test_nearly_all_that_is_said_clearly_is_a_candidate(label: Label, least: float) -> None:
    rows = clean(label)
    assert sum(is_candidate(row.text) for row in rows) >= least * len(rows)


def test_ordinary_words_are_no_candidate() -> None:
    for text in ("goedemiddag ik bel over mijn aanvraag", "kunt u dat nog een keer zeggen", "ik wil graag contact", ""):
        assert not is_candidate(text)


def test_one_word_of_each_group_in_any_order() -> None:
    trigger = Trigger.read("dit/ons gesprek")
    assert trigger.is_in(frozenset({"gesprek", "is", "ons"}))
    assert not trigger.is_in(frozenset({"dit", "ons"}))


def test_every_trigger_can_be_heard() -> None:
    words = set(DUTCH_SPOTTING.words)
    assert all(group <= words for trigger in DUTCH_SPOTTING.triggers for group in trigger.groups)


def test_no_answer_is_both() -> None:
    assert not DUTCH_ANSWERS.yes & DUTCH_ANSWERS.no
    assert not (DUTCH_ANSWERS.yes | DUTCH_ANSWERS.no) & set(DUTCH_ANSWERS.ordinary)
    assert 0 < THRESHOLDS.contradicting <= THRESHOLDS.supporting < THRESHOLDS.alone < 1
