"""A call in a WAV file, listened to as if it were on the line; what is heard goes out as JSON lines."""

import json
from pathlib import Path
from typing import TextIO

from speech.audio import TELEPHONE_RATE_HZ, encode_mulaw
from speech.events import IntentHeard, SpeechEvent, SpeechHeard
from speech.gate import FRAME_SAMPLES
from speech.intent import Expecting, Label
from speech.listener import Listener, ListenerSettings
from speech.recogniser import Engine
from speech.wav import WavFile

_ANSWER_WITHIN_S = 20.0


def listen_file(
    path: Path,
    channel: int,
    engine: Engine,
    expecting: Expecting | None,
    out: TextIO,
    settings: ListenerSettings | None = None,
) -> None:
    """Write one JSON object a line for each utterance and each intent, as soon as it is certain.

    Without `expecting` the file is taken for a whole call: an answer counts only after a wish to record.
    Raises `UnusableAudio`.
    """
    call = _Call()
    with WavFile(path) as wav:
        listener = Listener(engine, expecting=lambda: expecting or call.expects(listener.now_s), settings=settings)
        try:
            for samples in wav.read(channel, TELEPHONE_RATE_HZ):
                mulaw = encode_mulaw(samples.tobytes())
                for start in range(0, len(mulaw), FRAME_SAMPLES):
                    for event in listener.feed(mulaw[start : start + FRAME_SAMPLES]):
                        _write(event, out)
                        call.follow(event)
            for event in listener.finish():
                _write(event, out)
        finally:
            listener.close()


class _Call:
    """What may be expected in a call that nobody leads: after a wish to record an answer, for a while."""

    def __init__(self) -> None:
        self._expecting = Expecting.LISTENING
        self._wished_at_s = 0.0

    def expects(self, now_s: float) -> Expecting:
        if self._expecting is Expecting.CONFIRMING and now_s > self._wished_at_s + _ANSWER_WITHIN_S:
            self._expecting = Expecting.LISTENING
        return self._expecting

    def follow(self, event: SpeechEvent) -> None:
        if not isinstance(event, IntentHeard):
            return
        if event.label is Label.REQUEST:
            self._expecting, self._wished_at_s = Expecting.CONFIRMING, event.at_s
        elif event.label is Label.YES:
            self._expecting = Expecting.RECORDING
        elif event.label in (Label.NO, Label.STOP):
            self._expecting = Expecting.LISTENING


def _write(event: SpeechEvent, out: TextIO) -> None:
    if isinstance(event, IntentHeard):
        line: dict[str, object] = {
            "type": "intent",
            "label": event.label.value,
            "at_s": round(event.at_s, 2),
            "text": event.text,
            "confidence": round(event.confidence, 3),
            "evidence": list(event.evidence),
        }
    elif isinstance(event, SpeechHeard):
        line = {
            "type": "speech",
            "start_s": round(event.start_s, 2),
            "end_s": round(event.end_s, 2),
            "text": event.text,
            "confidence": round(event.confidence, 3),
        }
    out.write(json.dumps(line, ensure_ascii=False) + "\n")
    out.flush()
