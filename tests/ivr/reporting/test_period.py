"""The period of an evaluation: whole Dutch days, and what is none."""

from datetime import UTC, date, datetime

import pytest

from ivr.reporting.period import LONGEST_MONTHS, Month, Period, PeriodError, parse_period


def test_months_are_whole_and_days_are_themselves() -> None:
    assert parse_period("2026-01", "2026-12") == Period(date(2026, 1, 1), date(2026, 12, 31))
    assert parse_period("2028-02", "2028-02").last == date(2028, 2, 29)
    assert parse_period("2026-03-10", "2026-03-10") == Period(date(2026, 3, 10), date(2026, 3, 10))


def test_a_period_begins_and_ends_at_dutch_midnight() -> None:
    year = parse_period("2026-01", "2026-06")
    assert year.since == datetime(2025, 12, 31, 23, tzinfo=UTC)
    assert year.until == datetime(2026, 6, 30, 22, tzinfo=UTC)
    assert year.month_of(year.since) == Month(2026, 1)
    assert year.month_of(datetime(2026, 6, 30, 21, 59, 59, 999999, UTC)) == Month(2026, 6)
    assert year.month_of(year.until) is None


def test_the_months_go_over_the_turn_of_the_year() -> None:
    assert list(map(str, parse_period("2025-11-30", "2026-02-01").months)) == [
        "2025-11",
        "2025-12",
        "2026-01",
        "2026-02",
    ]


NO_DAYS = (
    "", "2026", "2026-13", "2026-00", "2026-02-30", "26-01", "2026-1", "2026-01-1", "2026-01-01T00", " 2026-01",
    "2026-01\n", "\u0662\u0660\u0662\u0666-01", "0001-01", "9999-12", "-2026-01", "x" * 999,
)  # fmt: skip


@pytest.mark.parametrize("text", NO_DAYS)
def test_what_is_no_month_or_day(text: str) -> None:
    for ends in ((text, "2026-12"), ("2026-01", text)):
        with pytest.raises(PeriodError) as told:
            parse_period(*ends)
        assert len(str(told.value)) < 120
        assert "\n" not in str(told.value)


def test_an_end_before_the_beginning() -> None:
    with pytest.raises(PeriodError, match="2026-02-01, which is after its end on 2026-01-31"):
        parse_period("2026-02", "2026-01")


def test_the_longest_period() -> None:
    assert len(parse_period("2021-01", "2025-12").months) == LONGEST_MONTHS
    with pytest.raises(PeriodError, match="at most"):
        parse_period("2021-01", "2026-01")
