"""PURE. What is counted, and which counts make up which: the rows of an evaluation.

A *partition* is a set of rows whose sum is another row, whatever the month. All sums that somebody could make stand
here, because the suppression of small numbers (`ivr/reporting/suppression.py`) protects against these.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

OWN_WORDS = "anders"
"""The reason of an objection in the employee's own words, which are never shown."""


class Measure(StrEnum):
    """A row, or with a detail such as a code of the profile a group of rows."""

    CALLS = "calls"
    REQUESTS = "requests"
    HEARD = "requests-heard"
    KEYED = "requests-keyed"
    REGISTERED = "requests-registered"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    UNCONFIRMED = "unconfirmed"
    UNANSWERED = "unanswered"
    REFUSED = "refused"
    REFUSED_REASON = "refused-reason"
    REFUSED_KIND = "refused-kind-of-conversation"
    KEPT_AT_ONCE = "alternative-at-once"
    KEPT_AT_ONCE_BY = "alternative-at-once-by"
    PROMISED = "alternative-promised"
    PROMISED_BY = "alternative-promised-by"
    DELIVERED = "alternative-delivered"
    DELIVERED_LATE = "alternative-delivered-late"
    AWAITED = "alternative-awaited"
    OVERDUE = "alternative-overdue"
    LAPSED = "alternative-lapsed"
    OBJECTIONS_WITHDRAWN = "objections-withdrawn"
    WISHES_WITHDRAWN = "wishes-withdrawn"
    COPY_OFFERED = "copy-offered"
    COPY_WANTED = "copy-wanted"
    COPY_SENT = "copy-sent"
    COPY_LISTENED = "copy-listened"
    COPY_DOWNLOADED = "copy-downloaded"
    RECORDINGS = "agency-recordings"
    STARTED = "agency-recording-started"
    BLOCKED = "agency-recording-blocked"
    NOT_STARTED = "agency-recording-not-started"
    STORED = "agency-recording-stored"
    DEGRADED = "agency-recording-degraded"
    FAILED = "agency-recording-failed"
    NOT_FETCHED = "agency-recording-not-fetched"
    AFTER_REQUEST = "agency-recording-after-request"
    WITHOUT_REQUEST = "agency-recording-without-request"
    PAUSES = "pauses-asked"
    THIRD_PERSONS = "third-persons"
    CITIZEN_COPIES = "citizen-copies-asked"
    CITIZEN_COPY_RECEIVED = "citizen-copy-received"
    CITIZEN_COPY_DECLINED = "citizen-copy-declined"
    CITIZEN_COPY_LAPSED = "citizen-copy-lapsed"
    CITIZEN_COPY_AWAITED = "citizen-copy-awaited"
    CITIZEN_COPY_COMPARED = "citizen-copy-compared"
    CITIZEN_COPY_NOT_COMPARED = "citizen-copy-not-compared"
    CITIZEN_COPY_KEPT = "citizen-copy-kept"
    CITIZEN_COPY_DESTROYED = "citizen-copy-destroyed"
    CITIZEN_COPY_UNDECIDED = "citizen-copy-undecided"
    COVERT = "covert-recordings"
    COMPLAINTS = "complaints"
    COMPLAINT_WITHOUT_LISTENING = "complaint-judged-without-listening"
    COMPLAINT_GRANTED = "complaint-access-granted"
    COMPLAINT_REFUSED = "complaint-access-refused"
    COMPLAINT_UNDECIDED = "complaint-undecided"
    PLAYBACKS = "playbacks"
    PLAYBACKS_REFUSED = "playbacks-refused"
    MISUSE = "misuse"
    MISUSE_SORT = "misuse-sort"
    TRAINING = "training-asked"
    TRAINING_AGREED = "training-agreed"
    TRAINING_NOT_AGREED = "training-not-agreed"
    TRAINING_WITHDRAWN = "training-withdrawn"
    TRAINING_UNANSWERED = "training-unanswered"


M = Measure
WITH_DETAIL = (M.REFUSED_REASON, M.REFUSED_KIND, M.KEPT_AT_ONCE_BY, M.PROMISED_BY, M.MISUSE_SORT)
"""Each value that occurs has a row of its own."""

PARTITIONS: tuple[tuple[Measure, tuple[Measure, ...]], ...] = (
    (M.REQUESTS, (M.HEARD, M.KEYED, M.REGISTERED)),
    (M.REQUESTS, (M.CONFIRMED, M.DECLINED, M.UNCONFIRMED, M.UNANSWERED, M.REFUSED)),
    (M.REFUSED, (M.REFUSED_REASON, M.REFUSED_KIND)),
    (M.REFUSED, (M.KEPT_AT_ONCE, M.PROMISED)),
    (M.KEPT_AT_ONCE, (M.KEPT_AT_ONCE_BY,)),
    (M.PROMISED, (M.PROMISED_BY,)),
    (M.PROMISED, (M.DELIVERED, M.DELIVERED_LATE, M.AWAITED, M.OVERDUE, M.LAPSED)),
    (M.RECORDINGS, (M.STARTED, M.BLOCKED, M.NOT_STARTED)),
    (M.STARTED, (M.STORED, M.DEGRADED, M.FAILED, M.NOT_FETCHED)),
    (M.STARTED, (M.AFTER_REQUEST, M.WITHOUT_REQUEST)),
    (
        M.CITIZEN_COPIES,
        (M.CITIZEN_COPY_RECEIVED, M.CITIZEN_COPY_DECLINED, M.CITIZEN_COPY_LAPSED, M.CITIZEN_COPY_AWAITED),
    ),
    (M.CITIZEN_COPY_RECEIVED, (M.CITIZEN_COPY_COMPARED, M.CITIZEN_COPY_NOT_COMPARED)),
    (M.CITIZEN_COPY_RECEIVED, (M.CITIZEN_COPY_KEPT, M.CITIZEN_COPY_DESTROYED, M.CITIZEN_COPY_UNDECIDED)),
    (
        M.COMPLAINTS,
        (M.COMPLAINT_WITHOUT_LISTENING, M.COMPLAINT_GRANTED, M.COMPLAINT_REFUSED, M.COMPLAINT_UNDECIDED),
    ),
    (M.MISUSE, (M.MISUSE_SORT,)),
    (M.TRAINING, (M.TRAINING_AGREED, M.TRAINING_NOT_AGREED, M.TRAINING_WITHDRAWN, M.TRAINING_UNANSWERED)),
)
"""Whole, and the measures that make it up; no measure is a part of two wholes."""

ON_THE_PHONE_ONLY = frozenset(
    {M.CALLS, M.HEARD, M.KEYED, M.DECLINED, M.UNCONFIRMED, M.OBJECTIONS_WITHDRAWN, M.WISHES_WITHDRAWN, M.PAUSES}
    | {M.COPY_OFFERED, M.COPY_WANTED, M.COPY_SENT, M.COPY_LISTENED, M.COPY_DOWNLOADED, M.RECORDINGS}
    | {part for whole, parts in PARTITIONS if whole in (M.RECORDINGS, M.STARTED) for part in parts}
)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of an evaluation; `detail` is a code, empty where the measure has none."""

    measure: Measure
    detail: str = ""


def list_rows(found: Iterable[Row], *, phone: bool) -> tuple[Row, ...]:
    """In the order in which they are shown: those without detail whether they were found or not."""
    details = sorted({row for row in found if row.detail}, key=lambda row: row.detail)
    rows: list[Row] = []
    for measure in Measure:
        if measure in WITH_DETAIL:
            rows += [row for row in details if row.measure is measure]
        elif phone or measure not in ON_THE_PHONE_ONLY:
            rows.append(Row(measure))
    return tuple(rows)


def partitions_of(rows: Iterable[Row]) -> list[tuple[Row, tuple[Row, ...]]]:
    """The sums that hold between these rows."""
    by_measure: dict[Measure, list[Row]] = {}
    for row in rows:
        by_measure.setdefault(row.measure, []).append(row)
    return [
        (by_measure[whole][0], tuple(row for part in parts for row in by_measure.get(part, ())))
        for whole, parts in PARTITIONS
        if whole in by_measure
    ]
