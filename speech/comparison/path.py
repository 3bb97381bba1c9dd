"""The most likely path of the copy through the tracks, moment by moment. PURE (numpy).

Viterbi over the tracks and one state for sound from nowhere, which says nothing for or against: so every boundary lies
where the evidence changes sides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from speech.comparison.tracks import Track

STEP = 2
"""Frames in one step of the path; where exactly is settled afterwards."""

_LEAVE = 3.0  # nats, into nowhere or out of it; with what an edit must show besides, no honest copy pays it in vain
_OVERLAP = 0.5  # of the shorter run: as much may be the same twice, where a piece was put in from right beside
_UNEQUAL = 80.0  # nats for taking out one length and putting in another: likelier two edits
_BOTH = 40  # frames of each, from where on it is that
_TWO_EDITS = 50.0  # nats from where on two edits are likelier to undo one another than all that to be chance
_ELSEWHERE = 12.0  # nats from where on a piece from elsewhere is worth a look
_CHANGE = 8.0  # nats, from one track to another


@dataclass(frozen=True, slots=True)
class Run:
    """The copy's frames `first` up to `last` lie on track number `track`."""

    track: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Path:
    """`chain` are the runs that follow one another in both files; what else lies on a track is from `elsewhere` in the
    call and was put there. Both in the copy's order."""

    chain: list[Run]
    elsewhere: list[Run]

    @property
    def runs(self) -> list[Run]:
        return sorted([*self.chain, *self.elsewhere], key=lambda run: run.first)

    @classmethod
    def through(cls, runs: Sequence[Run], tracks: Sequence[Track], weights: Sequence[float]) -> "Path":
        chain = forward(runs, tracks, weights)
        left = [run for run, weight in zip(runs, weights, strict=True) if weight > _ELSEWHERE and run not in chain]
        return cls(chain, left)


def best_path(nats: Sequence[tuple[int, NDArray[np.float32]]], frames: int) -> list[Run]:
    """`nats` gives for each track the frame where it begins to be known, and what each frame from there says for it."""
    steps, states = frames // STEP, len(nats) + 1
    gain = np.full((steps, states), -1e3, np.float32)
    gain[:, -1] = 0
    for number, (first, values) in enumerate(nats):
        start = -(-first // STEP)
        piece = values[start * STEP - first :]
        piece = piece[: len(piece) // STEP * STEP].reshape(-1, STEP).sum(axis=1)[: steps - start]
        gain[start : start + len(piece), number] = piece
    came = np.empty((steps, states), np.int16)
    best, own = np.zeros(states, np.float32), np.arange(states)
    nowhere = states - 1
    for step in range(steps):
        top = int(best[:nowhere].argmax()) if nowhere else 0
        source, value = (
            (top, best[top] - _CHANGE)
            if best[top] - _CHANGE > best[nowhere] - _LEAVE
            else (nowhere, best[nowhere] - _LEAVE)
        )
        stay = best >= value
        origin = np.where(stay, own, source)
        arrived = np.where(stay, best, value)
        if nowhere:
            leaves = best[top] - _LEAVE > best[nowhere]
            origin[nowhere], arrived[nowhere] = (top, best[top] - _LEAVE) if leaves else (nowhere, best[nowhere])
        came[step] = origin
        best = arrived + gain[step]
    state, states_taken = int(best.argmax()), np.empty(steps, np.int16)
    for step in range(steps - 1, -1, -1):
        states_taken[step] = state
        state = int(came[step, state])
    return _runs(states_taken, nowhere)


def _runs(states: NDArray[np.int16], nowhere: int) -> list[Run]:
    if not len(states):
        return []
    edges = [0, *(np.flatnonzero(np.diff(states)) + 1).tolist(), len(states)]
    return [Run(int(states[low]), low * STEP, high * STEP) for low, high in pairwise(edges) if states[low] != nowhere]


def _cost(before: Run, after: Run, tracks: Sequence[Track]) -> float:
    """Somebody cuts, puts something in or replaces it by as much; what is neither is likelier two of these."""
    added = after.first - before.last
    removed = tracks[after.track].agency_at(after.first) - tracks[before.track].agency_at(before.last)
    return _UNEQUAL if min(added, removed) > _BOTH and abs(added - removed) > _BOTH else 0.0


def forward(runs: Sequence[Run], tracks: Sequence[Track], weights: Sequence[float]) -> list[Run]:
    """The runs that follow one another in the agency's recording too and weigh most; the others were put there."""
    runs, weights = _without_detours(runs, weights, tracks)
    best: list[tuple[float, int]] = []
    for number, run in enumerate(runs):
        before = [
            (best[i][0] - _cost(other, run, tracks), i)
            for i, other in enumerate(runs[:number])
            if tracks[other.track].agency_at(other.last) - tracks[run.track].agency_at(run.first)
            < _OVERLAP * min(other.last - other.first, run.last - run.first)
        ]
        score, source = max(before, default=(0.0, -1))
        best.append((weights[number] + max(score, 0.0), source if score > 0 else -1))
    chain: list[Run] = []
    at = max(range(len(best)), key=lambda i: best[i][0]) if best else -1
    while at >= 0:
        chain.append(runs[at])
        at = best[at][1]
    return chain[::-1]


def _without_detours(
    runs: Sequence[Run], weights: Sequence[float], tracks: Sequence[Track]
) -> tuple[list[Run], list[float]]:
    """What comes back to the very lag that it left was replaced in between: two edits seldom undo one another. The
    lightest first, as what is a trifle is not come back to."""
    kept, weighed = list(runs), list(weights)
    while True:
        detours = [
            number
            for number in range(1, len(kept) - 1)
            if kept[number - 1].track == kept[number + 1].track != kept[number].track
            and not (weighed[number] > _TWO_EDITS and _follows(kept[number - 1 : number + 2], tracks))
        ]
        if not detours:
            return kept, weighed
        lightest = min(detours, key=lambda number: weighed[number])
        del kept[lightest], weighed[lightest]


def _follows(runs: Sequence[Run], tracks: Sequence[Track]) -> bool:
    """Whether these come one after the other in the agency's recording too."""
    ends = [(tracks[run.track].agency_at(run.first), tracks[run.track].agency_at(run.last)) for run in runs]
    return all(one[1] <= two[0] + _BOTH for one, two in pairwise(ends))
