"""Histories as the consent log tells them, for tests that count."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from ivr.reporting.counting import Tallies, count
from ivr.reporting.history import PHONE, Happened, History, Json
from ivr.reporting.measures import Measure, Row, list_rows, partitions_of
from ivr.reporting.period import Period, parse_period

NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
YEAR = parse_period("2026-01", "2026-12")

Told = tuple[str, dict[str, Json]] | str
"""A tag, with its facts where it has any."""


def happened(*told: Told, since: datetime = NOON, every_s: float = 10) -> tuple[Happened, ...]:
    found = []
    for number, one in enumerate(told):
        tag, facts = (one, {}) if isinstance(one, str) else one
        found.append(Happened(tag, since + timedelta(seconds=number * every_s), facts))
    return tuple(found)


def call(*told: Told, at: datetime = NOON, agency: str = "example", overdue: str = "", every_s: float = 10) -> History:
    """A phone call; an entry every so many seconds."""
    return History(agency, PHONE, at, happened(*told, since=at, every_s=every_s), frozenset({overdue} - {""}))


def case(*told: Told, at: datetime = NOON, channel: str = "other", overdue: str = "") -> History:
    """A case of no call."""
    return History("example", channel, None, happened(*told, since=at), frozenset({overdue} - {""}))


def raw(tallies: Tallies, agency: str = "example", channel: str = PHONE) -> dict[str, int]:
    """What was counted in all months, by measure and where there is one detail; its sums were checked."""
    found: Counter[Row] = Counter()
    for (row, _), number in tallies[agency, channel].counts.items():
        found[row] += number
    rows = list_rows(found, phone=channel == PHONE)
    assert set(found) <= set(rows)
    for whole, parts in partitions_of(rows):
        assert found[whole] == sum(found[part] for part in parts), whole
    return {name(row): number for row, number in found.items() if number}


def name(row: Row) -> str:
    return f"{row.measure}:{row.detail}" if row.detail else row.measure.value


def counted(*histories: History, period: Period = YEAR, channel: str = PHONE) -> dict[str, int]:
    return raw(count(histories, period), channel=channel)


def only(found: dict[str, int], *measures: Measure) -> list[int]:
    return [found.get(measure.value, 0) for measure in measures]
