"""What a caller gets in writing with the copy: what was asked and answered, when, by which rules, and how to check
it. One value for the page and for the file, so that both say the same."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from config.policy import AgencyPolicy
from ivr.dialogue.states import Dialogue
from storage.records import CallRecord, Json, LoggedEntry, RecordingRow

SCHEMA = "spelregel-receipt/1"

TOLD = frozenset(
    {
        "call:opened", "language:chosen", "request:heard", "request:keyed", "consent:requested", "consent:given",
        "consent:refused", "consent:unconfirmed", "consent:withdrawn", "agency-recording:asked", "recording:permitted",
        "recording:announced", "recording:started", "recording:paused", "recording:resumed", "recording:stopped",
        "recording:blocked", "recording:stored", "recording:degraded", "recording:failed", "third-person:present",
        "pause:asked", "pause:ended", "stop:asked", "reason:asked", "video:asked", "objection:raised",
        "objection:withdrawn", "objection:sent", "request:excluded", "training:asked", "copy:offered", "copy:wanted",
        "copy:declined", "copy:sent", "copy:code-sent", "copy:opened", "copy:downloaded", "citizen-copy:asked",
        "citizen-copy:received", "call:ended",
    }
)  # fmt: skip
"""What concerns the caller. How the service and the agency's people worked inside is not theirs to get unasked."""

WORDS_OF_THE_CALLER = ("words", "answer")


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of the consent log, as the caller gets it: `said` by the bot to both, `answered` by the caller."""

    number: int
    at: datetime
    tag: str
    said: str
    answered: str
    channel: str
    entry_hash: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """`events` are in the order of the log; `entry_hash` names each entry for whoever checks it later."""

    issued_at: datetime
    call: CallRecord
    policy: AgencyPolicy
    recording: RecordingRow
    caller_recording: str
    agency_recording: str
    events: Sequence[Event]

    @property
    def duration_s(self) -> float:
        return self.recording.samples / self.recording.sample_rate_hz


def receipt_of(
    call: CallRecord, policy: AgencyPolicy, recording: RecordingRow, entries: Sequence[LoggedEntry], now: datetime
) -> Receipt:
    dialogue = Dialogue.from_json(call.dialogue)
    return Receipt(
        issued_at=now,
        call=call,
        policy=policy,
        recording=recording,
        caller_recording=dialogue.caller_recording.value,
        agency_recording=dialogue.agency_recording.value,
        events=[_event(entry) for entry in entries if entry.tag in TOLD or _was_said(entry)],
    )


def _was_said(entry: LoggedEntry) -> bool:
    return entry.tag in ("prompt:played", "prompt:failed")


def _event(entry: LoggedEntry) -> Event:
    """Of the personal values only what the bot said aloud and the caller's own words: names of employees stay."""
    answered = next((entry.personal[name] for name in WORDS_OF_THE_CALLER if name in entry.personal), "")
    return Event(
        number=entry.number,
        at=entry.occurred_at,
        tag=entry.tag,
        said=str(entry.facts.get("text") or entry.personal.get("text") or ""),
        answered=answered,
        channel=str(entry.facts.get("channel", "")),
        entry_hash=entry.entry_hash,
    )


def receipt_as_json(receipt: Receipt, language: str, rules_url: str) -> dict[str, Json]:
    """JSON-ready, in the language of the page; times are UTC, ISO 8601."""
    policy, recording = receipt.policy, receipt.recording
    return {
        "schema_version": SCHEMA,
        "issued_at": _moment(receipt.issued_at),
        "reference": receipt.call.call_id,
        "controller": {
            "name": policy.controller.name,
            "address": policy.controller.address,
            "contact": policy.controller.contact,
        },
        "call": {"began_at": _moment(receipt.call.opened_at)},
        "rules": {"agency": policy.slug, "version": policy.version, "digest": policy.digest, "url": rules_url},
        "callers_recording": {"state": receipt.caller_recording},
        "agencys_recording": {
            "state": receipt.agency_recording,
            "lawful_basis": f"AVG {policy.lawful_basis}",
            "format": "WAV",
            "sha256": recording.digest,
            "size_bytes": recording.size_bytes,
            "duration_s": round(receipt.duration_s, 3),
            "channels": recording.channels,
            "completeness": round(recording.completeness, 4),
            "destroyed_after": _moment(recording.destroy_after),
        },
        "events": [
            {
                "entry": event.number,
                "entry_hash": event.entry_hash,
                "at": _moment(event.at),
                "tag": event.tag,
                "said": event.said or None,
                "answered": event.answered or None,
                "channel": event.channel or None,
            }
            for event in receipt.events
        ],
        "verify": {"digest": f"sha256:{recording.digest}", "of": "the WAV file, all of its bytes"},
        "complaint": {
            "who": policy.complaint.who.get(language) or policy.complaint.who[policy.language],
            "where": policy.complaint.where,
            "url": policy.complaint.url,
            "term_days": policy.complaint.term_days,
        },
    }


def _moment(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds")
