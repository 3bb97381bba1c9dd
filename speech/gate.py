"""Is somebody speaking in each 20 ms? Keeps silence, line noise and most tones away from the recogniser."""

from collections import deque
from dataclasses import dataclass

import numpy as np
import webrtcvad

from speech.audio import FULL_SCALE_POWER, TELEPHONE_RATE_HZ

FRAME_MS = 20
FRAME_SAMPLES = TELEPHONE_RATE_HZ * FRAME_MS // 1_000
FRAME_BYTES = 2 * FRAME_SAMPLES

_NOISE_MEMORY_FRAMES = 3_000 // FRAME_MS


@dataclass(frozen=True, slots=True)
class GateSettings:
    """When a frame counts as voiced.

    `aggressiveness` 0 (lets much through) to 3 of WebRTC's detector. The frame is also louder than `floor_dbfs`, and
    `above_noise_db` louder than the quietest frame of the last three seconds.
    """

    aggressiveness: int = 2
    floor_dbfs: float = -57.0
    above_noise_db: float = 6.0


class VoiceGate:
    """WebRTC's voice activity detector with an energy floor; one for each stream.

    Levels are kept as powers (the sum of a frame's squared samples): the same comparisons without a logarithm.
    """

    def __init__(self, settings: GateSettings) -> None:
        self._detector = webrtcvad.Vad(settings.aggressiveness)
        self._floor = FULL_SCALE_POWER * FRAME_SAMPLES * 10 ** (settings.floor_dbfs / 10)
        self._above_noise = 10 ** (settings.above_noise_db / 10)
        self._powers: deque[float] = deque(maxlen=_NOISE_MEMORY_FRAMES)

    def list_voiced(self, pcm: bytes) -> list[bool]:
        """An opinion of each frame; `pcm` holds whole frames of FRAME_BYTES: 16-bit PCM at 8 000 Hz."""
        samples = np.frombuffer(pcm, "<i2").reshape(-1, FRAME_SAMPLES).astype(np.float64)
        powers = np.einsum("ij,ij->i", samples, samples).tolist()
        return [self._is_voiced(pcm[n * FRAME_BYTES : (n + 1) * FRAME_BYTES], power) for n, power in enumerate(powers)]

    def _is_voiced(self, frame: bytes, power: float) -> bool:
        self._powers.append(max(power, self._floor))
        voiced: bool = self._detector.is_speech(frame, TELEPHONE_RATE_HZ)  # always asked: it follows the noise itself
        return voiced and power > max(self._floor, min(self._powers) * self._above_noise)
