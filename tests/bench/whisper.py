"""What Whisper's window costs and keeps, and whether decoding several calls at once is worth it."""

import time
from pathlib import Path

import numpy as np
from ctranslate2 import StorageView
from ctranslate2.models import Whisper

from ivr.emulator.voice import synthesise
from speech import models
from speech.audio import PCM16_BYTES, TELEPHONE_RATE_HZ
from speech.engines.whisper_engine import WhisperEngine, WhisperSettings
from speech.intent import Expecting, Label, classify
from tests.bench.hearing import ANNOUNCEMENTS, SMALL_TALK
from tests.bench.table import Row

WINDOWS_S = (5.0, 8.0, 10.0, 15.0, 30.0)
SPEECH_SHARE = 0.4
VOICES = ("nl", "nl+f2", "nl+m3")
TOGETHER = 4
MEL_BANDS, FRAMES_PER_S = 80, 100


def measure(model_dir: Path) -> list[Row]:
    folder = models.install(models.WHISPER, model_dir).folder
    rows = [row for window_s in WINDOWS_S for row in _window(folder, window_s)]
    return rows + _together(folder)


def _window(folder: Path, window_s: float) -> list[Row]:
    engine = WhisperEngine(folder, WhisperSettings(workers=1, window_s=window_s))
    announced = [synthesise(text, voice) for text in ANNOUNCEMENTS for voice in VOICES]
    talk = [synthesise(text, voice) for text in SMALL_TALK for voice in VOICES]
    began = time.process_time()
    heard = [_requests(engine, pcm) for pcm in announced]
    alarms = [_requests(engine, pcm) for pcm in talk]
    cpu_s = time.process_time() - began
    audio_s = sum(map(len, announced + talk)) / PCM16_BYTES / TELEPHONE_RATE_HZ
    per_stream = cpu_s / audio_s * SPEECH_SHARE
    return [
        Row(
            f"whisper, window {window_s:.0f} s: CPU per second of speech",
            cpu_s / audio_s,
            "s/s",
            f"{1 / per_stream:.0f} streams a core at {SPEECH_SHARE:.0%} speech; "
            f"heard {sum(heard)} of {len(heard)} announcements, alarms {sum(alarms)} of {len(alarms)}",
        )
    ]


def _requests(engine: WhisperEngine, pcm: bytes) -> bool:
    words = engine.decode(pcm, Expecting.LISTENING)
    return classify(" ".join(word.text for word in words), Expecting.LISTENING).label is Label.REQUEST


def _together(folder: Path) -> list[Row]:
    """The encoder, nearly all of Whisper's time, on several utterances in one call, and on one after another."""
    model = Whisper(str(folder), device="cpu", compute_type="int8", intra_threads=1)
    sound = np.random.default_rng(3).standard_normal((TOGETHER, MEL_BANDS, 10 * FRAMES_PER_S)).astype(np.float32)
    began = time.process_time()
    model.encode(StorageView.from_array(sound))
    together_s = time.process_time() - began
    began = time.process_time()
    for one in sound:
        model.encode(StorageView.from_array(one[np.newaxis]))
    apart_s = time.process_time() - began
    note = f"{TOGETHER} one by one {apart_s:.2f} s: {together_s / apart_s:.2f} of that"
    return [Row(f"whisper: {TOGETHER} utterances encoded together", together_s, "s", note)]
