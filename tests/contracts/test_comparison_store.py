"""What every `ComparisonStore` keeps to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from ivr.ports import Database
from storage.records import ComparisonRow
from storage.session import SqlDatabase

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
FIRST = ComparisonRow("case-1", '{"verdict":"cut"}', NOON)
OTHER = ComparisonRow("case-2", '{"verdict":"complete"}', NOON)


def test_a_comparison_is_found_by_its_case(database: SqlDatabase) -> None:
    store: Database = database
    with store.transaction() as unit:
        unit.comparisons.put(FIRST)
        unit.comparisons.put(OTHER)
    with store.reading() as unit:
        assert unit.comparisons.find("case-1") == FIRST
        assert unit.comparisons.find("case-3") is None


def test_a_later_one_takes_the_place_of_an_earlier_one(database: SqlDatabase) -> None:
    later = replace(FIRST, report="{}", compared_at=NOON + timedelta(days=1))
    with database.transaction() as unit:
        unit.comparisons.put(FIRST)
        unit.comparisons.put(later)
        assert unit.comparisons.find("case-1") == later


def test_what_is_forgotten_is_gone_and_others_stay(database: SqlDatabase) -> None:
    with database.transaction() as unit:
        unit.comparisons.put(FIRST)
        unit.comparisons.put(OTHER)
        unit.comparisons.forget("case-1")
        unit.comparisons.forget("case-1")
    with database.reading() as unit:
        assert unit.comparisons.find("case-1") is None
        assert unit.comparisons.find("case-2") == OTHER
