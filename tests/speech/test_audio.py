"""G.711 by its own definition, and resampling that does not depend on how the sound was cut up."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.audio import Resampler, decode_alaw, decode_mulaw, encode_mulaw, level_dbfs
from tests.speech.alaw import encode_alaw

Codec = Callable[[bytes], bytes]

EVERY_BYTE = bytes(range(256))


def test_mulaw_follows_the_standard() -> None:
    """ITU-T G.711 table 2: the ends, the smallest steps and both zeros, on a 16-bit scale."""
    samples = np.frombuffer(decode_mulaw(bytes([0x00, 0x80, 0x7F, 0xFF, 0x7E, 0xFE, 0x8F])), "<i2")
    assert samples.tolist() == [-32_124, 32_124, 0, 0, -8, 8, 16_764]


def test_alaw_follows_the_standard() -> None:
    """ITU-T G.711 table 1: even bits inverted; the smallest and the largest values."""
    samples = np.frombuffer(decode_alaw(bytes([0xD5, 0x55, 0xAA, 0x2A])), "<i2")
    assert samples.tolist() == [8, -8, 32_256, -32_256]


def test_codes_survive_a_round_trip() -> None:
    assert encode_alaw(decode_alaw(EVERY_BYTE)) == EVERY_BYTE
    negative_zero, positive_zero = 0x7F, 0xFF
    expected = bytes(positive_zero if code == negative_zero else code for code in EVERY_BYTE)
    assert encode_mulaw(decode_mulaw(EVERY_BYTE)) == expected


@pytest.mark.parametrize(("encode", "decode"), [(encode_mulaw, decode_mulaw), (encode_alaw, decode_alaw)])
def test_compression_stays_near_every_sample(encode: Codec, decode: Codec) -> None:
    """G.711 keeps about 38 dB: no sample is off by more than a 24th of itself, or a few steps near zero."""
    samples = np.arange(-32_768, 32_768)
    back = np.frombuffer(decode(encode(samples.astype("<i2").tobytes())), "<i2").astype(int)
    assert (np.abs(back - samples) <= np.abs(samples) / 24 + 17).all()


@given(
    rates=st.sampled_from([(8_000, 16_000), (16_000, 8_000), (44_100, 8_000), (11_025, 8_000), (8_000, 8_000)]),
    cuts=st.lists(st.integers(0, 400), max_size=12),
)
def test_resampling_does_not_depend_on_the_pieces(rates: tuple[int, int], cuts: list[int]) -> None:
    tone = (9_000 * np.sin(np.arange(2_000) / 5)).astype(np.int16)
    whole, pieces = Resampler(*rates), Resampler(*rates)
    expected = np.concatenate((whole.feed(tone), whole.finish()))
    edges = [0, *np.minimum(np.cumsum(cuts, dtype=int), len(tone)).tolist(), len(tone)]
    parts = [pieces.feed(tone[start:end]) for start, end in pairwise(edges)]
    assert np.array_equal(np.concatenate((*parts, pieces.finish())), expected)
    assert len(expected) == -(-len(tone) * rates[1] // rates[0])


def test_resampling_keeps_a_tone_and_its_time() -> None:
    at_8k = 10_000 * np.sin(2 * np.pi * 1_000 * np.arange(8_000) / 8_000)
    resampler = Resampler(8_000, 16_000)
    wide = np.concatenate((resampler.feed(at_8k), resampler.finish()))
    exact = 10_000 * np.sin(2 * np.pi * 1_000 * np.arange(16_000) / 16_000)
    assert np.abs(wide[100:-100] - exact[100:-100]).max() < 5


def test_resampling_down_leaves_no_alias() -> None:
    high = 10_000 * np.sin(2 * np.pi * 6_000 * np.arange(48_000) / 48_000)
    resampler = Resampler(48_000, 8_000)
    low = np.concatenate((resampler.feed(high), resampler.finish()))
    assert level_dbfs(low[100:-100].astype("<i2").tobytes()) < -60


def test_levels() -> None:
    assert level_dbfs(b"") == float("-inf")
    assert level_dbfs(bytes(320)) == float("-inf")
    assert level_dbfs(np.full(160, 32_767, "<i2").tobytes()) == pytest.approx(0, abs=0.01)
