"""Is somebody speaking in these 20 ms? Keeps silence, line noise and most tones away from the recogniser."""

from collections import deque
from dataclasses import dataclass

import webrtcvad

from speech.audio import TELEPHONE_RATE_HZ, level_dbfs

FRAME_MS = 20
FRAME_SAMPLES = TELEPHONE_RATE_HZ * FRAME_MS // 1_000

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
    """WebRTC's voice activity detector with an energy floor; one for each stream."""

    def __init__(self, settings: GateSettings) -> None:
        self._settings = settings
        self._detector = webrtcvad.Vad(settings.aggressiveness)
        self._levels_dbfs: deque[float] = deque(maxlen=_NOISE_MEMORY_FRAMES)

    def is_voiced(self, frame: bytes) -> bool:
        """`frame` holds FRAME_SAMPLES of 16-bit PCM at 8 000 Hz."""
        settings = self._settings
        level = max(level_dbfs(frame), settings.floor_dbfs)
        self._levels_dbfs.append(level)
        voiced: bool = self._detector.is_speech(frame, TELEPHONE_RATE_HZ)  # always asked: it follows the noise itself
        return voiced and level > max(settings.floor_dbfs, min(self._levels_dbfs) + settings.above_noise_db)
