"""Sound for a listener, and what it makes of it."""

import numpy as np

from ivr.emulator.voice import synthesise
from speech.audio import TELEPHONE_RATE_HZ, encode_mulaw
from speech.events import IntentHeard, SpeechEvent
from speech.intent import Expecting
from speech.listener import Listener, ListenerSettings
from speech.recogniser import Engine


def silence(seconds: float) -> bytes:
    """Mu-law line noise of about -75 dBFS."""
    noise = np.random.default_rng(7).normal(0, 6, int(seconds * TELEPHONE_RATE_HZ))
    return encode_mulaw(noise.astype("<i2").tobytes())


def spoken(text: str) -> bytes:
    """Mu-law of the Dutch synthetic voice, with nothing before or after it."""
    return encode_mulaw(synthesise(text))


def hear(
    engine: Engine,
    mulaw: bytes,
    expecting: Expecting = Expecting.LISTENING,
    settings: ListenerSettings | None = None,
    chunk_bytes: int = 160,
) -> list[SpeechEvent]:
    """Everything that a listener reports of one stream."""
    listener = Listener(engine, expecting=lambda: expecting, settings=settings)
    events: list[SpeechEvent] = []
    for start in range(0, len(mulaw), chunk_bytes):
        events += listener.feed(mulaw[start : start + chunk_bytes])
    events += listener.finish()
    listener.close()
    return events


def labels(events: list[SpeechEvent]) -> list[str]:
    return [event.label.value for event in events if isinstance(event, IntentHeard)]
