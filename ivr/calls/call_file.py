"""Everything that is kept of one call, read in one moment by look-ups of the call's id alone."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from config.policy import AgencyPolicy
from ivr.calls.agencies import Agencies
from ivr.calls.consent import consent_record
from ivr.calls.jsonld import with_context
from ivr.carrier.links import Links
from ivr.cases.case import Case
from ivr.cases.writing import case_of
from ivr.dialogue.states import Dialogue
from ivr.ports import Database
from storage.errors import LogBroken
from storage.records import CallNote, CallRecord, CopyTicket, Json, LoggedEntry, RecordingRow, TrailRow

LATEST_LINES = 100


@dataclass(frozen=True, slots=True)
class CallFile:
    """One call. `entries` is None where the log of it cannot be read any more: then only a check tells more.

    `recording` is None where there is none, or not any more; `number` where the caller's was not kept. `looked` are
    the latest lines of the trail, the newest first.
    """

    call: CallRecord
    policy: AgencyPolicy
    dialogue: Dialogue
    entries: Sequence[LoggedEntry] | None
    recording: RecordingRow | None
    number: str | None
    cases: Sequence[Case]
    tickets: Sequence[CopyTicket]
    notes: Sequence[CallNote]
    looked: Sequence[TrailRow]


class CallFiles:
    """Safe to share between threads."""

    def __init__(self, database: Database, agencies: Agencies, links: Links) -> None:
        self._database = database
        self._agencies = agencies
        self._links = links

    def read(self, call: CallRecord) -> CallFile:
        with self._database.reading() as unit:
            try:
                entries: Sequence[LoggedEntry] | None = unit.log.list_call(call.call_id)
            except LogBroken:
                entries = None
            return CallFile(
                call=call,
                policy=self._agencies.by_digest(call.agency, call.policy_digest),
                dialogue=Dialogue.from_json(call.dialogue),
                entries=entries,
                recording=unit.recordings.find_for_call(call.call_id),
                number=unit.calls.find_caller_number(call.call_id),
                cases=[case_of(record) for record in unit.cases.list_call(call.call_id)],
                tickets=unit.copies.list_call(call.call_id),
                notes=unit.notes.list_call(call.call_id),
                looked=unit.trail.list_object(call.call_id, LATEST_LINES),
            )

    def record(self, call: CallRecord, *, personal: bool) -> dict[str, Json]:
        """The consent record, without `personal` values where the reader may not see them. Raises `LogBroken`."""
        with self._database.reading() as unit:
            entries = unit.log.list_call(call.call_id)
        if not personal:
            entries = [replace(entry, personal={}) for entry in entries]
        policy = self._agencies.by_digest(call.agency, call.policy_digest)
        return with_context(consent_record(call, policy, entries, self._links.rules(policy.slug)))
