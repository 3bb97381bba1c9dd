"""PURE. step(dialogue, event) -> Step: the one way in which a dialogue moves."""

from dataclasses import dataclass

from ivr.dialogue import answers, matters, outcomes, room  # noqa: F401 - importing the transitions fills the table
from ivr.dialogue.effects import Effect
from ivr.dialogue.events import Event
from ivr.dialogue.states import Dialogue
from ivr.dialogue.table import HANDLERS, IGNORED
from ivr.dialogue.turn import Ignored, Turn


@dataclass(frozen=True, slots=True)
class Step:
    """The dialogue after an event, and what is wished for; `ignored` says why nothing changed, else it is None."""

    dialogue: Dialogue
    effects: tuple[Effect, ...] = ()
    ignored: str | None = None


def step(dialogue: Dialogue, event: Event) -> Step:
    """Answer one event. Every state answers every event, so this raises nothing."""
    place = (dialogue.state, type(event))
    if place in IGNORED:
        return Step(dialogue, ignored=IGNORED[place])
    turn = Turn(dialogue)
    try:
        HANDLERS[place].handle(turn, event)
    except Ignored as why:
        return Step(dialogue, ignored=str(why))
    turn.settle()
    return Step(turn.dialogue, tuple(turn.effects))
