"""The words of a consent record as JSON-LD: the fields of ISO/IEC TS 27560 and the W3C's Data Privacy Vocabulary.

The context stands in the file: nobody has to fetch one to read it. Each part of a record has words of its own, so that
no two of them stand for the same property and a record is the same again after it was expanded and compacted. What DPV
2.3 has no term for keeps a name of ours, under `OWN`.
Source: "Consent Records and Receipts as per ISO/IEC TS 27560:2023 using DPV", W3C Community Group, 15 February 2026.
"""

from collections.abc import Mapping

from storage.records import Json

MEDIA_TYPE = "application/ld+json"
PROFILE = "https://w3id.org/dpv/schema/dpv-27560#record-eu-gdpr"
OWN = "urn:spelregel:consent-record:2:"

PREFIXES: dict[str, Json] = {
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "loc": "https://w3id.org/dpv/loc#",
    "eu-gdpr": "https://w3id.org/dpv/legal/eu/gdpr#",
    "legal-nl": "https://w3id.org/dpv/legal/nl#",
    "dct": "http://purl.org/dc/terms/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}


def _word(term: str) -> Json:
    """A property whose value is a term of a vocabulary, or a word of our own."""
    return {"@id": term, "@type": "@vocab"}


def _words(term: str) -> Json:
    return {"@id": term, "@type": "@vocab", "@container": "@set"}


def _link(term: str) -> Json:
    """A property whose value is the IRI of another node."""
    return {"@id": term, "@type": "@id"}


def _links(term: str) -> Json:
    return {"@id": term, "@type": "@id", "@container": "@set"}


def _nodes(term: str, words: Mapping[str, Json]) -> Json:
    return {"@id": term, "@container": "@set", "@context": dict(words)}


TIME: Json = {"@id": "dpv:isIndicatedAtTime", "@type": "xsd:dateTime"}
PLAIN: Json = {"@type": "@json"}

NOTICE: dict[str, Json] = {
    "notice_status": _word("dpv:hasNoticeStatus"),
    "given_at": {"@id": "dct:date", "@type": "xsd:dateTime"},
    "text": "dct:description",
    "url": _link("dct:source"),
}
PARTY: dict[str, Json] = {
    "party_id": "dpv:hasIdentifier",
    "party_name": "dpv:hasName",
    "party_address": "dpv:hasAddress",
    "party_contact": "dpv:hasContact",
    "party_type": _word(f"{OWN}party_type"),
}
PROCESS: dict[str, Json] = {
    "description": "dct:description",
    "purpose": "dpv:hasPurpose",
    "lawful_basis": _word("dpv:hasLegalBasis"),
    "pii_information": _nodes(
        "dpv:hasPersonalData",
        {"pii_type": _word("skos:broader"), "pii_optional": _word("dpv:hasNecessity")},
    ),
    "pii_controllers": _links("dpv:hasDataController"),
    "processing_method": _words("dpv:hasProcessing"),
    "storage": {
        "@id": "dpv:hasStorageCondition",
        "@context": {"storage_locations": _words("dpv:hasLocation"), "retention_period": "dpv:hasDuration"},
    },
    "jurisdiction": _words("dpv:hasJurisdiction"),
    "recipient_third_parties": _links("dpv:hasRecipient"),
    "withdrawal_method": {"@id": "dpv:hasConsentControl", "@context": {"exercised_at": _link("dpv:isExercisedAt")}},
    "privacy_rights": _words("dpv:hasRight"),
    "authority_party": _link("dpv:hasAuthority"),
    "activity_status": _word("dpv:hasActivityStatus"),
    "consent_status": _word("dpv:hasConsentStatus"),
    "indicated_by": _link("dpv:isIndicatedBy"),
    "indicated_at": TIME,
    "indication_method": "dpv:hasIndicationMethod",
    "objection": {
        "@id": "dpv:hasEntityInvolvement",
        "@context": {"justification": "dpv:hasJustification", "complaint": PLAIN},
    },
    "pauses": _nodes(f"{OWN}pauses", {"from": {"@type": "xsd:dateTime"}, "until": {"@type": "xsd:dateTime"}}),
    "sound": PLAIN,
}
EVENT: dict[str, Json] = {
    "event_time": TIME,
    "event_type": _word(f"{OWN}event_type"),
    "event_state": _word("dpv:hasConsentStatus"),
    "entity_id": _link("dpv:isIndicatedBy"),
    "validity_duration": "dpv:hasDuration",
    "event_method": "dpv:hasIndicationMethod",
}
LINE: dict[str, Json] = {
    "occurred_at": {"@id": "dct:date", "@type": "xsd:dateTime"},
    "facts": PLAIN,
    "personal": PLAIN,
}

CONTEXT: dict[str, Json] = {
    "@version": 1.1,
    "@vocab": OWN,
    **PREFIXES,
    "schema_version": _link("dct:conformsTo"),
    "record_id": "dct:identifier",
    "pii_principal_id": _link("dpv:hasDataSubject"),
    "privacy_notice": _nodes("dpv:hasNotice", NOTICE),
    "language": {"@id": "dct:language", "@container": "@set"},
    "pii_processing": _nodes("dpv:hasProcess", PROCESS),
    "party_identification": _nodes("dpv:hasEntity", PARTY),
    "events": _nodes("dpv:hasStatus", EVENT),
    "policy": PLAIN,
    "log_entries": _nodes(f"{OWN}log_entries", LINE),
}


def with_context(record: Mapping[str, Json]) -> dict[str, Json]:
    """A record that is read by itself."""
    return {"@context": CONTEXT, **record}
