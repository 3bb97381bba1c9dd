"""The Dutch words of the spotter: what they would find in perfectly heard sentences."""

import re
from pathlib import Path

import pytest

from speech.evaluation import Utterance, read_utterances
from speech.intent import Label
from speech.matters import Matter
from speech.spotting import DUTCH_ANSWERS, DUTCH_SPOTTING, THRESHOLDS, Trigger
from speech.training.__main__ import UTTERANCES
from tests.speech.test_matters import SEEN, UNSEEN, read_rows

HERE = Path(__file__).parent
LEAST_CANDIDATES = {
    Matter.WHY: 0.7,
    Matter.THIRD_PERSON: 0.6,
    Matter.VIDEO: 0.9,
    Matter.AGENCY_RECORDS: 0.95,
    Matter.PAUSE: 0.95,
    Matter.RESUME: 0.95,
}


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


def test_most_matters_are_candidates_too_and_other_talk_hardly_more_often() -> None:
    """Those told by nothing but everyday words ("mijn man zit hier ook bij") are left out: they would let most talk in.

    Without the words for matters 69.5 % of the sentences labelled none, which are made to come close, were decoded.
    """
    rows = [*read_rows(SEEN), *read_rows(UNSEEN)]
    for matter, least in LEAST_CANDIDATES.items():
        texts = [text for name, text in rows if name == matter]
        assert sum(map(is_candidate, texts)) >= least * len(texts), matter
    none = [row.text for row in read_utterances(UTTERANCES) if row.label is Label.NONE]
    assert sum(map(is_candidate, none)) <= 0.71 * len(none)


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
