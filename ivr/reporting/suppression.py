"""PURE. Small numbers are hidden, and so is what they could be derived from.

The table has rows, of which some add up to others, and columns (months) that add up to a total. A hidden cell is safe
when another table, with another number in that cell, would be published in exactly the same way. Such a table is made
by a *move*: some cells hold one more or one less, and all sums still hold. For each small number the move is sought
that hides the least besides it; what the move changes is hidden. So every hidden cell has at least two possible values.

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
Pattern: TypeAlias = tuple[tuple[int, int], tuple[int, int]]
"""What changes in a row: two columns, and by how much."""

Move: TypeAlias = tuple[float, tuple[tuple[K, Pattern], ...]]
"""What it costs, and the rows that change."""

_COST_CELL, _COST_TOTAL, _COST_WHOLE, _COST_WIDER = 10, 25, 15, 1
"""What hiding one more costs: any cell, one of the total column, one that others make up, a "< 5" that becomes "x"."""

_IMPOSSIBLE: tuple[float, tuple[()]] = (inf, ())


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
    """`cells` have the total last. `hidden` and `safe` only grow."""

    cells: Mapping[K, list[int]]
    partitions: Sequence[tuple[K, tuple[K, ...]]]
    hidden: dict[tuple[K, int], Hidden] = field(default_factory=dict)
    safe: set[tuple[K, int]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.total = len(next(iter(self.cells.values()), [0])) - 1
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
                best = _least(self._swaps(row, column))
                if best[0] >= _COST_TOTAL:
                    best = _least((best, *self._exchanges(row, column)))
                self._apply(best)

    def _apply(self, move: Move[K]) -> None:
        for row, pattern in move[1]:
            for column, change in pattern:
                place = (row, column)
                self.safe.add(place)
                if not self._may_change(row, column, change):
                    self.hidden[place] = Hidden.SOME

    # ------------------------------------------------------------ moves

    def _swaps(self, row: K, column: int) -> Iterator[Move[K]]:
        """Two columns: one more in this one, one less in another; or one more in the total too."""
        for other in range(len(self.cells[row])):
            if other != column:
                sign = 1 if self.total in (column, other) else -1
                for step in (1, -1):
                    pattern = ((column, step), (other, sign * step))
                    yield _joined(self._down(row, pattern), self._around(row, pattern))

    def _exchanges(self, row: K, column: int) -> Iterator[Move[K]]:
        """Two parts of a whole: one more of this part in one month, one less of the other part in another month.

        The whole and what it is a part of change in both months, and keep their totals.
        """
        if row not in self.above:
            return
        whole, parts = self.above[row]
        months = range(self.total)
        for here in months if column == self.total else (column,):
            for there in months:
                if there == here:
                    continue
                for step in (1, -1):
                    outside = self._through(whole, parts, ((here, step), (there, -step)))
                    if outside[0] == inf:
                        continue
                    inside = self._down(row, ((here, step), (self.total, step)))
                    beside = self._cheapest((p for p in parts if p != row), ((there, -step), (self.total, -step)))
                    yield _joined(inside, beside, outside)

    def _down(self, row: K, pattern: Pattern) -> Move[K]:
        """The row, and in each of its partitions what changes with it."""
        cost = sum(self._cost(row, column, change) for column, change in pattern)
        if cost == inf:
            return _IMPOSSIBLE
        inside = (self._inside(parts, pattern) for parts in self.below.get(row, ()))
        return _joined((cost, ((row, pattern),)), *inside)

    def _inside(self, parts: Sequence[K], pattern: Pattern) -> Move[K]:
        """One part that changes like the whole; or one in the first month and another one in the second."""
        alike = self._cheapest(parts, pattern)
        (here, step), (there, back) = pattern
        if alike[0] < _COST_TOTAL or self.total in (here, there):
            return alike
        first = {part: self._down(part, ((here, step), (self.total, step))) for part in parts}
        second = {part: self._down(part, ((there, back), (self.total, back))) for part in parts}
        apart = (_joined(first[one], second[other]) for one in parts for other in parts if one != other)
        return _least((alike, *apart))

    def _cheapest(self, rows: Iterable[K], pattern: Pattern) -> Move[K]:
        return _least(self._down(row, pattern) for row in rows)

    def _around(self, row: K, pattern: Pattern) -> Move[K]:
        """What must change outside of a row that changes: a part beside it the other way, or the whole."""
        if row not in self.above:
            return 0, ()
        whole, parts = self.above[row]
        (here, step), (there, back) = pattern
        other_way = ((here, -step), (there, -back))
        beside = self._cheapest((part for part in parts if part != row), other_way)
        return _least((beside, self._through(whole, parts, pattern)))

    def _through(self, whole: K, parts: Sequence[K], pattern: Pattern) -> Move[K]:
        """The whole changes with one of these parts: so do its other partitions, and what it is a part of."""
        cost = sum(self._cost(whole, column, change) for column, change in pattern)
        if cost == inf:
            return _IMPOSSIBLE
        others = (self._inside(those, pattern) for those in self.below[whole] if those != parts)
        return _joined((cost, ((whole, pattern),)), *others, self._around(whole, pattern))

    def _may_change(self, row: K, column: int, change: int) -> bool:
        """The cell could as well hold that much more, as it is shown now."""
        count = self.cells[row][column] + change
        match self.hidden.get((row, column)):
            case Hidden.SOME:
                return count >= 1
            case Hidden.FEW:
                return 1 <= count < THRESHOLD
            case _:
                return False

    def _cost(self, row: K, column: int, change: int) -> float:
        """Of hiding the cell so that it could change like this; a zero is always shown."""
        count = self.cells[row][column]
        if count == 0 or count + change < 1:
            return inf
        if self._may_change(row, column, change):
            return 0
        if (row, column) in self.hidden:
            return _COST_WIDER
        return _COST_CELL + _COST_TOTAL * (column == self.total) + _COST_WHOLE * (row in self.below)


def _least(moves: Iterable[Move[K]]) -> Move[K]:
    """The first that hides nothing, else the one that hides the least."""
    best: Move[K] = _IMPOSSIBLE
    for move in moves:
        if move[0] < best[0]:
            best = move
        if best[0] == 0:
            break
    return best


def _joined(*moves: Move[K]) -> Move[K]:
    return sum(cost for cost, _ in moves), tuple(change for _, changes in moves for change in changes)
