"""How alike the waveforms of two sounds are, moment by moment, when their places are known. PURE (numpy).

Spectra of 32 ms with their phases, of the band that every telephone and codec keeps something of.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from speech.comparison.sound import RATE_HZ
from speech.comparison.spectrum import FRAME_S

HOP = round(FRAME_S * RATE_HZ)
WINDOW = 256
LOW, HIGH = 5, 112
"""Bins: 150 to 3,500 Hz."""

Spectra = NDArray[np.complex64]
Powers = NDArray[np.float32]
Vector = NDArray[np.float64]

_SPAN = 17  # frames that a steady agreement is the mean of: as long as those of the bands
_AROUND = 3  # bins to either side, 200 Hz: a single bin of noise is anything
_QUIET = 0.3  # share of the moments that are noise
_HOLES = 0.1  # of the usual noise: a codec leaves bands empty, which tell nothing
_DARK = 1e-7  # of the loud moments (70 dB): digital silence agrees with nothing
_PARTS = 16  # of a sample
_HANN = np.hanning(WINDOW).astype(np.float32)
_TURNS = np.exp(2j * np.pi * (np.arange(_PARTS + 1) / _PARTS - 0.5)[:, None] * np.arange(LOW, HIGH) / WINDOW).astype(
    np.complex64
)


def spectra(samples: NDArray[np.float32], centres: NDArray[np.floating]) -> Spectra:
    """[frames, bins], around each place, in samples and parts of one, in rising order; silence beyond the ends."""
    whole = np.rint(centres).astype(np.int64)
    starts = whole - WINDOW // 2
    low, high = int(starts[0]), int(starts[-1]) + WINDOW
    piece = samples[max(low, 0) : max(high, 0)]
    piece = np.pad(piece, (min(max(-low, 0), high - low), 0))
    piece = np.pad(piece, (0, high - low - len(piece)))
    found = np.fft.rfft(sliding_window_view(piece, WINDOW)[starts - low] * _HANN)[:, LOW:HIGH]
    turns = np.rint((centres - whole + 0.5) * _PARTS).astype(np.intp)
    return np.asarray(found * _TURNS[turns], dtype=np.complex64)


def gain(own: Spectra, heard: Spectra) -> Spectra:
    """By how much each bin of the one has to be turned and made louder to be most like the other; [bins]."""
    return np.asarray((heard * own.conj()).sum(axis=0) / ((np.abs(own) ** 2).sum(axis=0) + 1e-9))


def coherence(own: Spectra, heard: Spectra) -> float:
    """By how much the two go together, mean of the bins: 1 if not at all and no frame overlaps."""
    apart = ((np.abs(heard) ** 2) * (np.abs(own) ** 2)).sum(axis=0) + 1e-30
    return float((np.abs((heard * own.conj()).sum(axis=0)) ** 2 / apart).mean())


def combined(own: Sequence[Spectra], gains: Sequence[Spectra]) -> Spectra:
    return np.asarray(sum(each * gain for each, gain in zip(own, gains, strict=True)))


def top_of(values: Vector) -> float:
    """Where a peak is between the places that are known."""
    peak = int(values.argmax())
    if not 0 < peak < len(values) - 1:
        return float(peak)
    left, top, right = (float(each) for each in values[peak - 1 : peak + 2])
    return peak + 0.5 * (left - right) / (left - 2 * top + right)


def noise_of(heard: Spectra) -> Powers:
    noise = np.quantile(np.abs(heard) ** 2, _QUIET, axis=0) + 1e-9
    return np.asarray(np.maximum(noise, _HOLES * np.median(noise)), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Agreement:
    """Of each frame: how much alike both are, -1 to 1 as Fisher's z, by itself and as a mean over 0.17 s; how loud the
    agency's sound would be, and how much of that other sounds leave to be heard."""

    z: Vector
    steady: Vector
    loud: Vector
    clear: Vector

    def cut(self, first: int, last: int) -> "Agreement":
        return Agreement(*(each[first:last] for each in (self.z, self.steady, self.loud, self.clear)))

    @staticmethod
    def joined(found: Sequence["Agreement"]) -> "Agreement":
        return Agreement(
            *(np.concatenate(each) for each in zip(*((f.z, f.steady, f.loud, f.clear) for f in found), strict=True))
        )


class Heard:
    """The copy's side of some frames, set against what is expected there."""

    def __init__(self, heard: Spectra, noise: Powers) -> None:
        power = np.abs(heard) ** 2
        self._conjugate, self._noise = heard.conj() / noise, noise
        self._size = (power / noise).sum(axis=1) + 1e-6
        self._around = _smooth(power) + 1e-9

    def agreement(self, expected: Spectra) -> Agreement:
        awaited = np.abs(expected) ** 2
        loud = np.asarray((awaited / self._noise).sum(axis=1), dtype=np.float64)
        floor = float(np.quantile(loud, 0.95)) * _DARK + 1e-12
        r = (self._conjugate * expected).real.sum(axis=1) / np.sqrt(self._size * (loud + floor))
        left = np.minimum((_smooth(awaited) + self._noise) / self._around, 1).mean(axis=1)
        z = np.arctanh(np.clip(r.astype(np.float64), -0.995, 0.995))
        return Agreement(z, _steady(z), loud, _steady(left * loud))


def _steady(values: Vector) -> Vector:
    sums = np.concatenate([[0.0], np.cumsum(np.pad(values, _SPAN // 2, mode="edge"))])
    return np.asarray((sums[_SPAN:] - sums[:-_SPAN]) / _SPAN)


def _smooth(power: Powers) -> Powers:
    """Over some 200 Hz and three frames."""
    bins = power.shape[1]
    sums = np.zeros((len(power), bins + 2 * _AROUND + 2), np.float32)
    np.cumsum(np.pad(power, ((0, 0), (_AROUND, _AROUND)), mode="edge"), axis=1, out=sums[:, 1:-1])
    wide = (sums[:, 2 * _AROUND + 1 : -1] - sums[:, :bins]) / (2 * _AROUND + 1)
    framed = np.concatenate([wide[:1], wide, wide[-1:]])
    return np.asarray((framed[:-2] + framed[1:-1] + framed[2:]) / 3, dtype=np.float32)
