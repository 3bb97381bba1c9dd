"""G.711 and linear PCM, and a change of sampling rate that streams. PURE (numpy)."""

from functools import cache
from math import ceil, gcd

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Samples = NDArray[np.int16]

TELEPHONE_RATE_HZ = 8_000
PCM16_BYTES = 2
TELEPHONE_PCM_BYTES_PER_S = PCM16_BYTES * TELEPHONE_RATE_HZ
FULL_SCALE_POWER = 32_768.0**2
"""Of one sample, in the scale of int16; levels in dBFS stand against it."""

_MULAW_BIAS = 33  # G.711 works on 14 bits
_MULAW_CLIP = 8_158
_ALAW_MASK = 0x55
_ZERO_CROSSINGS = 12
_PASSBAND = 0.94


def decode_mulaw(payload: bytes) -> bytes:
    """Expand G.711 mu-law to linear PCM.

    Takes    n bytes, one sample each.
    Returns  2n bytes, signed 16-bit little-endian, same rate.
    Raises   nothing: every byte is a valid sample.
    Source   ITU-T G.711.
    """
    return bytes(_mulaw_table()[np.frombuffer(payload, np.uint8)].data)


def encode_mulaw(pcm: bytes) -> bytes:
    """Compress 2n bytes of signed 16-bit little-endian PCM to n bytes of G.711 mu-law."""
    sample = np.frombuffer(pcm, "<i2").astype(np.int32)
    magnitude = np.minimum(np.abs(sample >> 2), _MULAW_CLIP) + _MULAW_BIAS
    exponent = np.frexp(magnitude)[1] - 6
    mantissa = (magnitude >> (exponent + 1)) & 0x0F
    code = np.where(sample < 0, 0x80, 0) | (exponent << 4) | mantissa
    return bytes((~code & 0xFF).astype(np.uint8).data)


def decode_alaw(payload: bytes) -> bytes:
    """Expand n bytes of G.711 A-law to 2n bytes of signed 16-bit little-endian PCM."""
    return bytes(_alaw_table()[np.frombuffer(payload, np.uint8)].data)


@cache
def _mulaw_table() -> Samples:
    code = ~np.arange(256) & 0xFF
    magnitude = ((((code & 0x0F) << 1) + _MULAW_BIAS) << ((code >> 4) & 7)) - _MULAW_BIAS
    return np.where(code & 0x80, -4 * magnitude, 4 * magnitude).astype("<i2")


@cache
def _alaw_table() -> Samples:
    code = np.arange(256) ^ _ALAW_MASK
    exponent = (code >> 4) & 7
    step = ((code & 0x0F) << 4) + 8
    magnitude = np.where(exponent == 0, step, (step + 256) << np.maximum(exponent - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype("<i2")


def level_dbfs(pcm: bytes) -> float:
    """The RMS level of 16-bit PCM against a full-scale square wave; minus infinity for digital silence."""
    sample = np.frombuffer(pcm, "<i2").astype(np.float32)
    power = float(np.dot(sample, sample)) / max(len(sample), 1)
    return 10 * float(np.log10(power)) - 90.309 if power else float("-inf")


class Resampler:
    """A windowed-sinc change of rate for one channel that arrives in pieces; the pieces' sizes change nothing.

    Output sample n lies at the time of input sample n * from_hz / to_hz: no delay, but the last few samples come
    only with `finish`. Samples are float or int16 in the scale of int16; what comes out is clipped to int16.
    """

    def __init__(self, from_hz: int, to_hz: int) -> None:
        divisor = gcd(from_hz, to_hz)
        self._up, self._down = to_hz // divisor, from_hz // divisor
        self._reach = ceil(_ZERO_CROSSINGS * max(1.0, self._down / self._up))
        self._kernels = _kernels(self._up, self._down, self._reach)
        self._held = np.zeros(self._reach - 1, np.float32)
        self._first_held = 1 - self._reach
        self._received = 0
        self._sent = 0

    def feed(self, samples: NDArray[np.generic]) -> Samples:
        """Give the next input samples, get the output samples that are complete by now."""
        self._received += len(samples)
        return self._advance(samples.astype(np.float32))

    def finish(self) -> Samples:
        """The rest: as many samples in all as the input lasted at the new rate."""
        wanted = ceil(self._received * self._up / self._down) - self._sent
        return self._advance(np.zeros(2 * self._reach, np.float32))[:wanted]

    def _advance(self, samples: NDArray[np.float32]) -> Samples:
        held = np.concatenate((self._held, samples))
        centres_end = self._first_held + len(held) - self._reach
        ready = max(0, ceil(centres_end * self._up / self._down) - self._sent)
        ticks = np.arange(self._sent, self._sent + ready, dtype=np.int64) * self._down
        starts = ticks // self._up - self._reach + 1 - self._first_held
        out = np.empty(0, np.float32)
        if ready:
            windows = sliding_window_view(held, 2 * self._reach)[starts]
            out = np.einsum("ij,ij->i", windows, self._kernels[ticks % self._up])
        self._sent += ready
        spent = self._sent * self._down // self._up - self._reach + 1 - self._first_held
        self._held = held[max(0, spent) :]
        self._first_held += max(0, spent)
        return np.clip(np.rint(out), -32_768, 32_767).astype(np.int16)


@cache
def _kernels(up: int, down: int, reach: int) -> NDArray[np.float32]:
    """One row of 2 * reach weights for each of the `up` positions between two input samples; each row sums to one."""
    offset = np.arange(up)[:, None] / up - np.arange(1 - reach, reach + 1)[None, :]
    cutoff = _PASSBAND * min(1.0, up / down)
    weights = np.sinc(offset * cutoff) * np.cos(np.pi * offset / (2 * reach)) ** 2
    weights /= weights.sum(axis=1, keepdims=True)
    return np.asarray(weights, np.float32)
