"""docs/dialogue.md is drawn from the code, and is up to date."""

from pathlib import Path

from ivr.dialogue.drawing import draw
from ivr.dialogue.states import AGENCY_RECORDING, CALLER_RECORDING, MEANING, AgencyRecording, CallerRecording, State

PAGE = Path(__file__).resolve().parents[3] / "docs" / "dialogue.md"


def test_the_page_is_the_drawing_of_the_table_as_it_is() -> None:
    """Where this fails: `python -m ivr.dialogue.drawing > docs/dialogue.md`."""
    assert PAGE.read_text(encoding="utf-8") == draw()


def test_every_state_has_a_meaning() -> None:
    assert set(MEANING) == set(State)
    assert set(CALLER_RECORDING) == set(CallerRecording)
    assert set(AGENCY_RECORDING) == set(AgencyRecording)
