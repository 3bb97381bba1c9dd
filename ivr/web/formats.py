"""Dates, durations and sizes as readers of the page's language write them; times are Dutch times everywhere."""

from datetime import date as calendar_date
from datetime import datetime
from zoneinfo import ZoneInfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_decimal

from ivr.web.language import gettext, language, ngettext

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
YEAR_DAYS = 365.25


def date(at: datetime) -> str:
    """`3 november 2026`."""
    return _written(at, "d MMMM y")


def day(of_calendar: calendar_date) -> str:
    """`3 november 2026`, of a day that is one already."""
    return format_date(of_calendar, "d MMMM y", locale=language())


def month(of_calendar: calendar_date) -> str:
    """`november 2026`."""
    return format_date(of_calendar, "MMMM y", locale=language())


def date_and_time(at: datetime) -> str:
    """`3 november 2026, 14.05 uur`."""
    # For translators: a pattern of Unicode's CLDR; its order, and what stands between quotes, differ by language.
    return _written(at, gettext("d MMMM y, HH.mm 'uur'"))


def time_of_day(at: datetime) -> str:
    """`14.05 uur`."""
    # For translators: a pattern of Unicode's CLDR, as above.
    return _written(at, gettext("HH.mm 'uur'"))


def to_the_second(at: datetime) -> str:
    """`14.05.09`, for lists of what happened."""
    # For translators: a pattern of Unicode's CLDR, as above.
    return _written(at, gettext("HH.mm.ss"))


def duration(seconds: float) -> str:
    """`1 minuut en 5 seconden`, rounded to whole seconds."""
    minutes, rest = divmod(round(seconds), 60)
    in_minutes = ngettext("%(count)s minuut", "%(count)s minuten", minutes)
    in_seconds = ngettext("%(count)s seconde", "%(count)s seconden", rest)
    if minutes and rest:
        return gettext("%(minutes)s en %(seconds)s", minutes=in_minutes, seconds=in_seconds)
    return in_minutes if minutes else in_seconds


def size(count_bytes: int) -> str:
    """`1,9 MB`, never less than `0,1 MB`."""
    return f"{format_decimal(max(0.1, count_bytes / 1_000_000), '0.0', locale=language())} MB"


def days(count: int) -> str:
    return ngettext("%(count)s dag", "%(count)s dagen", count)


def period(count_days: int) -> str:
    """Whole years as such, since nobody reads 1826 days as `5 jaar`; else in days."""
    years = round(count_days / YEAR_DAYS)
    if years and abs(count_days - years * YEAR_DAYS) < 1:
        return ngettext("%(count)s jaar", "%(count)s jaar", years)
    return days(count_days)


def _written(at: datetime, pattern: str) -> str:
    return format_datetime(at.astimezone(AMSTERDAM), pattern, locale=language())
