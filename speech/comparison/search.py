"""Where in the agency's recording each few seconds of the copy could be from. PURE (numpy).

Normalised cross-correlation of how the bands' loudness moves, over the whole of the other file, by overlap-save in the
frequency domain and for many windows at once: an hour against an hour takes some 10 s.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from speech.comparison.spectrum import FRAME_S, Matrix

POOL = 4
"""Frames of 10 ms in one of the search's, which only has to find the place roughly."""

WINDOW = 75
"""3 s: enough to tell sentences apart in noise of 6 dB (2 s found 3 % fewer), and short enough to fit between edits."""

_COMPRESSION = 0.3  # loudness as an ear has it; noise that fills the quiet moments weighs little
_AROUND_S = 1.0  # to either side, that a moment is set against: level and equaliser fall away
_PEAKS = 6  # sentences come again; the path chooses
_APART = 4  # pooled frames between two peaks
_BLOCK = 512
_AT_ONCE = 16  # windows
_FAINT = 0.1  # of the usual movement: what moves less is not blown up


@dataclass(frozen=True, slots=True)
class Guess:
    """The window could begin at the agency's pooled frame `at`, before its beginning too; `score` is at most 1."""

    at: int
    score: float


@dataclass(frozen=True, slots=True)
class Window:
    """`start` is the copy's pooled frame."""

    start: int
    guesses: tuple[Guess, ...]


def movement(powers: Matrix, pool: int = POOL) -> Matrix:
    """float32 [bands, pooled frames], of one size in each band whatever the level, the equaliser and the gain."""
    loudness = powers**_COMPRESSION
    count = loudness.shape[1] // pool
    pooled = loudness[:, : count * pool].reshape(len(loudness), count, pool).mean(axis=2)
    moved = pooled - running_mean(pooled, round(_AROUND_S / FRAME_S / pool))
    return np.asarray(moved / (moved.std(axis=1, keepdims=True) + 1e-12), dtype=np.float32)


def running_mean(rows: Matrix, around: int) -> Matrix:
    """The mean of each row over `around` values to either side, of what there is at the ends."""
    count = rows.shape[-1]
    sums = np.zeros((*rows.shape[:-1], count + 1))
    np.cumsum(rows, axis=-1, dtype=np.float64, out=sums[..., 1:])
    index = np.arange(count)
    low, high = np.maximum(index - around, 0), np.minimum(index + around + 1, count)
    return np.asarray((sums[..., high] - sums[..., low]) / (high - low), dtype=np.float32)


class LagSearch:
    """The agency's side, prepared once; `agency` is what `movement` gives."""

    def __init__(self, agency: Matrix, window: int = WINDOW) -> None:
        self._window, self._length = window, agency.shape[1]
        self._hop = _BLOCK - window
        blocks = -(-(self._length + 2 * window) // self._hop)
        padded = np.pad(agency, ((0, 0), (window, blocks * self._hop + _BLOCK - self._length - window)))
        cut = sliding_window_view(padded, _BLOCK, axis=1)[:, :: self._hop][:, :blocks]
        self._spectra = np.ascontiguousarray(np.fft.rfft(cut).transpose(2, 1, 0))  # [bin, block, band]
        energy = np.concatenate([[0.0], np.cumsum((padded.astype(np.float64) ** 2).sum(axis=0))])
        places = self._length + window  # that a window can begin at, from `window` before the beginning on
        least = _FAINT * len(agency) * window
        self._size = np.sqrt(np.maximum(energy[window : window + places] - energy[:places], least)).astype(np.float32)

    def windows(self, copy: Matrix, starts: Sequence[int]) -> Iterator[Window]:
        for first in range(0, len(starts), _AT_ONCE):
            batch = starts[first : first + _AT_ONCE]
            pieces = np.stack([copy[:, start : start + self._window] for start in batch])
            for start, row in zip(batch, self._correlate(pieces), strict=True):
                yield Window(start, tuple(self._peaks(row)))

    def _correlate(self, pieces: NDArray[np.float32]) -> NDArray[np.float32]:
        least = _FAINT * pieces.shape[1] * self._window
        size = np.sqrt(np.maximum((pieces**2).sum(axis=(1, 2)), least))
        asked = np.fft.rfft(pieces, _BLOCK).conj().transpose(2, 1, 0)  # [bin, band, piece]
        product = (self._spectra @ asked).transpose(2, 1, 0)  # [piece, block, bin]
        rows = np.fft.irfft(product, _BLOCK)[:, :, : self._hop].reshape(len(pieces), -1)
        return np.asarray(rows[:, : len(self._size)] / self._size / size[:, None], dtype=np.float32)

    def _peaks(self, row: NDArray[np.float32]) -> Iterator[Guess]:
        for _ in range(_PEAKS):
            place = int(np.argmax(row))
            if row[place] <= 0:
                return
            yield Guess(place - self._window, float(row[place]))
            row[max(0, place - _APART) : place + _APART + 1] = 0
