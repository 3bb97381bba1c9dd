"""What the services need of the stores that watch over the records; `ivr.ports` has the rest, and the unit of work.

Contracts like those there: each has one suite in tests/contracts. Times are aware UTC datetimes.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Protocol

from storage.oversight import (
    CheckpointRow,
    Destruction,
    DueHour,
    HoldRecord,
    LogCheck,
    LogState,
    LogVerdict,
    SubjectRequest,
    TrailFilter,
    TrailLine,
)
from storage.records import TrailRow


class TrailStore(Protocol):
    """Who did or saw what; lines are only added."""

    def append(self, row: TrailRow) -> None: ...

    def list_object(self, object_id: str, limit: int) -> Sequence[TrailRow]:
        """What was done with, or seen of, one call, case or user; the newest first."""
        ...

    def search(self, wanted: TrailFilter, limit: int, before: int | None = None) -> Sequence[TrailLine]:
        """The newest first, from the one before the line `before`."""
        ...

    def find_last(self, before: datetime) -> int | None:
        """The highest number among the lines of before that time."""
        ...

    def stream(self, first: int, last: int) -> Iterator[TrailLine]:
        """In the order of their numbers, both ends included; read while the transaction runs, in constant memory."""
        ...

    def forget(self, last: int) -> None:
        """All lines up to this number."""
        ...


class HoldStore(Protocol):
    """Legal holds: at most one at a time on a call."""

    def add(self, hold: HoldRecord) -> bool:
        """False, and nothing changed, where the call is held already."""
        ...

    def find_active(self, call_id: str) -> HoldRecord | None: ...

    def list_call(self, call_id: str) -> Sequence[HoldRecord]:
        """Also those that were released; in the order in which they were placed."""
        ...

    def list_active(self, agencies: Sequence[str], limit: int, after: str | None = None) -> Sequence[HoldRecord]:
        """The oldest first, from the one after the hold `after`."""
        ...

    def ask_release(self, hold_id: str, at: datetime, by: str, reason: str) -> bool:
        """False where it was asked already, or is released."""
        ...

    def refuse_release(self, hold_id: str) -> bool:
        """The hold stays as if nobody had asked. False where nobody did."""
        ...

    def release(self, hold_id: str, at: datetime, by: str) -> bool:
        """False where nobody asked for it, the same person did, or it is released."""
        ...


class LogChecks(Protocol):
    """How the consent log is, and the checks of the whole of it."""

    def state(self) -> LogState: ...

    def list_checkpoints(self, limit: int, below: int | None = None) -> Sequence[CheckpointRow]:
        """The largest first, from those smaller than `below`."""
        ...

    def find_checkpoint(self, size: int) -> CheckpointRow | None: ...

    def list_unsafe_settings(self) -> Sequence[str]:
        """What the database server has switched off, so that acknowledged entries may be lost with its power."""
        ...

    def ask(self, at: datetime, by: str) -> int:
        """Gives the new check's number."""
        ...

    def end(self, check_id: int, at: datetime, verdict: LogVerdict) -> None:
        """The first time counts."""
        ...

    def list(self, limit: int) -> Sequence[LogCheck]:
        """The newest first."""
        ...


class RetentionCalendar(Protocol):
    """What must be destroyed when, by the hour, and what was. `held`: those that stay because of a legal hold."""

    def recordings(
        self, agencies: Sequence[str], since: datetime, until: datetime, *, held: bool = False
    ) -> Sequence[DueHour]: ...

    def numbers(
        self, policy_digest: str, ended_since: datetime, ended_until: datetime, *, held: bool = False
    ) -> Sequence[DueHour]:
        """Callers' numbers that are still kept, by the hour in which their call ended."""
        ...

    def calls(
        self, policy_digest: str, ended_since: datetime, ended_until: datetime, *, held: bool = False
    ) -> Sequence[DueHour]:
        """Calls of which something personal may be kept, by the hour in which they ended."""
        ...

    def cases(
        self, agencies: Sequence[str], since: datetime, until: datetime, *, held: bool = False
    ) -> Sequence[DueHour]: ...

    def open_cases(
        self, agencies: Sequence[str], kind: str, but: str, since: datetime, until: datetime
    ) -> Sequence[DueHour]:
        """Open cases of a kind, `but` those in that state, by their term."""
        ...

    def destroyed(self, agencies: Sequence[str], since: datetime, limit: int) -> Sequence[Destruction]:
        """What the consent log says was destroyed since then, the newest first."""
        ...


class SubjectRequests(Protocol):
    """Requests of data subjects for access or erasure."""

    def add(self, request: SubjectRequest) -> None: ...

    def get(self, request_id: str) -> SubjectRequest:
        """Raises `UnknownRequest`."""
        ...

    def list(self, agencies: Sequence[str], limit: int, *, answered: bool) -> Sequence[SubjectRequest]:
        """Open ones by the day of their answer, or the last ones that were answered, the newest first."""
        ...

    def answer(self, request_id: str, outcome: str, explanation: str, at: datetime, by: str) -> bool:
        """False, and nothing changed, where it was answered before."""
        ...
