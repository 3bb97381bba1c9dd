"""Copies that went through real codecs, rooms, noise and a clock of their own, made apart from the comparison's cases.

A few of them, so that this stays quick; `python -m tests.speech.comparison.forging FIRST COUNT` tries as many as one
likes and tells what went wrong.
"""

from pathlib import Path

import pytest

from speech.comparison.result import Verdict
from tests.speech.comparison.forging import judge, make_case, told

HONEST = (2, 3, 5)
SOFT = (2004, 2015, 2039)
"""One of the two is 30 dB softer than the other, and in two of them the telephone was held away for 8 s."""
EDITED = (8, 200)
UNRELATED = (1018, 1069)
"""The same people say some of the same sentences."""


@pytest.mark.parametrize("seed", HONEST)
def test_no_honest_copy_is_accused(tmp_path: Path, seed: int) -> None:
    case = make_case(seed, seconds=60, plain=True)
    assert case.related
    assert case.truths == ()
    judged = judge(case, tmp_path)
    assert judged.found.verdict is Verdict.COMPLETE, told(judged)


@pytest.mark.parametrize("seed", SOFT)
def test_who_is_hardly_heard_is_not_missed(tmp_path: Path, seed: int) -> None:
    judged = judge(make_case(seed, plain=True), tmp_path)
    assert judged.found.verdict is Verdict.COMPLETE, told(judged)


@pytest.mark.parametrize("seed", UNRELATED)
def test_another_call_of_the_same_people_is_unrelated(tmp_path: Path, seed: int) -> None:
    case = make_case(seed)
    assert not case.related
    assert judge(case, tmp_path).is_good


@pytest.mark.parametrize("seed", EDITED)
def test_edits_are_found_in_their_place(tmp_path: Path, seed: int) -> None:
    case = make_case(seed)
    assert case.related
    judged = judge(case, tmp_path)
    assert judged.is_good, told(judged)


def test_a_case_is_the_same_each_time() -> None:
    assert make_case(2, seconds=45).copy_file == make_case(2, seconds=45).copy_file
