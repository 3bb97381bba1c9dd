"""The calls that go on now, for many who look: one read of the database serves all who ask within a moment."""

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from config.policy import AgencyPolicy
from ivr.calls.agencies import Agencies
from ivr.calls.facts import address_rung
from ivr.dialogue.states import Dialogue
from ivr.ports import Database
from storage.records import CallRecord

FRESH_S = 0.5
"""How old what is told may be: less than a third of the time between two questions of one page."""


@dataclass(frozen=True, slots=True)
class LiveCall:
    """A call with its dialogue and the profile that it is told by."""

    record: CallRecord
    dialogue: Dialogue
    policy: AgencyPolicy

    @property
    def desk(self) -> str:
        """The employee's address that was rung last; empty while nobody was."""
        return address_rung(self.dialogue, self.policy) if self.dialogue.attempts else ""

    @property
    def is_over(self) -> bool:
        return self.record.closed_at is not None


class LiveCalls:
    """Safe to share between threads; each process has its own."""

    def __init__(self, database: Database, agencies: Agencies, timer: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._agencies = agencies
        self._timer = timer
        self._lock = threading.Lock()
        self._read_at = float("-inf")
        self._calls: Mapping[str, LiveCall] = {}

    def list(self, agencies: Collection[str], *, now: bool = False) -> list[LiveCall]:
        """The open calls of these agencies, oldest first. `now`: as they are at this very moment."""
        return [call for call in self._open(now=now).values() if call.record.agency in agencies]

    def profiles(self, agencies: Collection[str]) -> Sequence[AgencyPolicy]:
        """The agencies' profiles as they are today, in the order of their names."""
        return [self._agencies.now(slug) for slug in sorted(agencies)]

    def lines(self, agencies: Collection[str]) -> Sequence[str]:
        """The numbers under which these agencies can be called."""
        policies = self._agencies.policies
        return sorted({number for one in self.profiles(agencies) for number in policies.numbers_of(one)})

    def find(self, call_id: str) -> LiveCall | None:
        """None for one that is over, or is none."""
        return self._open(now=False).get(call_id)

    def of(self, record: CallRecord) -> LiveCall:
        """Any call, as its record has it."""
        policy = self._agencies.by_digest(record.agency, record.policy_digest)
        return LiveCall(record, Dialogue.from_json(record.dialogue), policy)

    def _open(self, *, now: bool) -> Mapping[str, LiveCall]:
        with self._lock:
            if now or self._timer() - self._read_at >= FRESH_S:
                self._read_at = self._timer()  # before the read: what comes in meanwhile is for the next
                with self._database.reading() as unit:
                    records = unit.calls.list_open()
                self._calls = {record.call_id: self._known(record) or self.of(record) for record in records}
            return self._calls

    def _known(self, record: CallRecord) -> LiveCall | None:
        """A call that did not move is not read anew."""
        known = self._calls.get(record.call_id)
        return known if known is not None and known.record.version == record.version else None
