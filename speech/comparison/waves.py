"""Whether the copy's very waveform follows the agency's at a lag: what a pause still tells. PURE (numpy).

Where nobody speaks, bands of loudness say nothing, but the line's own noise and a room's are in both files, wave for
wave, until a codec or other noise drowns them. What the recorder does to the waves is learned beside each change, and
so is how well they then agree: where a pause holds nothing, this says nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from speech.comparison.path import Run
from speech.comparison.sound import RATE_HZ
from speech.comparison.spectrum import FRAME_S
from speech.comparison.tracks import Track

_HOP = round(FRAME_S * RATE_HZ)
_WINDOW = 256
_LOW, _HIGH = 5, 112  # bins: 150 to 3,500 Hz
_NEAR = 1_500  # frames beside a change that are learned from
_MARGIN = 20  # frames at the change that are not
_LEAST = 60  # frames from which something can be learned
_DELAY_MOST = 80  # samples: a lag is known to a frame or so
_SLOPES = np.arange(-160, 161, 10) * 1e-6  # the clock's drift is known to 100 ppm where there is little speech
_GROUP = 50  # frames in which it moves nothing
_WRONG = (37, 61, 97, 131, 173)  # frames by which a lag is surely wrong
_CLASSES = 6  # by how loud the agency's sound is
_UNSURE = 0.05  # of the frames: a click, a lost packet
_MOST = 4.0  # nats that one frame can say
_NEW = 0.6  # of what a frame says is not said by those beside it: windows are longer than a hop
_QUIET = 0.3  # share of the moments that are noise
_DARK = 1e-7  # of the loud moments (70 dB): digital silence agrees with nothing

Spectra = NDArray[np.complex64]
Vector = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Waves:
    """The samples of both: float32 [channels, n], and float32 [n]."""

    agency: NDArray[np.float32]
    copy: NDArray[np.float32]

    def follows(self, track: Track, run: Run, low: int, high: int) -> Vector:
        """Nats for each frame of the copy from `low` to `high` that it follows the track; learned from the part of
        `run` that lies near. Zeros where nothing can be learned."""
        first, last = max(run.first + _MARGIN, low - _NEAR), min(run.last - _MARGIN, high + _NEAR)
        if run.first < low:
            first = max(first, last - _NEAR)
        else:
            last = min(last, first + _NEAR)
        if last - first < _LEAST:
            return np.zeros(high - low)
        frames, learned = np.arange(low, high), np.arange(first, last)
        heard = self._heard(learned)
        track = self._settled(track, learned, heard)
        own = self._own(track, learned)
        gains = [_gain(channel, heard) for channel in own]
        worth = _Worth.learn(heard, _sum(own, gains))
        return worth.nats(self._heard(frames), _sum(self._own(track, frames), gains))

    def _heard(self, frames: NDArray[np.intp]) -> Spectra:
        return _spectra(self.copy, frames * float(_HOP))

    def _own(self, track: Track, frames: NDArray[np.intp]) -> list[Spectra]:
        places = (frames * track.rate + track.offset) * _HOP
        return [_spectra(channel, places) for channel in self.agency]

    def _settled(self, track: Track, frames: NDArray[np.intp], heard: Spectra) -> Track:
        """The track to a part of a sample: where the phases of all frames agree most."""
        across = np.zeros(heard.shape, np.complex64)
        for own in self._own(track, frames):
            across += heard.conj() * own / np.sqrt((np.abs(heard * own) ** 2).mean(axis=1, keepdims=True) + 1e-12)
        firsts = np.arange(0, len(frames), _GROUP)
        groups = np.add.reduceat(across, firsts, axis=0)
        groups /= np.abs(groups).mean(axis=0) + 1e-12
        middle = frames.mean()
        times = (frames[firsts] + _GROUP / 2 - middle) * _HOP
        bins, lags = np.arange(_LOW, _HIGH), np.arange(-_DELAY_MOST, _DELAY_MOST + 1)
        best, slope, delay = -np.inf, 0.0, 0.0
        for tried in _SLOPES:
            full = np.zeros(_WINDOW // 2 + 1, np.complex128)
            full[_LOW:_HIGH] = (groups * np.exp(2j * np.pi * tried * times[:, None] * bins / _WINDOW)).sum(axis=0)
            peaks = np.fft.irfft(full, _WINDOW)[lags]
            if peaks.max() > best:
                best, slope, delay = float(peaks.max()), float(tried), float(lags[peaks.argmax()])
        return replace(track, rate=track.rate + slope, offset=track.offset - slope * middle + delay / _HOP)


@dataclass(frozen=True, slots=True)
class _Worth:
    """What an agreement is worth at each loudness, from how it spreads at the right lag and at wrong ones."""

    noise: NDArray[np.float32]
    floor: float
    faintest: float
    edges: Vector
    spreads: Vector  # [class, right or wrong, middle and spread]

    @classmethod
    def learn(cls, heard: Spectra, expected: Spectra) -> "_Worth":
        noise = np.quantile(np.abs(heard) ** 2, _QUIET, axis=0) + 1e-9
        floor = float(np.quantile(_size(expected, noise), 0.95)) * _DARK + 1e-12
        right, loud = _agreement(heard, expected, noise, floor)
        shifts = [shift for shift in _WRONG if shift < len(heard)]
        wrong = [_agreement(heard, np.roll(expected, shift, axis=0), noise, floor) for shift in shifts]
        wrong_z, wrong_loud = (np.concatenate(each) for each in zip(*wrong, strict=True))
        edges = np.quantile(loud, np.arange(1, _CLASSES) / _CLASSES)
        own, other = np.searchsorted(edges, loud), np.searchsorted(edges, wrong_loud)
        spreads = [(_spread(right[own == each]), _spread(wrong_z[other == each])) for each in range(_CLASSES)]
        return cls(noise, floor, float(np.quantile(loud, 0.02)) / 2, edges, np.array(spreads))

    def nats(self, heard: Spectra, expected: Spectra) -> Vector:
        z, loud = _agreement(heard, expected, self.noise, self.floor)
        right, wrong = self.spreads[np.searchsorted(self.edges, loud)].transpose(1, 0, 2)
        ratio = np.exp(np.clip(_log_normal(z, right) - _log_normal(z, wrong), -30, 30))
        nats = np.clip(np.log((1 - _UNSURE) * ratio + _UNSURE), -_MOST, _MOST) * _NEW
        # of sound that is fainter than all that was learned from nothing is known
        return np.asarray(np.where(loud > self.faintest, nats, 0.0), dtype=np.float64)


def _spectra(samples: NDArray[np.float32], centres: NDArray[np.floating]) -> Spectra:
    """[frames, bins], around each place to a part of a sample; silence beyond the ends."""
    whole = np.rint(centres)
    starts = whole.astype(np.int64) - _WINDOW // 2
    index = starts[:, None] + np.arange(_WINDOW)
    inside = (index >= 0) & (index < len(samples))
    pieces = np.where(inside, samples[np.clip(index, 0, len(samples) - 1)], 0) * np.hanning(_WINDOW)
    bins = np.arange(_LOW, _HIGH)
    turned = np.exp(2j * np.pi * (centres - whole)[:, None] * bins / _WINDOW)
    return np.asarray(np.fft.rfft(pieces)[:, _LOW:_HIGH] * turned, dtype=np.complex64)


def _gain(own: Spectra, heard: Spectra) -> Spectra:
    return np.asarray((heard * own.conj()).sum(axis=0) / ((np.abs(own) ** 2).sum(axis=0) + 1e-9))


def _sum(own: Sequence[Spectra], gains: Sequence[Spectra]) -> Spectra:
    return np.asarray(sum(each * gain for each, gain in zip(own, gains, strict=True)))


def _size(spectra: Spectra, noise: NDArray[np.float32]) -> Vector:
    return np.asarray((np.abs(spectra) ** 2 / noise).sum(axis=1), dtype=np.float64)


def _agreement(heard: Spectra, expected: Spectra, noise: NDArray[np.float32], floor: float) -> tuple[Vector, Vector]:
    """How much alike each frame is, -1 to 1 as Fisher's z, and how loud it would be."""
    loud = _size(expected, noise)
    product = ((heard * expected.conj()).real / noise).sum(axis=1)
    r = product / np.sqrt((_size(heard, noise) + 1e-6) * (loud + floor))
    return np.arctanh(np.clip(r, -0.995, 0.995)), loud


def _spread(z: Vector) -> tuple[float, float]:
    if not len(z):
        return 0.0, 1.0
    middle = float(np.median(z))
    return middle, max(0.05, 1.4826 * float(np.median(np.abs(z - middle))))


def _log_normal(z: Vector, spread: Vector) -> Vector:
    return np.asarray(-0.5 * ((z - spread[:, 0]) / spread[:, 1]) ** 2 - np.log(spread[:, 1]))
