"""Edits that somebody could make in a copy, and where they are."""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator

from speech.comparison.result import EditKind
from tests.speech.comparison.calls import RATE_HZ, Call, Samples, sentences, some_voice


@dataclass(frozen=True, slots=True)
class Truth:
    """Seconds in the agency's recording and in the copy, as `Edit` has them."""

    kind: EditKind
    agency_start_s: float
    agency_end_s: float
    copy_start_s: float
    copy_end_s: float


@dataclass(frozen=True, slots=True)
class Change:
    """The agency's samples from `start` to `end` become `instead`."""

    start: int
    end: int
    instead: Samples


def apply(sound: Samples, changes: list[Change]) -> tuple[Samples, list[Truth]]:
    pieces, truths, done, length = [], [], 0, 0
    for change in sorted(changes, key=lambda each: each.start):
        pieces += [sound[done : change.start], _faded(change.instead)]
        length += change.start - done
        kind = EditKind.REPLACE
        if change.start == change.end:
            kind = EditKind.INSERT
        elif not len(change.instead):
            kind = EditKind.CUT
        times = (change.start, change.end, length, length + len(change.instead))
        truths.append(Truth(kind, *(each / RATE_HZ for each in times)))
        length += len(change.instead)
        done = change.end
    return np.concatenate([*pieces, sound[done:]]), truths


def _faded(piece: Samples) -> Samples:
    ramp = np.minimum(1, np.arange(len(piece)) / 80)
    return (piece * ramp * ramp[::-1]).astype(np.float32)


SORTS = (
    "cut speech", "cut turn", "cut anywhere", "insert own", "insert other", "insert silence", "insert noise",
    "replace silence", "replace own", "replace other", "replace beep",
)  # fmt: skip


def some_change(sort: str, call: Call, sound: Samples, rng: Generator, at_s: float, length_s: float) -> Change:
    """One edit of about this length, at about this time; it stays 1 s away from both ends of the call."""
    turns = [turn for turn in call.turns if turn.end_s - turn.start_s > length_s * 0.5 + 0.3]
    turn = min(turns or call.turns, key=lambda each: abs((each.start_s + each.end_s) / 2 - at_s))
    room = call.duration_s - 1 - length_s
    if sort in ("cut turn", "insert own", "insert other", "insert silence", "insert noise") and rng.random() < 0.5:
        start_s = turn.start_s - float(rng.uniform(0, 0.15))  # between two sentences
        length_s = turn.end_s - turn.start_s + 0.1 if sort == "cut turn" else length_s
    elif sort == "cut anywhere":
        start_s = at_s
    else:
        start_s = float(rng.uniform(turn.start_s, max(turn.start_s + 0.1, turn.end_s - length_s)))
    start_s = float(np.clip(start_s, 1.0, max(1.0, room)))
    start, count = int(start_s * RATE_HZ), int(min(length_s, call.duration_s - 2 - start_s) * RATE_HZ)
    if sort.startswith("cut"):
        return Change(start, start + count, sound[:0])
    return Change(
        start, start if sort.startswith("insert") else start + count, _material(sort, call, sound, rng, start, count)
    )


def _material(sort: str, call: Call, sound: Samples, rng: Generator, start: int, count: int) -> Samples:
    if sort.endswith("silence"):
        return np.zeros(count, np.float32)
    if sort.endswith("noise"):
        return (rng.standard_normal(count) * 0.02).astype(np.float32)
    if sort.endswith("beep"):
        return (0.15 * np.sin(2 * np.pi * 1000 * np.arange(count) / RATE_HZ)).astype(np.float32)
    if sort.endswith("own"):
        loud = [turn for turn in call.turns if turn.end_s - turn.start_s > count / RATE_HZ * 0.7]
        far = [turn for turn in loud if abs(turn.start_s * RATE_HZ - start) > count + RATE_HZ] or call.turns
        source = int(far[int(rng.integers(len(far)))].start_s * RATE_HZ)
        return sound[source : source + count].copy()
    spoken = np.zeros(0, np.float32)
    voice = some_voice(rng)
    while len(spoken) < count:
        said = voice.say(str(rng.choice(sentences())))
        spoken = np.concatenate([spoken, said[np.flatnonzero(np.abs(said) > 0.02)[0] :]])
    return spoken[:count] * np.float32(0.8)
