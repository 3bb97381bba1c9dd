"""A second witness of an answer: who contradicts makes it unclear, who is silent asks for more confidence."""

import pytest

from speech.hypothesis import FinalHypothesis, Witness
from speech.intent import Label
from speech.witness import doubt_about

LEAST = 0.6


def heard(confidence: float, witness: Witness | None) -> FinalHypothesis:
    return FinalHypothesis("ja", 0.0, 1.0, confidence, witness=witness)


@pytest.mark.parametrize(
    ("label", "confidence", "witness"),
    [
        (Label.YES, 0.7, None),
        (Label.YES, 0.7, Witness(yes=0.6, no=0.0)),
        (Label.YES, 0.7, Witness(yes=0.9, no=0.3)),
        (Label.YES, 0.95, Witness(yes=0.0, no=0.0)),
        (Label.NO, 0.7, Witness(yes=0.0, no=0.8)),
        (Label.NO, 0.7, Witness(yes=0.9, no=0.6)),
    ],
)
def test_an_answer_that_counts(label: Label, confidence: float, witness: Witness | None) -> None:
    assert doubt_about(label, heard(confidence, witness), LEAST) is None


@pytest.mark.parametrize(
    ("label", "confidence", "witness"),
    [
        (Label.YES, 0.5, None),
        (Label.YES, 0.5, Witness(yes=1.0, no=0.0)),
        (Label.YES, 1.0, Witness(yes=1.0, no=0.5)),
        (Label.YES, 1.0, Witness(yes=0.0, no=0.5)),
        (Label.YES, 0.8, Witness(yes=0.0, no=0.0)),
        (Label.NO, 1.0, Witness(yes=0.9, no=0.0)),
        (Label.NO, 0.8, Witness(yes=0.0, no=0.0)),
    ],
)
def test_an_answer_that_is_unclear(label: Label, confidence: float, witness: Witness | None) -> None:
    assert doubt_about(label, heard(confidence, witness), LEAST)
