"""Consent records as JSON-LD with the terms of W3C's Data Privacy Vocabulary (DPV 2.3).

The context stands in the file: nobody has to fetch one to read it. What DPV has no term for keeps a name of our own.
"""

from collections.abc import Mapping
from uuid import UUID

from storage.records import Json

MEDIA_TYPE = "application/ld+json"
CONTEXT: dict[str, Json] = {
    "@version": 1.1,
    "@vocab": "urn:spelregel:consent-record:1:",
    "dpv": "https://w3id.org/dpv#",
    "dct": "http://purl.org/dc/terms/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "record_id": "dct:identifier",
    "pii_controllers": "dpv:hasDataController",
    "pii_processing": "dpv:hasProcess",
    "purpose": "dpv:hasPurpose",
    "lawful_basis": "dpv:hasLegalBasis",
    "consent_status": {"@id": "dpv:hasConsentStatus", "@type": "@id"},
    "storage": {"@id": "dpv:hasStorageCondition", "@type": "@json"},
    "refusal": {"@id": "dpv:hasJustification", "@type": "@json"},
    "event_time": {"@id": "dpv:isIndicatedAtTime", "@type": "xsd:dateTime"},
    "facts": {"@type": "@json"},
    "personal": {"@type": "@json"},
}
STATUS: Mapping[str, str] = {
    "announced": "dpv:ConsentRequested",
    "confirmed": "dpv:ConsentGiven",
    "declined": "dpv:ConsentRefused",
    "unconfirmed": "dpv:ConsentRequestDeferred",
    "objected": "dpv:ConsentRefused",
    "withdrawn": "dpv:ConsentWithdrawn",
}
"""Of the caller's wish to record, as far as DPV has words for it; nothing was asked where nothing was said."""


def linked(record: Mapping[str, Json], caller_recording: str) -> dict[str, Json]:
    """A record as a node, without the context. `caller_recording` is the state of the caller's own recording."""
    status = STATUS.get(caller_recording)
    return {
        "@id": UUID(str(record["record_id"])).urn,
        "@type": "dpv:ConsentRecord",
        **({"consent_status": status} if status else {}),
        **record,
    }
