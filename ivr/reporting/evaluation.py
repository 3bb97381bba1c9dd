"""PURE. The evaluation as it may be shown: small numbers are hidden from here on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil

from ivr.reporting.counting import Tally, count
from ivr.reporting.history import PHONE, History
from ivr.reporting.measures import Measure, Row, list_rows, partitions_of
from ivr.reporting.period import Month, Period
from ivr.reporting.suppression import THRESHOLD, Figure, Hidden, suppress

AFTER_REQUEST = Row(Measure.AFTER_REQUEST)


@dataclass(frozen=True, slots=True)
class Waits:
    """Seconds from the wish to the start of the agency's recording: half of them, and nine in ten, took no longer."""

    median_s: float
    p90_s: float


@dataclass(frozen=True, slots=True)
class Sheet:
    """One channel of one agency. Figures and waits are by month, the period's own last; None: too few to tell."""

    channel: str
    months: tuple[Month, ...]
    figures: dict[Row, tuple[Figure, ...]]
    waits: tuple[Waits | None, ...]

    def total(self, measure: Measure, detail: str = "") -> Figure:
        """Over the whole period; 0 for what does not occur."""
        row = self.figures.get(Row(measure, detail))
        return 0 if row is None else row[-1]

    def totals_by_detail(self, measure: Measure) -> dict[str, Figure]:
        return {row.detail: figures[-1] for row, figures in self.figures.items() if row.measure is measure}


@dataclass(frozen=True, slots=True)
class AgencyPart:
    """An agency's channels, the phone first; none where nothing was logged."""

    agency: str
    sheets: tuple[Sheet, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    period: Period
    agencies: tuple[AgencyPart, ...]


def evaluate(histories: Iterable[History], agencies: Sequence[str], period: Period) -> Evaluation:
    """Takes the histories one by one. Agencies come in the order given."""
    tallies = count(histories, period)
    parts = []
    for agency in agencies:
        channels = sorted(
            (channel for slug, channel in tallies if slug == agency), key=lambda name: (name != PHONE, name)
        )
        sheets = tuple(_sheet(channel, tallies[agency, channel], period) for channel in channels)
        parts.append(AgencyPart(agency, sheets))
    return Evaluation(period, tuple(parts))


def _sheet(channel: str, tally: Tally, period: Period) -> Sheet:
    months = period.months
    rows = list_rows((row for row, _ in tally.counts), phone=channel == PHONE)
    counts = {row: [tally.counts[row, month] for month in months] for row in rows}
    figures = suppress(counts, partitions_of(rows))
    by_month = [tally.waits_s.get(month, []) for month in months]
    by_month.append([wait_s for waits_s in by_month for wait_s in waits_s])
    shown = figures.get(AFTER_REQUEST, (0,) * len(by_month))
    return Sheet(channel, months, figures, tuple(map(_waits, by_month, shown)))


def _waits(waits_s: Sequence[float], count: Figure) -> Waits | None:
    """Only where their number is shown: that of a few tells of each of them."""
    if isinstance(count, Hidden) or len(waits_s) < THRESHOLD:
        return None
    in_order = sorted(waits_s)
    return Waits(_percentile(in_order, 50), _percentile(in_order, 90))


def _percentile(in_order: Sequence[float], percent: int) -> float:
    """The smallest value that so many do not exceed (nearest rank)."""
    return in_order[ceil(len(in_order) * percent / 100) - 1]
