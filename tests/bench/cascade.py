"""What each stage of Vosk's cascade saves and costs: CPU, streams a core, time to a wish, memory, candidates.

Where the Dutch model is not installed, the Korean one that a package carries stands in, with Korean words and voice. It
does not understand that voice, so free decoding searches its widest: an upper bound. Its candidates count as wishes.
"""

import gc
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import psutil

from ivr.emulator.voice import synthesise
from speech import models
from speech.audio import encode_mulaw
from speech.engines.vosk_engine import VoskEngine, VoskSettings
from speech.engines.vosk_recogniser import VoskRecogniser
from speech.events import IntentHeard
from speech.hypothesis import FinalHypothesis
from speech.intent import Expecting, Label
from speech.listener import Listener, ListenerSettings
from speech.models import ModelState
from speech.spotting import DUTCH_ANSWERS, DUTCH_SPOTTING
from tests.bench.hearing import ANNOUNCEMENTS
from tests.bench.table import Row, percentile
from tests.speech import korean

RATE_HZ = 8_000
FRAME = 160
BATCH = 5 * FRAME
SPEECH_SHARE = 0.4
SPEEDS = (130, 160, 190)
STREAMS = 45
LOAD_S = 40
REQUEST = "ik wil dit gesprek opnemen"

DUTCH_TALK = (
    "Goedemiddag, ik bel over mijn aanvraag van vorige maand.",
    "Wanneer krijg ik daar bericht over?",
    "Kunt u dat nog een keer zeggen?",
    "Ik heb vorige week een formulier gestuurd, maar nog geen antwoord.",
    "Dank u wel, dan wacht ik de brief af.",
)


@dataclass(frozen=True)
class Line:
    """A model with the language that is spoken on its line."""

    name: str
    folder: Path
    whole: VoskSettings
    voice: str
    announcements: Sequence[str]
    talk: Sequence[str]
    more_talk: Sequence[str] = ()

    def engine(self, *, spotter: bool) -> "Wishful":
        settings = self.whole if spotter else replace(self.whole, spotting=None)
        return Wishful(VoskEngine(self.folder, settings))


def find_line(model_dir: Path) -> Line | None:
    if models.check(models.VOSK, model_dir).state is ModelState.GOOD:
        whole = VoskSettings(DUTCH_SPOTTING, DUTCH_ANSWERS)
        return Line("vosk nl", model_dir / models.VOSK, whole, "nl", ANNOUNCEMENTS, DUTCH_TALK)
    folder = korean.find_model()
    if folder is None:
        return None
    whole = VoskSettings(korean.SPOTTING, korean.ANSWERS)
    return Line("vosk ko", folder, whole, "ko", korean.ANNOUNCEMENTS, korean.TALK, korean.MORE_TALK)


@dataclass
class Wishful:
    """Whatever is decoded counts as a wish to record, so that the way to it can be timed in any language."""

    engine: VoskEngine
    name: str = "vosk"
    least_confidence: Mapping[Label, float] = field(default_factory=lambda: dict.fromkeys(Label, 0.0))

    def open_recogniser(self) -> "WishfulRecogniser":
        return WishfulRecogniser(self.engine)


class WishfulRecogniser(VoskRecogniser):
    def peek(self) -> FinalHypothesis | None:
        return _wish(super().peek())

    def finish(self) -> FinalHypothesis | None:
        return _wish(super().finish())


def _wish(heard: FinalHypothesis | None) -> FinalHypothesis | None:
    return None if heard is None else replace(heard, text=REQUEST)


def measure(model_dir: Path) -> list[Row]:
    line = find_line(model_dir)
    if line is None:
        return []
    spotting, free = line.engine(spotter=True), line.engine(spotter=False)
    return [
        *_cost(line, spotting, free),
        *_candidates(line, spotting),
        *_reaction(line, spotting, free),
        *_memory(line, spotting),
        *_one_core(line, spotting),
    ]


# ------------------------------------------------------------ what is on the line


def _words(line: Line, text: str, speed: int) -> bytes:
    """Synthesised speech without the silence around it, 16-bit PCM."""
    samples = np.frombuffer(synthesise(text, line.voice, RATE_HZ, speed), "<i2")
    first, *_, last = np.flatnonzero(np.abs(samples) > 200)
    return samples[first : last + 1].tobytes()


def _noise(seconds: float) -> bytes:
    """Line noise of -75 dBFS."""
    return np.random.default_rng(7).normal(0, 6, int(seconds * RATE_HZ)).astype("<i2").tobytes()


def _call(line: Line, texts: Sequence[str], speed: int = 150) -> bytes:
    """The texts as mu-law, at phone duty: two fifths of the time is speech."""
    pieces = []
    for text in texts:
        words = _words(line, text, speed)
        pause_s = len(words) / 2 / RATE_HZ * (1 / SPEECH_SHARE - 1)
        pieces += [_noise(pause_s / 2), words, _noise(pause_s / 2)]
    return encode_mulaw(b"".join(pieces))


# ------------------------------------------------------------ the rows


def _spent(engine: Wishful, mulaw: bytes, settings: ListenerSettings | None = None) -> float:
    """CPU seconds for each second of the stream."""
    listener = Listener(engine, expecting=lambda: Expecting.LISTENING, settings=settings)
    began = time.process_time()
    for at in range(0, len(mulaw), FRAME):
        listener.feed(mulaw[at : at + FRAME])
    listener.close()
    return (time.process_time() - began) / (len(mulaw) / RATE_HZ)


def _cost(line: Line, spotting: Wishful, free: Wishful) -> list[Row]:
    talk = _call(line, line.talk)
    announced = _call(line, [*line.talk, line.announcements[0]])
    stages = (
        ("everything decoded freely", _spent(free, talk, ListenerSettings(gate=None))),
        ("+ gate", _spent(free, talk)),
        ("+ spotter", _spent(spotting, talk)),
        ("spotter without gate", _spent(spotting, talk, ListenerSettings(gate=None))),
        (f"gate + spotter, one of {len(line.talk) + 1} utterances announces", _spent(spotting, announced)),
    )
    rows = [Row(f"{line.name}: {what}", spent, "s/s", f"{1 / spent:.1f} streams a core") for what, spent in stages]
    saved = rows[0].value / rows[2].value
    return [*rows, Row(f"{line.name}: everything : gate and spotter", saved, "x", "how much gate and spotter save")]


def _candidates(line: Line, engine: Wishful) -> list[Row]:
    rows = []
    for what, texts in (("announcements", line.announcements), ("other sentences", (*line.talk, *line.more_talk))):
        said = [_words(line, text, speed) for text in texts for speed in SPEEDS]
        found = sum(_time_to_wish(engine, words, ListenerSettings()) is not None for words in said)
        rows.append(Row(f"{line.name}: {what} that are candidates", found / len(said), "", f"{found} of {len(said)}"))
    return rows


def _time_to_wish(engine: Wishful, words: bytes, settings: ListenerSettings) -> float | None:
    """From the end of the words to the wish, in seconds; the clock is the audio's, held up by the work's CPU time."""
    before_s = 0.7
    mulaw = encode_mulaw(_noise(before_s) + words + _noise(1.5))
    listener, clock_s = Listener(engine, expecting=lambda: Expecting.LISTENING, settings=settings), 0.0
    try:
        for at in range(0, len(mulaw), FRAME):
            began = time.thread_time()
            events = listener.feed(mulaw[at : at + FRAME])
            clock_s = max(clock_s, (at + FRAME) / RATE_HZ) + time.thread_time() - began
            if any(isinstance(event, IntentHeard) for event in events):
                return clock_s - before_s - len(words) / 2 / RATE_HZ
        return None
    finally:
        listener.close()


def _reaction(line: Line, spotting: Wishful, free: Wishful) -> list[Row]:
    said = [_words(line, text, speed) for text in line.announcements for speed in SPEEDS]
    rows = []
    for what, engine, settings in (
        ("spotter, early", spotting, ListenerSettings()),
        ("spotter, at the endpoint", spotting, ListenerSettings(early_ms=None)),
        ("all decoded freely, early", free, ListenerSettings()),
    ):
        waits = [wait for words in said if (wait := _time_to_wish(engine, words, settings)) is not None]
        rows += _p50_p95(f"{line.name}: words ended to wish, {what}", waits)
    return rows


def _p50_p95(what: str, seconds: Sequence[float]) -> list[Row]:
    if not seconds:
        return []
    return [
        Row(f"{what} p50", percentile(seconds, 0.50) * 1_000, "ms", f"n={len(seconds)}"),
        Row(f"{what} p95", percentile(seconds, 0.95) * 1_000, "ms", "goal: 400 or less"),
    ]


def _memory(line: Line, engine: Wishful) -> list[Row]:
    """What a stream holds that only spotted, and what candidates leave behind."""
    process, talk = psutil.Process(), _call(line, line.talk)
    gc.collect()
    before = process.memory_info().rss
    listeners = [Listener(engine, expecting=lambda: Expecting.LISTENING) for _ in range(10)]
    for listener in listeners:
        listener.feed(talk)
    held = process.memory_info().rss - before
    for listener in listeners:
        listener.close()
    rows = [
        Row(f"{line.name}: memory of a stream", held / 10 / 1e6, "MB", f"after {len(talk) / RATE_HZ:.0f} s of talk")
    ]
    after_one = 0
    for number, text in enumerate(list(line.announcements) * 4):
        _time_to_wish(engine, _words(line, text, 150), ListenerSettings())
        if number == 0:
            after_one = process.memory_info().rss
    left = (process.memory_info().rss - after_one) / 1e6
    return [*rows, Row(f"{line.name}: left of 20 candidates", left, "MB", "after the first; each held 20 to 100")]


def _one_core(line: Line, engine: Wishful) -> list[Row]:
    """Streams of ordinary talk, shifted against each other, each heard in turn by the one core that they have.

    The core's clock is CPU time, so that what else the machine does changes little; sockets are not in it.
    """
    talk = _call(line, line.talk)
    talk += bytes([0xFF]) * (-len(talk) % BATCH)
    listeners = [Listener(engine, expecting=lambda: Expecting.LISTENING) for _ in range(STREAMS)]
    lags, clock_s, wishes, spent_s = [], 0.0, 0, 0.0
    for batch in range(LOAD_S * RATE_HZ // BATCH):
        for number, listener in enumerate(listeners):
            due_s = (batch + 1 + number / STREAMS) * BATCH / RATE_HZ
            at = (batch + number * len(talk) // STREAMS // BATCH) * BATCH % len(talk)
            began = time.thread_time()
            for frame in range(at, at + BATCH, FRAME):
                wishes += sum(isinstance(event, IntentHeard) for event in listener.feed(talk[frame : frame + FRAME]))
            took_s = time.thread_time() - began
            clock_s = max(clock_s, due_s) + took_s
            spent_s += took_s
            lags.append(clock_s - due_s)
    for listener in listeners:
        listener.close()
    what = f"{line.name}: {STREAMS} streams on one core"
    return [
        Row(f"{what}, lag p50", percentile(lags, 0.50) * 1_000, "ms", f"{LOAD_S} s of ordinary talk, 20 ms frames"),
        Row(f"{what}, lag p95", percentile(lags, 0.95) * 1_000, "ms", "goal: under 1000"),
        Row(f"{what}, share of the core", spent_s / LOAD_S, "", f"{wishes} false candidates"),
    ]
