"""PURE. What the pages that are drawn from code share: Markdown tables and Mermaid state diagrams."""

from collections.abc import Iterable
from enum import StrEnum


def rows(head: Iterable[str], lines: Iterable[Iterable[str]]) -> str:
    """A table in Markdown."""
    head = list(head)
    table = [head, ["---"] * len(head), *lines]
    return "\n".join(f"| {' | '.join(line)} |" for line in table)


def state_diagram(states: Iterable[StrEnum], arrows: Iterable[str]) -> str:
    """A diagram in Mermaid; the arrows speak of the states by `name`."""
    lines = ["stateDiagram-v2", *(f'state "{state}" as {name(state)}' for state in states), *arrows]
    return "```mermaid\n" + "\n    ".join(lines) + "\n```"


def name(state: StrEnum) -> str:
    return state.name.lower()
