"""PURE. Which document the caller's own leg has to have, given the dialogue."""

from dataclasses import dataclass

from ivr.dialogue.effects import Prompt
from ivr.dialogue.states import Dialogue, State


@dataclass(frozen=True, slots=True)
class Ask:
    """Speak the prompt to the caller alone and listen for one key, `wait_s` seconds after its end."""

    prompt: Prompt
    wait_s: int


@dataclass(frozen=True, slots=True)
class Room:
    """Be in the conference with the employee."""


@dataclass(frozen=True, slots=True)
class HangUp:
    """The call is done."""


Document = Ask | Room | HangUp

KEY_STATES = (State.ASKING_ALONE, State.KEYPAD, State.OFFERING, State.LEARNING)
SPOKEN_STATES = (State.GREETING, State.CLOSING, *KEY_STATES)


def document(dialogue: Dialogue) -> Document:
    """The leg's document; asking twice for the same dialogue gives the same one."""
    if dialogue.state in SPOKEN_STATES and dialogue.speaking is not None:
        wait_s = round(dialogue.rules.answer_timeout_s) if dialogue.state in KEY_STATES else 1
        return Ask(dialogue.speaking, max(1, wait_s))
    if dialogue.state in (State.CLOSING, State.ENDED):
        return HangUp()
    return Room()
