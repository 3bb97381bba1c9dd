"""PURE. What the counting takes: everything that happened in one call, or in one case of no call."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

PHONE = "phone"
OTHER_CHANNEL = "other"
"""Of a case of no call that does not say where it began."""


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry of the consent log, without what is personal."""

    tag: str
    at: datetime
    facts: Mapping[str, Json]

    def said(self, fact: str) -> str:
        """Empty where the entry does not have it."""
        return str(self.facts.get(fact, ""))


@dataclass(frozen=True, slots=True)
class History:
    """`happened` is in the order of the log. `overdue` are the cases whose promise is late now."""

    agency: str
    channel: str
    call_opened_at: datetime | None
    happened: Sequence[Happened]
    overdue: frozenset[str] = frozenset()

    def tags(self) -> set[str]:
        return {one.tag for one in self.happened}

    def cases(self) -> Iterator[list[Happened]]:
        """What happened in each case; the file itself may be destroyed by now."""
        found: dict[str, list[Happened]] = {}
        for one in self.happened:
            case_id = one.said("case")
            if case_id:
                found.setdefault(case_id, []).append(one)
        yield from found.values()
