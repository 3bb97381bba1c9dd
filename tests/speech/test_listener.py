"""Streams through the whole of the listener, with Whisper: nothing lost, nothing invented."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from speech.audio import TELEPHONE_RATE_HZ, encode_mulaw
from speech.engines.whisper_engine import WhisperEngine
from speech.events import IntentHeard, SpeechHeard
from speech.intent import Expecting
from speech.listener import Listener, ListenerSettings
from tests.speech.hearing import hear, labels, silence, spoken

REQUEST = "Ik neem dit gesprek op."
RNG = np.random.default_rng(11)
Samples = NDArray[np.float64]


def at_level(samples: Samples, dbfs: float = -20.0) -> bytes:
    scaled = samples / np.sqrt((samples**2).mean()) * 32_768 * 10 ** (dbfs / 20)
    return encode_mulaw(scaled.clip(-32_768, 32_767).astype("<i2").tobytes())


def seconds(duration_s: float) -> Samples:
    return np.arange(int(duration_s * TELEPHONE_RATE_HZ)) / TELEPHONE_RATE_HZ


def tones(*frequencies_hz: float, duration_s: float) -> Samples:
    return np.asarray(np.sin(2 * np.pi * np.outer(seconds(duration_s), frequencies_hz)).sum(axis=1))


def repeated(sound: Samples, pause_s: float, times: int) -> Samples:
    return np.tile(np.concatenate((sound, np.zeros(int(pause_s * TELEPHONE_RATE_HZ)))), times)


def pink() -> Samples:
    spectrum = np.fft.rfft(RNG.standard_normal(4 * TELEPHONE_RATE_HZ))
    return np.fft.irfft(spectrum / np.sqrt(np.arange(1, len(spectrum) + 1)))


NOISES: dict[str, Callable[[], Samples]] = {
    "white": lambda: RNG.standard_normal(4 * TELEPHONE_RATE_HZ),
    "white in bursts": lambda: repeated(RNG.standard_normal(3_200), 0.9, 2),
    "pink": pink,
    "hum": lambda: tones(50, 150, 250, duration_s=4),
    "key 1": lambda: repeated(tones(697, 1_209, duration_s=0.2), 0.8, 2),
    "key 5": lambda: repeated(tones(770, 1_336, duration_s=0.5), 0.8, 2),
    "key *": lambda: repeated(tones(941, 1_209, duration_s=1), 0.8, 2),
    "ringing": lambda: repeated(tones(425, duration_s=1), 2, 2),
    "engaged": lambda: repeated(tones(425, duration_s=0.5), 0.5, 2),
    "chord": lambda: tones(262, 330, 392, duration_s=4) * (1 + np.sin(4 * np.pi * seconds(4))),
}


def test_an_announcement_is_reported_once_with_its_times(whisper: WhisperEngine) -> None:
    events = hear(whisper, silence(1.0) + spoken(REQUEST) + silence(1.5))
    speech, intent = events
    assert isinstance(speech, SpeechHeard)
    assert isinstance(intent, IntentHeard)
    assert (intent.label.value, intent.text) == ("request", "ik neem dit gesprek op")
    assert 0.6 < intent.start_s < 1.3
    assert intent.start_s < intent.at_s < intent.endpoint_s < 3.6
    assert intent.evidence


def test_the_size_of_the_chunks_changes_nothing(whisper: WhisperEngine) -> None:
    stream = silence(0.5) + spoken(REQUEST) + silence(1.0)
    expected = hear(whisper, stream)
    assert labels(expected) == ["request"]
    for chunk_bytes in (1, 157, 161, 100_000):
        assert hear(whisper, stream, chunk_bytes=chunk_bytes) == expected


def test_answers(whisper: WhisperEngine) -> None:
    for answer, label in (("Ja, dat klopt.", "yes"), ("Nee, dat klopt niet.", "no")):
        assert labels(hear(whisper, silence(0.5) + spoken(answer) + silence(1), Expecting.CONFIRMING)) == [label]


def test_a_yes_while_listening_is_nothing(whisper: WhisperEngine) -> None:
    assert labels(hear(whisper, silence(0.5) + spoken("Ja, dat klopt.") + silence(1))) == []


def test_the_state_at_the_end_of_the_words_counts(whisper: WhisperEngine) -> None:
    """The bot asks its question while the caller is still repeating the announcement, then hears the answer."""
    states = iter([Expecting.LISTENING, Expecting.LISTENING])
    listener = Listener(whisper, expecting=lambda: next(states, Expecting.CONFIRMING))
    heard = labels(listener.feed(silence(0.5) + spoken(REQUEST) + silence(1)))
    heard += labels(listener.feed(spoken("Ja graag.") + silence(1)))
    assert heard == ["request", "yes"]


@pytest.mark.parametrize("expecting", [Expecting.LISTENING, Expecting.CONFIRMING])
@pytest.mark.parametrize("name", NOISES)
def test_nothing_is_invented_on_noise(whisper: WhisperEngine, name: str, expecting: Expecting) -> None:
    """No wish, no yes and no no; that something unclear was heard is allowed where an answer is awaited."""
    noise = NOISES[name]()
    for level_dbfs in (-15.0, -30.0):
        heard = labels(hear(whisper, silence(0.5) + at_level(noise, level_dbfs) + silence(1), expecting))
        assert set(heard) <= ({"unclear"} if expecting is Expecting.CONFIRMING else set())


def test_silence_costs_no_decoding(whisper: WhisperEngine) -> None:
    assert hear(whisper, bytes([0xFF]) * 40_000 + silence(3.0)) == []


def test_one_lost_frame_in_ten_is_survived(whisper: WhisperEngine) -> None:
    """Lost frames are filled with silence, as the media socket does."""
    stream = bytearray(silence(0.5) + spoken(REQUEST) + silence(1))
    for start in range(0, len(stream) - 160, 1_600):
        stream[start : start + 160] = bytes([0xFF]) * 160
    assert labels(hear(whisper, bytes(stream))) == ["request"]


def test_an_utterance_longer_than_the_longest_loses_no_wish_at_the_cut(whisper: WhisperEngine) -> None:
    talk = spoken("Goedemiddag, ik heb een vraag over mijn paspoort.") + spoken(REQUEST)
    for longest_ms in (3_500, 4_000):
        settings = ListenerSettings(longest_ms=longest_ms)
        heard = labels(hear(whisper, silence(0.5) + talk + silence(1), settings=settings))
        assert heard == ["request"], longest_ms


def test_the_end_of_the_stream_ends_the_utterance(whisper: WhisperEngine) -> None:
    assert labels(hear(whisper, silence(0.5) + spoken(REQUEST))) == ["request"]


def test_without_the_gate_everything_is_decoded(whisper: WhisperEngine) -> None:
    settings = ListenerSettings(gate=None, longest_ms=5_000)
    assert labels(hear(whisper, silence(0.5) + spoken(REQUEST) + silence(1), settings=settings)) == ["request"]
