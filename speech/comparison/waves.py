"""Whether the copy's very waveform follows the agency's at a lag: what loudness in bands does not tell. PURE (numpy).

Where nobody speaks or somebody is faint, the line's own noise and a room's are in both files, wave for wave, until a
codec or other noise drowns them. What the recorder does to the waves is learned along the path, and so is how well
they then agree: where they do not agree though all is well, this says nothing.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, pairwise

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
    coherence,
    combined,
    gain,
    noise_of,
    spectra,
    top_of,
)
from speech.comparison.worth import LOUDEST, Unsure, WaveWorth, lasting, mean_around

_NEAR = 1_500  # frames that are learned from together
_MARGIN = 20  # frames at the ends of a run that are not
_LEAST = 40  # frames from which a lag can be learned
_MANY = 300  # frames from which gains can
_DELAY_MOST, _DELAY_OF_KNOWN = 100, 8  # samples: a lag is known to a frame or so, one that goes on much better
_SLOPES = np.arange(-160, 161, 20) * 1e-6  # the clock's drift is known to 100 ppm where there is little speech
_TIMES = 2  # that a lag is settled: windows that hardly overlap tell little
_GROUP = 51  # frames in which it moves nothing
_EVERY = 3  # frames, of those that the lag is learned from
_BEYOND = 300  # frames to which a track that is not on the path is followed
_WIDE, _BESIDE = 600, (40, 600, 14)  # frames: lags that a trace is set against
_WRONG, _APART = (37, 173), 97  # frames by which a lag is surely wrong
_NEW = 0.6  # of what a frame says is not said by those beside it: windows are longer than a hop
_NEW_STEADY = 1 / 17
_SPREAD, _SPREAD_STEADY = 0.05, 0.03  # of an agreement, at least
_TOLD, _HEARD = 2.2, 0.25  # from where on a gain is known; share of the best that is enough
_AT_LEAST = 3.0  # standard deviations by which a block agrees at its lag
_LEAST_CHANCE = 0.004  # spread of a second's mean: digital silence has none


@dataclass(frozen=True, slots=True)
class Nats:
    """Per frame of the copy, that it follows a track. `heard` is careful: it says nothing where other sounds drown the
    agency's or a codec's pauses are its own. `placed` is sharp, and only good for placing what is known to be there.
    `spread` is what a stretch says as a whole, and nothing of where in it."""

    heard: Vector
    placed: Vector
    spread: Vector

    @classmethod
    def none(cls, frames: int) -> "Nats":
        return cls(*np.zeros((3, frames)))


@dataclass(frozen=True, slots=True)
class Whole:
    """A stretch that lies on a track, as told by all of it together, and what that says for the track in nats."""

    run: Run
    nats: float


@dataclass(frozen=True, slots=True)
class _Block:
    """What was learned from the copy's frames `first` to `last`."""

    first: int
    last: int
    track: Track
    gains: Sequence[Spectra]
    told: Sequence[float]  # by how much each channel's gain stands out of chance, which is 1 to 2
    noise: Powers
    right: Agreement
    wrong: Agreement
    worth: WaveWorth
    flattered: float  # z by which what was learned agrees with what it was learned from, whatever that is
    is_followed: bool  # or the lag, or what was lent, is a mistake, or nothing of it is left in the copy


class Waves:
    """The samples of both, float32 [channels, n] and float32 [n]; remembers what it learned."""

    def __init__(self, agency: NDArray[np.float32], copy: NDArray[np.float32]) -> None:
        self._agency, self._copy = agency, copy
        self._known: dict[tuple[Track, int, int, bool], _Block] = {}
        self._beyond: dict[tuple[int, Track, int, int], Agreement] = {}

    def learn(self, tracks: Sequence[Track], runs: Sequence[Run], wholes: Sequence[Whole] = ()) -> "Following":
        """Along these runs. The other tracks, and what lies on one as a whole, are followed with what was learned
        there."""
        pieces = [(run.track, *piece) for run in runs for piece in _pieces(run)]
        pieces.sort(key=lambda piece: piece[1] - piece[2])  # the longest first
        firsts = [
            (number, self._block(tracks[number], first, last))
            for number, first, last in pieces
            if last - first >= _MANY
        ]
        lenders = [block for _, block in firsts if max(block.told) > _TOLD]
        rate = _rate([each for each in firsts if each[1] in lenders], tracks)

        def lent(some: Iterable[tuple[int, int, int]]) -> list[tuple[int, _Block]]:
            middles = [(number, first, last, (first + last) / 2) for number, first, last in some]
            return [
                (number, self._block(_at_rate(tracks[number], rate, middle), first, last, lenders))
                for number, first, last, middle in middles
            ]

        on_path = {run.track for run in runs}
        left = [Run(number, track.first, track.last) for number, track in enumerate(tracks) if number not in on_path]
        others = lent((run.track, *piece) for run in left if lenders for piece in _pieces(run))
        beyond = [
            each.run for each in wholes if each.run.track in on_path and not any(_holds(r, each.run) for r in runs)
        ]
        for number, first, last in ((run.track, *piece) for run in beyond if lenders for piece in _pieces(run)):
            track = _extrapolated(firsts, number, first, rate) or tracks[number]
            others.append((number, self._block(track, first, last, lenders, _DELAY_OF_KNOWN)))
        blocks = [each for each in firsts if min(each[1].told) > _TOLD]
        blocks += lent((number, block.first, block.last) for number, block in firsts if min(block.told) <= _TOLD)
        blocks += lent(piece for piece in pieces if piece[2] - piece[1] < _MANY)
        return Following(self, blocks, others, rate, wholes)

    def _block(
        self, track: Track, first: int, last: int, lenders: Sequence[_Block] = (), delay: int = _DELAY_MOST
    ) -> _Block:
        key = (track, first, last, bool(lenders))
        if key not in self._known:
            self._known[key] = self._learned(track, np.arange(first, last), lenders, delay)
        return self._known[key]

    def agreement(self, block: _Block, track: Track, first: int, last: int) -> Agreement:
        """Of frames beyond the block, where the lag is this track's."""
        key = (id(block), track, first, last)
        if key not in self._beyond:
            frames = np.arange(first, last)
            heard = Heard(self._heard(frames), block.noise)
            self._beyond[key] = heard.agreement(combined(self._own(track, frames), block.gains))
        return self._beyond[key]

    def contrast(self, block: _Block, first: int, last: int) -> tuple[float, list[float]]:
        """How much these frames agree at the block's lag, and how much at lags around it that are wrong."""
        heard = Heard(self._heard(np.arange(first, last)), block.noise)
        wide = combined(self._own(block.track, np.arange(first - _WIDE, last + _WIDE)), block.gains)

        def agreement(shift: int) -> float:
            return float(heard.agreement(wide[_WIDE + shift : _WIDE + shift + last - first]).z.mean())

        return agreement(0), [agreement(shift) for near in range(*_BESIDE) for shift in (near, -near)]

    def _heard(self, frames: NDArray[np.intp]) -> Spectra:
        return spectra(self._copy, frames * float(HOP))

    def _learned(self, track: Track, frames: NDArray[np.intp], lenders: Sequence[_Block], delay: int) -> _Block:
        """From these frames alone, or with what others lend of that which they do not tell."""
        found = self._heard(frames)
        first, last = int(frames[0]), int(frames[-1]) + 1
        for _ in range(_TIMES):
            slopes = _SLOPES if not lenders else (0.0,)
            track = self._settled(track, frames[::_EVERY], found[::_EVERY], slopes, delay)
        own = self._own(track, frames)
        told = [coherence(channel, found) if last - first >= _MANY or not lenders else 0.0 for channel in own]
        gains = _gains(own, found, told, first, lenders)
        lender = min(lenders, key=lambda block: abs(block.first - first)) if lenders and max(told) <= _TOLD else None
        noise = lender.noise if lender else noise_of(found)
        heard, expected = Heard(found, noise), combined(own, gains)
        right = heard.agreement(expected)
        wrong = Agreement.joined(
            [heard.agreement(np.roll(expected, shift, axis=0)) for shift in _WRONG if shift < len(frames)]
        )
        worth = lender.worth if lender else WaveWorth.learn(right.z, right.loud, wrong.z, wrong.loud, _SPREAD)
        apart = [np.roll(channel, _APART, axis=0) for channel in own]
        expected = combined([channel[::_EVERY] for channel in apart], _gains(apart, found, told, first, lenders))
        flattered = float(np.mean(np.minimum(Heard(found[::_EVERY], noise).agreement(expected).z, LOUDEST)))
        return _Block(
            first, last, track, gains, told, noise, right, wrong, worth, flattered, _follows(right, wrong, flattered)
        )

    def _own(self, track: Track, frames: NDArray[np.intp]) -> list[Spectra]:
        places = (frames * track.rate + track.offset) * HOP
        return [spectra(channel, places) for channel in self._agency]

    def _settled(
        self, track: Track, frames: NDArray[np.intp], heard: Spectra, slopes: Iterable[float], most: int
    ) -> Track:
        """The track to a part of a sample: where the phases of all frames agree most, `most` samples away."""
        across = np.zeros(heard.shape, np.complex64)
        for own in self._own(track, frames):
            across += heard.conj() * own / np.sqrt((np.abs(heard * own) ** 2).mean(axis=1, keepdims=True) + 1e-12)
        firsts = np.arange(0, len(frames), _GROUP // _EVERY)
        groups = np.add.reduceat(across, firsts, axis=0)
        groups /= np.abs(groups).mean(axis=0) + 1e-12
        middle = frames.mean()
        times = (frames[firsts] + _GROUP / 2 - middle) * HOP
        bins, lags = np.arange(LOW, HIGH), np.arange(-most, most + 1)
        best, slope, delay = -np.inf, 0.0, 0.0
        for tried in slopes:
            full = np.zeros(WINDOW // 2 + 1, np.complex128)
            full[LOW:HIGH] = (groups * np.exp(2j * np.pi * tried * times[:, None] * bins / WINDOW)).sum(axis=0)
            peaks = np.fft.irfft(full, WINDOW)[lags]
            if peaks.max() > best:
                best, slope, delay = float(peaks.max()), float(tried), float(lags[0]) + top_of(peaks)
        return replace(track, rate=track.rate + slope, offset=track.offset - slope * middle + delay / HOP)


class Following:
    """What was learned along a path."""

    def __init__(
        self,
        waves: Waves,
        blocks: Sequence[tuple[int, _Block]],
        others: Sequence[tuple[int, _Block]],
        rate: float,
        wholes: Sequence[Whole],
    ) -> None:
        self._waves, self._path, self.rate, self._wholes = waves, blocks, rate, wholes
        self._blocks = sorted([*blocks, *others], key=lambda each: each[1].first)
        if blocks:
            right = Agreement.joined([block.right for _, block in blocks])
            wrong = Agreement.joined([block.wrong for _, block in blocks])
            self._worth = WaveWorth.learn(right.steady, right.clear, wrong.steady, wrong.clear, _SPREAD_STEADY)
            at = np.concatenate([np.arange(block.first, block.last) for _, block in blocks])
            self._unsure = Unsure(self._worth, at, right.steady, right.clear)
            self._chance = max(_LEAST_CHANCE, float(np.quantile(np.abs(mean_around(wrong.z)), 0.95)) / 1.96)

    def nats(self, number: int, first: int, last: int) -> Nats:
        """For the copy's frames `first` up to `last` and a track's number; zeros where nothing was learned, and far
        from where a track that is not on the path was found."""
        nats = Nats.none(last - first)
        blocks = [block for track, block in self._blocks if track == number]
        if not blocks:
            return nats
        begin, end = first, last
        if all(track != number for track, _ in self._path):
            begin, end = max(first, blocks[0].first - _BEYOND), min(last, blocks[-1].last + _BEYOND)
        borders = [begin, *((one.last + two.first) // 2 for one, two in pairwise(blocks)), end]
        for block, (low, high) in zip(blocks, pairwise(borders), strict=True):
            if not block.is_followed:
                continue
            for start, end in _parts(block, max(low, begin), min(high, borders[-1])):
                found = self._agreement(block, start, end)
                here = slice(start - first, end - first)
                flattered = block.flattered if block.first <= start < block.last else 0.0
                unsure = self._unsure.around(np.arange(start, end), found.clear)
                careful = self._worth.careful(found.steady, found.clear, unsure) * _NEW_STEADY
                nats.heard[here] = np.where(
                    careful < 0, careful, np.maximum(careful, lasting(found.z - flattered, self._chance))
                )
                nats.placed[here] = block.worth.nats(found.z, found.loud) * _NEW
        for run, whole in ((each.run, each.nats) for each in self._wholes if each.run.track == number):
            here = slice(max(run.first - first, 0), max(run.last - first, 0))
            nats.spread[here] = whole / (run.last - run.first)
        return nats

    def nearest(self, first: int, last: int) -> tuple[Sequence[Spectra], Powers] | None:
        """What the recorder does to each channel's waves, and its noise, as learned nearest to these frames."""
        blocks = [block for _, block in self._path if max(block.told) > _TOLD]
        if not blocks:
            return None
        block = _nearest(blocks, first, last)
        gains = [_lent(blocks, channel, first, HIGH - LOW) for channel in range(len(block.gains))]
        return gains, block.noise

    def agency_at(self, track: Track, number: int, frame: int) -> float:
        """The agency's frame that is heard there, by what was learned of that track's lag nearest to it."""
        return (_extrapolated(self._path, number, frame, self.rate) or track).agency_at(frame)

    def traced(self, number: int, first: int, last: int) -> float:
        """By how many standard deviations these frames agree more with what the track has there than with what it has
        some seconds before and after."""
        blocks = [block for track, block in self._blocks if track == number]
        if not blocks or first >= last:
            return 0.0
        block = _nearest(blocks, first, last)
        right, wrong = self._waves.contrast(block, first, last)
        return (right - float(np.mean(wrong))) / (float(np.std(wrong)) + 1e-9)

    def _agreement(self, block: _Block, first: int, last: int) -> Agreement:
        if block.first <= first and last <= block.last:
            return block.right.cut(first - block.first, last - block.first)
        track = _at_rate(block.track, self.rate, (block.first + block.last) / 2)
        return self._waves.agreement(block, track, first, last)


def _follows(right: Agreement, wrong: Agreement, flattered: float) -> bool:
    """Whether it agrees at its lag by more than chance."""
    if not len(wrong.z):
        return True
    surplus = np.minimum(right.z, LOUDEST).mean() - np.minimum(wrong.z, LOUDEST).mean() - max(flattered, 0.0)
    return bool(surplus > _AT_LEAST * wrong.z.std() / np.sqrt(_NEW * len(right.z)))


def _at_rate(track: Track, rate: float, frame: float) -> Track:
    """As if its clock had that rate, with the same lag at that frame."""
    return replace(track, rate=rate, offset=track.offset + (track.rate - rate) * frame)


def _nearest(blocks: Sequence[_Block], first: int, last: int) -> _Block:
    return min(blocks, key=lambda block: abs(block.first + block.last - first - last))


def _extrapolated(blocks: Sequence[tuple[int, _Block]], number: int, frame: int, rate: float) -> Track | None:
    """The lag of that track's block nearest to the frame, as it goes on from there."""
    own = [block for other, block in blocks if other == number]
    if not own:
        return None
    block = _nearest(own, frame, frame)
    return _at_rate(block.track, rate, (block.first + block.last) / 2)


def _rate(blocks: Sequence[tuple[int, _Block]], tracks: Sequence[Track]) -> float:
    """What the lags of all say together of the clock: the further apart two are, the better."""
    if not blocks:
        return tracks[0].rate if tracks else 1.0
    slopes, weights = [block.track.rate for _, block in blocks], [float(_MANY)] * len(blocks)
    at = [(number, (block.first + block.last) / 2, block.track) for number, block in blocks]
    for (number, place, track), (other, further, another) in combinations(at, 2):
        apart = further - place
        if number == other and apart:
            slopes.append((another.agency_at(further) - track.agency_at(place)) / apart)
            weights.append(abs(apart))
    order = np.argsort(slopes)
    share = np.cumsum(np.array(weights)[order])
    return float(np.array(slopes)[order][np.searchsorted(share, share[-1] / 2)])


def _gains(
    own: Sequence[Spectra], heard: Spectra, told: Sequence[float], near: int, lenders: Sequence[_Block]
) -> list[Spectra]:
    """Of each channel that is heard, its own; of another what was learned nearest to it, as its own would be made of
    the other channel's sound; nothing if it never was."""
    return [
        gain(channel, heard) if told[number] > _TOLD else _lent(lenders, number, near, heard.shape[1])
        for number, channel in enumerate(own)
    ]


def _lent(blocks: Sequence[_Block], channel: int, near: int, bins: int) -> Spectra:
    least = max(_TOLD, _HEARD * max((block.told[channel] for block in blocks), default=0.0))
    good = [block for block in blocks if block.told[channel] >= least]
    if not good:
        return np.zeros(bins, np.complex64)
    return min(good, key=lambda block: abs(block.first - near)).gains[channel]


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


def _holds(run: Run, part: Run) -> bool:
    return run.track == part.track and run.first <= part.first and part.last <= run.last


def _parts(block: _Block, first: int, last: int) -> list[tuple[int, int]]:
    """What lies before, in and after a block, in pieces that need little memory."""
    edges = [first, *(edge for edge in (block.first, block.last) if first < edge < last), last]
    return (
        [(start, min(start + _NEAR, end)) for low, end in pairwise(edges) for start in range(low, end, _NEAR)]
        if first < last
        else []
    )
