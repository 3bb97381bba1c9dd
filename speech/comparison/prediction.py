"""What the copy's recorder would have made of the agency's sound. PURE (numpy).

Noise, a microphone far from one of the two, a narrow band: all of it is learned from the pair itself, band by band,
and the agency's spectrum is brought down to it. What the recorder could not hear is then flat in the prediction, and
nothing is concluded from it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from speech.comparison.search import running_mean
from speech.comparison.spectrum import Matrix

_QUIET = 0.2  # share of the frames that are the agency's quietest: there the copy holds its own noise
_QUIET_COPY = 0.3
_LOUD = 0.05  # of a channel's loud speech: from there on it is heard speaking
_ALONE = 10.0  # times as loud as the other channel
_LINE = 0.2  # share of a channel's moments in which it has only the line's own noise
_MOMENT = 10  # frames to either side
_AUDIBLE = 0.5  # of the noise: by as much the loud moments of what is heard stand out
_FEW = 50  # frames from which a gain is not learned
_DARK = 1e-5  # of the loud moments (50 dB): below it nothing counts, digital silence neither


@dataclass(frozen=True, slots=True)
class Prediction:
    """Logarithms without slow changes: the copy as predicted on the agency's frames, and as it is on its own.

    `audible` tells how far each frame of the agency's would stand out of the noise, `heard` how far each of the
    copy's does: nats, mean of the bands.
    """

    predicted: Matrix
    copy: Matrix
    audible: NDArray[np.float32]
    heard: NDArray[np.float32]


def predict(
    agency: Sequence[Matrix], copy: Matrix, agency_at: NDArray[np.intp], copy_at: NDArray[np.intp]
) -> Prediction:
    """`agency_at` and `copy_at` are frames that match, from which gains and noise are learned."""
    heard = copy[:, copy_at]
    spoken = [channel[:, agency_at] for channel in agency]
    floor = _noise(np.sum(spoken, axis=0), heard)
    predicted = np.broadcast_to(floor[:, None], agency[0].shape).copy()
    silent = floor[:, None].copy()
    for number, channel in enumerate(agency):
        others = (
            np.sum([each for i, each in enumerate(spoken) if i != number], axis=0) if len(agency) > 1 else 0 * heard
        )
        gain = _gain(spoken[number], others, heard, floor)[:, None]
        predicted += gain * channel
        silent += gain * _line_noise(channel)[:, None]
    expected = np.log(predicted / silent)
    found = np.log((copy + silent / 2) / silent)
    audible, loud = expected.mean(axis=0), found.mean(axis=0)
    return Prediction(_shape(expected, agency_at), _shape(found, copy_at), audible, loud)


def _shape(stand_out: Matrix, frames: NDArray[np.intp]) -> Matrix:
    """What sets each moment apart from the usual speech of its own loudness: automatic gain leaves it as it is, and a
    silence has none. Unlike a difference from the moments around it, it knows nothing of what lies beyond an edit."""
    usual: NDArray[np.float32] = stand_out[:, frames].mean(axis=1)
    loudness = usual @ stand_out / (usual @ usual + _DARK)
    return np.asarray(stand_out - usual[:, None] * loudness, dtype=np.float32)


def _noise(spoken: Matrix, heard: Matrix) -> NDArray[np.float32]:
    quiet = spoken <= np.quantile(spoken, _QUIET, axis=1, keepdims=True)
    in_quiet = np.array([np.median(row[mask]) for row, mask in zip(heard, quiet, strict=True)])
    low = np.quantile(heard, _QUIET_COPY, axis=1)
    dark = _DARK * np.quantile(heard, 0.95, axis=1)
    return np.asarray(np.maximum(np.minimum(in_quiet, low), dark + 1e-12), dtype=np.float32)


def _line_noise(channel: Matrix) -> NDArray[np.float32]:
    level = running_mean(channel.sum(axis=0), _MOMENT)
    noise: NDArray[np.float32] = channel[:, level <= np.quantile(level, _LINE)].mean(axis=1)
    return noise


def _gain(spoken: Matrix, others: Matrix, heard: Matrix, floor: NDArray[np.float32]) -> NDArray[np.float32]:
    """By how much each band of one channel is louder in the copy; 0 where it was not heard."""
    gains = np.zeros(len(spoken), np.float32)
    for band, (own, rest, got) in enumerate(zip(spoken, others, heard, strict=True)):
        alone = (own > _LOUD * np.quantile(own, 0.97)) & (own > _ALONE * rest)
        if alone.sum() < _FEW:
            continue
        low, high = np.quantile(own[alone], (0.3, 0.7))
        soft, loud = alone & (own <= low), alone & (own >= high)
        # noise that automatic gain turns up with a soft speaker is as loud in the soft moments as in the loud ones
        excess = float(np.median(got[loud])) - max(float(np.median(got[soft])), floor[band])
        if excess > _AUDIBLE * floor[band]:
            gains[band] = excess / float(np.median(own[loud]) - np.median(own[soft]))
    return gains
