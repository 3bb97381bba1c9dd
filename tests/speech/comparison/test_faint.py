"""Edits after which nobody speaks: only the line's own noise, below the recorder's, tells where the rest is from."""

from functools import cache

import numpy as np
import pytest

from speech.comparison.comparing import compare
from speech.comparison.result import Comparison, EditKind, Verdict
from speech.comparison.sound import RATE_HZ, Sound
from tests.speech.comparison.calls import Call, Samples, make_call
from tests.speech.comparison.edits import Change, apply
from tests.speech.comparison.recorders import coded, drifting, levelled, noisy

SILENT_FROM_S = 34


def line_noise(count: int, seed: int) -> Samples:
    """-62 dB, as every channel of `make_call` has."""
    return (np.random.default_rng(seed).standard_normal(count) * 10 ** (-62 / 20)).astype(np.float32)


@cache
def call() -> Call:
    """Of 45 s, in the last eleven of which nobody speaks."""
    made = make_call(11, 45)
    for channel, seed in zip(made.channels, (1, 2), strict=True):
        channel[SILENT_FROM_S * RATE_HZ :] = line_noise(11 * RATE_HZ, seed)
    return made


def compared(copy: Samples, *, ppm: float = 0.0, snr_db: float = 20, codec: str = "alaw") -> Comparison:
    rng = np.random.default_rng(5)
    for recorder in (noisy("white", snr_db), drifting(ppm), coded(codec)):
        copy = recorder(copy, rng)
    return compare(Sound(call().channels), Sound(copy[None].astype(np.float32)))


def mixed() -> Samples:
    return np.asarray(call().channels.sum(axis=0))


@pytest.mark.parametrize(("ppm", "codec"), [(0, "alaw"), (250, "amr_122"), (-180, "mp3_64")])
def test_a_cut_after_which_nobody_speaks_is_found(ppm: float, codec: str) -> None:
    copy, truths = apply(mixed(), [Change(30 * RATE_HZ, 36 * RATE_HZ, np.zeros(0, np.float32))])
    found = compared(copy, ppm=ppm, codec=codec)
    assert [edit.kind for edit in found.edits] == [EditKind.CUT]
    assert found.edits[0].agency_start_s == pytest.approx(truths[0].agency_start_s, abs=0.15)
    assert found.edits[0].agency_end_s == pytest.approx(truths[0].agency_end_s, abs=0.15)


def test_something_put_in_where_nobody_speaks_any_more_is_found() -> None:
    noise = line_noise(2 * RATE_HZ, 9) * 30
    copy, truths = apply(mixed(), [Change(37 * RATE_HZ, 37 * RATE_HZ, noise)])
    found = compared(copy)
    assert [edit.kind for edit in found.edits] == [EditKind.INSERT]
    assert found.edits[0].copy_start_s == pytest.approx(truths[0].copy_start_s, abs=0.15)
    assert found.edits[0].copy_end_s == pytest.approx(truths[0].copy_end_s, abs=0.15)


def test_a_piece_from_elsewhere_after_which_nobody_is_heard_is_a_replacement_if_the_copy_ends_with_the_call() -> None:
    said = mixed()[5 * RATE_HZ : 10 * RATE_HZ]
    copy, [truth] = apply(mixed(), [Change(31 * RATE_HZ, 36 * RATE_HZ, said)])
    found = compared(copy, snr_db=8)
    assert [edit.kind for edit in found.edits] == [EditKind.REPLACE]
    assert found.edits[0].agency_start_s == pytest.approx(truth.agency_start_s, abs=0.15)
    assert found.edits[0].agency_end_s == pytest.approx(truth.agency_end_s, abs=0.15)
    assert found.stretches[-1].copy_end_s == pytest.approx(45, abs=0.1)


def test_where_the_call_goes_on_after_that_is_not_said_if_the_copy_is_longer() -> None:
    said = mixed()[5 * RATE_HZ : 10 * RATE_HZ]
    copy, _ = apply(mixed(), [Change(36 * RATE_HZ, 36 * RATE_HZ, said)])
    assert EditKind.REPLACE not in [edit.kind for edit in compared(copy, snr_db=8).edits]


def test_a_pause_in_which_the_recorder_makes_up_its_noise_is_no_edit() -> None:
    copy = mixed()
    copy[SILENT_FROM_S * RATE_HZ :] = line_noise(11 * RATE_HZ, 9)
    assert compared(copy).verdict is Verdict.COMPLETE


def test_a_hum_of_the_mains_in_both_files_moves_nothing() -> None:
    moments = np.arange(45 * RATE_HZ) / RATE_HZ
    hum = 0.002 * np.sum([np.sin(2 * np.pi * 50 * number * moments) for number in (3, 5, 7, 9, 21)], axis=0)
    agency = call().channels + hum.astype(np.float32)
    copy = np.asarray(call().channels.sum(axis=0) + np.roll(hum, 33), np.float32)
    copy = noisy("pink", 25)(copy, np.random.default_rng(1))
    found = compare(Sound(agency), Sound(copy[None].astype(np.float32)))
    assert (found.verdict, found.edits) == (Verdict.COMPLETE, ())


def test_a_gain_that_rises_in_the_pause_is_no_edit() -> None:
    copy = levelled(mixed(), np.random.default_rng(2))
    assert compared(copy, snr_db=25).verdict is Verdict.COMPLETE
