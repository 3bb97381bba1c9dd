"""What it is worth that waveforms agree: nats for a lag or against it. PURE (numpy).

How well they agree at the right lag, and how well at wrong ones, is learned from the pair of recordings itself, for
each loudness of what the agency has.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from speech.comparison.waveform import Vector

_CLASSES = 6  # by how loud the agency's sound is
_UNSURE = 0.05  # of the frames: a click, a lost packet
_ELSEWHERE, _ENOUGH = 500, 60  # frames to either side that are left out of it; and that must be left
_UNSURE_MOST = 0.2  # of the frames of one loudness; from there on they say nothing against a lag
_MOST = 4.0  # nats that one frame can say
_CHANCE = 4.0  # spreads
_AGREES, _AGREES_WELL = 0.15, 0.30  # z along the path: less is too little to miss
_LASTING = 101  # frames of faint sound that together say something
_LASTING_LEAST, _LASTING_MOST = 4.0, 12.0  # nats that may be chance, and that are believed
LOUDEST = 0.3
"""z of a frame, so that one loud word does not stand for a whole second."""


@dataclass(frozen=True, slots=True)
class WaveWorth:
    """What an agreement is worth at each loudness, from how it spreads at the right lag and at wrong ones."""

    faintest: float
    edges: Vector
    spreads: Vector  # [class, right or wrong, middle and spread]

    @classmethod
    def learn(cls, right: Vector, loud: Vector, wrong: Vector, wrong_loud: Vector, least: float) -> "WaveWorth":
        edges = np.quantile(loud, np.arange(1, _CLASSES) / _CLASSES)
        own, other = np.searchsorted(edges, loud), np.searchsorted(edges, wrong_loud)
        spreads = [
            (_spread(right[own == each], least), _spread(wrong[other == each], least)) for each in range(_CLASSES)
        ]
        return cls(float(np.quantile(loud, 0.02)) / 2, edges, np.array(spreads))

    def is_low(self, z: Vector, loud: Vector) -> NDArray[np.bool_]:
        """Whether it agrees as little as what does not lie on the path."""
        return np.asarray(z < self.spreads[:, :, 0].mean(axis=1)[np.searchsorted(self.edges, loud)])

    def nats(self, z: Vector, loud: Vector, unsure: Vector | float = _UNSURE) -> Vector:
        right, wrong = self._of(loud)
        ratio = np.exp(np.clip(_log_normal(z, right) - _log_normal(z, wrong), -30, 30))
        nats = np.clip(np.log((1 - unsure) * ratio + unsure), -_MOST, _MOST)
        # of sound that is fainter than all that was learned from nothing is known
        return np.asarray(np.where(loud > self.faintest, nats, 0.0), dtype=np.float64)

    def careful(self, z: Vector, loud: Vector, unsure: Vector) -> Vector:
        """As `nats`, but nothing where right and wrong lags are not told apart well; against a lag nothing where
        little agreement was to be expected, or none came too often; and for it nothing that may be chance."""
        right, wrong = self._of(loud)
        apart = (right[:, 0] - wrong[:, 0]) / np.maximum(right[:, 1], wrong[:, 1])
        nats = self.nats(z, loud, unsure) * np.clip(apart - 1, 0, 1)
        missed = np.clip((right[:, 0] - _AGREES) / (_AGREES_WELL - _AGREES), 0, 1) * (unsure <= _UNSURE_MOST)
        nats = np.where(nats < 0, nats * missed, nats)
        return np.where(z < wrong[:, 0] + _CHANCE * wrong[:, 1], np.minimum(nats, 0), nats)

    def _of(self, loud: Vector) -> tuple[Vector, Vector]:
        right, wrong = self.spreads[np.searchsorted(self.edges, loud)].transpose(1, 0, 2)
        return right, wrong


class Unsure:
    """How often what lies on the path agrees as little as what does not, elsewhere than where it is asked for: an edit
    is no proof of how the recorder treats a pause."""

    def __init__(self, worth: WaveWorth, at: NDArray[np.intp], right: Vector, loud: Vector) -> None:
        self._edges = worth.edges
        order = np.argsort(at)
        low, classes = worth.is_low(right, loud)[order], np.searchsorted(worth.edges, loud)[order]
        self._at = [at[order][classes == each] for each in range(_CLASSES)]
        self._low = [np.concatenate([[0], np.cumsum(low[classes == each])]) for each in range(_CLASSES)]

    def around(self, frames: NDArray[np.intp], loud: Vector) -> Vector:
        """For each of these frames."""
        classes = np.searchsorted(self._edges, loud)
        unsure = np.ones(len(frames))
        for each in range(_CLASSES):
            here = classes == each
            first = np.searchsorted(self._at[each], frames[here] - _ELSEWHERE)
            last = np.searchsorted(self._at[each], frames[here] + _ELSEWHERE)
            count = len(self._at[each]) - (last - first)
            low = self._low[each][-1] - (self._low[each][last] - self._low[each][first])
            unsure[here] = np.where(count >= _ENOUGH, np.maximum(low / np.maximum(count, 1), _UNSURE), 1)
        return unsure


def mean_around(z: Vector) -> Vector:
    """Over a second."""
    sums = np.concatenate([[0.0], np.cumsum(np.pad(np.minimum(z, LOUDEST), _LASTING // 2, mode="edge"))])
    return np.asarray((sums[_LASTING:] - sums[:-_LASTING]) / _LASTING)


def lasting(z: Vector, chance: float) -> Vector:
    """Nats a frame for a lag at which a whole second agrees by more than chance, however little; never against one."""
    over = np.maximum(mean_around(z) / chance, 0)
    return np.asarray(np.clip(over**2 / 2 - _LASTING_LEAST, 0, _LASTING_MOST) / _LASTING)


def _spread(z: Vector, least: float) -> tuple[float, float]:
    if not len(z):
        return 0.0, 1.0
    middle = float(np.median(z))
    return middle, max(least, 1.4826 * float(np.median(np.abs(z - middle))))


def _log_normal(z: Vector, spread: Vector) -> Vector:
    return np.asarray(-0.5 * ((z - spread[:, 0]) / spread[:, 1]) ** 2 - np.log(spread[:, 1]))
