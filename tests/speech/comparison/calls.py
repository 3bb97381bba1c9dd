"""Telephone calls for comparisons: the agency's two channels, spoken by espeak voices, the same for the same seed."""

import csv
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from ivr.emulator.voice import synthesise

RATE_HZ = 8_000
Samples = NDArray[np.float32]

SENTENCES = Path(__file__).parents[3] / "speech" / "training" / "utterances.tsv"
PROMPTS = (
    "goedemiddag u spreekt met de digitale assistent van de gemeente u mag dit gesprek opnemen toets dan een één",
    "u wilt dit gesprek opnemen klopt dat zeg ja of nee",
    "dat mag de gemeente neemt dit gesprek zelf ook op",
    "een ogenblik geduld alstublieft",
)
VARIANTS = ("m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "f1", "anika", "steph2", "f4", "belinda")
"""Without breath, whose noise is another in each process."""
CALLER, EMPLOYEE = 0, 1


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody speaks, seconds from the call's beginning."""

    channel: int
    start_s: float
    end_s: float


@dataclass(slots=True)
class Call:
    """The agency's recording: float32 [2, n], caller and employee with the bot, and who spoke when."""

    channels: Samples
    turns: list[Turn] = field(default_factory=list)

    @property
    def duration_s(self) -> float:
        return float(self.channels.shape[1] / RATE_HZ)


@dataclass(frozen=True, slots=True)
class Voice:
    name: str
    words_per_minute: int
    pitch: int

    def say(self, text: str, hurry: float = 1.0) -> Samples:
        speed = int(np.clip(self.words_per_minute * hurry, 90, 260))
        pcm = synthesise(text, self.name, RATE_HZ, speed, self.pitch)
        return np.asarray(np.frombuffer(pcm, "<i2") / 32768, dtype=np.float32)


@cache
def sentences() -> tuple[str, ...]:
    with SENTENCES.open(encoding="utf-8") as file:
        return tuple(row["text"] for row in csv.DictReader(file, delimiter="\t") if 3 <= len(row["text"].split()) <= 22)


def some_voice(rng: Generator) -> Voice:
    return Voice(f"nl+{rng.choice(VARIANTS)}", int(rng.integers(125, 190)), int(rng.integers(25, 75)))


BOT = Voice("nl+f4", 140, 45)


def make_call(
    seed: int,
    length_s: float,
    *,
    line_noise_db: float | None = -62.0,
    long_pauses: bool = False,
    repeats: bool = False,
    voices: tuple[Voice, Voice] | None = None,
    music_s: float = 0.0,
) -> Call:
    """Bot, caller and employee in turns, now and then through one another.

    `line_noise_db` is the level of each channel's noise, None for digital silence; `repeats` says sentences again, at
    another speed and as they were; `music_s` is how long the caller hears hold music in the middle.
    """
    rng = np.random.default_rng(seed)
    caller, employee = voices or (some_voice(rng), some_voice(rng))
    length = int(length_s * RATE_HZ)
    call = Call(np.zeros((2, length), np.float32))
    at_s, turn = 0.6, 0
    said: list[tuple[int, str]] = []
    prompts = list(PROMPTS)
    music_at_s = length_s * 0.4 if music_s else np.inf
    while True:
        if at_s > music_at_s:
            music = hold_music(seed, music_s)
            _put(call, EMPLOYEE, at_s, music)
            at_s, music_at_s = at_s + music_s + 0.5, np.inf
        if turn == 0 or (prompts and rng.random() < 0.12):
            channel, sound = EMPLOYEE, BOT.say(prompts.pop(0) if turn == 0 else str(rng.choice(PROMPTS)))
        else:
            channel = int(rng.random() < 0.5)
            text = str(rng.choice(sentences()))
            again = repeats and said and rng.random() < 0.35
            if again:
                channel, text = said[int(rng.integers(len(said)))]
            said.append((channel, text))
            hurry = 1.0 if again and rng.random() < 0.5 else float(rng.uniform(0.85, 1.2))
            sound = (caller, employee)[channel].say(text, hurry)
        sound = sound * np.float32(10 ** (rng.uniform(-5, 2) / 20))
        if at_s + len(sound) / RATE_HZ > length_s - 0.3:
            break
        _put(call, channel, at_s, sound)
        gap_s = float(
            rng.choice((rng.uniform(0.1, 0.5), rng.uniform(0.4, 1.2), rng.uniform(-0.6, 0), rng.uniform(1, 3)))
        )
        if long_pauses and rng.random() < 0.08:
            gap_s = float(rng.uniform(10, 60))
        at_s += len(sound) / RATE_HZ + gap_s
        turn += 1
    if line_noise_db is not None:
        noise = rng.standard_normal(call.channels.shape, dtype=np.float32)
        call.channels += noise * np.float32(10 ** (line_noise_db / 20))
    call.channels = np.asarray(np.round(np.clip(call.channels, -1, 1) * 32767) / 32768, dtype=np.float32)
    return call


def hold_music(seed: int, length_s: float) -> Samples:
    """A tune of plucked notes that comes again every eight bars."""
    rng = np.random.default_rng(seed + 5)
    notes = rng.choice((262, 294, 330, 392, 440, 523), 32)
    time_s = np.arange(int(0.25 * RATE_HZ)) / RATE_HZ
    tune = np.concatenate(
        [sum(np.sin(2 * np.pi * hz * k * time_s) / k for k in (1, 2, 3)) * np.exp(-6 * time_s) for hz in notes]
    )
    whole = np.tile(tune, int(length_s * RATE_HZ / len(tune)) + 1)[: int(length_s * RATE_HZ)]
    return (whole * 0.12).astype(np.float32)


def _put(call: Call, channel: int, at_s: float, sound: Samples) -> None:
    start = max(0, int(at_s * RATE_HZ))
    piece = sound[: call.channels.shape[1] - start]
    call.channels[channel, start : start + len(piece)] += piece
    call.turns.append(Turn(channel, start / RATE_HZ, (start + len(piece)) / RATE_HZ))
