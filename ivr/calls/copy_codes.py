"""The second factor of a link: a code by SMS to the caller's own number, asked for on the page.

Of a code nothing is stored: it is derived from the installation's secret and a random id, so a copy of the database
opens no copy of a call. A pick-up code needs no second one: it was spoken on the call itself and stands in no address.
"""

import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import uuid4

from ivr.calls.jobs import JobKind
from ivr.calls.tickets import kind_of
from ivr.carrier.links import Links
from ivr.ports import Clock, Database, Unit
from storage.records import CopyCode, CopyTicket, Json, NewEntry

VALID = timedelta(minutes=10)
TRIES_PER_CODE = 5
CODES_PER_DAY = 5
DAY = timedelta(days=1)
ASKED_TWICE = timedelta(seconds=30)
"""Within so short a time a second wish is the same one: a key that was pressed twice, a page that was sent again."""

log = logging.getLogger(__name__)


class Asked(StrEnum):
    """What came of asking for a code."""

    ON_ITS_WAY = "on-its-way"
    TOO_MANY = "too-many"
    NO_NUMBER = "no-number"


class Tried(StrEnum):
    """What came of a code that was typed. `OVER`: there is none that works now."""

    GOOD = "good"
    WRONG = "wrong"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Attempt:
    """`left` is how often the code can still be tried."""

    result: Tried
    left: int = 0


class CodeService:
    """Asks for codes and tries them; the job `send-code` sends them."""

    def __init__(self, database: Database, links: Links, clock: Clock, wake_worker: Callable[[], None]) -> None:
        self._database = database
        self._links = links
        self._clock = clock
        self._wake_worker = wake_worker

    def ask(self, ticket: CopyTicket) -> Asked:
        now = self._clock.now()
        with self._database.transaction() as unit:
            unit.copies.lock(ticket.ticket_id)
            latest = unit.copy_codes.find_latest(ticket.ticket_id)
            if latest is not None and latest.failed_at is None and now - latest.asked_at < ASKED_TWICE:
                return Asked.ON_ITS_WAY
            if unit.copy_codes.count_since(ticket.ticket_id, now - DAY) >= CODES_PER_DAY:
                return Asked.TOO_MANY
            if unit.calls.find_caller_number(ticket.call_id) is None:
                return Asked.NO_NUMBER
            code = CopyCode(uuid4().hex, ticket.ticket_id, now)
            unit.copy_codes.add(code)
            payload: dict[str, Json] = {
                "call_id": ticket.call_id,
                "ticket_id": ticket.ticket_id,
                "code_id": code.code_id,
            }
            unit.outbox.put(JobKind.SEND_CODE, ticket.ticket_id, payload, now)
            note_code(unit, ticket, code, "copy:code-asked", now)
        self._wake_worker()
        return Asked.ON_ITS_WAY

    def latest(self, ticket: CopyTicket) -> CopyCode | None:
        """The one that the page speaks of: on its way, sent, or not sent."""
        with self._database.reading() as unit:
            return unit.copy_codes.find_latest(ticket.ticket_id)

    def attempt(self, ticket: CopyTicket, typed: str) -> Attempt:
        """Try a code once; the try is counted before it is made. Only the newest code of a ticket works."""
        now = self._clock.now()
        with self._database.transaction() as unit:
            unit.copies.lock(ticket.ticket_id)
            code = unit.copy_codes.find_latest(ticket.ticket_id)
            if code is None or code.sent_at is None or code.used_at is not None or code.sent_at + VALID <= now:
                return Attempt(Tried.OVER)
            if not unit.copy_codes.take_try(code.code_id, TRIES_PER_CODE):
                return Attempt(Tried.OVER)
            if hmac.compare_digest(self._links.opening_code(code.code_id).encode(), typed.encode()):
                used = unit.copy_codes.use(code.code_id, now)
                return Attempt(Tried.GOOD if used else Tried.OVER)
            tries = code.tries + 1
            note_code(unit, ticket, code, "copy:code-wrong", now, number=tries)
        log.warning("a code for a copy was wrong", extra={"call_id": ticket.call_id, "tries": tries})
        left = TRIES_PER_CODE - tries
        return Attempt(Tried.WRONG if left else Tried.OVER, left)


def note_code(
    unit: Unit, ticket: CopyTicket, code: CopyCode, tag: str, at: datetime, *, number: int = 0, reason: str = ""
) -> None:
    """One entry about a code, never the code itself; `number` tells entries of the same kind apart."""
    facts: dict[str, Json] = {"ticket": kind_of(ticket).value}
    if reason:
        facts["reason"] = reason
    unit.log.append(NewEntry(ticket.call_id, f"{code.code_id}:{tag}:{number}", tag, at, facts))
