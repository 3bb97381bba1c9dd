"""Runs of the copy that lie against the agency's recording at one lag. PURE (numpy).

A first, coarse path: of each window's guesses at most one, so that few changes of lag explain as much as possible.
Sentences and prompts that come again make wrong guesses as good as the right one; what goes before and after decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from speech.comparison.search import POOL, WINDOW, Guess, LagSearch, Window, movement
from speech.comparison.spectrum import Matrix
from speech.comparison.waveform import top_of

_EVERY = 25  # pooled frames between two windows: 1 s
_SAME = 3.0  # frames between two lags that are one
_FREE = 2  # pooled frames by which a lag may move between windows: rounding, a clock, a jitter buffer
_JUMP = 1.2  # times a perfect window: what a change of lag has to win
_NOWHERE = 0.35  # of a perfect window: what a window of unlike sound reaches by chance
_NEAR = 8  # frames around the coarse lag in which the fine one is sought
_STRIDE = 10  # windows over which a first slope is taken; the median of all is blind for steps
_OUTLIER = 2.0  # frames from the fit
_DRIFT_MOST = 500e-6  # quartz is within 100, cheap recorders within 300; more is a mistake of the fit
_DRIFT_USUAL = 200e-6  # with little sound, or sound whose lag is blurred, a fit says nothing more than that
_APART_WINDOWS = 3.0  # windows overlap: of so many, one is news
_BLUR = 0.05  # frames to which a window's lag is known at best
_MOVED = 3.0  # frames: as much as a lag may wander within a track
_STEADY = 5  # windows whose median counts as the lag


@dataclass(frozen=True, slots=True)
class Track:
    """Copy frames `first` up to `last` match agency frames copy frame * `rate` + `offset`. Frames of 10 ms."""

    first: int
    last: int
    rate: float
    offset: float

    def agency_at(self, frame: float) -> float:
        return frame * self.rate + self.offset

    def agency_frames(self, first: int, last: int) -> NDArray[np.intp]:
        return np.asarray(np.rint(np.arange(first, last) * self.rate + self.offset), dtype=np.intp)


@dataclass(frozen=True, slots=True)
class Point:
    """The copy's frame `at`, and by how many frames the agency's is later."""

    at: float
    lag: float


def coarse_path(windows: Sequence[Window]) -> list[list[tuple[Window, Guess]]]:
    """The runs of windows at one lag that the best path takes; windows from nowhere are in none."""
    best, lags = np.zeros(1), np.array([np.nan])
    back: list[NDArray[np.intp]] = []
    for window in windows:
        new_lags = np.array([np.nan] + [guess.at - window.start for guess in window.guesses])
        gains = np.array([0.0] + [guess.score - _NOWHERE for guess in window.guesses])
        cost = np.where(np.abs(new_lags[:, None] - lags) <= _FREE, 0.0, _JUMP)
        cost[0, :], cost[:, 0], cost[0, 0] = _JUMP / 2, _JUMP / 2, 0.0  # into nowhere and out of it
        total = best - cost
        back.append(total.argmax(axis=1))
        best, lags = total.max(axis=1) + gains, new_lags
    state, chosen = int(best.argmax()), list[tuple[Window, Guess] | None]()
    for window, came in zip(reversed(windows), reversed(back), strict=True):
        chosen.append((window, window.guesses[state - 1]) if state else None)
        state = int(came[state])
    return _runs(chosen[::-1])


def _runs(chosen: Sequence[tuple[Window, Guess] | None]) -> list[list[tuple[Window, Guess]]]:
    runs: list[list[tuple[Window, Guess]]] = []
    before: tuple[Window, Guess] | None = None
    for each in chosen:
        if each is not None:
            moved = before is None or abs((each[1].at - each[0].start) - (before[1].at - before[0].start)) > _FREE
            if moved:
                runs.append([])
            runs[-1].append(each)
        before = each
    return runs


def fine_points(agency: Matrix, copy: Matrix, run: Sequence[tuple[Window, Guess]]) -> list[Point]:
    """The lag of each window to a part of a frame; both matrices are `movement` at 10 ms."""
    size = WINDOW * POOL
    points = []
    for window, guess in run:
        start, at = window.start * POOL, guess.at * POOL - _NEAR
        piece = copy[:, start : start + size]
        low, high = max(at, 0), min(at + size + 2 * _NEAR, agency.shape[1])
        there = agency[:, low:high]
        if piece.shape[1] < size or there.shape[1] < size + 2:
            continue
        match = np.einsum("bof,bf->o", sliding_window_view(there, size, axis=1), piece, optimize=True)
        top = top_of(match)
        if 0 < top < len(match) - 1:
            points.append(Point(start + size / 2, low + top - start))
    return points


def drift_of(runs: Sequence[Sequence[Point]]) -> float:
    """How much faster than the agency's clock the copy's counted, as a part of 1: one slope that fits all runs."""
    at = [np.array([point.at for point in run]) for run in runs if len(run) > 1]
    lag = [np.array([point.lag for point in run]) for run in runs if len(run) > 1]
    steps = [(y[_STRIDE:] - y[:-_STRIDE]) / (x[_STRIDE:] - x[:-_STRIDE]) for x, y in zip(at, lag, strict=True)]
    slope = float(np.median(np.concatenate(steps))) if any(map(len, steps)) else 0.0
    for _ in range(4):
        residuals = [y - slope * x for x, y in zip(at, lag, strict=True)]
        keep = [np.abs(each - np.median(each)) <= _OUTLIER for each in residuals]
        top = bottom = 0.0
        for x, y, kept in zip(at, lag, keep, strict=True):
            if kept.sum() > 1:
                centred = x[kept] - x[kept].mean()
                top, bottom = top + float(centred @ y[kept]), bottom + float(centred @ centred)
        slope = top / bottom if bottom else 0.0
    if bottom:
        spread = float(np.median(np.abs(np.concatenate([each - np.median(each) for each in residuals]))))
        blur = max(_BLUR, 1.4826 * spread)
        slope = top / (bottom + _APART_WINDOWS * (blur / _DRIFT_USUAL) ** 2)
    slope = float(np.clip(slope, -_DRIFT_MOST, _DRIFT_MOST))
    return -slope / (1 + slope)


def tracks_of(run: Sequence[Point], drift: float, around: int = WINDOW * POOL // 2) -> list[Track]:
    """One track, or more where the lag wanders away for longer than a moment."""
    rate = 1 / (1 + drift)
    rest = np.array([point.lag - (rate - 1) * point.at for point in run])
    half = _STEADY // 2
    steady = np.array([np.median(rest[max(0, i - half) : i + half + 1]) for i in range(len(rest))])
    starts = [0]
    for i in range(1, len(rest)):
        if abs(steady[i] - np.median(steady[starts[-1] : i])) > _MOVED:
            starts.append(i)
    return [
        Track(int(run[low].at) - around, int(run[high - 1].at) + around, rate, float(np.median(rest[low:high])))
        for low, high in zip(starts, [*starts[1:], len(rest)], strict=True)
        if high > low
    ]


def find_tracks(agency: Matrix, copy: Matrix) -> tuple[list[Track], float]:
    """Of the powers of both: the lags at which parts of the copy match, and the drift as a part of 1."""
    if min(agency.shape[1], copy.shape[1]) < WINDOW * POOL:
        return [], 0.0
    coarse_agency, coarse_copy = movement(agency), movement(copy)
    starts = range(0, coarse_copy.shape[1] - WINDOW + 1, _EVERY)
    runs = coarse_path(list(LagSearch(coarse_agency).windows(coarse_copy, starts)))
    fine_agency, fine_copy = movement(agency, 1), movement(copy, 1)
    points = [fine_points(fine_agency, fine_copy, run) for run in runs]
    drift = drift_of(points)
    tracks: list[Track] = []
    for track in (track for run in points if run for track in tracks_of(run, drift)):
        same = next((i for i, other in enumerate(tracks) if abs(other.offset - track.offset) <= _SAME), None)
        if same is None:
            tracks.append(track)
        else:
            other = tracks[same]
            tracks[same] = Track(other.first, max(other.last, track.last), track.rate, other.offset)
    return tracks, drift
