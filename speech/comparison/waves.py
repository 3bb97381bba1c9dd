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

_NEAR = 1_500  # frames that are learned from together
_MARGIN = 20  # frames at the ends of a run that are not
_LEAST = 40  # frames from which a lag can be learned
_MANY = 300  # frames from which gains can
_DELAY_MOST = 100  # samples: a lag is known to a frame or so
_SLOPES = np.arange(-160, 161, 20) * 1e-6  # the clock's drift is known to 100 ppm where there is little speech
_TIMES = 2  # that a lag is settled: windows that hardly overlap tell little
_GROUP = 51  # frames in which it moves nothing
_EVERY = 3  # frames, of those that the lag is learned from
_BEYOND = 300  # frames to which a track that is not on the path is followed
_WIDE, _BESIDE = 600, (40, 600, 14)  # frames: lags that a trace is set against
_WRONG, _APART = (37, 173), 97  # frames by which a lag is surely wrong
_CLASSES = 6  # by how loud the agency's sound is
_UNSURE = 0.05  # of the frames: a click, a lost packet
_UNSURE_MOST = 0.2  # of the frames of one loudness; from there on they say nothing against a lag
_MOST = 4.0  # nats that one frame can say
_NEW = 0.6  # of what a frame says is not said by those beside it: windows are longer than a hop
_NEW_STEADY = 1 / 17
_SPREAD, _SPREAD_STEADY = 0.05, 0.03  # of an agreement, at least
_TOLD, _HEARD = 2.2, 0.25  # from where on a gain is known; share of the best that is enough
_CHANCE = 4.0  # spreads
_LEAST_CHANCE = 0.004  # spread of a second's mean: digital silence has none
_LASTING = 101  # frames of faint sound that together say something
_LASTING_LEAST, _LASTING_MOST = 4.0, 12.0  # nats that may be chance, and that are believed
_LOUDEST = 0.3  # z of a frame, so that one loud word does not stand for the whole second
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
    told: Sequence[float]  # by how much each channel's gain stands out of chance, which is 1 to 2
    noise: Powers
    right: Agreement
    wrong: Agreement
    worth: "_Worth"
    flattered: float  # z by which what was learned agrees with what it was learned from, whatever that is


class Waves:
    """The samples of both, float32 [channels, n] and float32 [n]; remembers what it learned."""

    def __init__(self, agency: NDArray[np.float32], copy: NDArray[np.float32]) -> None:
        self._agency, self._copy = agency, copy
        self._known: dict[tuple[Track, int, int, bool], _Block] = {}
        self._beyond: dict[tuple[int, Track, int, int], Agreement] = {}

    def learn(self, tracks: Sequence[Track], runs: Sequence[Run], known: Sequence[Run] = ()) -> "Following":
        """Along these runs. The other tracks, and what is `known` to lie on one beyond its runs, are followed with what
        was learned there."""
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
        others = lent((run.track, *piece) for run in [*left, *known] if lenders for piece in _pieces(run))
        blocks = [each for each in firsts if min(each[1].told) > _TOLD]
        blocks += lent((number, block.first, block.last) for number, block in firsts if min(block.told) <= _TOLD)
        blocks += lent(piece for piece in pieces if piece[2] - piece[1] < _MANY)
        return Following(self, blocks, others, rate)

    def _block(self, track: Track, first: int, last: int, lenders: Sequence[_Block] = ()) -> _Block:
        key = (track, first, last, bool(lenders))
        if key not in self._known:
            self._known[key] = self._learned(track, np.arange(first, last), lenders)
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

    def _learned(self, track: Track, frames: NDArray[np.intp], lenders: Sequence[_Block]) -> _Block:
        """From these frames alone, or with what others lend of that which they do not tell."""
        found = self._heard(frames)
        first, last = int(frames[0]), int(frames[-1]) + 1
        for _ in range(_TIMES):
            track = self._settled(track, frames[::_EVERY], found[::_EVERY], _SLOPES if not lenders else (0.0,))
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
        worth = lender.worth if lender else _Worth.learn(right.z, right.loud, wrong.z, wrong.loud, _SPREAD)
        apart = [np.roll(channel, _APART, axis=0) for channel in own]
        expected = combined([channel[::_EVERY] for channel in apart], _gains(apart, found, told, first, lenders))
        flattered = float(np.mean(np.minimum(Heard(found[::_EVERY], noise).agreement(expected).z, _LOUDEST)))
        return _Block(first, last, track, gains, told, noise, right, wrong, worth, flattered)

    def _own(self, track: Track, frames: NDArray[np.intp]) -> list[Spectra]:
        places = (frames * track.rate + track.offset) * HOP
        return [spectra(channel, places) for channel in self._agency]

    def _settled(self, track: Track, frames: NDArray[np.intp], heard: Spectra, slopes: Iterable[float]) -> Track:
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
        self, waves: Waves, blocks: Sequence[tuple[int, _Block]], others: Sequence[tuple[int, _Block]], rate: float
    ) -> None:
        self._waves, self._path, self.rate = waves, blocks, rate
        self._blocks = sorted([*blocks, *others], key=lambda each: each[1].first)
        if blocks:
            right = Agreement.joined([block.right for _, block in blocks])
            wrong = Agreement.joined([block.wrong for _, block in blocks])
            self._worth = _Worth.learn(right.steady, right.clear, wrong.steady, wrong.clear, _SPREAD_STEADY)
            self._unsure = self._worth.unsure(right.steady, right.clear)
            self._chance = max(_LEAST_CHANCE, float(np.quantile(np.abs(_mean_around(wrong.z)), 0.95)) / 1.96)

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
            for start, end in _parts(block, max(low, begin), min(high, borders[-1])):
                found = self._agreement(block, start, end)
                here = slice(start - first, end - first)
                flattered = block.flattered if block.first <= start < block.last else 0.0
                careful = self._worth.careful(found.steady, found.clear, self._unsure) * _NEW_STEADY
                nats.heard[here] = np.where(
                    careful < 0, careful, np.maximum(careful, _lasting(found.z - flattered, self._chance))
                )
                nats.placed[here] = block.worth.nats(found.z, found.loud) * _NEW
        return nats

    def nearest(self, first: int, last: int) -> tuple[Sequence[Spectra], Powers] | None:
        """What the recorder does to each channel's waves, and its noise, as learned nearest to these frames."""
        blocks = [block for _, block in self._path if max(block.told) > _TOLD]
        if not blocks:
            return None
        block = min(blocks, key=lambda block: abs(block.first + block.last - first - last))
        gains = [_lent(blocks, channel, first, HIGH - LOW) for channel in range(len(block.gains))]
        return gains, block.noise

    def traced(self, number: int, first: int, last: int) -> float:
        """By how many standard deviations these frames agree more with what the track has there than with what it has
        some seconds before and after."""
        blocks = [block for track, block in self._blocks if track == number]
        if not blocks or first >= last:
            return 0.0
        block = min(blocks, key=lambda block: abs(block.first + block.last - first - last))
        right, wrong = self._waves.contrast(block, first, last)
        return (right - float(np.mean(wrong))) / (float(np.std(wrong)) + 1e-9)

    def _agreement(self, block: _Block, first: int, last: int) -> Agreement:
        if block.first <= first and last <= block.last:
            return block.right.cut(first - block.first, last - block.first)
        track = _at_rate(block.track, self.rate, (block.first + block.last) / 2)
        return self._waves.agreement(block, track, first, last)


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


def _mean_around(z: Vector) -> Vector:
    """Over a second."""
    sums = np.concatenate([[0.0], np.cumsum(np.pad(np.minimum(z, _LOUDEST), _LASTING // 2, mode="edge"))])
    return np.asarray((sums[_LASTING:] - sums[:-_LASTING]) / _LASTING)


def _lasting(z: Vector, chance: float) -> Vector:
    """Nats a frame for a lag at which a whole second agrees by more than chance, however little; never against one."""
    over = np.maximum(_mean_around(z) / chance, 0)
    return np.asarray(np.clip(over**2 / 2 - _LASTING_LEAST, 0, _LASTING_MOST) / _LASTING)


def _at_rate(track: Track, rate: float, frame: float) -> Track:
    """As if its clock had that rate, with the same lag at that frame."""
    return replace(track, rate=rate, offset=track.offset + (track.rate - rate) * frame)


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
