"""PURE. The period of an evaluation: whole days in the Netherlands, shown by month."""

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
LONGEST_MONTHS = 60
_DAY = re.compile(r"(\d{4})-(\d{2})(?:-(\d{2}))?", re.ASCII)


class PeriodError(ValueError):
    """No period to evaluate; the text is one line."""


@dataclass(frozen=True, slots=True)
class Month:
    """A calendar month, written `2026-03`."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @property
    def first_day(self) -> date:
        return date(self.year, self.number, 1)


@dataclass(frozen=True, slots=True)
class Period:
    """From the beginning of day `first` to the end of day `last`, by Dutch clocks."""

    first: date
    last: date

    @property
    def since(self) -> datetime:
        """Its first moment, in UTC."""
        return _midnight(self.first)

    @property
    def until(self) -> datetime:
        """The first moment after it, in UTC."""
        return _midnight(self.last + timedelta(days=1))

    @property
    def months(self) -> tuple[Month, ...]:
        """Those that it touches."""
        first, last = _count(self.first), _count(self.last)
        return tuple(Month(number // 12, number % 12 + 1) for number in range(first, last + 1))

    def month_of(self, at: datetime) -> Month | None:
        """None outside the period."""
        day = at.astimezone(AMSTERDAM).date()
        return Month(day.year, day.month) if self.first <= day <= self.last else None


def parse_period(first: str, last: str) -> Period:
    """Two days, or months for their first and last day: `2026-01` to `2026-12` is that whole year.

    Raises `PeriodError`.
    """
    period = Period(_parse(first, ends=False), _parse(last, ends=True))
    if period.first > period.last:
        raise PeriodError(f"the period begins on {period.first}, which is after its end on {period.last}")
    if len(period.months) > LONGEST_MONTHS:
        raise PeriodError(f"a period has at most {LONGEST_MONTHS} months")
    return period


def _parse(text: str, *, ends: bool) -> date:
    found = _DAY.fullmatch(text)
    try:
        if found is None:
            raise ValueError
        year, month = int(found[1]), int(found[2])
        if not 1900 <= year < 3000:
            raise ValueError
        day = int(found[3]) if found[3] else calendar.monthrange(year, month)[1] if ends else 1
        return date(year, month, day)
    except ValueError:
        raise PeriodError(f"{text[:40]!r} is no month like 2026-03 and no day like 2026-03-01") from None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), AMSTERDAM).astimezone(UTC)


def _count(day: date) -> int:
    """Months since the beginning of the count of years."""
    return day.year * 12 + day.month - 1
