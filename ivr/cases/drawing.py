"""PURE. docs/cases.md, drawn from the table: `python -m ivr.cases.drawing > docs/cases.md`."""

import sys
from collections import defaultdict
from collections.abc import Iterable

from ivr.cases import machine  # noqa: F401 - importing it fills the table
from ivr.cases.acts import OPENINGS, Act
from ivr.cases.case import FINAL, KINDS, STATES, Kind
from ivr.cases.shapes import PERSONAL, declared
from ivr.cases.table import BARRED, HANDLERS, OPENERS, acts_of
from ivr.drawing import name, rows, state_diagram

INTRO = """\
# Case files

Drawn from the code by `make docs`; do not edit. `ivr/cases` is pure at its core: `begin(...)` opens a case, and
`step(case, act, doing, terms)` gives the case after an act and its one entry in the consent log, or says why the act is
not allowed. Terms and owners come from the profile that held when the case was opened. *Overdue* is no state: a case is
overdue once its day has passed and somebody still must act. Nothing leads out of the states in italics.

Each entry has the tag `<kind>:<act>`. Fields marked ° are personal: they stand beside the log, never in it."""


def draw() -> str:
    """The whole page as Markdown."""
    parts = [INTRO]
    for kind in Kind:
        parts += [
            f"## `{kind}`",
            f"{KINDS[kind][0].upper()}{KINDS[kind][1:]}.",
            states(kind),
            diagram(kind),
            table(kind),
        ]
    return "\n\n".join(parts) + "\n"


def states(kind: Kind) -> str:
    lines = [[f"*{state}*" if state in FINAL else f"**{state}**", meaning] for state, meaning in STATES[kind].items()]
    return rows(["state", "meaning"], lines)


def diagram(kind: Kind) -> str:
    """Mermaid: one arrow from state to state, with all acts that lead along it."""
    arrows: dict[tuple[str, str], list[str]] = defaultdict(list)
    for state in STATES[kind]:
        if state in OPENERS[kind].to:
            arrows["[*]", name(state)].append(OPENINGS[kind].code)
    for act in acts_of(kind):
        for state in STATES[kind]:
            handler = HANDLERS.get((kind, state, act))
            for target in (target for target in STATES[kind] if handler and target in handler.to):
                arrows[name(state), name(target)].append(act.code)
    lines = [f"{start} --> {end}: {' / '.join(acts)}" for (start, end), acts in arrows.items()]
    lines += [f"{name(state)} --> [*]" for state in STATES[kind] if state in FINAL]
    return state_diagram(STATES[kind], lines)


def table(kind: Kind) -> str:
    opener = OPENERS[kind]
    first = [act_cell(OPENINGS[kind]), "opens the case", listed(opener.by), ""]
    return rows(["act", "in", "by", "not in"], [first, *(act_row(kind, act) for act in acts_of(kind))])


def act_row(kind: Kind, act: type[Act]) -> list[str]:
    places = [state for state in STATES[kind] if (kind, state, act) in HANDLERS]
    by = HANDLERS[kind, places[0], act].by
    barred = [state for state in STATES[kind] if (kind, state, act) in BARRED and state not in FINAL]
    return [act_cell(act), listed(places), listed(by), listed(barred)]


def act_cell(act: type[Act]) -> str:
    fields = ", ".join(f"{field.name}{'°' if PERSONAL in field.marks else ''}" for field in declared(act))
    return f"`{act.code}`" + (f" ({fields})" if fields else "")


def listed(names: Iterable[str]) -> str:
    return ", ".join(names)


if __name__ == "__main__":
    sys.stdout.write(draw())
