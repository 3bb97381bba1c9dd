"""The evaluation of a period, read from the consent log and the case files in one snapshot."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from ivr.calls.agencies import Agencies
from ivr.cases.case import Case, Kind
from ivr.cases.writing import case_of
from ivr.ports import Clock, Database, Unit
from ivr.reporting.evaluation import Evaluation, evaluate
from ivr.reporting.history import OTHER_CHANNEL, PHONE, Happened, History
from ivr.reporting.period import Period
from storage.records import CaseFilter, ChainRecord, LoggedEntry

CASES_AT_ONCE = 500


class EvaluationService:
    """Safe to share between threads."""

    def __init__(self, database: Database, agencies: Agencies, clock: Clock) -> None:
        self._database = database
        self._agencies = agencies
        self._clock = clock

    def evaluate(self, slugs: Sequence[str], period: Period) -> Evaluation:
        """In constant memory, but for the promises to who asked elsewhere than on the phone.

        Raises `PolicyError` for an agency without a profile, `LogBroken` for an entry that is not what was written.
        """
        for slug in slugs:
            self._agencies.now(slug)
        with self._database.reading() as unit:
            return evaluate(histories(unit, slugs, period, self._clock.now()), slugs, period)


def histories(unit: Unit, slugs: Sequence[str], period: Period, now: datetime) -> Iterator[History]:
    """What the evaluation of that period is made from, one call or case at a time; `now` says what is overdue."""
    promises = _promises_beside_calls(unit, slugs)
    for record in unit.chains.stream_chains(slugs, period.since, period.until):
        cases = [case_of(one) for one in record.cases]
        if record.call_opened_at is None and any(case.from_case in promises for case in cases):
            continue  # told with the request that it came out of
        promise = promises.get(record.chain)
        entries = list(record.entries)
        if promise is not None:
            cases.append(promise)
            entries = sorted((*entries, *unit.log.list_call(promise.chain)), key=lambda entry: entry.number)
        yield History(
            agency=record.agency,
            channel=_channel_of(record, cases),
            call_opened_at=record.call_opened_at,
            happened=tuple(map(_happened, entries)),
            overdue=frozenset(case.case_id for case in cases if case.is_overdue(now)),
        )


def _promises_beside_calls(unit: Unit, slugs: Sequence[str]) -> Mapping[str, Case]:
    """By the request that each came out of: their entries are not in that request's chain."""
    wanted = CaseFilter(agencies=tuple(slugs), kind=Kind.REFUSAL)
    found: dict[str, Case] = {}
    after: str | None = None
    while page := unit.cases.list(wanted, CASES_AT_ONCE, after):
        after = page[-1].case_id
        for case in (case_of(record) for record in page if record.call_id is None):
            if case.from_case is not None:
                found[case.from_case] = case
    return found


def _channel_of(record: ChainRecord, cases: Sequence[Case]) -> str:
    if record.call_opened_at is not None:
        return PHONE
    return next((case.channel for case in cases if case.channel is not None), OTHER_CHANNEL)


def _happened(entry: LoggedEntry) -> Happened:
    return Happened(entry.tag, entry.occurred_at, entry.facts)
