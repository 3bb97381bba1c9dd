"""Two engines behind one Protocol: who is asked, when, and what comes of it."""

from collections import deque
from collections.abc import Sequence

import pytest

from speech.engines.vosk_engine import VoskEngine
from speech.engines.whisper_engine import WhisperEngine
from speech.events import SpeechHeard
from speech.intent import Expecting
from speech.second_opinion import SecondOpinion, TwoEngines
from tests.fakes import ScriptedEngine
from tests.speech.hearing import hear, labels, silence, spoken

REQUEST = "ik wil dit gesprek opnemen"
OTHER = "ik wil dit gesprek opvrolijken"
STOP = "stop de opname"


def scripted(texts: Sequence[str], *, peeks: bool = False) -> ScriptedEngine:
    return ScriptedEngine(deque(texts), peeks=peeks)


def heard_by(
    first: Sequence[str], second: Sequence[str], mode: SecondOpinion, expecting: Expecting = Expecting.LISTENING
) -> tuple[list[str], ScriptedEngine]:
    """What is reported of as many utterances as `first` has texts, and the second engine afterwards."""
    other = scripted(second)
    stream = silence(0.5) + (spoken("Goedemiddag.") + silence(0.8)) * len(first)
    return labels(hear(TwoEngines(scripted(first), other, mode), stream, expecting)), other


def test_confirm_asks_the_second_engine_for_requests_only() -> None:
    reported, second = heard_by(["goedemiddag", REQUEST], [REQUEST, OTHER], SecondOpinion.CONFIRM)
    assert reported == ["request"]
    assert list(second.texts) == [OTHER]


def test_a_request_that_is_not_confirmed_is_none() -> None:
    for second in ([OTHER], []):
        assert heard_by([REQUEST], second, SecondOpinion.CONFIRM)[0] == []


def test_a_request_that_was_not_confirmed_may_be_said_again() -> None:
    """The one that was turned down does not count as said before."""
    assert heard_by([REQUEST, REQUEST], [OTHER, REQUEST], SecondOpinion.CONFIRM)[0] == ["request"]


def test_the_second_engine_hears_all_pieces_of_a_sentence() -> None:
    alone = heard_by([REQUEST], [REQUEST], SecondOpinion.CONFIRM)[1].heard_bytes
    reported, second = heard_by(["ik wil dit gesprek", "opnemen"], [REQUEST], SecondOpinion.CONFIRM)
    assert reported == ["request"]
    assert second.heard_bytes > 1.7 * alone


def test_stopping_needs_no_second_opinion() -> None:
    reported, second = heard_by([STOP], [], SecondOpinion.CONFIRM, Expecting.RECORDING)
    assert reported == ["stop"]
    assert second.heard_bytes == 0


def test_either_is_content_with_one() -> None:
    assert heard_by([REQUEST], [OTHER], SecondOpinion.EITHER)[0] == ["request"]
    assert heard_by([OTHER], [REQUEST], SecondOpinion.EITHER)[0] == ["request"]
    assert heard_by([OTHER], [OTHER], SecondOpinion.EITHER)[0] == []


def test_either_hears_what_the_first_took_for_no_candidate() -> None:
    assert heard_by(["", ""], [OTHER, REQUEST], SecondOpinion.EITHER)[0] == ["request"]


@pytest.mark.parametrize("mode", SecondOpinion)
def test_answers_are_the_first_engines_alone(mode: SecondOpinion) -> None:
    reported, second = heard_by(["nee"], ["ja"], mode, Expecting.CONFIRMING)
    assert reported == ["no"]
    assert second.heard_bytes == 0


def test_an_early_wish_is_confirmed_too() -> None:
    for second, expected in (([REQUEST], ["request"]), ([OTHER], [])):
        engine = TwoEngines(scripted([REQUEST], peeks=True), scripted(second), SecondOpinion.CONFIRM)
        assert labels(hear(engine, silence(0.5) + spoken("Goedemiddag.") + silence(0.8))) == expected


@pytest.mark.parametrize("mode", SecondOpinion)
def test_with_the_real_engines(spotting_vosk: VoskEngine, whisper: WhisperEngine, mode: SecondOpinion) -> None:
    """Dutch for a Korean Vosk: it notices nothing, so only `either` has Whisper to hear the request."""
    stream = silence(0.5) + spoken("Ik neem dit gesprek op.") + silence(1)
    events = hear(TwoEngines(spotting_vosk, whisper, mode), stream)
    assert labels(events) == (["request"] if mode is SecondOpinion.EITHER else [])
    assert [event.text for event in events if isinstance(event, SpeechHeard)] == (
        ["ik neem dit gesprek op"] if mode is SecondOpinion.EITHER else []
    )


def test_whisper_confirms_what_was_really_said(whisper: WhisperEngine) -> None:
    for said, expected in (("Ik neem dit gesprek op.", ["request"]), ("Ik wil graag een afspraak maken.", [])):
        engine = TwoEngines(scripted([REQUEST]), whisper, SecondOpinion.CONFIRM)
        assert labels(hear(engine, silence(0.5) + spoken(said) + silence(1))) == expected
