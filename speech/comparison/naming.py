"""From a path to the edits that somebody made, each at its most likely place. PURE (numpy)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import exp

import numpy as np
from numpy.typing import NDArray

from speech.comparison.evidence import Evidence
from speech.comparison.path import Path, Run
from speech.comparison.result import Edit, EditKind, Stretch
from speech.comparison.spectrum import FRAME_S
from speech.comparison.tracks import Track
from speech.comparison.waveform import Vector

_STEP_LEAST = (
    12  # frames: lost packets and jitter buffers move the lag by 20 to 60 ms, nobody edits less than a syllable
)
_SHORT = 15  # frames: what is taken out or put in beside the other, and is as likely a matter of where exactly
_ZONE = 300  # frames around a change in which its place is sought
_FREE = 6.0  # nats by which two free ends must explain more than one, before it is a replacement
_REPLACED_NATS, _REPLACED_NATS_GONE = 8.0, 4.0  # of what is missing, and where the very waves around it are there
_REPLACED_LEAST = 25  # frames
_INWARDS = 0.05  # quantile of an end's possible places: what is not known to be replaced is not said to be
_ELSEWHERE_NATS = 16.0  # with which, together with what is missing, a piece is from elsewhere in the call
_SURELY = 8.0  # nats
_SAME_SOUND = 5.0  # nats of the waveform
_SAID_TWICE = 10.0  # nats
_ECHO = 100  # frames: what comes again so soon is an echo
_BESIDE = 15  # frames by which two pieces may lie over one another
_SAME_END = 50  # frames
_WHOLE = 60  # frames beyond a piece from elsewhere in which its end is sought
_TRIFLE = 0.25  # of the longer of what was taken out and put in: where exactly, rather than both
_OUTWARDS = 4  # frames from there to the middle of the possible places, at most: in a pause that hides the end
_SOUNDS = 0.2  # of the frames, from where on it is no silence


@dataclass(frozen=True, slots=True)
class _Change:
    """The earlier track holds up to the copy's frame `left`, the later one from `right` on. `is_there` tells whether as
    much as this may have been replaced where the lag does not move."""

    left: float
    right: float
    nats: float
    is_there: bool


def name_edits(
    path: Path,
    known: Sequence[Evidence],
    traced: Callable[[int, int, int], bool],
    paused: Callable[[int, int, int], bool],
    frames: tuple[int, int],
) -> tuple[list[Edit], list[Stretch]]:
    """The edits and what lies between them. `traced` tells of a track and a stretch of the copy whether what should be
    there still is, however softly; then nothing was replaced. `paused` tells whether the agency recorded nothing there:
    what the copy has then is no edit. `frames` are how many the agency's recording and the copy have."""
    edits: list[Edit] = []
    stretches: list[Stretch] = []
    if not path.chain:
        return edits, stretches
    begin = float(path.chain[0].first)
    unheard = _unheard_end(path, known, *frames)
    chain = [*path.chain, *unheard]
    for before, after in pairwise(chain):
        one, two = known[before.track], known[after.track]
        elsewhere = [
            run
            for run in path.elsewhere
            if _lies_between(run, before, after, known) and not paused(before.track, run.first, run.last)
        ]
        change = _locate(before, after, one, two, [(known[run.track], run) for run in elsewhere])
        edit = _name(change, one.track, two.track)
        is_same = abs(one.track.offset - two.track.offset) < _STEP_LEAST
        is_silent = edit is not None and edit.kind is EditKind.REPLACE and is_same and not elsewhere
        inner = int(max(change.left, before.last)), int(min(change.right, after.first))
        if edit is not None and not (is_silent and inner[0] < inner[1] and traced(before.track, *inner)):
            edits.append(edit)
            stretches.append(_stretch(one.track, begin, change.left))
            begin = change.right
    last = chain[-1]
    stretches.append(_stretch(known[last.track].track, begin, last.last))
    put_behind = None if unheard else _put_behind(path, known, paused, frames[0])
    return [*edits, put_behind] if put_behind else edits, stretches


def _sure_end(path: Path, known: Sequence[Evidence]) -> list[Run]:
    """The pieces that are surely from elsewhere in the call, after what lies on the path."""
    pieces = [run for run in path.elsewhere if run.first > path.chain[-1].last - _BESIDE]
    return pieces if any(_sure_of(known[run.track], run) > _ELSEWHERE_NATS for run in pieces) else []


def _unheard_end(path: Path, known: Sequence[Evidence], agency: int, copy: int) -> list[Run]:
    """After a piece from elsewhere, when nobody speaks any more: the call went on at the lag that it had before, if the
    copy then ends where the call does."""
    last, pieces = path.chain[-1], _sure_end(path, known)
    if not pieces:
        return []
    end = pieces[-1].last
    goes_on = end < copy and abs(known[last.track].track.agency_at(copy) - agency) < _SAME_END
    return [Run(last.track, end, copy)] if goes_on else []


def _put_behind(
    path: Path, known: Sequence[Evidence], paused: Callable[[int, int, int], bool], agency: int
) -> Edit | None:
    """A piece from elsewhere after which nobody speaks any more and the copy ends elsewhere than the call: put in, if
    it is the very sound and no echo, and the call was not over (a telephone may play after it what was in it before)
    and had something else there."""
    last = path.chain[-1]
    before = known[last.track]
    pieces = [
        run
        for run in _sure_end(path, known)
        if known[run.track].followed(run.first, run.last) > _SAME_SOUND and not _is_echo(run, last, known)
    ]
    if not pieces:
        return None
    start, end = pieces[0].first, pieces[-1].last
    is_over = before.track.agency_at(start) > agency - _SAME_END
    if is_over or before.total(start, end) > _SAME_SOUND or paused(last.track, start, end):
        return None
    after = replace(before.track, offset=before.track.offset - (end - start))
    return _name(_Change(start, end, _SURELY, is_there=True), before.track, after)


def _is_echo(run: Run, of: Run, known: Sequence[Evidence]) -> bool:
    return abs(known[run.track].track.offset - known[of.track].track.offset) <= _ECHO


def _lies_between(run: Run, before: Run, after: Run, known: Sequence[Evidence]) -> bool:
    """Whether it was put in there or instead of what was there: a piece from elsewhere in the call, and no echo."""
    return (
        before.first < run.first
        and run.last < after.last
        and run.first > before.last - _BESIDE
        and run.last < after.first + _BESIDE
        and not any(_is_echo(run, side, known) for side in (before, after))
    )


def _stretch(track: Track, first: float, last: float) -> Stretch:
    return Stretch(
        max(0.0, track.agency_at(first) * FRAME_S), track.agency_at(last) * FRAME_S, first * FRAME_S, last * FRAME_S
    )


def _locate(
    before: Run, after: Run, one: Evidence, two: Evidence, elsewhere: Sequence[tuple[Evidence, Run]]
) -> _Change:
    """Where the one ends and the other begins, with what is from elsewhere between them."""
    added = round(one.track.offset - two.track.offset)  # copy frames that the later track says were put in
    gap = max(added, 0)
    low = max(before.first, min(before.last, after.first - gap) - _ZONE)
    high = min(after.last, max(after.first, before.last + gap) + _ZONE)
    middle = (before.last + after.first) // 2 - low
    middle = min(max(middle, 0), high - low)
    other, other_placed = np.zeros(high - low), np.zeros(high - low)
    for evidence, run in elsewhere:
        first, last = max(low, run.first - _WHOLE), min(high, run.last + _WHOLE)
        other[first - low : last - low] = evidence.bands(first, last)
        other_placed[first - low : last - low] = evidence.placed(first, last)
    left_scores, right_scores, pure = _ends(one.bands(low, high) - other, two.bands(low, high) - other, middle, gap)
    free = float(left_scores.max() + right_scores.max())
    is_step = abs(added) >= _STEP_LEAST and len(pure) > 0
    is_pure = is_step and free - float(pure.max()) < _FREE
    left_scores, right_scores, pure = _ends(
        one.placed(low, high) - other_placed, two.placed(low, high) - other_placed, middle, gap
    )
    earliest = before.last - _until_sure(one.values(low, before.last)[::-1])
    latest = after.first + _until_sure(two.values(after.first, high))
    left_scores[: max(0, earliest - low)][:-1] = -np.inf
    right_scores[max(1, latest - low - middle + 1) :] = -np.inf
    if low <= earliest <= latest - gap:
        pure[: earliest - low] = pure[latest - gap - low + 1 :] = -np.inf
    left = low + max(_place(left_scores, 0.5), _place(left_scores, 1 - _INWARDS) - _OUTWARDS)
    right = low + middle + min(_place(right_scores, 0.5), _place(right_scores, _INWARDS) + _OUTWARDS)
    right = max(right, left + gap)
    nats = two.missed(int(left), int(right))
    least = _REPLACED_NATS_GONE if two.is_gone(int(left), int(right)) else _REPLACED_NATS
    came = max((_sure_of(evidence, run) for evidence, run in elsewhere), default=0.0)
    lengths = (right - left, two.track.agency_at(right) - one.track.agency_at(left))
    is_trifle = min(lengths) < _TRIFLE * max(lengths) or (nats < least and not elsewhere)
    if is_pure or (is_step and is_trifle):
        place = low + (_put_in(pure, low, gap, one, two) if added > 0 else _place(pure, 0.5))
        return _Change(place, place + gap, free, is_there=True)
    is_from_elsewhere = came > 0 and came + max(0.0, nats) > _ELSEWHERE_NATS
    return _Change(left, right, nats, is_there=nats >= least or is_from_elsewhere)


def _put_in(pure: Vector, low: int, gap: int, one: Evidence, two: Evidence) -> float:
    """Where something was put in, of the places that explain the copy alike. Who doubles a piece puts the second one
    behind the first, and who puts a silence into a pause does so behind the last word."""
    middle = _place(pure, 0.5)
    first, last = low + int(middle), low + int(middle) + gap
    if _ends(one.values(first, last), two.values(first, last), 0, 0)[2].max() > _SURELY:
        return middle + float(_ends(one.placed(first, last), two.placed(first, last), 0, 0)[2].argmax())
    if one.sounding(first, last) < _SOUNDS:
        return min(middle, _place(pure, _INWARDS) + _OUTWARDS)
    return middle


def _until_sure(nats: Vector) -> int:
    """How many of these frames it takes until they surely lie on the track: from there on it does not end."""
    return int(np.argmax(np.append(np.cumsum(nats) >= _SURELY, True)))


def _sure_of(piece: Evidence, run: Run) -> float:
    """Nats for a piece from elsewhere: what is said twice is alike in bands, only the same sound is in its waves."""
    waves = piece.followed(run.first, run.last)
    bands = float(piece.values(run.first, run.last).sum()) - waves
    return bands + waves if waves > _SAME_SOUND else bands - _SAID_TWICE


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
        if not change.is_there or added < _REPLACED_LEAST:
            return None
        kind = EditKind.REPLACE
    elif added < _SHORT:
        kind, change = EditKind.CUT, replace(change, right=change.left)
    elif removed < _SHORT:
        kind, end = EditKind.INSERT, start
    else:
        kind = EditKind.REPLACE
    agency_start_s, agency_end_s, copy_start_s, copy_end_s = (
        round(max(0.0, each) * FRAME_S, 3) for each in (start, end, change.left, change.right)
    )
    confidence = round(1 - exp(-abs(change.nats) / 8), 3)
    return Edit(kind, agency_start_s, agency_end_s, copy_start_s, copy_end_s, confidence)
