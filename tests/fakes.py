"""In-memory ports: what the contract in ivr/ports.py says, and no more."""

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ivr.errors import RecordingNotReady
from speech.events import IntentHeard
from speech.hypothesis import FinalHypothesis
from speech.intent import Expecting, Label


@dataclass(frozen=True)
class Asked:
    """One request that reached the carrier."""

    verb: str
    arguments: tuple[str, ...]


@dataclass
class FakeCarrier:
    """Remembers what it was asked. `faults` are raised once each, after the request was noted, by verb; `watch` sees
    every request at the time it comes; `files` are the recordings that can be fetched."""

    asked: list[Asked] = field(default_factory=list)
    faults: dict[str, deque[BaseException]] = field(default_factory=lambda: defaultdict(deque))
    files: dict[str, bytes] = field(default_factory=dict)
    status: str = "in-progress"
    ended_at: datetime | None = None
    watch: Callable[[Asked], None] = lambda _: None

    def fail(self, verb: str, *faults: BaseException) -> None:
        self.faults[verb].extend(faults)

    def verbs(self) -> list[str]:
        return [asked.verb for asked in self.asked]

    def take(self) -> list[Asked]:
        """What was asked since the last look."""
        asked, self.asked = self.asked, []
        return asked

    def ring_employee(self, room: str, to: str, caller_id: str, label: str, *, keys: bool) -> str:
        return self._note("ring_employee", room, to, caller_id, label, *(["keys"] if keys else []))

    def announce(self, conference_sid: str, url: str) -> None:
        self._note("announce", conference_sid, url)

    def move_caller(self, call_sid: str, url: str) -> None:
        self._note("move_caller", call_sid, url)

    def start_recording(self, call_sid: str, call_id: str) -> str:
        return self._note("start_recording", call_sid, call_id)

    def pause_recording(self, call_sid: str, recording_sid: str) -> None:
        self._note("pause_recording", call_sid, recording_sid)

    def resume_recording(self, call_sid: str, recording_sid: str) -> None:
        self._note("resume_recording", call_sid, recording_sid)

    def stop_recording(self, call_sid: str, recording_sid: str) -> None:
        self._note("stop_recording", call_sid, recording_sid)

    def download_recording(self, recording_sid: str) -> Iterator[bytes]:
        self._note("download_recording", recording_sid)
        if recording_sid not in self.files:
            raise RecordingNotReady("the recording is not ready yet")
        yield self.files[recording_sid]

    def delete_recording(self, recording_sid: str) -> None:
        self._note("delete_recording", recording_sid)
        self.files.pop(recording_sid, None)

    def start_stream(self, call_sid: str, call_id: str) -> str:
        return self._note("start_stream", call_sid, call_id)

    def call_status(self, call_sid: str) -> str:
        self._note("call_status", call_sid)
        return self.status

    def call_ended_at(self, call_sid: str) -> datetime | None:
        self._note("call_ended_at", call_sid)
        return self.ended_at

    def end_conference(self, conference_sid: str) -> None:
        self._note("end_conference", conference_sid)

    def send_sms(self, to_e164: str, body: str) -> str:
        return self._note("send_sms", to_e164, body)

    def _note(self, verb: str, *arguments: str) -> str:
        """Gives the sid of what was made."""
        asked = Asked(verb, arguments)
        self.asked.append(asked)
        self.watch(asked)
        if self.faults[verb]:
            raise self.faults[verb].popleft()
        return RECORDING_SID if verb == "start_recording" else f"SID-of-{verb}"


RECORDING_SID = "RE" + "0a" * 16


@dataclass
class ScriptedEngine:
    """A `speech.recogniser.Engine` that replays texts: one for each utterance whose sound reaches it, then nothing.

    A text that is an exception is raised instead; with `peeks` a text is told in a pause already. While `may_hear` is
    cleared it hears nothing, as an engine that cannot keep up.
    """

    texts: deque[str | Exception]
    name: str = "scripted"
    least_confidence: Mapping[Label, float] = field(default_factory=lambda: dict.fromkeys(Label, 0.0))
    peeks: bool = False
    may_hear: threading.Event = field(default_factory=threading.Event)
    heard_bytes: int = 0

    def __post_init__(self) -> None:
        self.may_hear.set()

    def open_recogniser(self) -> "ScriptedRecogniser":
        return ScriptedRecogniser(self)


class ScriptedRecogniser:
    def __init__(self, engine: ScriptedEngine) -> None:
        self._engine = engine
        self._start_s = 0.0

    def begin(self, start_s: float, expecting: Expecting) -> None:
        self._start_s = start_s

    def accept(self, pcm: bytes, voiced: bool) -> None:
        self._engine.may_hear.wait()
        self._engine.heard_bytes += len(pcm)

    def finish(self) -> FinalHypothesis | None:
        return self._heard(self._engine.texts.popleft() if self._engine.texts else "")

    def peek(self) -> FinalHypothesis | None:
        return self._heard(self._engine.texts[0]) if self._engine.peeks and self._engine.texts else None

    def _heard(self, text: str | Exception) -> FinalHypothesis | None:
        if isinstance(text, Exception):
            raise text
        return FinalHypothesis(text, self._start_s, self._start_s + 1, 0.95) if text else None

    def confirms(self, meant: IntentHeard) -> bool:
        return True

    def close(self) -> None:
        pass
