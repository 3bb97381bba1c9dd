"""Pieces of the call that nobody would hear: a pause, a voice far away, under the recorder's own noise. PURE (numpy).

Where the path has no evidence, the waveform of some seconds is correlated with the agency's at all lags half a minute
around. Noise has no memory: even a line's own noise 20 dB below the recorder's stands out where the lag is right.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from math import log
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from speech.comparison.evidence import Evidence
from speech.comparison.path import Run
from speech.comparison.sound import RATE_HZ
from speech.comparison.tracks import Track
from speech.comparison.waveform import HIGH, HOP, LOW, WINDOW, Spectra, Vector
from speech.comparison.waves import Following, Whole

_SHORTEST, _LONGEST = 100, 500  # frames of a stretch that is searched at once
_ENDS = 2  # such stretches at either end of a longer one
_MOST = 12  # stretches: the longest, as an hour has many pauses
_AROUND = 30 * RATE_HZ  # samples by which an edit may move the sound
_PART = 50  # frames that are correlated at once, so that a clock that is not quite known does not matter
_SLOPES = np.arange(-300, 301, 50) * 1e-6
_SLACK = RATE_HZ // 2  # samples
_SURE, _TRIED = 8.0, 2e7  # standard deviations; of a minute's lags and clocks the best by chance has 5
_SURE_OF_KNOWN, _KNOWN = 5.0, 12  # for a lag that the path has before or after, in samples around it
_TRIED_OF_KNOWN = 1e3
_NATS_MOST = 24.0
_SAME = 3.0  # frames between two lags that are one
_ALONE = 0.7  # of the peak: what hums or repeats has others
_LEVEL = 256  # samples over which each moment is made as loud as the others
_PEAK = 40  # samples around a peak that belong to it
_SECOND = 101  # frames
_TELLS = 0.02  # nats a frame over a second

Samples = NDArray[np.float32]


def find_faint(
    agency: Samples, copy: Samples, following: Following, evidence: Sequence[Evidence], runs: Sequence[Run]
) -> tuple[list[Track], list[Whole]]:
    """New tracks, at most one a stretch, and which stretches lie on these or on those there are; `agency` as
    [channels, n] and `copy` as [n] samples, `runs` the path's, in order."""
    tracks: list[Track] = []
    found: list[Whole] = []
    for low, high in _unknown(evidence, runs, len(copy) // HOP):
        learned = following.nearest(low, high)
        if learned is None:
            break
        before, after = [run for run in runs if run.first < high][-1:], [run for run in runs if run.last > low][:1]
        at = {run.track: following.agency_at(evidence[run.track].track, run.track, low) * HOP for run in before + after}
        middle = sum(at.values()) / len(at)
        search = _Search(agency, copy[low * HOP : high * HOP], *learned, middle, following.rate)
        side, (sure, part) = max(((number, search.sure_of(begin)) for number, begin in at.items()), key=itemgetter(1))
        if sure > max(_SURE_OF_KNOWN, _ALONE * search.most):
            found.append(Whole(_part_of(Run(side, low, high), part), _nats(sure, _TRIED_OF_KNOWN)))
            continue
        least = max((evidence[run.track].track.agency_at(run.last) * HOP for run in before), default=0.0)
        most = min((evidence[run.track].track.agency_at(run.first) * HOP for run in after), default=agency.shape[1])
        best = search.best(least, most)
        if best is None:
            continue
        begin, sure, part = best
        track = Track(low, high, following.rate, begin / HOP - low * following.rate)
        same = next((i for i, other in enumerate(tracks) if abs(other.offset - track.offset) <= _SAME), len(tracks))
        tracks[same : same + 1] = [_joined([*tracks[same : same + 1], track])]
        found.append(Whole(_part_of(Run(len(evidence) + same, low, high), part), _nats(sure, _TRIED)))
    return tracks, found


def _joined(tracks: Sequence[Track]) -> Track:
    return replace(tracks[0], first=min(each.first for each in tracks), last=max(each.last for each in tracks))


def _part_of(run: Run, part: int) -> Run:
    """All of it, its first half or its second."""
    middle = (run.first + run.last) // 2
    return (run, replace(run, last=middle), replace(run, first=middle))[part]


def _nats(sure: float, tried: float) -> float:
    """For a lag that stands out by so much, of as many that were tried."""
    return min(sure**2 / 2 - log(tried), _NATS_MOST)


def _unknown(evidence: Sequence[Evidence], runs: Sequence[Run], frames: int) -> list[tuple[int, int]]:
    """Stretches of the copy in which the path has no evidence."""
    told = np.zeros(frames, bool)
    for run in runs:
        values = np.pad(evidence[run.track].values(run.first, run.last), _SECOND // 2)
        sums = np.concatenate([[0.0], np.cumsum(values)])
        told[run.first : run.last] |= (sums[_SECOND:] - sums[:-_SECOND] > _TELLS * _SECOND)[: frames - run.first]
    edges = np.flatnonzero(np.diff(np.concatenate([[1], told.astype(np.int8), [1]]))).tolist()
    stretches: list[tuple[int, int]] = []
    for low, high in zip(edges[::2], edges[1::2], strict=True):
        if high - low >= _SHORTEST:
            stretches += _parts(low, high)
    return sorted(stretches, key=lambda stretch: stretch[0] - stretch[1])[:_MOST]


def _parts(low: int, high: int) -> list[tuple[int, int]]:
    count = -(-(high - low) // _LONGEST)
    if count > 2 * _ENDS:
        return [*_parts(low, low + _ENDS * _LONGEST), *_parts(high - _ENDS * _LONGEST, high)]
    edges = [low + (high - low) * part // count for part in range(count + 1)]
    return list(pairwise(edges))


class _Search:
    """`heard` against half a minute around the agency's sample `at`, where it could begin."""

    def __init__(
        self, agency: Samples, heard: Samples, gains: Sequence[Spectra], noise: Samples, at: float, rate: float
    ) -> None:
        self._first = max(0, round(at) - _AROUND)
        part = agency[:, self._first : max(0, round(at) + len(heard) + _AROUND)]
        weight = (1 / np.sqrt(noise)).astype(np.complex64)
        filtered = [_filtered(channel, each * weight) for channel, each in zip(part, gains, strict=True)]
        expected = _levelled(np.sum(filtered, axis=0))
        piece = _stretched(_levelled(_filtered(heard, weight)), rate)
        self._of_parts = _sure(expected, piece) if len(expected) > len(piece) else np.zeros((3, 0), np.float32)
        self._sure = self._of_parts.max(axis=0)
        self.most = float(self._sure.max(initial=0.0))

    def sure_of(self, at: float) -> tuple[float, int]:
        """By how many standard deviations the lag at which it begins there stands out, and in which part."""
        place = 2 * round(at - self._first)
        low, high = max(0, place - 2 * _KNOWN), max(0, place + 2 * _KNOWN)
        near = self._of_parts[:, low:high].max(axis=1, initial=0.0)
        return float(near.max()), int(near.argmax())

    def best(self, least: float, most: float) -> tuple[float, float, int] | None:
        """The agency's sample where the piece begins, how sure that is, and which part of it is there, if one place
        stands out of all others: of those between these samples if there is one, as the call goes on there, and what
        was said twice is elsewhere too."""
        low, high = (2 * round(max(0.0, place - _SLACK - self._first)) for place in (least, most))
        between = _peak(self._sure[low:high])
        peak = _peak(self._sure) if between is None else low + between
        if peak is None:
            return None
        return self._first + peak / 2, float(self._sure[peak]), int(self._of_parts[:, peak].argmax())


def _peak(sure: Samples) -> int | None:
    if not len(sure):
        return None
    peak = int(sure.argmax())
    others = np.delete(sure, np.arange(max(0, peak - _PEAK), min(len(sure), peak + _PEAK + 1)))
    return peak if sure[peak] > _SURE and others.max(initial=0.0) < _ALONE * sure[peak] else None


def _sure(expected: Samples, heard: Samples) -> Samples:
    """For each half sample by how many standard deviations the piece fits there, all of it and each of its halves, at
    the clock that fits best; [3, half samples]."""
    count = max(2, round(len(heard) / HOP / _PART))
    starts = np.arange(count) * len(heard) // count
    size = 1 << (len(expected) - 1).bit_length()
    places = len(expected) - len(heard) // 2
    spectrum = np.fft.rfft(expected, size)
    half = np.exp(1j * np.pi * np.arange(size // 2 + 1) / size)
    rows = np.empty((count, 2 * size), np.float32)
    for row, (start, end) in zip(rows, pairwise([*starts.tolist(), len(heard)]), strict=True):
        product = spectrum * np.fft.rfft(heard[start:end], size).conj()
        row[0::2], row[1::2] = np.fft.irfft(product, size), np.fft.irfft(product * half, size)
    sure = np.zeros((3, 2 * places), np.float32)
    for slope in _SLOPES:
        moved = np.rint(2 * starts * (1 + slope)).astype(int)
        halves = [
            sum((_from(rows[i], moved[i], 2 * places) for i in some), np.zeros(2 * places, np.float32))
            for some in (range(count // 2), range(count // 2, count))
        ]
        for part, total in zip(sure, (halves[0] + halves[1], *halves), strict=True):
            np.maximum(part, total / (np.quantile(np.abs(total[::7]), 0.68) + 1e-9), out=part)
    return sure


def _from(row: Samples, start: int, count: int) -> Samples:
    return row[start : start + count] if start + count <= len(row) else np.roll(row, -start)[:count]


def _filtered(samples: Samples, gain: Spectra) -> Samples:
    full = np.zeros(WINDOW // 2 + 1, np.complex64)
    full[LOW:HIGH] = gain
    taps = np.roll(np.fft.irfft(full), WINDOW // 2) * np.hanning(WINDOW)
    size = 1 << int(len(samples) + WINDOW).bit_length()
    sound = np.fft.irfft(np.fft.rfft(samples, size) * np.fft.rfft(taps, size), size)
    return np.asarray(sound[WINDOW // 2 : WINDOW // 2 + len(samples)], dtype=np.float32)


def _stretched(samples: Samples, rate: float) -> Samples:
    """At the agency's clock."""
    return np.asarray(np.fft.irfft(np.fft.rfft(samples), round(len(samples) * rate)), dtype=np.float32)


def _levelled(samples: Samples) -> Samples:
    sums = np.concatenate([[0.0], np.cumsum(np.pad(samples.astype(np.float64) ** 2, (_LEVEL // 2, _LEVEL // 2 - 1)))])
    level: Vector = np.sqrt(np.maximum(sums[_LEVEL:] - sums[:-_LEVEL], 0) / _LEVEL)
    return np.asarray(samples / (level + 1e-3 * level.max(initial=0.0) + 1e-9), dtype=np.float32)
