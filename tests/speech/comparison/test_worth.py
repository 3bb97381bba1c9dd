"""What is learned of waveforms that agree, and how far it is trusted."""

import numpy as np

from speech.comparison.worth import Unsure, WaveWorth

FRAMES = 3_000
LOUD = np.tile(np.arange(1.0, 7.0), FRAMES // 6)  # six classes, all over the call


def learned() -> WaveWorth:
    draw = np.random.default_rng(1).normal
    return WaveWorth.learn(draw(0.6, 0.05, FRAMES), LOUD, draw(0, 0.05, FRAMES), LOUD, 0.03)


def test_what_agrees_speaks_for_the_lag_and_what_does_not_against_it() -> None:
    nats = learned().nats(np.array([0.6, 0.0]), np.array([3.0, 3.0]))
    assert nats[0] > 2
    assert nats[1] < -2


def test_of_sound_fainter_than_all_that_was_learned_nothing_is_known() -> None:
    assert learned().nats(np.array([0.0]), np.array([0.01])) == 0


def test_an_edit_is_no_proof_of_how_the_recorder_treats_a_pause() -> None:
    right = np.full(FRAMES, 0.6)
    right[1_000:1_400] = 0.0
    unsure = Unsure(learned(), np.arange(FRAMES), right, LOUD)
    inside, outside = unsure.around(np.array([1_200, 2_500]), np.array([3.0, 3.0]))
    assert inside == 0.05
    assert outside > 0.1


def test_a_recorder_that_loses_pauses_all_over_the_call_is_not_trusted_with_them() -> None:
    right = np.where(np.arange(FRAMES) // 100 % 2, 0.0, 0.6)
    unsure = Unsure(learned(), np.arange(FRAMES), right, LOUD).around(np.arange(FRAMES), LOUD)
    assert unsure.min() > 0.4


def test_a_loudness_that_is_nowhere_else_is_not_trusted() -> None:
    loud = LOUD.copy()
    loud[loud == 1] = 2
    loud[1_000:1_050] = 1
    worth = learned()
    unsure = Unsure(worth, np.arange(FRAMES), np.full(FRAMES, 0.6), loud)
    assert unsure.around(np.array([1_020]), np.array([1.0])) == 1
    assert unsure.around(np.array([1_020]), np.array([3.0])) == 0.05
