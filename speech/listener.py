"""A caller's audio in, what was said and what was meant out: gate, endpoint, recogniser, intent."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import repeat

from speech.audio import decode_mulaw
from speech.endpointing import Boundary, Endpointer, EndpointSettings
from speech.events import IntentHeard, SpeechEvent, SpeechHeard
from speech.gate import FRAME_BYTES, FRAME_MS, FRAME_SAMPLES, GateSettings, VoiceGate
from speech.intent import ANSWERING, Expecting
from speech.recogniser import Engine
from speech.understanding import Understanding, UnderstandingSettings

__all__ = ["IntentHeard", "Listener", "ListenerSettings", "SpeechEvent", "SpeechHeard"]


@dataclass(frozen=True, slots=True)
class ListenerSettings:
    """Lengths in milliseconds; `gate=None` lets every frame through, to measure what the gate costs and gains.

    `endpoint_ms` of silence end an utterance, `answer_endpoint_ms` where an answer is awaited. Where none is, the words
    are looked at after `early_ms` already, and a wish ends the utterance; an answer is never taken early, because of
    "ja, maar eh, nee". `early_ms=None` waits for the endpoint. `pre_roll_ms` is the
    audio from before the gate opened, and what the two parts of an utterance longer than `longest_ms` share.
    """

    gate: GateSettings | None = field(default_factory=GateSettings)
    understanding: UnderstandingSettings = field(default_factory=UnderstandingSettings)
    endpoint_ms: int = 500
    answer_endpoint_ms: int = 400
    early_ms: int | None = 220
    pre_roll_ms: int = 400
    longest_ms: int = 15_000


class Listener:
    """Listens to one stream; any thread may call it, but only one at a time."""

    def __init__(
        self, engine: Engine, *, expecting: Callable[[], Expecting], settings: ListenerSettings | None = None
    ) -> None:
        self._settings = settings or ListenerSettings()
        self._expecting = expecting
        self._recogniser = engine.open_recogniser()
        self._understanding = Understanding(
            self._settings.understanding, engine.least_confidence, self._recogniser.confirms
        )
        self._gate = None if self._settings.gate is None else VoiceGate(self._settings.gate)
        self._endpointer = Endpointer()
        self._pre_roll: deque[tuple[bytes, bool]] = deque(maxlen=self._settings.pre_roll_ms // FRAME_MS)
        early_ms = self._settings.early_ms
        self._early_frames = None if early_ms is None else early_ms // FRAME_MS
        self._may_be_answer = False
        self._pending = b""
        self._frames = 0

    def feed(self, mulaw: bytes) -> list[SpeechEvent]:
        """The next G.711 mu-law bytes at 8 000 Hz, as many as there are; gives what became certain with them."""
        events: list[SpeechEvent] = []
        self._pending += mulaw
        whole = len(self._pending) - len(self._pending) % FRAME_SAMPLES
        pcm = decode_mulaw(self._pending[:whole])
        self._pending = self._pending[whole:]
        frames = (pcm[at : at + FRAME_BYTES] for at in range(0, len(pcm), FRAME_BYTES))
        opinions = repeat(True) if self._gate is None else self._gate.list_voiced(pcm)
        for frame, voiced in zip(frames, opinions, strict=False):
            events += self._hear(frame, voiced)
        return events

    def finish(self) -> list[SpeechEvent]:
        """The stream has ended, and with it the utterance that was still open."""
        return self._conclude() if self._endpointer.is_inside else []

    def close(self) -> None:
        """Let go of the recogniser and of all audio."""
        self._recogniser.close()
        self._pre_roll.clear()

    @property
    def now_s(self) -> float:
        """How much of the stream was heard, in seconds."""
        return self._frames * FRAME_MS / 1_000

    def _hear(self, frame: bytes, voiced: bool) -> list[SpeechEvent]:
        was_inside = self._endpointer.is_inside
        boundary = self._endpointer.step(voiced)
        self._frames += 1
        self._pre_roll.append((frame, voiced))
        if was_inside:
            self._recogniser.accept(frame, voiced)
        events: list[SpeechEvent] = []
        if boundary in (Boundary.END, Boundary.CUT) or (boundary is Boundary.INSIDE and self._has_early_wish()):
            events = self._conclude()
        if boundary in (Boundary.BEGIN, Boundary.CUT):
            self._begin()
        return events

    def _begin(self) -> None:
        expecting, settings = self._expecting(), self._settings
        silence_ms = settings.answer_endpoint_ms if expecting is Expecting.CONFIRMING else settings.endpoint_ms
        self._endpointer.begin(EndpointSettings(silence_ms // FRAME_MS, settings.longest_ms // FRAME_MS))
        self._may_be_answer = expecting in ANSWERING
        self._recogniser.begin(self.now_s - len(self._pre_roll) * FRAME_MS / 1_000, expecting)
        for frame, voiced in self._pre_roll:
            self._recogniser.accept(frame, voiced)

    def _has_early_wish(self) -> bool:
        """Whether a pause has just become long enough to look, and a wish was said before it."""
        if self._may_be_answer or self._endpointer.silent_frames != self._early_frames:
            return False
        heard = self._recogniser.peek()
        return heard is not None and self._understanding.is_wish(heard, self._expecting())

    def _conclude(self) -> list[SpeechEvent]:
        self._endpointer.end()
        heard = self._recogniser.finish()
        if heard is None:
            return []
        meant = self._understanding.interpret(heard, self._expecting(), self.now_s)
        speech = SpeechHeard(heard.start_s, heard.end_s, heard.text, heard.confidence)
        return [speech] if meant is None else [speech, meant]
