"""PURE. Calls and cases in, numbers by agency, channel and month out.

A call counts in the month in which it was opened, with its wishes, recording and copies; a case file in the month in
which it was opened; a promised alternative with the refusal. All as things stand now, whatever month that was.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from ivr.reporting.calls import rows_of_call, seconds_to_recording
from ivr.reporting.cases import rows_of_case
from ivr.reporting.history import History
from ivr.reporting.measures import Row
from ivr.reporting.period import Month, Period
from ivr.reporting.requests import Request, request_of_case, requests_of_call, rows_of


@dataclass
class Tally:
    """Raw numbers of one channel of one agency: never to be shown. `waits_s` are from the wish to the recording."""

    counts: Counter[tuple[Row, Month]] = field(default_factory=Counter)
    waits_s: dict[Month, list[float]] = field(default_factory=lambda: defaultdict(list))


Tallies = dict[tuple[str, str], Tally]
"""By agency and channel."""


def count(histories: Iterable[History], period: Period) -> Tallies:
    """Takes them one by one: what they hold is not kept."""
    found: Tallies = {}
    for history in histories:
        requests = [] if history.call_opened_at is None else requests_of_call(history)
        for channel, at, row in _rows(history, requests):
            month = period.month_of(at)
            if month is not None:
                found.setdefault((history.agency, channel), Tally()).counts[row, month] += 1
        wait_s = seconds_to_recording(history, requests)
        if history.call_opened_at is not None and wait_s is not None:
            month = period.month_of(history.call_opened_at)
            if month is not None:
                found[history.agency, history.channel].waits_s[month].append(wait_s)
    return found


def _rows(history: History, requests: Sequence[Request]) -> Iterator[tuple[str, datetime, Row]]:
    """On which channel, and by when it is dated."""
    opened_at = history.call_opened_at
    if opened_at is not None:
        for row in rows_of_call(history, requests):
            yield history.channel, opened_at, row
        for request in requests:
            for row in rows_of(request, history):
                yield history.channel, opened_at, row
    for happened in history.cases():
        first = happened[0]
        channel = first.said("channel") or history.channel
        registered = request_of_case(happened, history)
        if registered is not None:
            for row in rows_of(registered, history):
                yield channel, first.at, row
        for row in rows_of_case(happened):
            yield channel, first.at, row
