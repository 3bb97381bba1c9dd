"""Asking for records in the agency's processing log, as surely as what they tell of was written."""

from ivr.calls.jobs import JobKind
from ivr.calls.processing_records import RECORDED, Action, action_of
from ivr.ports import Unit
from storage.records import LoggedEntry


def ask_for_record(unit: Unit, entry: LoggedEntry) -> None:
    """In the transaction of the entry that tells of the action: the record is as sure as the entry."""
    before = unit.log.list_call(entry.call_id) if entry.tag == RECORDED else ()
    action = action_of(entry, before)
    if action is not None:
        put_record(unit, action)


def put_record(unit: Unit, action: Action) -> None:
    unit.outbox.put(JobKind.ACCOUNT_PROCESSING, action.action_id, action.to_payload(), action.ended_at)
