"""The consent record of one call, told from its log entries.

The names are those of ISO/IEC TS 27560. In law this is mostly not consent of the AVG kind: the caller announces their
own recording, and the agency's rests on its public task; so each carries its own basis.
"""

from collections.abc import Sequence

from config.policy import AgencyPolicy
from ivr.dialogue.states import Dialogue, Refusal
from storage.records import CallRecord, Json, LoggedEntry

SCHEMA = "spelregel-consent-record/1"


def _refusal(refusal: Refusal) -> dict[str, Json]:
    """The one that stands at the end: codes of the profile; the employee's own words stay in the log."""
    return {
        "because_of": "kind of conversation" if refusal.by_kind else "objection",
        "reason": refusal.reason,
        "alternative": refusal.alternative,
    }


def consent_record(call: CallRecord, policy: AgencyPolicy, entries: Sequence[LoggedEntry]) -> dict[str, Json]:
    """JSON-ready. Times are UTC, ISO 8601; `entry` is the number in the consent log."""
    dialogue = Dialogue.from_json(call.dialogue)
    stored = next((entry for entry in entries if entry.tag in ("recording:stored", "recording:degraded")), None)
    return {
        "schema_version": SCHEMA,
        "record_id": call.call_id,
        "pii_controllers": [
            {
                "party_name": policy.controller.name,
                "party_address": policy.controller.address,
                "party_contact": policy.controller.contact,
            }
        ],
        "belongs_to_case_file": policy.dossier,
        "third_person_present": dialogue.third_person,
        "conversation_kind": dialogue.kind or None,
        "refusal": None if dialogue.refusal is None else _refusal(dialogue.refusal),
        "policy": {"agency": policy.slug, "version": policy.version, "digest": call.policy_digest},
        "pii_processing": [
            {
                "purpose": "the caller's own recording",
                "lawful_basis": "not the agency's processing",
                "state": dialogue.caller_recording,
            },
            {
                "purpose": "the agency's parallel recording",
                "lawful_basis": f"AVG {policy.lawful_basis}",
                "state": dialogue.agency_recording,
                "permitted_by_entry": dialogue.consent_entry,
                "storage": None if stored is None else dict(stored.facts),
            },
        ],
        "events": [
            {
                "entry": entry.number,
                "event_time": entry.occurred_at.isoformat(timespec="milliseconds"),
                "event_type": entry.tag,
                "facts": dict(entry.facts),
                "personal": dict(entry.personal),
            }
            for entry in entries
        ],
    }
