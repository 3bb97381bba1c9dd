"""What a caller gets in writing about their call: what was asked and answered, when, by which rules, and how it ended.

One value for the page, the PDF and the file, so that all say the same. Everything in it is read off the entries of the
consent log, whose own bytes go with it (`ivr/calls/receipt_file.py`). Names are those of ISO/IEC TS 27560 where they
fit, and those of the consent record.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from config.policy import AgencyPolicy, Words
from ivr.dialogue.states import Dialogue, Refusal
from storage.consent_log.entry import Entry, format_time, parse_entry
from storage.consent_log.verifier import StoredEntry
from storage.errors import LogBroken
from storage.records import CallRecord, Json, RecordingRow

SCHEMA = "spelregel-receipt/2"
JURISDICTION = "NL"

TOLD = frozenset(
    {
        "call:opened", "prompt:played", "prompt:failed", "language:chosen", "request:heard", "request:keyed",
        "consent:requested", "answer:yes", "answer:no", "answer:unclear", "answer:silence", "consent:given",
        "consent:refused", "consent:unconfirmed", "consent:withdrawn", "agency-recording:asked", "recording:permitted",
        "recording:announced", "recording:started", "recording:paused", "recording:resumed", "recording:stopped",
        "recording:blocked", "recording:stored", "recording:degraded", "recording:failed", "recording:destroyed",
        "third-person:present", "hold:started", "hold:ended", "pause:asked", "pause:ended", "stop:asked",
        "reason:asked", "video:asked", "objection:raised", "objection:withdrawn", "objection:sent",
        "objection:not-sent", "request:excluded", "training:asked", "copy:offered", "copy:wanted", "copy:declined",
        "copy:prepared", "copy:sent", "copy:failed", "copy:code-sent", "copy:opened", "copy:downloaded",
        "copy:withdrawn", "citizen-copy:asked", "citizen-copy:received", "personal:erased", "number:destroyed",
        "call:ended",
    }
)  # fmt: skip
"""What concerns the caller. How the service and the agency's people worked inside is not theirs to get unasked; nor do
receipts tell of receipts, which would make each of them another one."""

ANSWERS = ("words", "answer")
SAID = "text"
OF_THE_CALLER = frozenset({*ANSWERS, SAID})
"""Personal values that go out: the caller's own words, and what was said aloud to them. Names of employees, of others
in the conversation, and what the recogniser made of it stay."""

STORED = ("recording:stored", "recording:degraded")
PREPARED = "copy:prepared"


@dataclass(frozen=True, slots=True)
class Shown:
    """One entry of the consent log, as the caller gets it.

    `body` are the bytes that were hashed. `personal` is name -> (nonce, value) of what may go out and is still there;
    `is_erased`: something that could have gone out is gone.
    """

    entry: Entry
    body: bytes
    personal: Mapping[str, tuple[bytes, str]]

    @property
    def said(self) -> str:
        """By the bot, to both."""
        return str(self.entry.facts.get(SAID) or self._value(SAID))

    @property
    def answered(self) -> str:
        """By the caller."""
        return next((found for name in ANSWERS if (found := self._value(name))), "")

    @property
    def channel(self) -> str:
        return str(self.entry.facts.get("channel", ""))

    @property
    def is_erased(self) -> bool:
        return not self.is_of_a_case and bool((self.entry.personal.keys() & OF_THE_CALLER) - self.personal.keys())

    @property
    def is_of_a_case(self) -> bool:
        """There the same names are what staff wrote."""
        return "case" in self.entry.facts

    def _value(self, name: str) -> str:
        return self.personal[name][1] if name in self.personal else ""


@dataclass(frozen=True, slots=True)
class Kept:
    """The agency's recording as the log says that it was stored. `destroy_after` is None once it is gone."""

    number: int
    digest: str
    duration_s: float
    channels: int
    is_whole: bool
    destroy_after: datetime | None


@dataclass(frozen=True, slots=True)
class CopyMade:
    """A file that was made for the caller to keep: WAV or MP3, and the SHA-256 of its bytes."""

    number: int
    form: str
    digest: str


@dataclass(frozen=True, slots=True)
class Receipt:
    """`events` are in the order of the log; `language` is that of its reader, in which the profile's texts are told."""

    call: CallRecord
    policy: AgencyPolicy
    dialogue: Dialogue
    recording: Kept | None
    copies: Sequence[CopyMade]
    events: Sequence[Shown]
    language: str
    rules_url: str

    @property
    def refusal(self) -> Refusal | None:
        return self.dialogue.refusal

    @property
    def reason(self) -> str:
        """Why not, as it was told; else in the employee's own words, which were read out. Empty for no refusal, and
        for words that were erased."""
        if self.refusal is None:
            return ""
        if self.refusal.by_kind:
            kind = self.policy.find_kind(self.refusal.reason)
            excluded = None if kind is None else kind.excluded
            return "" if excluded is None else self.in_language(excluded.spoken)
        listed = self.policy.find_reason(self.refusal.reason)
        return self.refusal.reason_text if listed is None else self.in_language(listed.spoken)

    @property
    def alternative(self) -> str:
        """What was offered instead; empty for no refusal."""
        offered = None if self.refusal is None else self.policy.find_alternative(self.refusal.alternative)
        return "" if offered is None else self.in_language(offered.spoken)

    def in_language(self, texts: Words) -> str:
        return texts.get(self.language) or texts[self.policy.language]


def receipt_of(
    call: CallRecord,
    policy: AgencyPolicy,
    recording: RecordingRow | None,
    entries: Sequence[StoredEntry],
    language: str,
    rules_url: str,
) -> Receipt:
    """`recording` is the one that is still kept. Raises `LogBroken` for an entry that cannot be read."""
    events = [shown for stored in entries if (shown := shown_of(stored)).entry.tag in TOLD]
    return Receipt(
        call=call,
        policy=policy,
        dialogue=Dialogue.from_json(call.dialogue),
        recording=_kept(events, recording),
        copies=[
            CopyMade(event.entry.number, str(event.entry.facts["form"]), str(event.entry.facts["digest"]))
            for event in events
            if event.entry.tag == PREPARED
        ],
        events=events,
        language=language,
        rules_url=rules_url,
    )


def shown_of(stored: StoredEntry, more: frozenset[str] = frozenset()) -> Shown:
    """What of an entry may go out, and `more` of its personal values. Raises `LogBroken`."""
    try:
        entry = parse_entry(stored.body)
    except ValueError as fault:
        raise LogBroken(f"an entry cannot be read: {fault}") from fault
    shown = Shown(entry, stored.body, {})
    if shown.is_of_a_case:
        return shown
    names = OF_THE_CALLER | more
    return Shown(entry, stored.body, {name: kept for name, kept in (stored.personal or {}).items() if name in names})


def _kept(events: Sequence[Shown], row: RecordingRow | None) -> Kept | None:
    stored = next((event.entry for event in events if event.entry.tag in STORED), None)
    if stored is None:
        return None
    facts = stored.facts
    return Kept(
        number=stored.number,
        digest=str(facts["digest"]),
        duration_s=int(str(facts["samples"])) / int(str(facts["sample_rate_hz"])),
        channels=int(str(facts["channels"])),
        is_whole=stored.tag == STORED[0],
        destroy_after=None if row is None else row.destroy_after,
    )


def content_of(receipt: Receipt) -> dict[str, Json]:
    """What the receipt says: texts, whole numbers, yes and no only, so that whoever sorts the keys has its one
    canonical form (RFC 8785). Times are UTC, ISO 8601."""
    policy, call = receipt.policy, receipt.call
    return {
        "schema_version": SCHEMA,
        "record_id": str(UUID(call.call_id)),
        "language": receipt.language,
        "jurisdiction": JURISDICTION,
        "privacy_notice": receipt.rules_url,
        "pii_controllers": [
            {
                "party_name": policy.controller.name,
                "party_address": policy.controller.address,
                "party_contact": policy.controller.contact,
            }
        ],
        "policy": {"agency": policy.slug, "version": policy.version, "digest": policy.digest},
        "call": {
            "opened_at": format_time(call.opened_at),
            "closed_at": None if call.closed_at is None else format_time(call.closed_at),
        },
        "third_person_present": receipt.dialogue.third_person,
        "refusal": None
        if receipt.refusal is None
        else {
            "because_of": "kind of conversation" if receipt.refusal.by_kind else "objection",
            "reason": receipt.refusal.reason,
            "alternative": receipt.refusal.alternative,
            "told": {"reason": receipt.reason, "alternative": receipt.alternative},
        },
        "pii_processing": [
            {
                "purpose": "the caller's own recording",
                "lawful_basis": "not the agency's processing",
                "state": receipt.dialogue.caller_recording.value,
            },
            {
                "purpose": "the agency's parallel recording",
                "lawful_basis": f"AVG {policy.lawful_basis}",
                "state": receipt.dialogue.agency_recording.value,
                "permitted_by_entry": receipt.dialogue.consent_entry,
                "storage": None if receipt.recording is None else _storage(receipt.recording),
                "copies": [
                    {"entry": made.number, "format": made.form, "sha256": made.digest} for made in receipt.copies
                ],
            },
        ],
        "events": [_event(event) for event in receipt.events],
        "complaint": {
            "who": receipt.in_language(policy.complaint.who),
            "where": policy.complaint.where,
            "url": policy.complaint.url,
            "term_days": policy.complaint.term_days,
        },
    }


def _storage(recording: Kept) -> dict[str, Json]:
    destroy_after = recording.destroy_after
    return {
        "entry": recording.number,
        "sha256": recording.digest,
        "duration_ms": round(recording.duration_s * 1000),
        "channels": recording.channels,
        "whole": recording.is_whole,
        "retention_until": None if destroy_after is None else format_time(destroy_after),
    }


def _event(event: Shown) -> dict[str, Json]:
    return {
        "entry": event.entry.number,
        "event_time": format_time(event.entry.occurred_at),
        "event_type": event.entry.tag,
        "said": event.said or None,
        "answered": event.answered or None,
        "channel": event.channel or None,
        "erased": event.is_erased,
    }
