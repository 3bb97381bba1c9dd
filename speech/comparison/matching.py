"""How much each moment of the copy speaks for the agency's sound at a lag, and how much against. PURE (numpy).

The measure is the correlation of the copy with its prediction over 0.2 s. What it is worth is learned from the pair
itself: how it spreads along the path, and how it spreads at lags that are surely wrong. In a clean copy a fifth of a
second proves much, in street noise little, and in a pause nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from speech.comparison.prediction import Prediction

AROUND = 8
"""Frames to either side that a correlation is taken over."""

_SPAN = 2 * AROUND + 1
_CLASSES = 8  # by how audible the agency's sound is; the first for pauses
_INAUDIBLE = 0.1  # nats above the noise
_DULL = 0.05  # variance of a logarithm that is no contrast (1 dB)
_AUDIBLE = 0.3  # nats more, from where on it says something that the agency's sound is missing
_LOUDER, _DROWNED = (
    1.5,
    3.0,
)  # nats by which the copy is louder: between them it ceases to say that something is missing
_STRANGE = 0.03
_FOREIGN = 0.5
_CLEAR, _FAINT = 0.88, 0.10
"""How often sound that is the same matches as usual, and how often half as well: a hand before the microphone, somebody
who talks through it. What is left, one in fifty, does not match although all is well: a cough, a lost packet."""

_MOST = 5.0  # nats that a single stretch of 0.2 s can say for a lag

Vector = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Match:
    """Per frame of the copy: the correlation (Fisher's z), how audible the agency's sound would be there, and by how
    much what is there is louder."""

    z: Vector
    audible: Vector
    excess: Vector

    @staticmethod
    def joined(matches: Sequence["Match"]) -> "Match":
        return Match(
            *(np.concatenate(values) for values in zip(*((m.z, m.audible, m.excess) for m in matches), strict=True))
        )


class Matcher:
    def __init__(self, prediction: Prediction) -> None:
        self._predicted, self._copy, self._audible = prediction.predicted, prediction.copy, prediction.audible
        self._heard = _windowed(prediction.heard) / np.float32(_SPAN)
        self._least = len(self._copy) * _SPAN * _DULL
        self._copy_size = _windowed((self._copy**2).sum(axis=0)) + self._least

    def match(self, frames: NDArray[np.intp], agency_frames: NDArray[np.intp]) -> Match:
        """At successive frames of the copy, for the agency's frames that would be there."""
        length = self._predicted.shape[1]
        inside = (agency_frames >= 0) & (agency_frames < length)
        there = np.clip(agency_frames, 0, length - 1)
        predicted = np.where(inside, self._predicted[:, there], 0)
        size = _windowed((predicted**2).sum(axis=0)) + self._least
        product = _windowed((predicted * self._copy[:, frames]).sum(axis=0))
        r = product / np.sqrt(size * self._copy_size[frames])
        audible = _windowed(np.where(inside, self._audible[there], 0)) / np.float32(_SPAN)
        return Match(np.arctanh(np.clip(r, -0.99, 0.99)), audible, self._heard[frames] - audible)

    def correlation(self, frames: NDArray[np.intp], agency_frames: NDArray[np.intp]) -> float:
        """Of a whole stretch, each moment normalised by itself, so that the loudest does not decide alone."""
        return float(np.mean(self.match(frames, agency_frames).z))


def _windowed(values: Vector) -> Vector:
    sums = np.concatenate([[0.0], np.cumsum(np.pad(values, AROUND).astype(np.float64))])
    return np.asarray(sums[_SPAN:] - sums[:-_SPAN], dtype=np.float32)


class Worth:
    """From correlations to nats for a lag, learned from matches on the path and at wrong lags."""

    def __init__(self, right: Match, wrong: Match) -> None:
        heard = right.audible[right.audible > _INAUDIBLE]
        shares = np.arange(_CLASSES - 1) / (_CLASSES - 1)
        self._edges = np.quantile(heard, shares) if len(heard) else np.full(_CLASSES - 1, np.inf)
        self._right = self._spread(right)
        self._wrong = self._spread(wrong)
        self.usual_excess = float(np.quantile(right.excess, 0.95))

    def _spread(self, match: Match) -> list[tuple[float, float]]:
        classes = np.searchsorted(self._edges, match.audible)
        spreads = []
        for number in range(_CLASSES):
            z = match.z[classes == number]
            middle = float(np.median(z)) if len(z) else 0.0
            spreads.append((middle, max(0.08, 1.4826 * float(np.median(np.abs(z - middle)))) if len(z) else 1.0))
        return spreads

    def nats(self, match: Match) -> Vector:
        """Per frame, scaled so that the frames of an edit add up to what they say together."""
        classes = np.searchsorted(self._edges, match.audible)
        right, wrong = np.array(self._right)[classes].T, np.array(self._wrong)[classes].T
        log_wrong = _log_normal(match.z, *wrong)
        clear = _log_normal(match.z, *right) - log_wrong
        faint = _log_normal(match.z, right[0] / 2, np.maximum(right[0] / 4, wrong[1])) - log_wrong
        ratio = _CLEAR * np.exp(np.clip(clear, -30, 30)) + _FAINT * np.exp(np.clip(faint, -30, 30))
        return _weighed(np.log(ratio + 1 - _CLEAR - _FAINT), match)

    def sides(self, match: Match) -> Vector:
        """As `nats`, but even-handed: 0 where half of what is correlated matches, which is at an edge."""
        classes = np.searchsorted(self._edges, match.audible)
        right, wrong = np.array(self._right)[classes].T, np.array(self._wrong)[classes].T
        return _weighed((match.z - right[0] / 2) * right[0] / (right[1] * wrong[1]), match)


def _weighed(nats: Vector, match: Match) -> Vector:
    """Per frame of those that a correlation is taken over. Nothing is missing where nothing would be heard, be it that
    the agency's sound is faint or that the copy's is loud: automatic gain turns up the noise with a soft speaker."""
    capped = np.clip(nats, -_MOST, _MOST) / _SPAN
    heard = np.clip((match.audible - _INAUDIBLE) / _AUDIBLE, 0, 1)
    heard = heard * np.clip((_DROWNED - match.excess) / (_DROWNED - _LOUDER), 0, 1)
    return np.asarray(np.where(capped < 0, capped * heard, capped), dtype=np.float32)


def strangeness(match: Match, usual: float) -> Vector:
    """Nats per frame against a lag because something sounds where the agency has nothing: little, a room has sounds. It
    only settles where in a pause something was put in. `usual` is the excess of noise alone."""
    return np.asarray(_STRANGE * np.clip((match.excess - usual) / _FOREIGN, 0, 1), dtype=np.float32)


def _log_normal(z: Vector, middle: Vector, spread: Vector) -> Vector:
    return np.asarray(-0.5 * ((z - middle) / spread) ** 2 - np.log(spread))
