"""What the copy's recorder is thought to have heard of each side."""

import numpy as np

from speech.comparison.prediction import Prediction, predict
from speech.comparison.spectrum import BANDS

FRAMES = 3_000
FIRST, SECOND = slice(0, 1_200), slice(1_500, 2_700)  # who speaks when


def predicted(second_heard: float, noise_with_second: float) -> Prediction:
    """The first side is well heard, the second by this much, and the noise is so many times as loud while it speaks."""
    draw = np.random.default_rng(4).exponential
    one, two = (draw(1e-6, (BANDS, FRAMES)).astype(np.float32) for _ in range(2))
    one[:, FIRST] += draw(1.0, (BANDS, 1_200)) ** 2
    two[:, SECOND] += draw(1.0, (BANDS, 1_200)) ** 2
    noise = draw(0.05, (BANDS, FRAMES))
    noise[:, SECOND] *= noise_with_second
    copy = (one + second_heard * two + noise).astype(np.float32)
    frames = np.arange(FRAMES)
    return predict([one, two], copy, frames, frames)


def test_both_sides_that_are_heard_are_expected() -> None:
    audible = predicted(1.0, 1).audible
    assert audible[FIRST].mean() > 1
    assert audible[SECOND].mean() > 1


def test_noise_that_automatic_gain_turns_up_with_a_side_is_not_that_side() -> None:
    audible = predicted(0.0, 8).audible
    assert audible[FIRST].mean() > 1
    assert audible[SECOND].mean() < 0.25


def test_a_side_that_is_heard_in_noise_turned_up_is_still_expected() -> None:
    assert predicted(1.0, 4).audible[SECOND].mean() > 0.5
