"""What a consent record tells of the processing: one process for each recording, and one for what is kept besides.

Two recordings are two facts: the caller's own and the agency's have separate states and never imply each other.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from config.policy import AgencyPolicy
from ivr.dialogue.states import AgencyRecording, CallerRecording, Dialogue, Refusal
from storage.consent_log.entry import format_time
from storage.records import Json, LoggedEntry

HUNG_UP = "hung up"
VOICE, NUMBER = "pd:VoiceCommunicationRecording", "pd:TelephoneNumber"
RIGHTS: list[Json] = ["eu-gdpr:A13", "eu-gdpr:A15", "eu-gdpr:A17", "eu-gdpr:A21"]
BASES: Mapping[str, str] = {
    "6(1)(a)": "eu-gdpr:A6-1-a",
    "6(1)(b)": "eu-gdpr:A6-1-b",
    "6(1)(c)": "eu-gdpr:A6-1-c",
    "6(1)(d)": "eu-gdpr:A6-1-d",
    "6(1)(e)": "eu-gdpr:A6-1-e-public-interest",
    "6(1)(f)": "eu-gdpr:A6-1-f",
}
"""Articles of the AVG, as a profile writes them."""

OWN_USE = "own-use"
"""The caller's own recording is not the agency's processing: somebody's own use (AVG art. 2(2)(c))."""

CONSENT_STATUS: Mapping[CallerRecording, str] = {
    CallerRecording.NONE: "dpv:ConsentUnknown",
    CallerRecording.ANNOUNCED: "dpv:ConsentRequested",
    CallerRecording.CONFIRMED: "dpv:ConsentGiven",
    CallerRecording.DECLINED: "dpv:ConsentRefused",
    CallerRecording.UNCONFIRMED: "dpv:ConsentRequestDeferred",
    CallerRecording.OBJECTED: "dpv:ConsentRefused",
    CallerRecording.WITHDRAWN: "dpv:ConsentWithdrawn",
}
"""How the caller's wish to record stands; who hung up while it was asked leaves it unknown."""

ACTIVITY_STATUS: Mapping[AgencyRecording, str] = {
    AgencyRecording.ANNOUNCED: "dpv:ActivityPlanned",
    AgencyRecording.STARTED: "dpv:ActivityOngoing",
    AgencyRecording.PAUSED: "dpv:ActivityHalted",
    AgencyRecording.STOPPED: "dpv:ActivityCompleted",
    AgencyRecording.STORED: "dpv:ActivityCompleted",
    AgencyRecording.DEGRADED: "dpv:ActivityCompleted",
    AgencyRecording.BLOCKED: "dpv:ActivityNotCompleted",
    AgencyRecording.FAILED: "dpv:ActivityNotCompleted",
}
"""How the agency's recording goes; one that nobody announced is no activity."""

COPIES = ("copy:wanted", "copy:sent", "copy:downloaded")


@dataclass(frozen=True, slots=True)
class Parties:
    """Their names within a record, whose own name is `iri`."""

    iri: str

    @property
    def caller(self) -> str:
        return f"{self.iri}#caller"

    @property
    def agency(self) -> str:
        return f"{self.iri}#agency"

    @property
    def carrier(self) -> str:
        return f"{self.iri}#carrier"

    @property
    def authority(self) -> str:
        return f"{self.iri}#authority"


def processes(
    parties: Parties, policy: AgencyPolicy, dialogue: Dialogue, entries: Sequence[LoggedEntry], rules_url: str
) -> list[Json]:
    last = {entry.tag: entry for entry in entries}
    made: list[Json] = [
        _callers_recording(parties, policy, dialogue, last, rules_url),
        _agencys_recording(parties, policy, dialogue, entries, rules_url),
    ]
    if any(tag in last for tag in COPIES):
        made.append(_copy(parties, policy, last, rules_url))
    made.append(_number(parties, policy, rules_url))
    if found := last.get("covert:registered"):
        made.append(_covert(parties, policy, found, rules_url))
    return made


def _callers_recording(
    parties: Parties, policy: AgencyPolicy, dialogue: Dialogue, last: Mapping[str, LoggedEntry], rules_url: str
) -> dict[str, Json]:
    """The citizen's own: they say beforehand that they make it (R3), and nobody asks why."""
    status = CONSENT_STATUS[dialogue.caller_recording]
    unanswered = last.get("consent:unconfirmed")
    if (
        dialogue.caller_recording is CallerRecording.UNCONFIRMED
        and unanswered is not None
        and unanswered.facts.get("reason") == HUNG_UP
    ):
        status = "dpv:ConsentUnknown"
    process = _own_use(parties, policy, "callers-recording", rules_url)
    process |= {"state": dialogue.caller_recording.value, "consent_status": status}
    said = last.get("consent:given") or last.get("request:heard") or last.get("request:keyed")
    if said is not None:
        process |= {"indicated_by": parties.caller, "indicated_at": format_time(said.occurred_at)}
    if dialogue.refusal is not None:
        process["objection"] = _objection(dialogue.refusal, policy)
    return process


def _covert(parties: Parties, policy: AgencyPolicy, found: LoggedEntry, rules_url: str) -> dict[str, Json]:
    """A recording that was not announced, and that the agency learned of afterwards."""
    return _own_use(parties, policy, "covert-recording", rules_url) | {
        "state": "discovered",
        "consent_status": "dpv:ConsentUnknown",
        "indicated_by": parties.agency,
        "indicated_at": format_time(found.occurred_at),
    }


def _own_use(parties: Parties, policy: AgencyPolicy, name: str, rules_url: str) -> dict[str, Json]:
    """Where somebody keeps their own recording, and how long, is theirs to decide (R6: own use only)."""
    return {
        **_process(parties, policy, name, "the caller's own use", rules_url),
        "lawful_basis": OWN_USE,
        "basis_article": "AVG 2(2)(c): not the agency's processing",
        "pii_information": [_pii(VOICE)],
        "pii_controllers": [parties.caller],
        "processing_method": ["dpv:Record"],
        "storage": {
            "@type": "dpv:StorageCondition",
            "storage_locations": ["with-the-caller"],
            "retention_period": "as long as the caller keeps it",
        },
        "recipient_third_parties": [parties.caller],
    }


def _agencys_recording(
    parties: Parties, policy: AgencyPolicy, dialogue: Dialogue, entries: Sequence[LoggedEntry], rules_url: str
) -> dict[str, Json]:
    """The agency's parallel recording (R9), announced before it starts."""
    stored = next((entry for entry in entries if entry.tag in ("recording:stored", "recording:degraded")), None)
    state = "destroyed" if any(e.tag == "recording:destroyed" for e in entries) else dialogue.agency_recording.value
    announced = next((entry for entry in entries if entry.tag == "recording:announced"), None)
    process = _agencys(parties, policy, "agencys-recording", "a parallel recording of the call", rules_url)
    process |= {
        "pii_information": [_pii(VOICE)],
        "processing_method": ["dpv:Record", "dpv:Store"],
        "storage": _stored(policy, policy.retention.recording_days),
        "recipient_third_parties": [parties.agency, parties.carrier],
        "state": state,
        "pauses": list(_pauses(entries)),
    }
    if dialogue.consent_entry is not None:
        process["permitted_by_entry"] = dialogue.consent_entry
    if stored is not None:
        process["sound"] = dict(stored.facts)
    if status := ACTIVITY_STATUS.get(dialogue.agency_recording):
        process["activity_status"] = status
    if announced is not None:
        process |= {"indicated_by": parties.agency, "indicated_at": format_time(announced.occurred_at)}
    return process


def _copy(parties: Parties, policy: AgencyPolicy, last: Mapping[str, LoggedEntry], rules_url: str) -> dict[str, Json]:
    """A copy of the agency's recording for the caller (R4)."""
    tag, entry = next((tag, last[tag]) for tag in reversed(COPIES) if tag in last)
    process = _agencys(parties, policy, "copy", "a copy for the caller", rules_url)
    return process | {
        "pii_information": [_pii(VOICE)],
        "processing_method": ["dpv:Copy"],
        "storage": _stored(policy, policy.retention.recording_days),
        "recipient_third_parties": [parties.caller],
        "state": tag.removeprefix("copy:"),
        "indicated_by": parties.caller,
        "indicated_at": format_time(entry.occurred_at),
    }


def _number(parties: Parties, policy: AgencyPolicy, rules_url: str) -> dict[str, Json]:
    """The number of a caller who shows it: for the messages that they were promised, and for requests about the call.
    It is in no record."""
    process = _agencys(parties, policy, "number", "finding the call, and messages about it", rules_url)
    return process | {
        "pii_information": [_pii(NUMBER)],
        "processing_method": ["dpv:Store"],
        "storage": _stored(policy, policy.retention.number_days),
        "recipient_third_parties": [parties.agency, parties.carrier],
    }


def _agencys(parties: Parties, policy: AgencyPolicy, name: str, purpose: str, rules_url: str) -> dict[str, Json]:
    return {
        **_process(parties, policy, name, purpose, rules_url),
        "lawful_basis": BASES[policy.lawful_basis],
        "basis_article": f"AVG {policy.lawful_basis}",
        "pii_controllers": [parties.agency],
        "privacy_rights": RIGHTS,
        "authority_party": parties.authority,
    }


def _process(parties: Parties, policy: AgencyPolicy, name: str, purpose: str, rules_url: str) -> dict[str, Json]:
    return {
        "@id": f"{parties.iri}#{name}",
        "@type": "dpv:Process",
        "purpose": {"@type": "dpv:Purpose", "description": purpose},
        "jurisdiction": [f"loc:{policy.controller.country}"],
        "withdrawal_method": {
            "@type": "dpv:WithdrawConsent",
            "description": "on the call: 'stop de opname', or the key *; afterwards: as the agency's page says",
            "exercised_at": rules_url,
        },
    }


def _pii(kind: str) -> dict[str, Json]:
    """Whether somebody tells of their health or faith (AVG art. 9) nobody knows beforehand, so that is not claimed."""
    return {"@type": "dpv:PersonalData", "pii_type": kind, "pii_optional": "dpv:Optional"}


def _stored(policy: AgencyPolicy, days: int) -> dict[str, Json]:
    return {
        "@type": "dpv:StorageCondition",
        "storage_locations": [f"loc:{policy.controller.country}"],
        "retention_period": f"P{days}D",
    }


def _objection(refusal: Refusal, policy: AgencyPolicy) -> dict[str, Json]:
    """The one that stands at the end (R1, R7). The profile's words; the employee's own ones stay in the log."""
    words = policy.find_kind(refusal.reason) if refusal.by_kind else policy.find_reason(refusal.reason)
    alternative = policy.find_alternative(refusal.alternative)
    language = policy.language
    return {
        "@type": "dpv:ObjectingToProcess",
        "because_of": "kind of conversation" if refusal.by_kind else "objection",
        "justification": {
            "@type": "dpv:Justification",
            "reason": refusal.reason,
            **({} if words is None else {"description": words.text[language]}),
        },
        "alternative": refusal.alternative,
        **({} if alternative is None else {"alternative_text": alternative.text[language]}),
        "complaint": {
            "who": policy.complaint.who[language],
            "where": policy.complaint.where,
            "url": policy.complaint.url,
            "term_days": policy.complaint.term_days,
        },
    }


def _pauses(entries: Sequence[LoggedEntry]) -> Iterator[dict[str, Json]]:
    """Announced and kept as silence, so that the time line stays whole (R5); `until` is left out where the
    recording ended first."""
    began: LoggedEntry | None = None
    for entry in entries:
        if entry.tag == "recording:paused" and began is None:
            began = entry
        elif entry.tag in ("recording:resumed", "recording:stopped") and began is not None:
            yield _pause(began, entry if entry.tag == "recording:resumed" else None)
            began = None
    if began is not None:
        yield _pause(began, None)


def _pause(began: LoggedEntry, ended: LoggedEntry | None) -> dict[str, Json]:
    return {
        "from": format_time(began.occurred_at),
        **({} if ended is None else {"until": format_time(ended.occurred_at)}),
        "reason": str(began.facts.get("reason", "")),
    }
