"""What every `TrailStore` keeps to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.ports import Database
from storage.oversight import TrailFilter
from storage.records import TrailRow
from storage.session import SqlDatabase
from storage.trail_digest import digest_of

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
ROW = TrailRow(NOON, "l.smit", "leidinggevende", "call", "call-1", "ind", 200, "10.0.0.1")
ROWS = (
    ROW,
    replace(ROW, at=NOON + HOUR, actor="p.groen", agency="uwv"),
    replace(ROW, at=NOON + 2 * HOUR, action="start", object="", agency=None),
    replace(ROW, at=NOON + 3 * HOUR, actor="s.vreemd", action="start", object="", agency=None),
    replace(ROW, at=NOON + 4 * HOUR, object="call-2", result=404),
)
IND = TrailFilter(("ind",), strangers=("s.vreemd",))


@pytest.fixture
def trail_db(database: SqlDatabase) -> Database:
    with database.transaction() as unit:
        for row in ROWS:
            unit.trail.append(row)
    return database


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (IND, [4, 2, 0]),
        (replace(IND, strangers=()), [4, 3, 2, 0]),
        (replace(IND, agencies=()), [2]),
        (replace(IND, agencies=("ind", "uwv")), [4, 2, 1, 0]),
        (replace(IND, actor="l.smit", object="call-2"), [4]),
        (replace(IND, action="start"), [2]),
        (replace(IND, since=NOON, until=NOON + 2 * HOUR), [0]),
        (replace(IND, since=NOON + 2 * HOUR, until=NOON + 4 * HOUR), [2]),
        (replace(IND, object="nothing"), []),
    ],
)
def test_lines_of_a_filter_the_newest_first(trail_db: Database, wanted: TrailFilter, expected: list[int]) -> None:
    with trail_db.reading() as unit:
        assert [line.row for line in unit.trail.search(wanted, 10)] == [ROWS[at] for at in expected]


def test_lines_come_in_pages_also_those_of_one_moment(trail_db: Database) -> None:
    with trail_db.transaction() as unit:
        for number in range(3):
            unit.trail.append(replace(ROW, at=NOON + 4 * HOUR, object=f"same-{number}"))
    with trail_db.reading() as unit:
        everything = unit.trail.search(IND, 10)
        paged = list(unit.trail.search(IND, 2))
        while page := unit.trail.search(IND, 2, before=paged[-1].number):
            paged += page
        assert paged == everything
        assert unit.trail.search(IND, 2, before=999) == []


def test_a_stretch_is_read_in_order_and_forgotten_whole(trail_db: Database) -> None:
    with trail_db.reading() as unit:
        lines = list(unit.trail.stream(2, 4))
        assert [line.row for line in lines] == list(ROWS[1:4])
        assert [line.number for line in lines] == [2, 3, 4]
        assert unit.trail.find_last(NOON + 2 * HOUR) == 2
        assert unit.trail.find_last(NOON) is None
    with trail_db.transaction() as unit:
        unit.trail.forget(3)
        unit.trail.append(ROW)
        assert [line.number for line in unit.trail.stream(0, 100)] == [4, 5, 6]


def test_the_digest_covers_every_field_and_the_order(trail_db: Database) -> None:
    with trail_db.reading() as unit:
        lines = list(unit.trail.stream(1, 5))
    whole = digest_of(lines)
    assert whole[0] == 5
    changes: list[dict[str, object]] = [
        {"at": NOON + timedelta(microseconds=1)},
        {"actor": "x"},
        {"role": "x"},
        {"action": "x"},
        {"object": "x"},
        {"agency": None},
        {"result": 201},
        {"origin": "x"},
    ]
    assert {frozenset(change) for change in changes} == {frozenset({name}) for name in TrailRow.__slots__}
    changed = [replace(lines[0], row=replace(lines[0].row, **change)) for change in changes]  # type: ignore[arg-type]
    digests = {digest_of([one, *lines[1:]])[1] for one in changed}
    assert len(digests) == len(changes)
    assert whole[1] not in digests | {digest_of(lines[1:])[1], digest_of(lines[::-1])[1]}
    assert digest_of([replace(lines[0], number=9), *lines[1:]]) != whole
