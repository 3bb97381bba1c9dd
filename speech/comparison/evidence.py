"""What each moment of the copy says for a lag at which it may lie against the agency's recording. PURE (numpy)."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from speech.comparison.tracks import Track
from speech.comparison.waveform import Vector
from speech.comparison.waves import Nats

_TELLING = 8.0  # times as much as on the path a strange sound says about where in a pause something begins
_TOGETHER = 0.03  # nats a frame: both are silent, likelier in one piece than where something else stands
_SILENT = 0.01  # nats a frame: says nothing for a track
_BESIDE = 10  # frames to either side of what may be missing
_THERE = 6.0  # nats of the waveform in them
_GONE = -30.0  # likewise, between them
_SOFTER = -1.0  # nats by which the copy is louder than what was expected
_UNKNOWN = -0.05  # nats a frame, where a track was not followed


@dataclass(frozen=True, slots=True)
class Evidence:
    """What each frame of the copy from `first` on says for a track, in nats: how it matches in bands of loudness, the
    same even-handed for the sides of an edit, what strange sounds say against it, and what the waveform says. `audible`
    tells whether the agency's sound would be heard there, `excess` by how many nats the copy is louder than that,
    `sounds` whether anything is heard in the copy."""

    track: Track
    first: int
    match: NDArray[np.float32]
    sides: NDArray[np.float32]
    strange: NDArray[np.float32]
    audible: NDArray[np.bool_]
    excess: NDArray[np.float32]
    sounds: NDArray[np.bool_]
    waves: Nats

    @property
    def nats(self) -> NDArray[np.float32]:
        return self._nats(slice(None))

    @property
    def last(self) -> int:
        return self.first + len(self.match)

    def values(self, low: int, high: int) -> Vector:
        """What each frame says by itself."""
        return self._cut(self._each, low, high)

    def total(self, low: int, high: int) -> float:
        return float(self._cut(self._nats, low, high).sum())

    def matching(self, low: int, high: int) -> Vector:
        """What the bands alone say."""
        return self._cut(lambda part: self.match[part], low, high)

    def bands(self, low: int, high: int) -> Vector:
        """For finding out whether there is an edit, and of which kind."""
        return self._cut(self._edges, low, high)

    def placed(self, low: int, high: int) -> Vector:
        """For placing an edit."""
        return self._cut(lambda part: self._edges(part) + self.waves.placed[part], low, high)

    def followed(self, low: int, high: int) -> float:
        """What the waveform alone says."""
        return float(self._cut(lambda part: self.waves.heard[part], low, high).sum())

    def missed(self, low: int, high: int) -> float:
        """What speaks against the track because the agency's sound is not there: of what could be heard, as nobody can
        say of a pause that it is missing. Unless its noise is heard right before or right after, and nothing tells of a
        telephone that was held away."""
        if low >= high:
            return 0.0
        against = self._cut(lambda part: self.match[part] + self.waves.heard[part], low, high)
        counts = self._is_audible(low, high)
        sides = _sides(low, high)
        if all(self._is_near(*side) for side in sides) and not all(self._is_audible(*side).any() for side in sides):
            counts[:] = True
        return -float(against[counts].sum())

    def is_gone(self, low: int, high: int) -> bool:
        """Whether the agency's sound would be heard in most of these frames, and its very waves, which are there right
        before and right after, are not."""
        if low >= high or self._is_audible(low, high).mean() <= 0.5:
            return False
        inside = float(self._cut(lambda part: self.waves.placed[part], low, high).sum())
        return inside < _GONE and all(self._is_near(*side) for side in _sides(low, high))

    def sounding(self, low: int, high: int) -> float:
        """Of these frames of the copy, those where something sounds, whatever it is; one where the track is unknown."""
        return float((self._cut(lambda part: self.sounds[part], low, high) != 0).mean())

    def _is_near(self, low: int, high: int) -> bool:
        """Whether the very waves are there, and no softer than elsewhere."""
        placed = float(self._cut(lambda part: self.waves.placed[part], low, high).sum())
        return placed > _THERE and float(self._cut(lambda part: self.excess[part], low, high).mean()) > _SOFTER

    def _is_audible(self, low: int, high: int) -> NDArray[np.bool_]:
        return self._cut(lambda part: self.audible[part], low, high) > 0

    def is_strange(self, low: int, high: int) -> NDArray[np.bool_]:
        """Of each frame: something sounds, and it is not the agency's."""
        sounds = self._cut(lambda part: self.strange[part], low, high) > 0
        return sounds & (self.matching(low, high) < _SILENT)

    def _nats(self, part: slice) -> NDArray[np.float32]:
        each, spread = self._each(part), self.waves.spread[part]
        return np.asarray(np.where(spread > 0, np.maximum(each, spread), each), dtype=np.float32)

    def _each(self, part: slice) -> NDArray[np.float32]:
        return np.asarray(self.match[part] - self._strange(part) + self.waves.heard[part], dtype=np.float32)

    def _edges(self, part: slice) -> Vector:
        sides, strange = self.sides[part], self._strange(part)
        return np.asarray(sides - _TELLING * strange + _TOGETHER * (strange == 0), dtype=np.float64)

    def _strange(self, part: slice) -> NDArray[np.float32]:
        """What is there in its very waves may have other sounds beside it."""
        return np.asarray(np.where(self.waves.heard[part] > 0, 0, self.strange[part]), dtype=np.float32)

    def _cut(self, values: Callable[[slice], NDArray[np.floating | np.bool_]], low: int, high: int) -> Vector:
        cut = np.full(high - low, _UNKNOWN)
        start, end = max(low, self.first), min(high, self.last)
        if start < end:
            cut[start - low : end - low] = values(slice(start - self.first, end - self.first))
        return cut


def _sides(low: int, high: int) -> tuple[tuple[int, int], tuple[int, int]]:
    return (low - _BESIDE, low), (high, high + _BESIDE)
