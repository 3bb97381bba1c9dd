"""Matters from sound to event, by Whisper: sentences that it hears well from the Dutch voice of the local carrier."""

import pytest

from ivr.emulator.voice import synthesise
from speech.audio import encode_mulaw
from speech.engines.whisper_engine import WhisperEngine
from speech.events import MatterHeard
from speech.intent import Expecting
from speech.listener import ListenerSettings
from speech.matters import Matter
from speech.understanding import UnderstandingSettings
from tests.speech.hearing import hear, silence
from tests.speech.test_robustness import OTHER, on_the_line

LIVE = ListenerSettings(understanding=UnderstandingSettings(matters=True))
BOTH = (Expecting.LISTENING, Expecting.RECORDING)


@pytest.mark.parametrize(
    ("matter", "said", "states"),
    [
        (Matter.WHY, "Waarom kan dat niet?", BOTH),
        (Matter.WHY, "Waarom mag dat niet?", BOTH),
        (Matter.THIRD_PERSON, "Mijn moeder is ook aan de telefoon.", BOTH),
        (Matter.VIDEO, "Kan ik dit filmen?", BOTH),
        (Matter.AGENCY_RECORDS, "Nemen jullie dit gesprek op?", BOTH[:1]),
        (Matter.AGENCY_RECORDS, "Loopt er een bandje mee?", BOTH[1:]),
        (Matter.PAUSE, "Kan je even stoppen met opnemen?", BOTH),
        (Matter.RESUME, "Ik ben klaar, kan je nu weer opnemen?", BOTH[1:]),
    ],
)
def test_a_matter_is_heard(whisper: WhisperEngine, matter: Matter, said: str, states: tuple[Expecting, ...]) -> None:
    mulaw = silence(0.5) + encode_mulaw(synthesise(said, words_per_minute=130)) + silence(1)
    for expecting in states:
        events = hear(whisper, mulaw, expecting, LIVE)
        assert [event.matter for event in events if isinstance(event, MatterHeard)] == [matter], events


@pytest.mark.parametrize("expecting", BOTH)
@pytest.mark.parametrize("name", OTHER)
def test_no_matter_is_invented(whisper: WhisperEngine, name: str, expecting: Expecting) -> None:
    events = hear(whisper, on_the_line(OTHER[name]()), expecting, LIVE)
    assert [event for event in events if isinstance(event, MatterHeard)] == []
