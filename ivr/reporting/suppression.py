"""PURE. Small numbers are hidden, and so is what they could be derived from.

The table has rows, of which some add up to others, and columns (months) that add up to a total. A hidden cell is safe
when another table, with another number in that cell, would be published in exactly the same way. Such a table is made
by a *move*: one column gets one more and another one less (or the total one more too), and above, below or beside the
row something else changes as well, so that all sums still hold. For each small number the move is sought that hides
the least besides it; what the move changes is hidden. So every hidden cell has at least two possible values.

Out of reach: what somebody knows from elsewhere, and the difference between reports on periods that overlap.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from math import inf
from typing import Generic, TypeAlias, TypeVar

THRESHOLD = 5
"""Less is hidden: one to four people may be recognised by who knows them (AVG recital 26).

Usual with Dutch public figures, like the benchmark files of the national student survey, which hide groups below five.
"""


class Hidden(StrEnum):
    """What is shown in place of a number: one from 1 to 4, or any from 1 on."""

    FEW = "< 5"
    SOME = "x"


Figure: TypeAlias = int | Hidden
K = TypeVar("K")
Change: TypeAlias = tuple[K, int]
"""A row, and by how much it changes in the move's first column."""

_COST_CELL, _COST_TOTAL, _COST_WHOLE, _COST_WIDER = 10, 25, 15, 1
"""What hiding one more costs: any cell, one of the total column, one that others make up, a "< 5" that becomes "x"."""


def suppress(
    counts: Mapping[K, Sequence[int]], partitions: Iterable[tuple[K, Sequence[K]]]
) -> dict[K, tuple[Figure, ...]]:
    """The figures to publish: for each row those of its columns, then their total.

    In `partitions` each whole stands with the rows that make it up; no row is a part of two wholes.
    Raises `ValueError` where they do not.
    """
    table = _Table(
        {row: [*columns, sum(columns)] for row, columns in counts.items()},
        [(whole, tuple(parts)) for whole, parts in partitions],
    )
    table.protect_all()
    return {row: tuple(table.shown(row, column) for column in range(len(cells))) for row, cells in table.cells.items()}


@dataclass
class _Table(Generic[K]):
    """`cells` have the total last. `hidden` and `safe` grow."""

    cells: Mapping[K, list[int]]
    partitions: Sequence[tuple[K, tuple[K, ...]]]
    hidden: dict[tuple[K, int], Hidden] = field(default_factory=dict)
    safe: set[tuple[K, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.below: dict[K, list[tuple[K, ...]]] = {}
        self.above: dict[K, tuple[K, tuple[K, ...]]] = {}
        for whole, parts in self.partitions:
            nothing = [0] * len(self.cells[whole])
            if [sum(column) for column in zip(nothing, *(self.cells[part] for part in parts), strict=True)] != (
                self.cells[whole]
            ):
                raise ValueError(f"the parts of {whole} do not add up to it")
            if any(part in self.above for part in parts):
                raise ValueError(f"a part of {whole} is a part of another whole too")
            self.below.setdefault(whole, []).append(parts)
            self.above |= dict.fromkeys(parts, (whole, parts))

    def shown(self, row: K, column: int) -> Figure:
        return self.hidden.get((row, column), self.cells[row][column])

    def protect_all(self) -> None:
        small = [
            (row, column)
            for row, cells in self.cells.items()
            for column, count in enumerate(cells)
            if 0 < count < THRESHOLD
        ]
        self.hidden |= dict.fromkeys(small, Hidden.FEW)
        for row, column in small:
            if (row, column) not in self.safe:
                self._apply(min(self._moves(row, column), key=lambda move: move.cost))

    def _moves(self, row: K, column: int) -> Iterator["_Move[K]"]:
        for other in range(len(self.cells[row])):
            if other != column:
                for step in (1, -1):
                    yield _Move(self, column, other).begin(row, step)

    def _apply(self, move: "_Move[K]") -> None:
        for row, step in move.changes:
            for column, change in move.columns(step):
                place = (row, column)
                self.safe.add(place)
                if not self.may_change(row, column, change):
                    self.hidden[place] = Hidden.SOME

    def may_change(self, row: K, column: int, change: int) -> bool:
        """The cell could as well hold that much more, as it is shown now."""
        count = self.cells[row][column] + change
        match self.hidden.get((row, column)):
            case Hidden.SOME:
                return count >= 1
            case Hidden.FEW:
                return 1 <= count < THRESHOLD
            case _:
                return False

    def cost(self, row: K, column: int, change: int) -> float:
        """Of hiding the cell so that it could change like this; a zero is always shown."""
        count = self.cells[row][column]
        if count == 0 or count + change < 1:
            return inf
        if self.may_change(row, column, change):
            return 0
        if (row, column) in self.hidden:
            return _COST_WIDER
        is_total = column == len(self.cells[row]) - 1
        return _COST_CELL + _COST_TOTAL * is_total + _COST_WHOLE * (row in self.below)


@dataclass
class _Move(Generic[K]):
    """A change of two columns: what the first gains the second loses, or gains too where one of them is the total."""

    table: _Table[K]
    column: int
    other: int
    changes: tuple[Change[K], ...] = ()
    cost: float = inf

    def begin(self, row: K, step: int) -> "_Move[K]":
        """The cheapest that changes this row by `step`."""
        inside = self._down(row, step)
        outside = self._up(row, step)
        self.cost, self.changes = inside[0] + outside[0], (*inside[1], *outside[1])
        return self

    def columns(self, step: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """Each of the two columns, and by how much it changes."""
        with_total = len(next(iter(self.table.cells.values()))) - 1 in (self.column, self.other)
        return (self.column, step), (self.other, step if with_total else -step)

    def _own(self, row: K, step: int) -> float:
        return sum(self.table.cost(row, column, change) for column, change in self.columns(step))

    def _down(self, row: K, step: int) -> tuple[float, tuple[Change[K], ...]]:
        """The row, and in each of its partitions one part that changes with it."""
        cost, changes = self._own(row, step), ((row, step),)
        if cost == inf:
            return inf, ()
        return _joined((cost, changes), *(self._cheapest(parts, step) for parts in self.table.below.get(row, ())))

    def _cheapest(self, rows: Iterable[K], step: int) -> tuple[float, tuple[Change[K], ...]]:
        return min((self._down(row, step) for row in rows), key=lambda found: found[0], default=(inf, ()))

    def _up(self, row: K, step: int) -> tuple[float, tuple[Change[K], ...]]:
        """A part beside the row that changes the other way; or the whole changes, and what else it is made up of."""
        if row not in self.table.above:
            return 0, ()
        whole, parts = self.table.above[row]
        beside = self._cheapest((part for part in parts if part != row), -step)
        own = self._own(whole, step)
        if own >= beside[0]:
            return beside
        others = (self._cheapest(those, step) for those in self.table.below[whole] if row not in those)
        return min(beside, _joined((own, ((whole, step),)), *others, self._up(whole, step)), key=lambda found: found[0])


def _joined(*found: tuple[float, tuple[Change[K], ...]]) -> tuple[float, tuple[Change[K], ...]]:
    return sum(cost for cost, _ in found), tuple(change for _, changes in found for change in changes)
