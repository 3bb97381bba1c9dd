"""PURE. The table (state, event) -> handler, and the two verbs that fill it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from ivr.dialogue.events import EVENTS, Event
from ivr.dialogue.states import State
from ivr.dialogue.turn import Turn

S = State
ANSWERING = (S.ASKING_ALONE, S.KEYPAD)
TOGETHER = (S.TALKING, S.ASKING, S.LOGGING, S.ANNOUNCING, S.STARTING, S.RECORDING, S.PAUSED)
AFTERWARDS = (S.OFFERING, S.LEARNING, S.CLOSING)
BACK = (S.WAITING, S.TALKING, S.RECORDING, S.PAUSED, *AFTERWARDS)
"""Where a call goes on that nothing is asked in any more, from the caller's own leg."""
ON_LEG = (S.GREETING, *ANSWERING, *AFTERWARDS)
LIVE = tuple(s for s in S if s is not S.ENDED)
STARTED_BEFORE = "the call began long ago"
OVER = "the call is over"
NOT_RUNG = "nobody was rung yet"
NO_TALK = "nobody talks"
NO_REQUEST = "it asks for nothing here"
HERE_BEFORE = "the employee was here before"
NOTHING_ASKED = "nothing was asked"
PARTING = "the employee has left"

Handle = Callable[[Turn, Any], None]


@dataclass(frozen=True, slots=True)
class Handler:
    """What answers an event in a state, and the states it may lead to."""

    handle: Handle
    to: frozenset[State]


HANDLERS: dict[tuple[State, type[Event]], Handler] = {}
IGNORED: dict[tuple[State, type[Event]], str] = {}


def on(states: Iterable[State], event: type[Event], to: Iterable[State]) -> Callable[[Handle], Handle]:
    """Enter a handler in the table; it may stay in the state, or lead to each of those named."""

    def enter(handle: Handle) -> Handle:
        for state in states:
            HANDLERS[state, event] = Handler(handle, frozenset((state, *to)))
        return handle

    return enter


def ignore(states: Iterable[State], event: type[Event], why: str) -> None:
    """Enter the reason why an event changes nothing in these states."""
    for state in states:
        IGNORED[state, event] = why


def missing() -> list[tuple[State, type[Event]]]:
    """Pairs that stand in neither table, or in both; empty when the machine is complete."""
    return [(s, e) for s in State for e in EVENTS if ((s, e) in HANDLERS) == ((s, e) in IGNORED)]
