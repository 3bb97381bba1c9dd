"""A wish is known in the first pause after it; an answer only when the caller has really finished."""

from collections import deque

import numpy as np
import pytest

from ivr.emulator.voice import synthesise
from speech.audio import encode_mulaw
from speech.events import IntentHeard, SpeechEvent
from speech.intent import Expecting
from speech.listener import ListenerSettings
from tests.fakes import ScriptedEngine
from tests.speech.hearing import hear, labels, silence


def without_silence(pcm: bytes) -> bytes:
    """Mu-law of the words alone; the synthesiser adds silence at both ends."""
    samples = np.frombuffer(pcm, "<i2")
    first, *_, last = np.flatnonzero(np.abs(samples) > 300)
    return encode_mulaw(samples[first : last + 1].tobytes())


REQUEST = "ik wil dit gesprek opnemen"
WORDS = without_silence(synthesise("Goedemiddag."))
SETTINGS = ListenerSettings()


def listen(
    *texts: str, pause_s: float, expecting: Expecting = Expecting.LISTENING, settings: ListenerSettings = SETTINGS
) -> list[SpeechEvent]:
    """Words, a pause, words, silence; each utterance that this makes is heard as the next text."""
    stream = silence(0.5) + WORDS + silence(pause_s) + WORDS + silence(1)
    return hear(ScriptedEngine(deque(texts), peeks=True), stream, expecting, settings)


def waited_s(event: SpeechEvent, words_s: float) -> float:
    assert isinstance(event, IntentHeard)
    return event.endpoint_s - 0.5 - words_s


@pytest.mark.parametrize(
    ("text", "expecting"), [(REQUEST, Expecting.LISTENING), ("stop de opname", Expecting.RECORDING)]
)
def test_a_wish_ends_the_utterance_in_its_first_pause(text: str, expecting: Expecting) -> None:
    """What follows it is an utterance of its own."""
    events = listen(text, "en nu iets anders", pause_s=0.4, expecting=expecting)
    assert [event.text for event in events] == [text, text, "en nu iets anders"]
    assert waited_s(events[1], len(WORDS) / 8_000) < 0.4


def test_other_talk_goes_on_after_a_short_pause() -> None:
    assert [event.text for event in listen("eerst dit en dan dat", "nooit", pause_s=0.4)] == ["eerst dit en dan dat"]


@pytest.mark.parametrize("expecting", [Expecting.CONFIRMING, Expecting.AFTER])
def test_an_answer_is_waited_for(expecting: Expecting) -> None:
    """ "Ja" ... "maar eh, nee": the pause between them is shorter than the end of an answer."""
    events = listen("ja maar eh nee", "nooit", pause_s=0.3, expecting=expecting)
    assert {event.text for event in events} == {"ja maar eh nee"}
    assert "yes" not in labels(events)


def test_without_early_decisions_the_endpoint_is_waited_for() -> None:
    events = listen(REQUEST, "nooit", pause_s=0.4, settings=ListenerSettings(early_ms=None))
    assert labels(events) == ["request"]
    assert waited_s(events[-1], 2 * len(WORDS) / 8_000 + 0.4) > 0.4
