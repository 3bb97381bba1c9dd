"""Destroying a recording: proven, logged, and never against a legal hold."""

from contextlib import suppress
from datetime import datetime

from ivr.calls.agencies import Agencies
from ivr.cases.case import Kind
from ivr.cases.opening import lapse
from ivr.cases.writing import case_of
from ivr.copying.files import Form
from ivr.ports import RecordingStore, Unit
from ivr.records.holds import is_held
from storage.errors import ObjectMissing
from storage.recordings.keys import copy_key
from storage.records import NewEntry, RecordingRow


def destroy_recording(unit: Unit, store: RecordingStore, row: RecordingRow, reason: str, now: datetime) -> bool:
    """The recording and the caller's copies of it. False, and nothing happened, where its call is held."""
    if is_held(unit, row.call_id):
        return False
    for object_key in (row.object_key, *(copy_key(row.recording_id, form) for form in Form)):
        with suppress(ObjectMissing):  # an earlier run was cut off after this step
            store.destroy(object_key)
    unit.recordings.mark_destroyed(row.recording_id, now)
    unit.log.append(
        NewEntry(
            call_id=row.call_id,
            event_id=f"{row.recording_id}:destroyed",
            tag="recording:destroyed",
            occurred_at=now,
            facts={"reason": reason, "digest": row.digest},
        )
    )
    return True


def lapse_training(unit: Unit, agencies: Agencies, call_id: str, now: datetime) -> None:
    """Nobody can learn from a recording that is gone."""
    for record in unit.cases.list_call(call_id):
        if record.kind == Kind.TRAINING and record.closed_at is None:
            lapse(unit, agencies.by_digest(record.agency, record.policy_digest), case_of(record), now)
