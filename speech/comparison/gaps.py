"""Short pieces of the call between two edits, or before the first and after the last. PURE (numpy).

The search with windows of 3 s does not see a piece of 2 s. Where the path has a gap, windows of 1 s are tried; a lag is
taken only when a piece speaks for it by more than the number of places tried makes likely by chance.
"""

from collections.abc import Sequence
from math import log

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


def fill(agency: Matrix, copy: Matrix, weighed: Weighed, chain: Sequence[Run], rate: float) -> list[Track]:
    """More tracks, at most one for each window that has one, none that is there already."""
    coarse = movement(copy)
    search = LagSearch(movement(agency), _WINDOW)
    found: list[Track] = []
    for low, high in _gaps(chain, copy.shape[1]):
        starts = range(max(0, low - _BESIDE) // POOL, min(high + _BESIDE, copy.shape[1]) // POOL - _WINDOW, _EVERY)
        for window in search.windows(coarse, starts):
            for guess in window.guesses:
                track = _settle(weighed, rate, (guess.at - window.start * rate) * POOL, low, high)
                known = [*(evidence.track for evidence in weighed.evidence), *found]
                if track is not None and all(abs(other.offset - track.offset) > _SAME for other in known):
                    found.append(track)
    return found


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


def _settle(weighed: Weighed, rate: float, offset: float, low: int, high: int) -> Track | None:
    """The lag near this one that the gap speaks for most, and the piece that does."""
    first, last = max(0, low - _BESIDE), min(high + _BESIDE, weighed.prediction.copy.shape[1])
    best, piece = log(weighed.prediction.predicted.shape[1]) + _SURE, None
    for shift in range(-_NEAR, _NEAR + 1, 2):
        track = Track(first, last, rate, offset + shift)
        match = weighed.matcher.match(np.arange(first, last), track.agency_frames(first, last))
        sums = np.concatenate([[0.0], np.cumsum(weighed.worth.nats(match))])
        rises = sums - np.minimum.accumulate(sums)
        end = int(rises.argmax())
        if rises[end] > best:
            start = int(np.argmin(sums[: end + 1]))
            best, piece = float(rises[end]), Track(first + start, first + end, rate, track.offset)
    return piece
