"""What the line's noise tells of a place, where nobody speaks."""

import numpy as np
import pytest

from speech.comparison.comparing import compare
from speech.comparison.path import Run
from speech.comparison.result import EditKind, Verdict
from speech.comparison.sound import RATE_HZ, Sound
from speech.comparison.tracks import Track
from speech.comparison.waves import Nats, Waves
from tests.speech.comparison.calls import Call, Samples, make_call
from tests.speech.comparison.edits import Change, apply
from tests.speech.comparison.recorders import coded, drifting, noisy

FRAMES = 100  # in a second


def line_noise(seconds: float, seed: int) -> Samples:
    return (np.random.default_rng(seed).standard_normal(round(seconds * RATE_HZ)) * 0.001).astype(np.float32)


def said(agency: Samples, copy: Samples, track: Track, run: Run, first: int, last: int) -> Nats:
    """What was learned along `run` says of the copy's frames `first` to `last`."""
    return Waves(agency, copy).learn([track], [run]).nats(0, first, last)


@pytest.mark.parametrize("ppm", [0, 280])
@pytest.mark.parametrize("wrong_by_frames", [0.0, 0.4])
def test_noise_follows_up_to_the_moment_at_which_other_noise_begins(ppm: float, wrong_by_frames: float) -> None:
    agency = np.stack([line_noise(20, 1), line_noise(20, 2)])
    copy = agency.sum(axis=0)
    copy[12 * RATE_HZ :] = line_noise(8, 3)
    copy = drifting(ppm)(copy, np.random.default_rng(1))
    track = Track(0, 2000, 1 / (1 + ppm * 1e-6), wrong_by_frames)
    nats = said(agency, copy, track, Run(0, 0, 1150), 1100, 1400)
    held = np.cumsum(nats.placed)
    assert abs(int(held.argmax()) + 1100 - 12 * FRAMES * (1 + ppm * 1e-6)) <= 2
    assert held.max() > 30
    assert held[-1] < held.max() - 30
    assert nats.heard[20:80].sum() > 5
    assert nats.heard[150:].sum() < -15


def test_a_recorder_that_drowned_the_line_says_little_for_its_lag_and_nothing_against() -> None:
    agency = line_noise(20, 1)[None]
    copy = agency[0] + 30 * line_noise(20, 4)
    nats = said(agency, copy, Track(0, 2000, 1.0, 0.0), Run(0, 0, 1150), 1100, 1400)
    assert abs(nats.placed.sum()) < 12
    assert nats.heard.min() > -0.005
    assert nats.heard.sum() < 12


def test_a_sound_that_drowns_the_line_for_a_while_is_no_sign_that_something_is_missing() -> None:
    agency = line_noise(20, 1)[None]
    copy = agency[0].copy()
    copy[12 * RATE_HZ : 14 * RATE_HZ] += 100 * line_noise(2, 5)
    nats = said(agency, copy, Track(0, 2000, 1.0, 0.0), Run(0, 0, 2000), 1100, 1500)
    assert nats.heard[110:290].sum() > -1
    assert nats.heard[:80].sum() > 5


@pytest.mark.parametrize("run", [Run(0, 0, 40), Run(0, 1000, 1040)])
def test_too_short_a_run_and_digital_silence_say_nothing(run: Run) -> None:
    agency = line_noise(20, 1)[None]
    track = Track(0, 2000, 1.0, 0.0)
    nothing = said(agency, agency[0], track, run, 900, 1200)
    assert not nothing.placed.any()
    assert not nothing.heard.any()
    silent = np.zeros_like(agency)
    nats = said(silent, silent[0], track, Run(0, 0, 1150), 1100, 1400)
    assert np.isfinite(nats.placed).all()
    assert np.isfinite(nats.heard).all()


def test_a_lag_at_which_nothing_agrees_says_nothing() -> None:
    agency = np.stack([line_noise(30, 1), line_noise(30, 2)])
    tracks, runs = [Track(0, 1500, 1.0, 0.0), Track(1500, 3000, 1.0, 400.0)], [Run(0, 0, 1500), Run(1, 1500, 1700)]
    following = Waves(agency, agency.sum(axis=0)).learn(tracks, runs)
    assert following.nats(0, 1400, 1600).placed.sum() > 30
    wrong = following.nats(1, 1500, 1700)
    assert not wrong.placed.any()
    assert not wrong.heard.any()


def test_what_was_learned_once_is_remembered() -> None:
    agency = np.stack([line_noise(40, 1), line_noise(40, 2)])
    waves = Waves(agency, agency.sum(axis=0))
    tracks = [Track(0, 4000, 1.0, 0.0)]
    one = waves.learn(tracks, [Run(0, 0, 4000)]).nats(0, 0, 4000)
    two = waves.learn([*tracks, Track(0, 100, 1.0, 50.0)], [Run(0, 0, 4000)]).nats(0, 0, 4000)
    assert np.array_equal(one.heard, two.heard)
    assert np.array_equal(one.placed, two.placed)


def longest_pause(call: Call) -> tuple[float, float]:
    turns = sorted(call.turns, key=lambda turn: turn.start_s)
    ends = np.maximum.accumulate([turn.end_s for turn in turns])
    pauses = [(float(end), turn.start_s) for end, turn in zip(ends, turns[1:], strict=False)]
    return max(pauses, key=lambda pause: pause[1] - pause[0])


def test_a_pause_in_place_of_a_pause_is_a_replacement_where_the_line_is_heard_around_it() -> None:
    call = make_call(11, 60)
    start_s, end_s = longest_pause(call)
    middle = round((start_s + end_s) / 2 * RATE_HZ)
    change = Change(middle - RATE_HZ // 2, middle + RATE_HZ // 2, line_noise(1, 8))
    sound, [truth] = apply(call.channels.sum(axis=0), [change])
    copy = coded("mulaw")(noisy("pink", 30)(sound, np.random.default_rng(1)), np.random.default_rng(1))
    [edit] = compare(Sound(call.channels), Sound(copy[None])).edits
    assert edit.kind is EditKind.REPLACE
    assert edit.copy_start_s == pytest.approx(truth.copy_start_s, abs=0.15)
    assert edit.copy_end_s == pytest.approx(truth.copy_end_s, abs=0.15)


@pytest.mark.parametrize("part", [0.25, 0.75])
def test_silence_put_into_a_pause_is_placed_where_it_is(part: float) -> None:
    call = make_call(11, 60)
    start_s, end_s = longest_pause(call)
    assert end_s - start_s > 1.5
    at = round((start_s + part * (end_s - start_s)) * RATE_HZ)
    sound, [truth] = apply(call.channels.sum(axis=0), [Change(at, at, np.zeros(2 * RATE_HZ, np.float32))])
    copy = coded("mulaw")(noisy("pink", 25)(sound, np.random.default_rng(1)), np.random.default_rng(1))
    found = compare(Sound(call.channels), Sound(copy[None]))
    assert found.verdict is Verdict.INSERTED
    [edit] = found.edits
    assert edit.kind is EditKind.INSERT
    assert edit.copy_start_s == pytest.approx(truth.copy_start_s, abs=0.15)
    assert edit.copy_end_s == pytest.approx(truth.copy_end_s, abs=0.15)
