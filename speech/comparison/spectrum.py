"""How loud each band of a sound is, every 10 ms. PURE (numpy).

24 mel bands in what a telephone carries, of windows of 32 ms: short enough to place an edit, long enough for a pitch.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray

from speech.comparison.sound import RATE_HZ

Matrix = NDArray[np.float32]

FRAME_S = 0.010
BANDS = 24
_HOP = int(FRAME_S * RATE_HZ)
_WINDOW = 256
_LOW_HZ, _HIGH_HZ = 200.0, 3_400.0
_FRAMES_AT_ONCE = 8_192


def band_powers(samples: NDArray[np.float32], drift_ppm: float = 0.0) -> Matrix:
    """float32 [bands, frames]; frame i is centred on second i * FRAME_S * (1 + drift) of the samples.

    A recorder whose clock counted `drift_ppm` too fast is thereby heard at the speed of the right clock.
    """
    hop = _HOP * (1 + drift_ppm / 1e6)
    count = int(len(samples) / hop)
    padded = np.pad(samples, (_WINDOW // 2, _WINDOW))
    powers = np.empty((BANDS, count), np.float32)
    window, bands = np.hanning(_WINDOW).astype(np.float32), _mel_bands()
    for first in range(0, count, _FRAMES_AT_ONCE):
        starts = np.rint(np.arange(first, min(first + _FRAMES_AT_ONCE, count)) * hop).astype(np.int64)
        spectrum = np.fft.rfft(padded[starts[:, None] + np.arange(_WINDOW)] * window)
        power = (spectrum.real**2 + spectrum.imag**2).astype(np.float32)
        powers[:, first : first + len(starts)] = bands @ power.T
    return powers


@cache
def _mel_bands() -> Matrix:
    """Triangles, evenly spread over the mel scale; [bands, bins], each adds up to 1."""
    edges_mel = np.linspace(_mel(_LOW_HZ), _mel(_HIGH_HZ), BANDS + 2)
    edges_hz = 700 * (10 ** (edges_mel / 2595) - 1)
    bins_hz = np.fft.rfftfreq(_WINDOW, 1 / RATE_HZ)
    low, peak, high = edges_hz[:-2, None], edges_hz[1:-1, None], edges_hz[2:, None]
    triangles = np.clip(np.minimum((bins_hz - low) / (peak - low), (high - bins_hz) / (high - peak)), 0, None)
    return np.asarray(triangles / triangles.sum(axis=1, keepdims=True), dtype=np.float32)


def _mel(hz: float) -> float:
    return float(2595 * np.log10(1 + hz / 700))
