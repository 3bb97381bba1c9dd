"""Destroy what is due, prove that it is gone, and say so in the log."""

from contextlib import suppress
from datetime import timedelta

from ivr.ports import Clock, Database, RecordingStore
from storage.errors import ObjectMissing
from storage.records import NewEntry, RecordingRow

CALLBACKS_KEPT = timedelta(days=2)
"""Longer than any call and its recording's callbacks; the carrier brings none again after 15 s."""


class RetentionKeeper:
    """The job `apply-retention`, and `spelregel retention run`."""

    def __init__(self, database: Database, store: RecordingStore, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._clock = clock

    def list_due(self) -> list[RecordingRow]:
        with self._database.reading() as unit:
            return list(unit.recordings.list_due(self._clock.now()))

    def destroy_due(self) -> int:
        """Gives how many recordings were destroyed."""
        due = self.list_due()
        for row in due:
            self._destroy(row)
        return len(due)

    def keep(self) -> None:
        """What the worker does from time to time: destroy what is due, and forget callbacks taken long ago."""
        self.destroy_due()
        with self._database.transaction() as unit:
            unit.inbox.forget(self._clock.now() - CALLBACKS_KEPT)

    def _destroy(self, row: RecordingRow) -> None:
        with suppress(ObjectMissing):  # an earlier run was cut off after this step
            self._store.destroy(row.object_key)
        now = self._clock.now()
        with self._database.transaction() as unit:
            unit.recordings.mark_destroyed(row.recording_id, now)
            unit.log.append(
                NewEntry(
                    call_id=row.call_id,
                    event_id=f"{row.recording_id}:destroyed",
                    tag="recording:destroyed",
                    occurred_at=now,
                    facts={"reason": "retention period over", "digest": row.digest},
                )
            )
