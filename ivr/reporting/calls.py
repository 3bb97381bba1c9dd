"""PURE. What counts of a call beside the wishes to record: the agency's recording, copies, what came up."""

from collections.abc import Iterator, Sequence

from ivr.reporting.history import Happened, History
from ivr.reporting.measures import Measure, Row
from ivr.reporting.requests import Request

EACH_TIME = {
    "objection:withdrawn": Measure.OBJECTIONS_WITHDRAWN,
    "consent:withdrawn": Measure.WISHES_WITHDRAWN,
    "pause:asked": Measure.PAUSES,
}
ONCE_A_CALL = {
    "third-person:present": Measure.THIRD_PERSONS,
    "copy:offered": Measure.COPY_OFFERED,
    "copy:wanted": Measure.COPY_WANTED,
    "copy:sent": Measure.COPY_SENT,
}
USES = {"listen": Measure.COPY_LISTENED, "download": Measure.COPY_DOWNLOADED}
STARTED = {"recording:started", "recording:stopped", "recording:stored", "recording:degraded"}
"""A recording that the carrier began although nobody waited for it any more is only known to have stopped."""

INTENDED = STARTED | {"recording:announced", "recording:blocked", "recording:failed"}


def rows_of_call(history: History, requests: Sequence[Request]) -> Iterator[Row]:
    """Every row in which it counts, one for each time."""
    yield Row(Measure.CALLS)
    for one in history.happened:
        if one.tag in EACH_TIME:
            yield Row(EACH_TIME[one.tag])
    once = {ONCE_A_CALL[tag] for tag in history.tags() if tag in ONCE_A_CALL}
    once |= {USES[one.said("use")] for one in history.happened if _is_use(one)}
    yield from map(Row, once)
    yield from map(Row, _recording(history, requests))


def _is_use(one: Happened) -> bool:
    return one.tag == "copy:downloaded" and one.said("use") in USES


def _recording(history: History, requests: Sequence[Request]) -> Iterator[Measure]:
    tags = history.tags()
    if not tags & INTENDED:
        return
    yield Measure.RECORDINGS
    if tags & STARTED:
        yield Measure.STARTED
        yield _kept(tags)
        waited = seconds_to_recording(history, requests) is not None
        yield Measure.AFTER_REQUEST if waited else Measure.WITHOUT_REQUEST
    else:
        yield Measure.BLOCKED if "recording:blocked" in tags else Measure.NOT_STARTED


def _kept(tags: set[str]) -> Measure:
    if "recording:stored" in tags:
        return Measure.STORED
    if "recording:degraded" in tags:
        return Measure.DEGRADED
    return Measure.FAILED if "recording:failed" in tags else Measure.NOT_FETCHED


def seconds_to_recording(history: History, requests: Sequence[Request]) -> float | None:
    """From the last wish before the agency's recording started, until then; None where there was no such wish."""
    started = next((one.at for one in history.happened if one.tag == "recording:started"), None)
    if started is None:
        return None
    wishes = [request.asked_at for request in requests if request.asked_at <= started]
    return (started - wishes[-1]).total_seconds() if wishes else None
