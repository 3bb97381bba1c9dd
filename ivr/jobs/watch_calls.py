"""Looks after calls that nobody reports on any more: after a crash, or when callbacks were lost."""

import logging
from datetime import datetime, timedelta

from ivr.calls.driver import CallDriver
from ivr.carrier.call_status import OVER
from ivr.dialogue.events import CallEnded, StreamLost
from ivr.errors import CarrierError, CarrierRefused
from ivr.ports import Carrier, Clock, Database, StreamStore
from storage.records import CallRecord

UNSEEN_FOR = timedelta(seconds=15)
"""Three signs of life missed: the stream's process is gone."""

AGAIN_AFTER = timedelta(minutes=1)
"""A stream that does not come is asked for at this pace: each time is an entry in the consent log."""

log = logging.getLogger(__name__)


class CallWatch:
    """Asks the carrier about every open call whose stream gives no sign of life."""

    def __init__(self, driver: CallDriver, database: Database, carrier: Carrier, clock: Clock) -> None:
        self._driver = driver
        self._database = database
        self._carrier = carrier
        self._clock = clock

    def look_after_all(self) -> None:
        with self._database.reading() as unit:
            seen = [(call, last_sign(call, unit.streams)) for call in unit.calls.list_open()]
        for call, seen_at in seen:
            silent_for = self._clock.now() - seen_at
            if silent_for <= UNSEEN_FOR:
                continue
            try:
                self._look_after(call, f"silent since {seen_at.isoformat()}, {silent_for // AGAIN_AFTER}")
            except CarrierError as fault:
                log.warning("a call could not be looked into", extra={"call_id": call.call_id, "error": str(fault)})

    def _look_after(self, call: CallRecord, key: str) -> None:
        try:
            status = self._carrier.call_status(call.call_sid)
        except CarrierRefused as fault:
            if fault.status != 404:
                raise
            status = "completed"  # the carrier does not know the call (any more)
        if status in OVER:
            self._driver.handle(call.call_id, CallEnded("found ended"))
        else:
            self._driver.handle(call.call_id, StreamLost(), key=key)


def last_sign(call: CallRecord, streams: StreamStore) -> datetime:
    """When the call's stream, or the call itself, was last heard of."""
    stream = streams.find_latest(call.call_id)
    return call.opened_at if stream is None else stream.seen_at
