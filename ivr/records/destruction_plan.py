"""The retention calendar: what is destroyed on which day, what is late, what a legal hold keeps, and what went."""

import logging
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from enum import StrEnum

from config.policy import PolicyError, Retention
from ivr.calls.agencies import Agencies
from ivr.cases.case import Kind, State
from ivr.ports import Clock, Database, Unit
from storage.oversight import Destruction, DueHour

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
LATE = timedelta(hours=6)
"""The worker destroys every hour: what is due for longer is worth a warning."""

LATELY = timedelta(days=30)
SHOWN = 50

log = logging.getLogger(__name__)


class Sort(StrEnum):
    """What is destroyed; of a call, everything personal in its log. Citizens' copies people destroy themselves."""

    RECORDING = "recording"
    NUMBER = "number"
    CALL = "call"
    CASE = "case"
    CITIZEN_COPY = "citizen-copy"


Counts = Mapping[Sort, int]


@dataclass(frozen=True, slots=True)
class Plan:
    """One month: `days` are those on which something is due, in order.

    `late` is due for some hours already and still there; `held` is due and stays because of a legal hold.
    """

    days: Sequence[tuple[date, Counts]]
    late: Counts
    held: Counts
    destroyed: Sequence[Destruction]

    @property
    def total(self) -> Counts:
        return sum((Counter(counts) for _, counts in self.days), Counter[Sort]())


class DestructionPlan:
    """`zone` is the one in which days are counted."""

    def __init__(self, database: Database, agencies: Agencies, clock: Clock, zone: tzinfo) -> None:
        self._database = database
        self._agencies = agencies
        self._clock = clock
        self._zone = zone

    def of_month(self, agencies: Sequence[str], first: date) -> Plan:
        """`first` is the month's first day."""
        now = self._clock.now()
        since = datetime(first.year, first.month, 1, tzinfo=self._zone)
        until = datetime(first.year + first.month // 12, first.month % 12 + 1, 1, tzinfo=self._zone)
        days: dict[date, Counter[Sort]] = {}
        with self._database.reading() as unit:
            for sort, due in self._due(unit, agencies, since, until):
                days.setdefault(due.hour.astimezone(self._zone).date(), Counter())[sort] += due.count
            late = self._count(unit, agencies, now - LATE)
            held = self._count(unit, agencies, now, held=True)
            destroyed = unit.calendar.destroyed(agencies, now - LATELY, SHOWN)
        return Plan(sorted(days.items()), late, held, destroyed)

    def _count(self, unit: Unit, agencies: Sequence[str], until: datetime, *, held: bool = False) -> Counts:
        counts = Counter[Sort]()
        for sort, due in self._due(unit, agencies, BEGINNING, until, held=held):
            counts[sort] += due.count
        return counts

    def _due(
        self, unit: Unit, agencies: Sequence[str], since: datetime, until: datetime, *, held: bool = False
    ) -> Iterator[tuple[Sort, DueHour]]:
        for due in unit.calendar.recordings(agencies, since, until, held=held):
            yield Sort.RECORDING, due
        for due in unit.calendar.cases(agencies, since, until, held=held):
            yield Sort.CASE, due
        for digest, retention in self._periods(agencies, unit.calls.list_profiles_with_numbers()):
            kept = timedelta(days=retention.number_days)
            for ended in unit.calendar.numbers(digest, since - kept, until - kept, held=held):
                yield Sort.NUMBER, DueHour(ended.hour + kept, ended.count)
        for digest, retention in self._periods(agencies, unit.policies.list_profiles()):
            kept = timedelta(days=retention.log_days)
            for ended in unit.calendar.calls(digest, since - kept, until - kept, held=held):
                yield Sort.CALL, DueHour(ended.hour + kept, ended.count)
        if not held:
            for due in unit.calendar.open_cases(agencies, Kind.CITIZEN_COPY, State.ASKED, since, until):
                yield Sort.CITIZEN_COPY, due

    def _periods(self, agencies: Sequence[str], profiles: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Retention]]:
        """What is due after the call is so by the profile that held then."""
        for agency, digest in profiles:
            if agency not in agencies:
                continue
            try:
                yield digest, self._agencies.by_digest(agency, digest).retention
            except PolicyError as fault:
                log.error("when it is due is not known: the profile is gone", extra={"error": str(fault)})
