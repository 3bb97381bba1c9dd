"""The consent record of one call, told from its log entries: ISO/IEC TS 27560 in JSON-LD.

The names are those of the standard; `jsonld.py` says which term of DPV each stands for. In law this is mostly not
consent of the AVG kind: the caller announces their own recording, and the agency's rests on its public task. So each
recording is a process of its own with a basis of its own, and no event claims a type of consent.
"""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from config.policy import AgencyPolicy
from ivr.calls.consent_events import consent_events, notices
from ivr.calls.consent_processes import Parties, processes
from ivr.calls.jsonld import OWN, PROFILE
from ivr.dialogue.states import Dialogue
from storage.consent_log.entry import format_time
from storage.records import CallRecord, Json, LoggedEntry

FORMAT = f"{OWN}schema"


def consent_record(
    call: CallRecord, policy: AgencyPolicy, entries: Sequence[LoggedEntry], rules_url: str
) -> dict[str, Json]:
    """A JSON-LD node without its context (`jsonld.with_context`). Times are UTC, ISO 8601; `entry` is a number in the
    consent log. `rules_url` is the agency's public page.

    The caller is known by the call alone: their number and name are in no record. What they said stands in `personal`
    of the log's lines, as far as the entries have it.
    """
    dialogue = Dialogue.from_json(call.dialogue)
    iri = UUID(call.call_id).urn
    parties = Parties(iri)
    return {
        "@id": iri,
        "@type": "dpv:ConsentRecord",
        "schema_version": PROFILE,
        "record_format": FORMAT,
        "record_id": str(UUID(call.call_id)),
        "pii_principal_id": parties.caller,
        "began_at": format_time(call.opened_at),
        **({} if call.closed_at is None else {"ended_at": format_time(call.closed_at)}),
        "language": [dialogue.language],
        "policy": {"agency": policy.slug, "version": policy.version, "digest": call.policy_digest},
        "belongs_to_case_file": policy.dossier,
        "third_person_present": dialogue.third_person,
        **({"conversation_kind": dialogue.kind} if dialogue.kind else {}),
        "privacy_notice": notices(iri, policy, entries, rules_url),
        "pii_processing": processes(parties, policy, dialogue, entries, rules_url),
        "party_identification": list(_parties(parties, policy)),
        "events": consent_events(iri, parties, entries),
        "log_entries": [_line(iri, entry) for entry in entries],
    }


def _parties(parties: Parties, policy: AgencyPolicy) -> Iterator[dict[str, Json]]:
    """Everybody whom a process or an event names. Who the caller is, is not asked; employees are the agency."""
    yield _party(
        parties.agency,
        "dpv:DataController",
        "dpv:GovernmentalOrganisation",
        (policy.controller.name, policy.controller.address, policy.controller.contact),
    )
    known = "known by the telephone call only"
    yield _party(parties.caller, "dpv:DataSubject", "dpv:NaturalPerson", ("the caller", known, known))
    named = "in the agency's register of processing activities"
    yield _party(parties.carrier, "dpv:DataProcessor", "dpv:Organisation", ("the carrier of the call", named, named))
    yield _party(
        parties.authority,
        "dpv:DataProtectionAuthority",
        "legal-nl:DPA-NL",
        ("Autoriteit Persoonsgegevens", "Postbus 93374, 2509 AJ Den Haag", "https://autoriteitpersoonsgegevens.nl"),
    )


def _party(iri: str, role: str, kind: str, known_as: tuple[str, str, str]) -> dict[str, Json]:
    name, address, contact = known_as
    return {
        "@id": iri,
        "@type": role,
        "party_id": iri,
        "party_name": name,
        "party_address": address,
        "party_contact": contact,
        "party_type": kind,
    }


def _line(iri: str, entry: LoggedEntry) -> dict[str, Json]:
    """One entry of the consent log, as a witness of the rest of the record."""
    facts: Mapping[str, Json] = entry.facts
    return {
        "@id": f"{iri}#entry-{entry.number}",
        "entry": entry.number,
        "entry_hash": entry.entry_hash,
        "occurred_at": format_time(entry.occurred_at),
        "tag": entry.tag,
        "facts": dict(facts),
        "personal": dict(entry.personal),
    }
