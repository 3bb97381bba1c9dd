"""Whether the copy's very waveform follows the agency's at a lag: what loudness in bands does not tell. PURE (numpy).

Where nobody speaks or somebody is faint, the line's own noise and a room's are in both files, wave for wave, until a
codec or other noise drowns them. What the recorder does to the waves is learned along the path, and so is how well
they then agree: where they do not agree though all is well, this says nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from speech.comparison.path import Run
from speech.comparison.tracks import Track
from speech.comparison.waveform import (
    HIGH,
    HOP,
    LOW,
    WINDOW,
    Agreement,
    Heard,
    Powers,
    Spectra,
    Vector,
    combined,
    gain,
    noise_of,
    spectra,
    top_of,
)

_NEAR = 1_500  # frames that are learned from together
_MARGIN = 20  # frames at the ends of a run that are not
_LEAST = 40  # frames from which a lag can be learned
_MANY = 300  # frames from which gains can
_DELAY_MOST = 100  # samples: a lag is known to a frame or so
_SLOPES = np.arange(-160, 161, 20) * 1e-6  # the clock's drift is known to 100 ppm where there is little speech
_TIMES = 2  # that a lag is settled: windows that hardly overlap tell little
_GROUP = 51  # frames in which it moves nothing
_EVERY = 3  # frames, of those that the lag is learned from
_WRONG = (37, 97, 173)  # frames by which a lag is surely wrong
_CLASSES = 6  # by how loud the agency's sound is
_UNSURE = 0.05  # of the frames: a click, a lost packet
_UNSURE_MOST = 0.2  # of the frames of one loudness; from there on they say nothing against a lag
_MOST = 4.0  # nats that one frame can say
_NEW = 0.6  # of what a frame says is not said by those beside it: windows are longer than a hop
_NEW_STEADY = 1 / 17
_SPREAD, _SPREAD_STEADY = 0.05, 0.03  # of an agreement, at least
_LOUD, _HEARD = 0.95, 0.1  # quantile of a channel that is its loudness; share of the usual one that is enough
_CHANCE = 4.0  # spreads
_AGREES, _AGREES_WELL = 0.15, 0.30  # z along the path: less is too little to miss


@dataclass(frozen=True, slots=True)
class Nats:
    """Per frame of the copy, that it follows a track. `heard` is careful: it says nothing where other sounds drown the
    agency's or a codec's pauses are its own. `placed` is sharp, and only good for placing what is known to be there."""

    heard: Vector
    placed: Vector

    @classmethod
    def none(cls, frames: int) -> "Nats":
        return cls(*np.zeros((2, frames)))


@dataclass(frozen=True, slots=True)
class _Block:
    """What was learned from the copy's frames `first` to `last`."""

    first: int
    last: int
    track: Track
    gains: Sequence[Spectra]
    loudest: Sequence[float]  # power of each channel's loud moments: what was hardly there is not known
    noise: Powers
    right: Agreement
    wrong: Agreement
    worth: "_Worth"


class Waves:
    """The samples of both, float32 [channels, n] and float32 [n]; remembers what it learned."""

    def __init__(self, agency: NDArray[np.float32], copy: NDArray[np.float32]) -> None:
        self._agency, self._copy = agency, copy
        self._known: dict[tuple[int, int, int], _Block] = {}

    def learn(self, tracks: Sequence[Track], runs: Sequence[Run]) -> "Following":
        """Along these runs; `tracks` may only grow between two calls."""
        pieces = [(run.track, *piece) for run in runs for piece in _pieces(run)]
        pieces.sort(key=lambda piece: piece[1] - piece[2])  # the longest first
        blocks: list[tuple[int, _Block]] = []
        for number, first, last in pieces:
            key = (number, first, last)
            if key not in self._known:
                long = [block for _, block in blocks if block.last - block.first >= _MANY]
                lenders = long if last - first < _MANY else []
                self._known[key] = self._learned(tracks[number], np.arange(first, last), lenders)
            blocks.append((number, self._known[key]))
        return Following(self, blocks)

    def agreement(self, block: _Block, first: int, last: int) -> Agreement:
        frames = np.arange(first, last)
        heard = Heard(self._heard(frames), block.noise)
        return heard.agreement(combined(self._own(block.track, frames), block.gains))

    def _heard(self, frames: NDArray[np.intp]) -> Spectra:
        return spectra(self._copy, frames * float(HOP))

    def _learned(self, track: Track, frames: NDArray[np.intp], lenders: Sequence[_Block]) -> _Block:
        found = self._heard(frames)
        for _ in range(_TIMES):
            track = self._settled(track, frames[::_EVERY], found[::_EVERY])
        own = self._own(track, frames)
        lender = min(lenders, key=lambda block: abs(block.first - frames[0]), default=None)
        gains = _lent(lenders, int(frames[0])) if lenders else [gain(channel, found) for channel in own]
        loudest = [float(np.quantile((np.abs(channel) ** 2).sum(axis=1), _LOUD)) for channel in own]
        noise = lender.noise if lender else noise_of(found)
        heard, expected = Heard(found, noise), combined(own, gains)
        right = heard.agreement(expected)
        wrong = Agreement.joined(
            [heard.agreement(np.roll(expected, shift, axis=0)) for shift in _WRONG if shift < len(frames)]
        )
        worth = lender.worth if lender else _Worth.learn(right.z, right.loud, wrong.z, wrong.loud, _SPREAD)
        return _Block(int(frames[0]), int(frames[-1]) + 1, track, gains, loudest, noise, right, wrong, worth)

    def _own(self, track: Track, frames: NDArray[np.intp]) -> list[Spectra]:
        places = (frames * track.rate + track.offset) * HOP
        return [spectra(channel, places) for channel in self._agency]

    def _settled(self, track: Track, frames: NDArray[np.intp], heard: Spectra) -> Track:
        """The track to a part of a sample: where the phases of all frames agree most."""
        across = np.zeros(heard.shape, np.complex64)
        for own in self._own(track, frames):
            across += heard.conj() * own / np.sqrt((np.abs(heard * own) ** 2).mean(axis=1, keepdims=True) + 1e-12)
        firsts = np.arange(0, len(frames), _GROUP // _EVERY)
        groups = np.add.reduceat(across, firsts, axis=0)
        groups /= np.abs(groups).mean(axis=0) + 1e-12
        middle = frames.mean()
        times = (frames[firsts] + _GROUP / 2 - middle) * HOP
        bins, lags = np.arange(LOW, HIGH), np.arange(-_DELAY_MOST, _DELAY_MOST + 1)
        best, slope, delay = -np.inf, 0.0, 0.0
        for tried in _SLOPES:
            full = np.zeros(WINDOW // 2 + 1, np.complex128)
            full[LOW:HIGH] = (groups * np.exp(2j * np.pi * tried * times[:, None] * bins / WINDOW)).sum(axis=0)
            peaks = np.fft.irfft(full, WINDOW)[lags]
            if peaks.max() > best:
                best, slope, delay = float(peaks.max()), float(tried), float(lags[0]) + top_of(peaks)
        return replace(track, rate=track.rate + slope, offset=track.offset - slope * middle + delay / HOP)


class Following:
    """What was learned along a path."""

    def __init__(self, waves: Waves, blocks: Sequence[tuple[int, _Block]]) -> None:
        self._waves = waves
        self._blocks = sorted(blocks, key=lambda each: each[1].first)
        if blocks:
            right = Agreement.joined([block.right for _, block in blocks])
            wrong = Agreement.joined([block.wrong for _, block in blocks])
            self._worth = _Worth.learn(right.steady, right.clear, wrong.steady, wrong.clear, _SPREAD_STEADY)
            self._unsure = self._worth.unsure(right.steady, right.clear)

    def nats(self, number: int, first: int, last: int) -> Nats:
        """For the copy's frames `first` up to `last` and a track's number; zeros where nothing was learned."""
        nats = Nats.none(last - first)
        blocks = [block for track, block in self._blocks if track == number]
        if not blocks:
            return nats
        borders = [first, *((one.last + two.first) // 2 for one, two in pairwise(blocks)), last]
        for block, (low, high) in zip(blocks, pairwise(borders), strict=True):
            for start, end in _parts(block, max(low, first), min(high, last)):
                found = self._agreement(block, start, end)
                here = slice(start - first, end - first)
                nats.heard[here] = self._worth.careful(found.steady, found.clear, self._unsure) * _NEW_STEADY
                nats.placed[here] = block.worth.nats(found.z, found.loud) * _NEW
        return nats

    def _agreement(self, block: _Block, first: int, last: int) -> Agreement:
        if block.first <= first and last <= block.last:
            return block.right.cut(first - block.first, last - block.first)
        return self._waves.agreement(block, first, last)


@dataclass(frozen=True, slots=True)
class _Worth:
    """What an agreement is worth at each loudness, from how it spreads at the right lag and at wrong ones."""

    faintest: float
    edges: Vector
    spreads: Vector  # [class, right or wrong, middle and spread]

    @classmethod
    def learn(cls, right: Vector, loud: Vector, wrong: Vector, wrong_loud: Vector, least: float) -> "_Worth":
        edges = np.quantile(loud, np.arange(1, _CLASSES) / _CLASSES)
        own, other = np.searchsorted(edges, loud), np.searchsorted(edges, wrong_loud)
        spreads = [
            (_spread(right[own == each], least), _spread(wrong[other == each], least)) for each in range(_CLASSES)
        ]
        return cls(float(np.quantile(loud, 0.02)) / 2, edges, np.array(spreads))

    def unsure(self, right: Vector, loud: Vector) -> Vector:
        """Of each class: how often what lies on the path agrees as little as what does not."""
        classes = np.searchsorted(self.edges, loud)
        low = right < self.spreads[:, :, 0].mean(axis=1)[classes]
        counts = np.bincount(classes, minlength=_CLASSES)
        return np.maximum(np.bincount(classes, low, _CLASSES) / np.maximum(counts, 1), _UNSURE)

    def nats(self, z: Vector, loud: Vector, unsure: Vector | float = _UNSURE) -> Vector:
        right, wrong = self._of(loud)
        ratio = np.exp(np.clip(_log_normal(z, right) - _log_normal(z, wrong), -30, 30))
        nats = np.clip(np.log((1 - unsure) * ratio + unsure), -_MOST, _MOST)
        # of sound that is fainter than all that was learned from nothing is known
        return np.asarray(np.where(loud > self.faintest, nats, 0.0), dtype=np.float64)

    def careful(self, z: Vector, loud: Vector, unsure: Vector) -> Vector:
        """As `nats`, but nothing where right and wrong lags are not told apart well; against a lag nothing where
        little agreement was to be expected, or none came too often; and for it nothing that may be chance."""
        right, wrong = self._of(loud)
        here = unsure[np.searchsorted(self.edges, loud)]
        apart = (right[:, 0] - wrong[:, 0]) / np.maximum(right[:, 1], wrong[:, 1])
        nats = self.nats(z, loud, here) * np.clip(apart - 1, 0, 1)
        missed = np.clip((right[:, 0] - _AGREES) / (_AGREES_WELL - _AGREES), 0, 1) * (here <= _UNSURE_MOST)
        nats = np.where(nats < 0, nats * missed, nats)
        return np.where(z < wrong[:, 0] + _CHANCE * wrong[:, 1], np.minimum(nats, 0), nats)

    def _of(self, loud: Vector) -> tuple[Vector, Vector]:
        right, wrong = self.spreads[np.searchsorted(self.edges, loud)].transpose(1, 0, 2)
        return right, wrong


def _lent(blocks: Sequence[_Block], near: int) -> list[Spectra]:
    """Each channel's gains from the nearest of these in which it was heard well."""
    gains = []
    for channel in range(len(blocks[0].gains)):
        least = _HEARD * max(block.loudest[channel] for block in blocks)
        good = [block for block in blocks if block.loudest[channel] >= least]
        gains.append(min(good, key=lambda block: abs(block.first - near)).gains[channel])
    return gains


def _pieces(run: Run) -> list[tuple[int, int]]:
    """Of 15 s and less, without what lies at the ends; the same inside however the ends move."""
    margin = min(_MARGIN, (run.last - run.first) // 6)
    first, last = run.first + margin, run.last - margin
    if last - first < _LEAST:
        return []
    inner = [
        edge for edge in range(-(-first // _NEAR) * _NEAR, last, _NEAR) if min(edge - first, last - edge) >= _NEAR // 2
    ]
    return list(pairwise([first, *inner, last]))


def _parts(block: _Block, first: int, last: int) -> list[tuple[int, int]]:
    """What lies before, in and after a block, in pieces that need little memory."""
    edges = [first, *(edge for edge in (block.first, block.last) if first < edge < last), last]
    return (
        [(start, min(start + _NEAR, end)) for low, end in pairwise(edges) for start in range(low, end, _NEAR)]
        if first < last
        else []
    )


def _spread(z: Vector, least: float) -> tuple[float, float]:
    if not len(z):
        return 0.0, 1.0
    middle = float(np.median(z))
    return middle, max(least, 1.4826 * float(np.median(np.abs(z - middle))))


def _log_normal(z: Vector, spread: Vector) -> Vector:
    return np.asarray(-0.5 * ((z - spread[:, 0]) / spread[:, 1]) ** 2 - np.log(spread[:, 1]))
