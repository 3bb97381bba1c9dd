"""What a consent record tells of the call: which notices were given, and what became of the caller's wish to record."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from config.policy import AgencyPolicy
from ivr.calls.consent_processes import HUNG_UP, Parties
from ivr.dialogue.effects import PromptKey
from storage.consent_log.entry import format_time
from storage.records import Json, LoggedEntry

SPOKEN = "gesproken"
UNTIL = "until the call ends"

ASKS = (PromptKey.CONFIRM, PromptKey.CONFIRM_AGAIN, PromptKey.KEYPAD)
"""The question whether the caller wants to record, by voice or by key."""


@dataclass(frozen=True, slots=True)
class _Kind:
    """What an entry means for the wish: what happened, how the wish stands after it, and whether the caller did it."""

    event_type: str
    state: str
    by_caller: bool = True


KINDS: Mapping[str, _Kind] = {
    "request:heard": _Kind("announcement", "dpv:ConsentRequested"),
    "request:keyed": _Kind("announcement", "dpv:ConsentRequested"),
    "consent:requested": _Kind("question", "dpv:ConsentRequested", by_caller=False),
    "consent:given": _Kind("answer", "dpv:ConsentGiven"),
    "consent:refused": _Kind("answer", "dpv:ConsentRefused"),
    "consent:unconfirmed": _Kind("no-answer", "dpv:ConsentRequestDeferred"),
    "consent:withdrawn": _Kind("withdrawal", "dpv:ConsentWithdrawn"),
    "objection:raised": _Kind("objection", "dpv:ConsentRefused", by_caller=False),
    "objection:withdrawn": _Kind("objection-withdrawn", "dpv:ConsentRequested", by_caller=False),
    "request:excluded": _Kind("exclusion", "dpv:ConsentRefused", by_caller=False),
    "covert:registered": _Kind("discovery", "dpv:ConsentUnknown", by_caller=False),
    "channel-request:registered": _Kind("announcement", "dpv:ConsentRequested"),
    "channel-request:allowed": _Kind("allowed", "dpv:ConsentGiven", by_caller=False),
    "channel-request:refused": _Kind("objection", "dpv:ConsentRefused", by_caller=False),
}
"""Entries that tell of the wish to record; all others are about something else."""


def consent_events(iri: str, parties: Parties, entries: Sequence[LoggedEntry]) -> list[Json]:
    """In the order of the log."""
    events: list[Json] = []
    given = False
    for entry in entries:
        kind = KINDS.get(entry.tag)
        if kind is None:
            continue
        state = kind.state
        if entry.tag == "consent:unconfirmed" and entry.facts.get("reason") == HUNG_UP:
            state = "dpv:ConsentUnknown"
        if entry.tag == "objection:withdrawn" and given:
            state = "dpv:RenewedConsentGiven"
        given = state in ("dpv:ConsentGiven", "dpv:RenewedConsentGiven") or (given and entry.tag == "objection:raised")
        told: dict[str, Json] = {
            "@id": f"{iri}#event-{entry.number}",
            "event_time": format_time(entry.occurred_at),
            "validity_duration": UNTIL,
            "entity_id": parties.caller if kind.by_caller else parties.agency,
            "event_type": kind.event_type,
            "event_state": state,
            "entry": entry.number,
        }
        if method := _method(entry):
            told["event_method"] = method
        events.append(told)
    return events


def _method(entry: LoggedEntry) -> str | None:
    """How the caller said it: by voice, or by which key."""
    if entry.tag == "request:heard" or entry.facts.get("channel") == "speech":
        return SPOKEN
    if entry.tag == "request:keyed":
        return f"toets {entry.facts.get('digit', '')}".strip()
    if entry.facts.get("channel") == "key":
        return {"consent:given": "toets 1", "consent:refused": "toets 2"}.get(entry.tag, "toets")
    return None


def notices(iri: str, policy: AgencyPolicy, entries: Sequence[LoggedEntry], rules_url: str) -> list[Json]:
    """The agency's page, which always stands, and all that the bot said: heard to the end, or not."""
    told: list[Json] = [
        {
            "@id": f"{iri}#notice-page",
            "@type": "dpv:PrivacyNotice",
            "language": [policy.language],
            "notice_status": "dpv:NoticeGenerated",
            "url": rules_url,
            "profile_version": policy.version,
        }
    ]
    for entry in entries:
        if entry.tag not in ("prompt:played", "prompt:failed"):
            continue
        facts = entry.facts
        text = str(facts.get("text") or entry.personal.get("text") or "")
        told.append(
            {
                "@id": f"{iri}#notice-{entry.number}",
                "@type": ["dpv:OralNotice", "dpv:ConsentNotice"] if facts.get("key") in ASKS else "dpv:OralNotice",
                "language": [str(facts.get("language", policy.language))],
                "notice_status": "dpv:NoticeCommunicated" if entry.tag == "prompt:played" else "dpv:NoticeGenerated",
                "given_at": format_time(entry.occurred_at),
                **({"text": text} if text else {}),
                "prompt": str(facts.get("key", "")),
                "profile_version": str(facts.get("profile_version", "")),
                "entry": entry.number,
            }
        )
    return told
