"""Staff listen to the agency's recording: by name, for a purpose from a closed list, and logged first (R6)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import BinaryIO
from uuid import uuid4

from ivr.calls.copies import USABLE
from ivr.ports import Clock, Database, RecordingStore, Unit
from storage.consent_log.tags import Tag
from storage.records import LoggedEntry, NewEntry, RecordingRow

LASTS = timedelta(hours=1)
"""How long the player stays open after a purpose was given; after that it is asked again, and logged again."""


class Purpose(StrEnum):
    """Why somebody of the staff listens.

    Not among them: a complaint, where the committee grants access, and training, which both parties are asked for.
    Those have case files of their own.
    """

    CALLER_ASKS = "caller-asks"
    RULES_KEPT = "rules-kept"
    RECORDING_GOOD = "recording-good"
    COMPARISON = "comparison"
    DATA_SUBJECT = "data-subject"


@dataclass(frozen=True, slots=True)
class Listening:
    """A player that is open: for whom, why, and until when."""

    purpose: Purpose
    until: datetime


class ListeningService:
    """Safe to share between threads."""

    def __init__(self, database: Database, store: RecordingStore, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._clock = clock

    def find_recording(self, unit: Unit, call_id: str) -> RecordingRow | None:
        """The recording that can be listened to."""
        row = unit.recordings.find_for_call(call_id)
        return row if self.is_playable(row, held=unit.holds.find_active(call_id) is not None) else None

    def is_playable(self, row: RecordingRow | None, *, held: bool) -> bool:
        """One whose term is over counts as gone, destroyed or not yet; unless it is `held` by a legal hold."""
        return row is not None and row.outcome in USABLE and (held or row.destroy_after > self._clock.now())

    def find_open(self, entries: Sequence[LoggedEntry], listener: str) -> Listening | None:
        """The listener's own player on the call that has these entries."""
        for entry in reversed(entries):
            if entry.tag == Tag.RECORDING_PLAYED and entry.personal.get("employee") == listener:
                until = entry.occurred_at + LASTS
                return Listening(Purpose(str(entry.facts["purpose"])), until) if until > self._clock.now() else None
        return None

    def open(self, call_id: str, listener: str, role: str, purpose: Purpose) -> bool:
        """Log that somebody is going to listen, and why; within an hour for the same purpose it is one time.

        False where there is nothing to listen to.
        """
        with self._database.transaction() as unit:
            if self.find_recording(unit, call_id) is None:
                return False
            open_now = self.find_open(unit.log.list_call(call_id), listener)
            if open_now is None or open_now.purpose is not purpose:
                unit.log.append(
                    NewEntry(
                        call_id=call_id,
                        event_id=f"{call_id}:played:{uuid4().hex}",
                        tag=Tag.RECORDING_PLAYED,
                        occurred_at=self._clock.now(),
                        facts={"purpose": purpose, "role": role},
                        personal={"employee": listener},
                    )
                )
        return True

    def sound(self, call_id: str, listener: str) -> tuple[RecordingRow, BinaryIO] | None:
        """The sound as a seekable reader that the taker closes; None where the listener's player is not open.

        Raises `ObjectMissing` or `ObjectDamaged` where the stored recording is not what was written.
        """
        with self._database.reading() as unit:
            row = self.find_recording(unit, call_id)
            if row is None or self.find_open(unit.log.list_call(call_id), listener) is None:
                return None
        return row, self._store.open(row.object_key)
