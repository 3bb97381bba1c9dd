"""Sound as the comparison takes it. PURE (numpy)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8_000
"""A telephone carries nothing above 3,400 Hz; whatever else a copy holds is not of the call."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A whole recording in memory; an hour of one channel takes 115 MB.

    samples  float32 [channels, n], 1.0 is full scale (louder is allowed), finite
    rate_hz  of the samples: 8,000

    Raises   ValueError for samples of another shape or rate, or that are no numbers.
    """

    samples: NDArray[np.float32]
    rate_hz: int = RATE_HZ

    def __post_init__(self) -> None:
        if self.samples.ndim != 2 or self.samples.shape[0] == 0 or self.samples.dtype != np.float32:
            raise ValueError("sound is float32 [channels, n]")
        if self.rate_hz != RATE_HZ:
            raise ValueError(f"sound is compared at {RATE_HZ} Hz")
        if not np.isfinite(self.samples.sum(dtype=np.float64)):
            raise ValueError("sound has samples that are no numbers")

    @property
    def duration_s(self) -> float:
        return float(self.samples.shape[1] / self.rate_hz)
