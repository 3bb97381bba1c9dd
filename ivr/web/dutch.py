"""Dates, durations and sizes as Dutch readers write them."""

from datetime import datetime
from zoneinfo import ZoneInfo

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MONTHS = (
    *("januari", "februari", "maart", "april", "mei", "juni"),
    *("juli", "augustus", "september", "oktober", "november", "december"),
)


def date(at: datetime) -> str:
    """`3 november 2026`, in Dutch time."""
    local = at.astimezone(AMSTERDAM)
    return f"{local.day} {MONTHS[local.month - 1]} {local.year}"


def date_and_time(at: datetime) -> str:
    """`3 november 2026, 14.05 uur`, in Dutch time."""
    return f"{date(at)}, {at.astimezone(AMSTERDAM):%H.%M} uur"


def duration(seconds: float) -> str:
    """`1 minuut en 5 seconden`, rounded to whole seconds."""
    minutes, rest = divmod(round(seconds), 60)
    parts = [f"{minutes} {'minuut' if minutes == 1 else 'minuten'}"] if minutes else []
    if rest or not minutes:
        parts.append(f"{rest} {'seconde' if rest == 1 else 'seconden'}")
    return " en ".join(parts)


def size(count_bytes: int) -> str:
    """`1,9 MB`, never less than `0,1 MB`."""
    return f"{max(0.1, count_bytes / 1_000_000):.1f} MB".replace(".", ",")


def days(count: int) -> str:
    return f"{count} {'dag' if count == 1 else 'dagen'}"
