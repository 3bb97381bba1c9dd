"""What listening costs: time to an intent, CPU per second of audio, memory per stream."""

import gc
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import psutil

from ivr.emulator.voice import synthesise
from speech import models
from speech.audio import encode_mulaw
from speech.engines.select import load_engine
from speech.intent import Expecting
from speech.listener import IntentHeard, Listener
from speech.models import ModelState
from speech.recogniser import Engine
from tests.bench.table import Row, spread

RATE_HZ = 8000
FRAME = 160
STREAMS = 20
QUIET = 300

ANNOUNCEMENTS = (
    "Ik wil dit gesprek opnemen.",
    "Ik neem dit gesprek op.",
    "Voordat we beginnen wil ik zeggen dat ik dit gesprek opneem.",
    "Mag ik dit gesprek opnemen?",
    "Ik maak een geluidsopname van dit gesprek.",
)
SMALL_TALK = (
    "Goedemiddag, ik bel over mijn aanvraag van vorige maand.",
    "Wanneer krijg ik daar bericht over?",
    "Kunt u dat nog een keer zeggen?",
    "Dank u wel.",
)


def engines(model_dir: Path) -> Iterator[tuple[str, Engine]]:
    """Those whose Dutch model is installed; cascade.py measures Vosk by its stages, with another model if need be."""
    yield "whisper base", load_engine("whisper", model_dir)
    if models.check(models.VOSK, model_dir).state is ModelState.GOOD:
        yield "vosk nl", load_engine("vosk", model_dir)


def silence(seconds: float) -> bytes:
    return bytes(int(seconds * RATE_HZ) * 2)


def spoken(text: str) -> bytes:
    """Synthesised words without the silence that the synthesiser adds at the end."""
    samples = np.frombuffer(synthesise(text, "nl", RATE_HZ, 130), dtype="<i2")
    return samples[: np.flatnonzero(np.abs(samples) > QUIET)[-1] + 1].tobytes()


def measure(model_dir: Path) -> list[Row]:
    rows: list[Row] = []
    for name, engine in engines(model_dir):
        rows += _reaction(name, engine)
        rows += _cost(name, engine)
        rows += _memory(name, engine)
    return rows


def _reaction(name: str, engine: Engine) -> list[Row]:
    """From the end of the words to the intent: the silence that was waited for, and the work that it did not hide.

    The clock is the audio's, held up by every frame whose work takes longer than the frame, as on the line.
    """
    waits, found = [], 0
    for text in ANNOUNCEMENTS * 4:
        words = spoken(text)
        audio = encode_mulaw(silence(1) + words + silence(1.5))
        ended_s = 1 + len(words) / 2 / RATE_HZ
        listener, clock_s = Listener(engine, expecting=lambda: Expecting.LISTENING), 0.0
        for at in range(0, len(audio), FRAME):
            began = time.perf_counter()
            events = listener.feed(audio[at : at + FRAME])
            clock_s = max(clock_s, (at + FRAME) / RATE_HZ) + time.perf_counter() - began
            if events:
                waits.append(clock_s - ended_s)
                found += any(isinstance(event, IntentHeard) for event in events)
                break
        listener.close()
    if not waits:
        return []
    return spread(f"{name}: words ended to intent", waits, f"{found} of {len(ANNOUNCEMENTS) * 4} announcements heard")


def call_audio() -> bytes:
    """A minute of a caller: two fifths speech, as a telephone carries it."""
    pieces = []
    for text in SMALL_TALK * 2:
        pieces += [synthesise(text, "nl", RATE_HZ, 130), silence(3.2)]
    return encode_mulaw(b"".join(pieces))


def _cost(name: str, engine: Engine) -> list[Row]:
    audio = call_audio()
    began = time.process_time()
    listener = Listener(engine, expecting=lambda: Expecting.LISTENING)
    for at in range(0, len(audio), FRAME):
        listener.feed(audio[at : at + FRAME])
    listener.close()
    spent = (time.process_time() - began) / (len(audio) / RATE_HZ)
    return [Row(f"{name}: CPU per stream second", spent, "s/s", f"{1 / spent:.1f} streams a core")]


def _memory(name: str, engine: Engine) -> list[Row]:
    process, audio = psutil.Process(), call_audio()[: 20 * RATE_HZ]
    gc.collect()
    before = process.memory_info().rss
    listeners = [Listener(engine, expecting=lambda: Expecting.LISTENING) for _ in range(STREAMS)]
    for listener in listeners:
        listener.feed(audio)
    grown = (process.memory_info().rss - before) / STREAMS / 1e6
    for listener in listeners:
        listener.close()
    return [
        Row(f"{name}: memory per stream", grown, "MB", f"{STREAMS} streams after 20 s; process {before / 1e6:.0f} MB")
    ]
