"""A bad line: the announcement comes through, and what is no announcement does not become one."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from ivr.emulator.voice import synthesise
from speech.audio import TELEPHONE_RATE_HZ, encode_mulaw
from speech.engines.whisper_engine import WhisperEngine
from speech.intent import Expecting
from tests.speech.hearing import hear, labels, silence

Samples = NDArray[np.float64]

REQUEST = "Ik neem dit gesprek op."
TALK = (
    "Goedemiddag, ik bel over mijn aanvraag van vorige maand.",
    "De vergunning voor de dakkapel is nog niet gekomen.",
    "Morgen komt mijn dochter langs met de papieren.",
    "Wanneer krijg ik daar bericht over?",
)
FULL_SCALE = 32_767.0


def said(text: str, voice: str = "nl", pitch: int = 50) -> Samples:
    return np.frombuffer(synthesise(text, voice, pitch=pitch), "<i2").astype(np.float64)


def on_the_line(samples: Samples) -> bytes:
    pcm = samples.clip(-FULL_SCALE, FULL_SCALE).astype("<i2").tobytes()
    return silence(0.5) + encode_mulaw(pcm) + silence(1)


def beside(speech: Samples, other: Samples, decibels: float) -> Samples:
    """`other` under the speech, weaker by so many decibels; repeated or cut to its length."""
    under = np.resize(other, len(speech))
    ratio = float(np.sqrt((speech**2).mean() / (under**2).mean()))
    return speech + under * (ratio * 10 ** (-decibels / 20))


def babble() -> Samples:
    """Four people at once."""
    voices = [said(text, voice) for text, voice in zip(TALK, ("nl", "nl+f2", "nl+m3", "nl+f4"), strict=True)]
    longest = max(map(len, voices))
    return np.asarray(np.stack([np.resize(voice, longest) for voice in voices]).sum(axis=0), np.float64)


def hum() -> Samples:
    at = np.arange(4 * TELEPHONE_RATE_HZ) / TELEPHONE_RATE_HZ
    harmonics = np.arange(1, 12)
    return np.asarray((np.sin(2 * np.pi * 50 * np.outer(at, harmonics)) / harmonics).sum(axis=1), np.float64)


def music_on_hold() -> Samples:
    """A tune of plucked chords, three notes each."""
    notes = []
    for root_hz in (262, 349, 392, 330, 294, 392, 523, 262):
        at = np.arange(int(0.4 * TELEPHONE_RATE_HZ)) / TELEPHONE_RATE_HZ
        chord = sum(np.sin(2 * np.pi * root_hz * ratio * at) for ratio in (1, 1.25, 1.5))
        notes.append(np.asarray(chord) * np.exp(-3 * at) * 6_000)
    return np.tile(np.concatenate(notes), 2)


def through_alaw(samples: Samples) -> Samples:
    """G.711 A-law there and back, as between two European networks before the carrier makes mu-law of it."""
    a, scaled = 87.6, samples / FULL_SCALE
    size = np.abs(scaled)
    small = size < 1 / a
    squeezed = np.where(small, a * size, 1 + np.log(np.maximum(a * size, 1))) / (1 + np.log(a))
    stepped = np.round(squeezed * 127) / 127 * (1 + np.log(a))
    back = np.where(stepped < 1, stepped / a, np.exp(stepped - 1) / a)
    return np.asarray(np.sign(scaled) * back * FULL_SCALE, np.float64)


SPOILT: dict[str, Callable[[Samples], Samples]] = {
    "clipped": lambda speech: (speech * 8).clip(-FULL_SCALE, FULL_SCALE),
    "faint": lambda speech: speech * 0.03,
    "A-law": through_alaw,
    "hum": lambda speech: beside(speech, hum(), 10),
    "babble": lambda speech: beside(speech, babble(), 15),
    "music": lambda speech: beside(speech, music_on_hold(), 15),
}


@pytest.mark.parametrize("name", SPOILT)
def test_the_announcement_comes_through(whisper: WhisperEngine, name: str) -> None:
    assert labels(hear(whisper, on_the_line(SPOILT[name](said(REQUEST))))) == ["request"]


@pytest.mark.parametrize(("voice", "pitch"), [("nl", 99), ("nl+m3", 20)], ids=["child", "deep"])
def test_high_and_deep_voices(whisper: WhisperEngine, voice: str, pitch: int) -> None:
    assert labels(hear(whisper, on_the_line(said(REQUEST, voice, pitch)))) == ["request"]


OTHER: dict[str, Callable[[], Samples]] = {
    "babble": babble,
    "two people": lambda: beside(said(TALK[0]), said(TALK[1], "nl+f2"), 3),
    "music on hold": music_on_hold,
    "clipped talk": lambda: (said(TALK[1]) * 8).clip(-FULL_SCALE, FULL_SCALE),
}


@pytest.mark.parametrize("expecting", [Expecting.LISTENING, Expecting.CONFIRMING])
@pytest.mark.parametrize("name", OTHER)
def test_nothing_is_invented(whisper: WhisperEngine, name: str, expecting: Expecting) -> None:
    heard = labels(hear(whisper, on_the_line(OTHER[name]()), expecting))
    assert set(heard) <= ({"unclear"} if expecting is Expecting.CONFIRMING else set())
