"""PURE. The values of those who watch over the records: trail, legal holds, checks of the log, what must be destroyed,
and requests of data subjects. Times are aware UTC datetimes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from storage.records import TrailRow


@dataclass(frozen=True, slots=True)
class TrailLine:
    """A line of the trail with its number; numbers rise, and may have gaps."""

    number: int
    row: TrailRow


@dataclass(frozen=True, slots=True)
class TrailFilter:
    """Which lines a reader may see and wants: all that is not None must hold.

    A line that belongs to no agency, such as a sign-in, is seen unless its actor is one of `strangers`.
    `until` itself is left out.
    """

    agencies: tuple[str, ...]
    strangers: tuple[str, ...] = ()
    actor: str | None = None
    object: str | None = None
    action: str | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class HoldRecord:
    """A legal hold (bewaarplicht) on all that is kept of one call, until somebody else than who asked for its end has
    confirmed that."""

    hold_id: str
    call_id: str
    agency: str
    reason: str
    placed_at: datetime
    placed_by: str
    release_reason: str | None = None
    release_asked_at: datetime | None = None
    release_asked_by: str | None = None
    released_at: datetime | None = None
    released_by: str | None = None


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """An agency's profile as it is kept."""

    digest: str
    slug: str
    document: str


@dataclass(frozen=True, slots=True)
class LogState:
    """How long the consent log is, and how much of it the last signed checkpoint covers.

    `unsealed_since` is the time of the first entry that no checkpoint covers, None where all are covered.
    """

    size: int
    sealed_size: int
    sealed_at: datetime | None
    note: str | None
    unsealed_since: datetime | None


@dataclass(frozen=True, slots=True)
class CheckpointRow:
    """A signed checkpoint: its note covers the first `size` entries."""

    size: int
    note: str
    sealed_at: datetime


@dataclass(frozen=True, slots=True)
class LogVerdict:
    """What a check of the whole log found; `faults` in the order of the entries, `trail_faults` of the trail,
    `record_faults` of what is stored beside the log."""

    size: int
    root: str
    sealed_size: int
    erased: int
    faults: tuple[str, ...]
    trail_faults: tuple[str, ...]
    record_faults: tuple[str, ...] = ()

    @property
    def all_faults(self) -> tuple[str, ...]:
        return (*self.faults, *self.trail_faults, *self.record_faults)

    @property
    def whole(self) -> bool:
        return not self.all_faults


@dataclass(frozen=True, slots=True)
class LogCheck:
    """A check of the whole log that somebody asked for; it runs, or waits to, as long as it has not ended."""

    check_id: int
    asked_at: datetime
    asked_by: str
    ended_at: datetime | None
    verdict: LogVerdict | None


@dataclass(frozen=True, slots=True)
class DueHour:
    """So many things fall due within the hour that begins at `hour`."""

    hour: datetime
    count: int


@dataclass(frozen=True, slots=True)
class Destruction:
    """Something that was destroyed, as the consent log tells it."""

    tag: str
    at: datetime
    chain: str
    facts: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class SubjectRequest:
    """A data subject asks for access to, or erasure of, what is kept of their calls (AVG art. 15 and 17).

    `kind` is `access` or `erasure`; `identified` says how it was made sure who asks.
    """

    request_id: str
    agency: str
    kind: str
    calls: tuple[str, ...]
    identified: str
    received_at: datetime
    due_at: datetime
    taken_by: str
    outcome: str | None = None
    explanation: str | None = None
    answered_at: datetime | None = None
    answered_by: str | None = None


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """A version of an agency's profile that was kept because a call or a case was told by it, since `kept_at`."""

    digest: str
    version: str
    kept_at: datetime


@dataclass(frozen=True, slots=True)
class ParkedJob:
    """A job that was given up and waits for an operator."""

    job_id: int
    kind: str
    key: str
    due_at: datetime
    attempts: int
    error: str


@dataclass(frozen=True, slots=True)
class StandingJob:
    """A job that is not done yet. `error` is why its last try failed, None where none did."""

    job_id: int
    parked: bool
    due_at: datetime
    attempts: int
    error: str | None
