"""Making what calls are found by anew, from their dialogues and the log: for calls that were there before the index,
and after the service got another secret."""

import logging
from dataclasses import dataclass

from config.policy import PolicyError
from ivr.calls.agencies import Agencies
from ivr.calls.facts import facts_of
from ivr.calls.numbers import NumberKey
from ivr.dialogue.states import Dialogue
from ivr.ports import Database, Unit
from storage.records import CallRecord

AT_ONCE = 100

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Indexed:
    """How many calls are found again, and how many are not because their profile is gone."""

    calls: int
    without_profile: int


class CallIndexer:
    def __init__(self, database: Database, agencies: Agencies, numbers: NumberKey) -> None:
        self._database = database
        self._agencies = agencies
        self._numbers = numbers

    def index_all(self) -> Indexed:
        """In transactions of some calls each, so that running calls need not wait; doing it again changes nothing."""
        last, calls, without = "", 0, 0
        while True:
            with self._database.transaction() as unit:
                page = unit.calls.list_after(last, AT_ONCE)
                found = [self._index(unit, call) for call in page]
            if not page:
                return Indexed(calls, without)
            last = page[-1].call_id
            calls += sum(found)
            without += len(found) - sum(found)

    def _index(self, unit: Unit, call: CallRecord) -> bool:
        try:
            policy = self._agencies.by_digest(call.agency, call.policy_digest)
        except PolicyError as fault:
            log.error("a call is not found by search", extra={"call_id": call.call_id, "error": str(fault)})
            return False
        unit.search.put(facts_of(call, Dialogue.from_json(call.dialogue), policy))
        unit.search.rebuild_words(call.call_id)
        number = unit.calls.find_caller_number(call.call_id)
        if number is not None:
            unit.calls.set_caller_number(call.call_id, number, self._numbers.hash_of(number))
        return True
