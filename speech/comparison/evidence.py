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
_UNKNOWN = -0.05  # nats a frame, where a track was not followed


@dataclass(frozen=True, slots=True)
class Evidence:
    """What each frame of the copy from `first` on says for a track, in nats: how it matches in bands of loudness, the
    same even-handed for the sides of an edit, what strange sounds say against it, and what the waveform says. `audible`
    tells whether the agency's sound would be heard there."""

    track: Track
    first: int
    match: NDArray[np.float32]
    sides: NDArray[np.float32]
    strange: NDArray[np.float32]
    audible: NDArray[np.bool_]
    waves: Nats

    @property
    def nats(self) -> NDArray[np.float32]:
        return self._nats(slice(None))

    @property
    def last(self) -> int:
        return self.first + len(self.match)

    def values(self, low: int, high: int) -> Vector:
        return self._cut(self._nats, low, high)

    def total(self, low: int, high: int) -> float:
        return float(self.values(low, high).sum())

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
        """What speaks against the track because the agency's sound is not there: of what could be heard, as of a pause
        nobody can say that it is missing."""
        if low >= high:
            return 0.0
        return -float(
            self._cut(lambda part: (self.match[part] + self.waves.heard[part]) * self.audible[part], low, high).sum()
        )

    def is_strange(self, low: int, high: int) -> NDArray[np.bool_]:
        """Of each frame: something sounds, and it is not the agency's."""
        sounds = self._cut(lambda part: self.strange[part], low, high) > 0
        return sounds & (self.matching(low, high) < _SILENT)

    def _nats(self, part: slice) -> NDArray[np.float32]:
        return np.asarray(self.match[part] - self.strange[part] + self.waves.heard[part], dtype=np.float32)

    def _edges(self, part: slice) -> Vector:
        sides, strange = self.sides[part], self.strange[part]
        return np.asarray(sides - _TELLING * strange + _TOGETHER * (strange == 0), dtype=np.float64)

    def _cut(self, values: Callable[[slice], NDArray[np.floating]], low: int, high: int) -> Vector:
        cut = np.full(high - low, _UNKNOWN)
        start, end = max(low, self.first), min(high, self.last)
        if start < end:
            cut[start - low : end - low] = values(slice(start - self.first, end - self.first))
        return cut
