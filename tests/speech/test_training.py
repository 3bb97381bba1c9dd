"""The shipped intent model follows from the sentences it was learned from, and from nothing else."""

from pathlib import Path

from speech.intent_model import intent_model
from speech.training.__main__ import UTTERANCES, learned_from

UNSEEN = Path(__file__).with_name("unseen.tsv")


def sentences(table: Path) -> list[str]:
    return [line.split("\t")[2] for line in table.read_text(encoding="utf-8").splitlines()[1:]]


def test_the_model_was_learned_from_todays_sentences() -> None:
    assert intent_model().learned_from == learned_from(), "run `make intent-model`"


def test_nothing_unseen_was_learned_from() -> None:
    assert set(sentences(UTTERANCES)).isdisjoint(sentences(UNSEEN))
