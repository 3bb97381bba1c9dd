"""What happens after the call, and the timers of the calls that run.

The outbox table is the truth. Huey only wakes this process early (it forgets a task once it is taken); a sweep every
second finds what was not announced. Timers have a thread of their own, so that no download delays an answer.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from ivr.calls.jobs import JobKind
from ivr.errors import SpelregelError, TryLater
from ivr.ports import Clock, Database
from storage.errors import LogBroken, StorageError
from storage.records import Job

LEASE_S = 300.0
TIMER_LEASE_S = 30.0
"""After a crash nobody else has the job until its lease is over: short where a caller waits on the line."""

TIMER_PACE_S = 0.1
SWEEP_PACE_S = 1.0
FIRST_RETRY_S = 2.0
LONGEST_RETRY_S = 900.0
PATIENCE = 20
"""Tries before a job is parked for an operator: with the back-off about four hours."""

TRIED_FOR_EVER = frozenset({JobKind.SEND_CHECKPOINT})
"""Work for somebody outside who will not say that they are back, or that they were set right."""

RARE_RETRY_S = 3600.0
"""The longest pause of those, and the one after a fault that only people can mend."""

log = logging.getLogger(__name__)

Work = Callable[[Job], None]


class JobRunner:
    """Takes due jobs from the outbox, backs off, parks what keeps failing."""

    def __init__(self, database: Database, clock: Clock, work: Mapping[JobKind, Work]) -> None:
        self._database = database
        self._clock = clock
        self._work = work

    def run_due(self, kinds: Sequence[JobKind] = tuple(JobKind), lease_s: float = LEASE_S) -> int:
        """Do everything of these kinds that is due; gives how many jobs were taken."""
        done = 0
        while self._run_one(kinds, lease_s):
            done += 1
        return done

    def _run_one(self, kinds: Sequence[JobKind], lease_s: float) -> bool:
        with self._database.transaction() as unit:
            job = unit.outbox.claim(kinds, self._clock.now(), lease_s)
        if job is None:
            return False
        about = {"job": job.kind, "key": job.key, "attempt": job.attempts}
        try:
            self._work[JobKind(job.kind)](job)
        except TryLater as fault:
            self._put_back(job, str(fault))
        except (LogBroken, SpelregelError) as fault:
            self._set_aside(job, str(fault))
        except StorageError as fault:
            self._put_back(job, str(fault))
        except Exception as fault:  # the outermost loop of all work: one job's bug must not stop the others
            log.exception("job failed unexpectedly", extra=about)
            self._put_back(job, f"{type(fault).__name__}: {fault}")
        else:
            with self._database.transaction() as unit:
                unit.outbox.finish(job)
        return True

    def _put_back(self, job: Job, error: str) -> None:
        """What was in the way may pass."""
        if job.attempts >= PATIENCE:
            self._set_aside(job, error)
        else:
            longest_s = RARE_RETRY_S if job.kind in TRIED_FOR_EVER else LONGEST_RETRY_S
            self._retry(job, error, min(FIRST_RETRY_S * 2 ** (job.attempts - 1), longest_s))

    def _set_aside(self, job: Job, error: str) -> None:
        """Somebody has to look."""
        if job.kind in TRIED_FOR_EVER:
            self._retry(job, error, RARE_RETRY_S)
            return
        log.error("job parked", extra={"job": job.kind, "key": job.key, "attempt": job.attempts, "error": error})
        with self._database.transaction() as unit:
            unit.outbox.park(job, error)

    def _retry(self, job: Job, error: str, pause_s: float) -> None:
        log.warning("job waits", extra={"job": job.kind, "key": job.key, "attempt": job.attempts, "error": error})
        with self._database.transaction() as unit:
            unit.outbox.retry(job, self._clock.now() + timedelta(seconds=pause_s), error)


class Pacer(threading.Thread):
    """Repeats one piece of work at a pace until it is told to stop; a database that is away is waited for."""

    def __init__(self, name: str, pace_s: float, work: Callable[[], object]) -> None:
        super().__init__(name=name, daemon=True)
        self._pace_s = pace_s
        self._work = work
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.is_set():
            try:
                self._work()
            except StorageError as fault:
                log.error("%s waits for the database", self.name, extra={"error": str(fault)})
            except Exception:  # an outermost loop: a thread that dies of a bug would stop all timers without a word
                log.exception("%s failed unexpectedly", self.name)
            self._stopping.wait(self._pace_s)

    def stop(self) -> None:
        self._stopping.set()
        self.join()
