"""Small numbers are hidden so that nothing published gives them away: proved on small tables by trying all others."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ivr.reporting.measures import PARTITIONS, Measure, Row, list_rows, partitions_of
from ivr.reporting.suppression import THRESHOLD, Figure, Hidden, suppress

Counts = Mapping[str, Sequence[int]]
Partitions = list[tuple[str, tuple[str, ...]]]
Published = Mapping[str, tuple[Figure, ...]]
FEW, SOME = Hidden.FEW, Hidden.SOME
ALONE: Partitions = []
SPLIT: Partitions = [("all", ("a",)), ("all", ("c", "d"))]
DEEP: Partitions = [("all", ("a", "b")), ("b", ("b1", "b2"))]
TWICE: Partitions = [("all", ("a", "b")), ("all", ("c", "d"))]
SHAPES: tuple[Partitions, ...] = (ALONE, [("all", ("a", "b", "c"))], DEEP, TWICE, SPLIT)


def leaves(partitions: Partitions) -> list[str]:
    parts = [part for _, those in partitions for part in those]
    wholes = {whole for whole, _ in partitions}
    return [part for part in parts if part not in wholes] or ["all"]


def built(partitions: Partitions, counts: Counts) -> dict[str, tuple[int, ...]] | None:
    """The whole table from the rows that nothing makes up; None where two partitions of one whole differ."""
    table = {row: tuple(columns) for row, columns in counts.items()}
    for whole, parts in reversed(partitions):
        total = tuple(sum(column) for column in zip(*(table[part] for part in parts), strict=True))
        if table.setdefault(whole, total) != total:
            return None
    return table


def allowed(figure: Figure, most: int) -> Sequence[int]:
    """The numbers that may stand behind what is published, as far as they are tried."""
    if figure is FEW:
        return range(1, THRESHOLD)
    return range(1, most + 1) if figure is SOME else (int(figure),)


def agrees(figure: Figure, count: int) -> bool:
    if figure is FEW:
        return 1 <= count < THRESHOLD
    return count >= 1 if figure is SOME else count == figure


def columns_like(published: Published, partitions: Partitions, column: int, most: int) -> list[dict[str, int]]:
    """Every column, with numbers up to `most` at the bottom, that would have been published like this one."""
    rows = leaves(partitions)
    found = []
    for numbers in product(*(allowed(published[row][column], most) for row in rows)):
        table = built(partitions, {row: (number,) for row, number in zip(rows, numbers, strict=True)})
        if table is not None and all(agrees(published[row][column], table[row][0]) for row in published):
            found.append({row: cells[0] for row, cells in table.items()})
    return found


def others(published: Published, partitions: Partitions, most: int) -> Iterator[dict[str, tuple[int, ...]]]:
    """Every table that would have been published like this."""
    width = len(published["all"]) - 1
    for columns in product(*(columns_like(published, partitions, column, most) for column in range(width))):
        table = {row: tuple(column[row] for column in columns) for row in published}
        if all(agrees(published[row][-1], sum(table[row])) for row in published):
            yield table


def given_away(published: Published, partitions: Partitions, most: int) -> list[tuple[str, int]]:
    """Hidden cells that only one number fits; the last column is the total."""
    values: dict[tuple[str, int], set[int]] = {
        (row, column): set()
        for row, figures in published.items()
        for column, figure in enumerate(figures)
        if isinstance(figure, Hidden)
    }
    for table in others(published, partitions, most):
        for row, column in values:
            values[row, column].add((*table[row], sum(table[row]))[column])
        if all(len(found) > 1 for found in values.values()):
            return []
    return [place for place, found in values.items() if len(found) < 2]


@st.composite
def small_tables(draw: st.DrawFn) -> tuple[Partitions, dict[str, tuple[int, ...]]]:
    """At most eight cells at the bottom, with numbers around the threshold."""
    partitions = draw(st.sampled_from(SHAPES))
    rows = leaves(partitions)
    width = draw(st.integers(1, {1: 4, 3: 3}.get(len(rows), 2)))
    numbers = st.integers(0, 7)
    counts = {row: tuple(draw(numbers) for _ in range(width)) for row in rows}
    if partitions in (TWICE, SPLIT):
        wholes = [a + b for a, b in zip(counts["a"], counts.get("b", (0,) * width), strict=True)]
        counts["c"] = tuple(draw(st.integers(0, whole)) for whole in wholes)
        counts["d"] = tuple(whole - c for whole, c in zip(wholes, counts["c"], strict=True))
    table = built(partitions, counts)
    assert table is not None
    return partitions, table


@settings(deadline=None, max_examples=500)
@given(small_tables())
def test_every_hidden_cell_may_hold_at_least_two_numbers(
    made: tuple[Partitions, dict[str, tuple[int, ...]]],
) -> None:
    partitions, table = made
    published = suppress(table, partitions)
    most = 1 + max(number for row in leaves(partitions) for number in table[row])
    assert not given_away(published, partitions, most)


@settings(deadline=None)
@given(small_tables())
def test_what_is_shown_is_true_and_no_small_number_is(made: tuple[Partitions, dict[str, tuple[int, ...]]]) -> None:
    partitions, table = made
    for row, figures in suppress(table, partitions).items():
        for figure, count in zip(figures, (*table[row], sum(table[row])), strict=True):
            assert agrees(figure, count)
            assert isinstance(figure, Hidden) == (0 < count < THRESHOLD) or figure is SOME
            assert count or figure == 0


def test_the_proof_notices_a_number_that_is_given_away() -> None:
    """Of three, one is hidden and the total is shown."""
    assert given_away({"all": (FEW, 20, 22)}, ALONE, 30) == [("all", 0)]
    assert given_away({"all": (SOME, SOME, 2)}, ALONE, 9) == [("all", 0), ("all", 1)]


@pytest.mark.parametrize(
    ("months", "shown"),
    [
        ((0, 0, 0), (0, 0, 0, 0)),
        ((5, 9, 20), (5, 9, 20, 34)),
        ((2, 20, 30), (FEW, SOME, 30, 52)),
        ((2, 3, 30), (FEW, FEW, 30, 35)),
        ((0, 3, 0), (0, FEW, 0, FEW)),
        ((1, 1, 1), (SOME, SOME, FEW, FEW)),
    ],
)
def test_a_total_gives_no_small_number_away(months: tuple[int, ...], shown: tuple[Figure, ...]) -> None:
    published = suppress({"all": months}, ALONE)["all"]
    assert [figure if isinstance(figure, int) else "hidden" for figure in published] == [
        figure if isinstance(figure, int) else "hidden" for figure in shown
    ]
    assert not given_away({"all": published}, ALONE, 40)


def test_a_small_reason_hides_another_one_and_leaves_the_totals() -> None:
    counts = {"all": (30, 40), "a": (3, 10), "b": (20, 20), "c": (7, 10)}
    published = suppress(counts, [("all", ("a", "b", "c"))])
    assert published["all"] == (30, 40, 70)
    assert published["a"] == (FEW, SOME, 13)
    assert [row[-1] for row in published.values()] == [70, 13, 40, 17]


def test_parts_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(ValueError, match="add up"):
        suppress({"all": (3,), "a": (2,)}, [("all", ("a",))])
    with pytest.raises(ValueError, match="add up"):
        suppress({"all": (3,)}, [("all", ())])
    with pytest.raises(ValueError, match="another whole"):
        suppress({"all": (3,), "b": (3,), "a": (3,)}, [("all", ("a",)), ("b", ("a",))])


# ---------------------------------------------------------------- the real rows


def table_of_an_evaluation(numbers: Iterator[int], months: int) -> dict[Row, tuple[int, ...]]:
    """Every row of the phone, consistent: wholes are made up of their first partition, others get it whole."""
    details = [Row(Measure.REFUSED_REASON, "anders"), Row(Measure.REFUSED_REASON, "privacy")]
    details += [Row(measure, "verslag") for measure in (Measure.KEPT_AT_ONCE_BY, Measure.PROMISED_BY)]
    details += [Row(Measure.MISUSE_SORT, "cutting"), Row(Measure.REFUSED_KIND, "bemiddelingsgesprek")]
    rows = list_rows(details, phone=True)
    partitions = partitions_of(rows)
    below: dict[Row, list[tuple[Row, ...]]] = {}
    for whole, parts in partitions:
        below.setdefault(whole, []).append(parts)
    table: dict[Row, tuple[int, ...]] = {}

    def fill(row: Row, columns: tuple[int, ...]) -> None:
        table[row] = columns
        for parts in below.get(row, ()):
            rest = columns
            for part in parts[:-1]:
                taken = tuple(min(next(numbers), left) for left in rest)
                rest = tuple(left - one for left, one in zip(rest, taken, strict=True))
                fill(part, taken)
            fill(parts[-1], rest)

    parts_of_others = {part for _, parts in partitions for part in parts}
    for row in rows:
        if row not in parts_of_others:
            fill(row, tuple(3 * next(numbers) for _ in range(months)))
    return table


@settings(deadline=None)
@given(st.lists(st.integers(0, 9), min_size=40, max_size=40), st.integers(1, 6))
def test_the_rows_of_an_evaluation_add_up_and_can_be_published(seed: list[int], months: int) -> None:
    def numbers() -> Iterator[int]:
        while True:
            yield from seed

    table = table_of_an_evaluation(numbers(), months)
    published = suppress(table, partitions_of(table))
    for row, columns in table.items():
        for figure, count in zip(published[row], (*columns, sum(columns)), strict=True):
            assert figure == count or (count and isinstance(figure, Hidden))


def test_no_measure_is_a_part_of_two_wholes() -> None:
    parts = [part for _, those in PARTITIONS for part in those]
    assert len(parts) == len(set(parts))
