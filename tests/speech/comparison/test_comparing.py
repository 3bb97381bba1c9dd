"""Copies as recorders make them, and as somebody edits them, against the agency's recording."""

from functools import cache

import numpy as np
import pytest

from speech.comparison.comparing import compare
from speech.comparison.result import Comparison, EditKind, Verdict
from speech.comparison.sound import Sound
from tests.speech.comparison.calls import Call, Samples, make_call
from tests.speech.comparison.edits import Change, apply
from tests.speech.comparison.recorders import coded, drifting, levelled, noisy

RATE_HZ = 8_000
TOLERANCE_S = 0.15


@cache
def call() -> Call:
    return make_call(11, 60)


def mixed(call: Call) -> Samples:
    return np.asarray(call.channels.sum(axis=0))


def compared(call: Call, copy: Samples) -> Comparison:
    return compare(Sound(call.channels), Sound(copy[None].astype(np.float32)))


def rng() -> np.random.Generator:
    return np.random.default_rng(3)


@pytest.mark.parametrize("codec", ["mulaw", "alaw", "mp3_8", "aac_24", "opus_6", "amr_475"])
def test_what_a_codec_does_is_no_edit(codec: str) -> None:
    found = compared(call(), coded(codec)(mixed(call()), rng()))
    assert (found.verdict, found.edits) == (Verdict.COMPLETE, ())
    assert found.coverage > 0.98


def test_noise_automatic_gain_and_a_fast_clock_are_no_edit() -> None:
    sound = mixed(call())
    for recorder in (noisy("pink", 8), levelled, drifting(250), coded("amr_122")):
        sound = recorder(sound, rng())
    found = compared(call(), sound)
    assert (found.verdict, found.edits) == (Verdict.COMPLETE, ())
    assert found.drift_ppm == pytest.approx(250, abs=25)


def test_a_cut_has_its_times_in_both() -> None:
    sound, [truth] = apply(mixed(call()), [Change(25 * RATE_HZ, 28 * RATE_HZ, mixed(call())[:0])])
    found = compared(call(), coded("mp3_32")(sound, rng()))
    assert found.verdict is Verdict.CUT
    [edit] = found.edits
    assert edit.kind is EditKind.CUT
    assert (edit.agency_start_s, edit.agency_end_s) == pytest.approx(
        (truth.agency_start_s, truth.agency_end_s), abs=TOLERANCE_S
    )
    assert edit.copy_start_s == edit.copy_end_s == pytest.approx(truth.copy_start_s, abs=TOLERANCE_S)
