"""Copies that went through real codecs, rooms, noise and a clock of their own, made apart from the comparison's cases.

A few of them, so that this stays quick; `python -m tests.speech.comparison.forging FIRST COUNT` tries as many as one
likes and tells what went wrong.
"""

from pathlib import Path

import pytest

from speech.comparison.result import Verdict
from tests.speech.comparison.forging import judge, make_case, told

HONEST = (2, 3, 5)
EDITED = (8, 200)


@pytest.mark.parametrize("seed", HONEST)
def test_no_honest_copy_is_accused(tmp_path: Path, seed: int) -> None:
    case = make_case(seed, seconds=60, plain=True)
    assert case.related
    assert case.truths == ()
    judged = judge(case, tmp_path)
    assert judged.found.verdict is Verdict.COMPLETE, told(judged)


@pytest.mark.parametrize("seed", EDITED)
def test_edits_are_found_in_their_place(tmp_path: Path, seed: int) -> None:
    case = make_case(seed)
    assert case.related
    judged = judge(case, tmp_path)
    assert judged.is_good, told(judged)


def test_a_case_is_the_same_each_time() -> None:
    assert make_case(2, seconds=45).copy_file == make_case(2, seconds=45).copy_file
