"""Short pieces of the call between two edits, or before the first and after the last. PURE (numpy).

The search with windows of 3 s does not see a piece of 2 s. Where the path has a gap, windows of 1 s are tried; a lag is
taken only when a piece speaks for it by more than the number of places tried makes likely by chance.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from math import log
from operator import itemgetter

import numpy as np

from speech.comparison.path import Run
from speech.comparison.search import POOL, LagSearch, movement
from speech.comparison.spectrum import Matrix
from speech.comparison.tracks import Track
from speech.comparison.weighing import Weighed

_WINDOW, _EVERY = 25, 6  # pooled frames: 1 s, every quarter of a second
_SHORTEST = 80  # frames of a gap that is searched
_ENDS = 500  # frames at the ends of a longer gap that are: what is next to an edit is what was cut apart
_BESIDE = 50  # frames beyond the gap
_SURE = 5.0  # nats more than chance
_NEAR = 6  # frames around a guess
_SAME = 10.0  # frames
_STRANGE = 30  # frames, half of which sound


def fill(agency: Matrix, copy: Matrix, weighed: Weighed, chain: Sequence[Run], rate: float) -> list[Track]:
    """More tracks, at most one for each window that has one, none that is there already."""
    coarse = movement(copy)
    search = LagSearch(movement(agency), _WINDOW)
    found: list[Track] = []
    for low, high in [*_gaps(chain, copy.shape[1]), *_strange(weighed, chain)]:
        starts = range(max(0, low - _BESIDE) // POOL, min(high + _BESIDE, copy.shape[1]) // POOL - _WINDOW, _EVERY)
        for window in search.windows(coarse, starts):
            for guess in window.guesses:
                offset = (guess.at - window.start * rate) * POOL
                if _is_known(Track(low, high, rate, offset), weighed, found):
                    continue
                track = _settle(weighed, rate, offset, low, high)
                if track is not None and not _is_known(track, weighed, found):
                    found.append(track)
    return found


def _is_known(track: Track, weighed: Weighed, found: Sequence[Track]) -> bool:
    """Whether this lag was weighed there already."""
    weighed_there = (each.track for each in weighed.evidence if each.first <= track.first and track.last <= each.last)
    return any(abs(other.offset - track.offset) <= _SAME for other in (*weighed_there, *found))


def _gaps(chain: Sequence[Run], frames: int) -> list[tuple[int, int]]:
    ends = [0, *(run.last for run in chain)]
    begins = [*(run.first for run in chain), frames]
    gaps = []
    for low, high in zip(ends, begins, strict=True):
        if high - low > 2 * _ENDS:
            gaps += [(low, low + _ENDS), (high - _ENDS, high)]
        elif high - low >= _SHORTEST:
            gaps.append((low, high))
    return gaps


def _strange(weighed: Weighed, chain: Sequence[Run]) -> list[tuple[int, int]]:
    """Where something sounds that the agency has not at that moment: a piece from elsewhere in the call, perhaps."""
    places = []
    for run in chain:
        evidence = weighed.evidence[run.track]
        strange = evidence.is_strange(run.first, run.last)
        sums = np.concatenate([[0], np.cumsum(strange)])
        dense = sums[_STRANGE:] - sums[:-_STRANGE] > _STRANGE * 0.5
        edges = np.flatnonzero(np.diff(np.concatenate([[0], dense.astype(np.int8), [0]])))
        places += [
            (run.first + int(first), run.first + int(last) + _STRANGE - 1)
            for first, last in zip(edges[::2], edges[1::2], strict=True)
        ]
    return places


def _settle(weighed: Weighed, rate: float, offset: float, low: int, high: int) -> Track | None:
    """The lag near this one that the gap speaks for most, and the piece that does."""
    first, last = max(0, low - _BESIDE), min(high + _BESIDE, weighed.prediction.copy.shape[1])
    least = log(weighed.prediction.predicted.shape[1]) + _SURE

    def best_of(shifts: Iterable[int]) -> tuple[float, int, Track]:
        return max(
            (_piece(weighed, Track(first, last, rate, offset + shift), shift) for shift in shifts), key=itemgetter(0)
        )

    nats, shift, piece = best_of(range(-_NEAR, _NEAR + 1, 2))
    if nats < least / 2:  # the lags between those would not make up for it
        return None
    nats, _, piece = max((nats, shift, piece), best_of((shift - 1, shift + 1)), key=itemgetter(0))
    return _sharpened(weighed, piece) if nats > least else None


def _sharpened(weighed: Weighed, piece: Track) -> Track:
    """At the lag beside it where both are most alike: a clear copy speaks as loudly for several."""
    frames = np.arange(piece.first, piece.last)
    beside = [replace(piece, offset=piece.offset + shift) for shift in range(-_NEAR, _NEAR + 1)]
    return max(
        beside,
        key=lambda track: weighed.matcher.correlation(frames, track.agency_frames(piece.first, piece.last)),
    )


def _piece(weighed: Weighed, track: Track, shift: int) -> tuple[float, int, Track]:
    """What speaks for the lag of this track, and in which part of it."""
    first, last = track.first, track.last
    match = weighed.matcher.match(np.arange(first, last), track.agency_frames(first, last))
    sums = np.concatenate([[0.0], np.cumsum(weighed.worth.nats(match))])
    rises = sums - np.minimum.accumulate(sums)
    end = int(rises.argmax())
    start = int(np.argmin(sums[: end + 1]))
    return float(rises[end]), shift, replace(track, first=first + start, last=first + end)
