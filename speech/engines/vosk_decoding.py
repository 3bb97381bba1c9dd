"""One Vosk recogniser and its clock: sound in, words out with their place in the stream."""

import json

import numpy as np
import vosk

from speech.audio import PCM16_BYTES, TELEPHONE_RATE_HZ, Resampler
from speech.hypothesis import Word


class Decoding:
    """Takes 16-bit PCM at 8 000 Hz; `rate_hz` is what the recogniser wants, 8 000 where it resamples for itself."""

    def __init__(self, recogniser: vosk.KaldiRecognizer, rate_hz: int) -> None:
        self._recogniser = recogniser
        self._rate_hz = rate_hz
        self._resampler: Resampler | None = None
        self._shift_s = 0.0
        self._words: list[Word] = []
        self.decoded_s = 0.0

    def begin(self, at_s: float) -> None:
        """The next sound starts an utterance, at that second of the stream."""
        self._words = []
        self.go_on(at_s)

    def go_on(self, at_s: float) -> None:
        """The next sound goes on with the utterance, at that second of the stream: a pause was left out."""
        self._shift_s = at_s - self.decoded_s
        if self._rate_hz != TELEPHONE_RATE_HZ:
            self._resampler = Resampler(TELEPHONE_RATE_HZ, self._rate_hz)

    def accept(self, pcm: bytes) -> None:
        if self._resampler is None:
            self._decode(pcm)
        else:
            self._decode(self._resampler.feed(np.frombuffer(pcm, "<i2")).tobytes())

    def look(self) -> list[str]:
        """The words so far, the last of them not yet certain, and late by about 0.2 s."""
        partial: str = json.loads(self._recogniser.PartialResult()).get("partial", "")  # absent after an endpoint
        return [*(word.text for word in self._words), *partial.split()]

    def settle(self) -> tuple[Word, ...]:
        """All words of the utterance up to here. Vosk starts afresh with the next sound, so `go_on` before it."""
        if self._resampler is not None:
            self._decode(self._resampler.finish().tobytes())
        self._collect(self._recogniser.FinalResult())
        return tuple(self._words)

    def _decode(self, pcm: bytes) -> None:
        self.decoded_s += len(pcm) / PCM16_BYTES / self._rate_hz
        if self._recogniser.AcceptWaveform(pcm):  # Vosk's own endpoint: its words are lost if they are not taken now
            self._collect(self._recogniser.Result())

    def _collect(self, result: str) -> None:
        for word in json.loads(result).get("result", ()):
            start_s, end_s = self._shift_s + word["start"], self._shift_s + word["end"]
            self._words.append(Word(word["word"], start_s, end_s, min(1.0, word["conf"])))
