"""What a party records on its own telephone: its microphone and its loudspeaker, mixed into one channel."""

import wave
from pathlib import Path

from ivr.emulator.audio import RATE_HZ, SILENCE, Samples, mix


class OwnRecording:
    def __init__(self, path: Path) -> None:
        """Begins at once. Raises `OSError`."""
        self._file = wave.open(str(path), "wb")  # noqa: SIM115 -- open as long as the recording runs
        self._file.setnchannels(1)
        self._file.setsampwidth(2)
        self._file.setframerate(RATE_HZ)
        self._spoken = SILENCE

    def speak(self, frame: Samples) -> None:
        self._spoken = frame

    def hear(self, frame: Samples) -> None:
        """A frame is heard after each one that is spoken: together they are 20 ms of the file."""
        self._file.writeframesraw(mix([self._spoken, frame]).astype("<i2").tobytes())
        self._spoken = SILENCE

    def close(self) -> None:
        self._file.close()
