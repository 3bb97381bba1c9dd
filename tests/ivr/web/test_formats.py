"""Dates, durations and sizes in Dutch."""

from datetime import UTC, datetime

import pytest

from ivr.web import formats


def test_times_are_dutch_times_in_summer_and_winter() -> None:
    assert formats.date_and_time(datetime(2026, 7, 1, 22, 5, tzinfo=UTC)) == "2 juli 2026, 00.05 uur"
    assert formats.date_and_time(datetime(2026, 12, 31, 22, 5, tzinfo=UTC)) == "31 december 2026, 23.05 uur"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 seconden"),
        (1, "1 seconde"),
        (60, "1 minuut"),
        (61.4, "1 minuut en 1 seconde"),
        (119.6, "2 minuten"),
        (3725, "62 minuten en 5 seconden"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert formats.duration(seconds) == words


def test_sizes_and_days() -> None:
    assert [formats.size(1), formats.size(1_949_999)] == ["0,1 MB", "1,9 MB"]
    assert [formats.days(1), formats.days(14)] == ["1 dag", "14 dagen"]


def test_years_are_told_as_years() -> None:
    assert [formats.period(days) for days in (30, 364, 365, 366, 1826, 3652)] == [
        "30 dagen",
        "364 dagen",
        "1 jaar",
        "1 jaar",
        "5 jaar",
        "10 jaar",
    ]
