"""The health of the consent log: a check of the whole log each day and on request, and a quick one at any moment."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.calls.jobs import JobKind
from ivr.ports import Clock, Database
from ivr.records.holds import SERVICE
from ivr.records.record_check import RecordChecker
from ivr.records.trail_keeping import TrailKeeper
from storage.consent_log.verifier import Verdict
from storage.oversight import CheckpointRow, LogCheck, LogState, LogVerdict

EVERY = timedelta(days=1)
LATE = timedelta(days=2)
"""A day, and time for whoever is on call: older than this, the last check is worth a warning."""

UNSEALED_FOR = timedelta(days=1)
SHOWN = 20
KEY = "log"

VerifyAll = Callable[[], Verdict]
VerifyLast = Callable[[], str | None]


@dataclass(frozen=True, slots=True)
class Health:
    """What a page shows. `checks` and `checkpoints` are the last ones, the newest first.

    `quick_faults` were found just now, in the last checkpoints and the last sealed stretch of the trail.
    """

    at: datetime
    state: LogState
    checks: Sequence[LogCheck]
    checkpoints: Sequence[CheckpointRow]
    quick_faults: Sequence[str]

    @property
    def last_ended(self) -> LogCheck | None:
        return next((check for check in self.checks if check.ended_at is not None), None)

    @property
    def running(self) -> bool:
        return bool(self.checks) and _goes_on(self.checks[0], self.at)

    @property
    def broken(self) -> bool:
        last = self.last_ended
        return bool(self.quick_faults) or (last is not None and last.verdict is not None and not last.verdict.whole)

    @property
    def check_is_late(self) -> bool:
        last = self.last_ended
        return last is None or last.ended_at is None or last.ended_at + LATE <= self.at

    @property
    def seal_is_late(self) -> bool:
        since = self.state.unsealed_since
        return since is not None and since + UNSEALED_FOR <= self.at


class LogWatch:
    """`verify_all` and `verify_last` know the log's keys."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        trail: TrailKeeper,
        records: RecordChecker,
        verify_all: VerifyAll,
        verify_last: VerifyLast,
    ) -> None:
        self._database = database
        self._clock = clock
        self._trail = trail
        self._records = records
        self._verify_all = verify_all
        self._verify_last = verify_last

    def look(self) -> Health:
        faults = [*filter(None, [self._verify_last()]), *self._trail.check(newest=1)]
        with self._database.reading() as unit:
            return Health(
                at=self._clock.now(),
                state=unit.checks.state(),
                checks=unit.checks.list(SHOWN),
                checkpoints=unit.checks.list_checkpoints(SHOWN),
                quick_faults=faults,
            )

    def list_checkpoints(self, below: int | None) -> Sequence[CheckpointRow]:
        with self._database.reading() as unit:
            return unit.checks.list_checkpoints(SHOWN, below)

    def find_checkpoint(self, size: int) -> CheckpointRow | None:
        with self._database.reading() as unit:
            return unit.checks.find_checkpoint(size)

    def ask(self, by: str) -> bool:
        """Check the whole log soon. False where a check waits or runs already."""
        now = self._clock.now()
        with self._database.transaction() as unit:
            last = next(iter(unit.checks.list(1)), None)
            if last is not None and _goes_on(last, now):
                return False
            check_id = unit.checks.ask(now, by)
            unit.outbox.put(JobKind.VERIFY_LOG, KEY, {"check_id": check_id}, now)
        return True

    def keep(self) -> None:
        """What the worker does from time to time: seal the trail, and see to a check of the log every day."""
        self._trail.keep()
        with self._database.reading() as unit:
            last = next(iter(unit.checks.list(1)), None)
        if last is None or last.asked_at + EVERY <= self._clock.now():
            self.ask(SERVICE)

    def verify(self, check_id: int) -> None:
        """The job: check everything and write down what was found."""
        found = self._verify_all()
        verdict = LogVerdict(
            size=found.size,
            root=found.root,
            sealed_size=found.sealed_size,
            erased=found.erased,
            faults=tuple(map(str, found.faults)),
            trail_faults=tuple(self._trail.check()),
            record_faults=tuple(map(str, self._records.check())),
        )
        with self._database.transaction() as unit:
            unit.checks.end(check_id, self._clock.now(), verdict)


def _goes_on(check: LogCheck, now: datetime) -> bool:
    """One that did not end within a day was given up: the list of parked jobs has it."""
    return check.ended_at is None and now < check.asked_at + EVERY
