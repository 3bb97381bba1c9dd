"""From a path to the edits that somebody made, each at its most likely place. PURE (numpy)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import exp

import numpy as np
from numpy.typing import NDArray

from speech.comparison.path import Run
from speech.comparison.result import Edit, EditKind, Stretch
from speech.comparison.spectrum import FRAME_S
from speech.comparison.tracks import Track
from speech.comparison.waves import Waves

_STEP_LEAST = (
    12  # frames: lost packets and jitter buffers move the lag by 20 to 60 ms, nobody edits less than a syllable
)
_SHORT = 15  # frames: what is taken out or put in beside the other, and is as likely a matter of where exactly
_ZONE = 300  # frames around a change in which its place is sought
_FREE = 6.0  # nats by which two free ends must explain more than one, before it is a replacement
_REPLACED_NATS = 9.0
_REPLACED_LEAST = 25  # frames
_INWARDS = 0.05  # quantile of an end's possible places: what is not known to be replaced is not said to be
_OUTWARDS = 15  # frames from there to the middle of the possible places, at most: in a pause that hides the end
_TELLING = 8.0  # times as much as on the path a strange sound says about where in a pause something begins
_UNKNOWN = -0.05  # nats a frame, where a track was not followed


@dataclass(frozen=True, slots=True)
class Evidence:
    """What each frame of the copy from `first` on says for a track, in nats, and what strange sounds say against it."""

    track: Track
    first: int
    match: NDArray[np.float32]
    sides: NDArray[np.float32]
    strange: NDArray[np.float32]

    @property
    def nats(self) -> NDArray[np.float32]:
        return self.match - self.strange

    def values(self, low: int, high: int) -> NDArray[np.float64]:
        return self._cut(self.nats, low, high)

    def edges(self, low: int, high: int) -> NDArray[np.float64]:
        return self._cut(self.sides - _TELLING * self.strange, low, high)

    def total(self, low: int, high: int) -> float:
        return float(self.values(low, high).sum())

    def missed(self, low: int, high: int) -> float:
        """What speaks against the track because the agency's sound is not there."""
        return -float(self._cut(self.match, low, high).sum()) if low < high else 0.0

    def _cut(self, values: NDArray[np.float32], low: int, high: int) -> NDArray[np.float64]:
        cut = np.full(high - low, _UNKNOWN)
        start, end = max(low, self.first), min(high, self.first + len(values))
        if start < end:
            cut[start - low : end - low] = values[start - self.first : end - self.first]
        return cut


@dataclass(frozen=True, slots=True)
class _Change:
    """The earlier track holds up to the copy's frame `left`, the later one from `right` on."""

    left: float
    right: float
    nats: float


def name_edits(
    chain: Sequence[Run], known: Sequence[Evidence], traced: Callable[[int, int, int], bool], waves: Waves
) -> tuple[list[Edit], list[Stretch]]:
    """The edits and what lies between them. `traced` tells of a track and a stretch of the copy whether what should be
    there still is, however softly; then nothing was replaced."""
    edits: list[Edit] = []
    stretches: list[Stretch] = []
    if not chain:
        return edits, stretches
    begin = float(chain[0].first)
    for before, after in pairwise(chain):
        one, two = known[before.track], known[after.track]
        change = _locate(before, after, one, two, waves)
        edit = _name(change, one.track, two.track)
        same_length = edit is not None and edit.kind is EditKind.REPLACE and before.track == after.track
        if edit is not None and not (same_length and traced(before.track, int(change.left), int(change.right))):
            edits.append(edit)
            stretches.append(_stretch(one.track, begin, change.left))
            begin = change.right
    last = chain[-1]
    stretches.append(_stretch(known[last.track].track, begin, last.last))
    return edits, stretches


def _stretch(track: Track, first: float, last: float) -> Stretch:
    return Stretch(
        max(0.0, track.agency_at(first) * FRAME_S), track.agency_at(last) * FRAME_S, first * FRAME_S, last * FRAME_S
    )


def _locate(before: Run, after: Run, one: Evidence, two: Evidence, waves: Waves) -> _Change:
    """Where the one ends and the other begins."""
    low = max(before.first, before.last - _ZONE)
    high = min(after.last, after.first + _ZONE)
    added = round(one.track.offset - two.track.offset)  # copy frames that the later track says were put in
    gap = max(added, 0)
    middle = (before.last + after.first) // 2 - low
    middle = min(max(middle, 0), high - low)
    left_scores, right_scores, pure = _ends(one.edges(low, high), two.edges(low, high), middle, gap)
    free = float(left_scores.max() + right_scores.max())
    is_pure = abs(added) >= _STEP_LEAST and len(pure) > 0 and free - float(pure.max()) < _FREE
    left_scores, right_scores, pure = _ends(
        one.edges(low, high) + waves.follows(one.track, before, low, high),
        two.edges(low, high) + waves.follows(two.track, after, low, high),
        middle,
        gap,
    )
    if is_pure:
        place = low + _place(pure, 0.5)
        return _Change(place, place + gap, free)
    left = low + max(_place(left_scores, 0.5), _place(left_scores, 1 - _INWARDS) - _OUTWARDS)
    right = low + middle + min(_place(right_scores, 0.5), _place(right_scores, _INWARDS) + _OUTWARDS)
    return _Change(left, max(right, left + gap), two.missed(int(left), int(right)))


def _ends(
    one: NDArray[np.float64], two: NDArray[np.float64], middle: int, gap: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """What speaks for each place where the one could end, where the other could begin, and for both `gap` apart."""
    held = np.concatenate([[0.0], np.cumsum(one)])
    holds = np.concatenate([np.cumsum(two[::-1])[::-1], [0.0]])
    pure = held[: len(held) - gap] + holds[gap:] if gap < len(held) else np.zeros(0)
    return held[: middle + 1], holds[middle:], pure


def _place(scores: NDArray[np.float64], quantile: float) -> float:
    """Of the places that these log-likelihoods leave possible."""
    share = np.cumsum(np.exp(scores - scores.max()))
    return float(np.searchsorted(share, share[-1] * quantile))


def _name(change: _Change, one: Track, two: Track) -> Edit | None:
    start, end = one.agency_at(change.left), two.agency_at(change.right)
    removed, added = end - start, change.right - change.left
    if abs(removed - added) < _STEP_LEAST:
        if change.nats < _REPLACED_NATS or added < _REPLACED_LEAST:
            return None
        kind = EditKind.REPLACE
    elif added < _SHORT:
        kind, change = EditKind.CUT, _Change(change.left, change.left, change.nats)
    elif removed < _SHORT:
        kind, end = EditKind.INSERT, start
    else:
        kind = EditKind.REPLACE
    agency_start_s, agency_end_s, copy_start_s, copy_end_s = (
        round(max(0.0, each) * FRAME_S, 3) for each in (start, end, change.left, change.right)
    )
    confidence = round(1 - exp(-abs(change.nats) / 8), 3)
    return Edit(kind, agency_start_s, agency_end_s, copy_start_s, copy_end_s, confidence)
