"""PURE. docs/dialogue.md, drawn from the table: `python -m ivr.dialogue.drawing > docs/dialogue.md`."""

import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from enum import StrEnum

from ivr.dialogue import machine  # noqa: F401 - importing it fills the table
from ivr.dialogue.events import EVENTS, CallEnded, EmployeeLeft, Event
from ivr.dialogue.states import AGENCY_RECORDING, CALLER_RECORDING, MEANING, State
from ivr.dialogue.table import HANDLERS, IGNORED
from ivr.drawing import name, rows, state_diagram

INTRO = """\
# The dialogue

Drawn from the code by `make docs`; do not edit. `ivr/dialogue` is pure: `step(dialogue, event)` gives the dialogue
after an event and the effects that are wished for. Each state answers each event: with a transition, or with the reason
why it changes nothing. Events come late, doubled and out of order; that is ordinary.

Two recordings are two facts, with states of their own: the caller's, of which only is known what was said about it, and
the agency's. The agency's starts only after a yes was logged durably and its announcement was heard to the end."""

UNDRAWN = (CallEnded, EmployeeLeft)
DIAGRAM = """\
`CallEnded` leads from every state to *ended*. `EmployeeLeft` leads to *offering* where there is a recording to copy and
else to *closing*, from every state but those in which the caller is just answering alone. Both are left out here."""

FEW = 5

TABLE = """\
An event that is answered may always leave the state as it is; *leads on* names where else it can lead. What stands in
neither of the first two columns is ignored, for the reason given."""


def draw() -> str:
    """The whole page as Markdown."""
    parts = [
        INTRO,
        *("## States", meanings(MEANING.items())),
        *("## Transitions", DIAGRAM, diagram()),
        *("## Each event in each state", TABLE, table()),
        *("## The caller's recording", meanings(CALLER_RECORDING.items())),
        *("## The agency's recording", meanings(AGENCY_RECORDING.items())),
    ]
    return "\n\n".join(parts) + "\n"


def meanings(words: Iterable[tuple[StrEnum, str]]) -> str:
    return rows(("state", "meaning"), ((f"**{state}**", meaning) for state, meaning in words))


def diagram() -> str:
    """Mermaid: one arrow from state to state, with all events that lead along it."""
    arrows: dict[tuple[State, State], list[str]] = defaultdict(list)
    for event in EVENTS:
        for state in State:
            for target in targets(state, event) if event not in UNDRAWN else ():
                arrows[state, target].append(event.__name__)
    lines = [f"[*] --> {name(State.GREETING)}"]
    for (start, end), events in sorted(arrows.items(), key=lambda arrow: in_order(arrow[0])):
        lines.append(f"{name(start)} --> {name(end)}: {' / '.join(events)}")
    lines += [f"{name(State.CLOSING)} --> {name(State.ENDED)}: {CallEnded.__name__}", f"{name(State.ENDED)} --> [*]"]
    return state_diagram(State, lines)


def in_order(states: Iterable[State]) -> list[int]:
    return [list(State).index(state) for state in states]


def targets(state: State, event: type[Event]) -> Iterator[State]:
    """Where else the event can lead, in the order of the states."""
    handler = HANDLERS.get((state, event))
    return (target for target in State if handler and target in handler.to and target is not state)


def table() -> str:
    lines = ((f"`{event.__name__}`", leads_on(event), stays(event), ignored(event)) for event in EVENTS)
    return rows(("event", "leads on", "answered, stays", "ignored"), lines)


def leads_on(event: type[Event]) -> str:
    """States that share their targets stand together."""
    groups: dict[tuple[State, ...], list[State]] = defaultdict(list)
    for state in State:
        if led := tuple(targets(state, event)):
            groups[led].append(state)
    return "<br>".join(f"{listed(states)} → **{listed(led)}**" for led, states in groups.items())


def stays(event: type[Event]) -> str:
    return listed(state for state in State if (state, event) in HANDLERS and not any(targets(state, event)))


def ignored(event: type[Event]) -> str:
    reasons: dict[str, list[State]] = defaultdict(list)
    for state in State:
        if why := IGNORED.get((state, event)):
            reasons[why].append(state)
    return "<br>".join(f"{listed(states)}: *{why}*" for why, states in reasons.items())


def listed(states: Iterable[State]) -> str:
    """By name; where nearly all are meant, by those that are not."""
    some = tuple(states)
    others = tuple(state for state in State if state not in some)
    if len(others) > FEW:
        return ", ".join(some)
    return f"all but {', '.join(others)}" if others else "all"


if __name__ == "__main__":
    sys.stdout.write(draw())
