"""Signing the head of the consent log from a process that has no signing key: the worker is asked, and waited for."""

import time
from collections.abc import Callable

from ivr.calls.jobs import SEAL_KEY, JobKind
from ivr.errors import NotYetSigned
from ivr.ports import Clock, Database

PATIENCE_S = 10.0
"""Ordinarily the worker is woken and done within a second; somebody looks at a page meanwhile."""

LOOK_AGAIN_S = 0.1


class AskedSeal:
    """Safe to share between threads. `wake_worker` is called after the job is in the outbox."""

    def __init__(
        self, database: Database, clock: Clock, wake_worker: Callable[[], None], patience_s: float = PATIENCE_S
    ) -> None:
        self._database = database
        self._clock = clock
        self._wake_worker = wake_worker
        self._patience_s = patience_s

    def seal(self) -> None:
        """Returns when a checkpoint covers all that is in the log now. Raises `NotYetSigned`; the job stays then."""
        with self._database.transaction() as unit:
            size = unit.checks.state().size
            unit.outbox.put(JobKind.SEAL_LOG, SEAL_KEY, {}, self._clock.now())
        self._wake_worker()
        until = time.monotonic() + self._patience_s
        while not self._is_sealed(size):
            if time.monotonic() > until:
                raise NotYetSigned("the worker has not signed the consent log yet: is it running?")
            time.sleep(LOOK_AGAIN_S)

    def _is_sealed(self, size: int) -> bool:
        with self._database.reading() as unit:
            return unit.checks.state().sealed_size >= size
