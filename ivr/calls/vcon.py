"""A call as a vCon, the IETF's container for a conversation, in its unsigned form (`vcon_signing.py` signs it).

Source: draft-ietf-vcon-vcon-core-04. Times are RFC 3339; parties and dialogs are named by their place in the lists.
"""

from collections.abc import Iterator, Sequence
from uuid import UUID

from config.policy import AgencyPolicy
from ivr.calls.vcon_evidence import LogExtract, Sound
from storage.consent_log.entry import format_time
from storage.consent_log.tlog_proof import MEDIA_TYPE as PROOF_TYPE
from storage.consent_log.tlog_proof import SUFFIX
from storage.records import CallRecord, Json, LoggedEntry, RecordingRow

MEDIA_TYPE = "application/vcon"
SYNTAX = "0.4.0"
CALLER, EMPLOYEE, BOT = range(3)
ANSWERS = ("words", "answer")
RECORD, ENTRIES, PROOF = "consent-record", "consent-log-entries", "consent-log-proof"


def make_vcon(
    call: CallRecord,
    policy: AgencyPolicy,
    entries: Sequence[LoggedEntry],
    recording: tuple[RecordingRow, Sound] | None,
    number_e164: str | None,
    record: dict[str, Json],
    log: LogExtract,
) -> dict[str, Json]:
    """`record` is the consent record and `log` what proves it; both are attached. What was erased or may not be seen is
    left out before."""
    dialog = [*_recorded(entries, recording), *_said(entries)]
    changed_at = format_time(entries[-1].occurred_at if entries else call.opened_at)
    caller: dict[str, Json] = {"type": "caller"}
    if number_e164 is not None and number_e164.startswith("+"):  # who hides their number calls as "anonymous"
        caller["tel"] = f"tel:{number_e164}"
    return {
        "vcon": SYNTAX,
        "uuid": str(UUID(call.call_id)),
        "created_at": format_time(call.opened_at),
        "updated_at": changed_at,
        "subject": f"{policy.controller.name}: telephone call and its consent record",
        "parties": [
            caller,
            {"type": "employee", "org": policy.controller.name},
            {"type": "bot", "name": "Spelregel", "org": policy.controller.name},
        ],
        "dialog": list(dialog) or [_nothing(call)],
        "analysis": [],
        "attachments": list(_attachments(changed_at, record, log)),
    }


def _attachments(at: str, record: dict[str, Json], log: LogExtract) -> Iterator[dict[str, Json]]:
    """The record; the log's entries, each exactly as it was hashed; and the proof of the last one that was sealed,
    which names the one before it, and so on to the first."""
    yield _attachment(at, RECORD, "application/ld+json", "json", record)
    if log.entries:
        yield _attachment(at, ENTRIES, "application/x-ndjson", "none", log.entries)
    if log.proof is not None:
        yield {**_attachment(at, PROOF, PROOF_TYPE, "none", log.proof), "filename": f"{log.proven}{SUFFIX}"}


def _attachment(at: str, purpose: str, media_type: str, encoding: str, body: Json) -> dict[str, Json]:
    return {
        "purpose": purpose,
        "start": at,
        "party": EMPLOYEE,
        "dialog": 0,
        "mediatype": media_type,
        "encoding": encoding,
        "body": body,
    }


def _recorded(
    entries: Sequence[LoggedEntry], recording: tuple[RecordingRow, Sound] | None
) -> Iterator[dict[str, Json]]:
    """The agency's recording: where it began, how long it is, and the digests by which a file can be recognised."""
    if recording is None:
        return
    row, sound = recording
    began = next((entry.occurred_at for entry in entries if entry.tag == "recording:started"), row.stored_at)
    content: dict[str, Json] = {}
    if sound.body is not None:
        content = {"encoding": "base64url", "body": sound.body}
    elif sound.url is not None:
        content = {"url": sound.url}
    yield {
        "type": "recording",
        "start": format_time(began),
        "duration": round(row.samples / row.sample_rate_hz, 3),
        "parties": [CALLER, [EMPLOYEE, BOT]],
        "mediatype": "audio/x-wav",
        "content_hash": list(sound.hashes),
        **content,
    }


def _said(entries: Sequence[LoggedEntry]) -> Iterator[dict[str, Json]]:
    """What the bot said, and what it was answered."""
    for entry in entries:
        if entry.is_of_a_case:
            continue
        told = entry.facts.get("text") or entry.personal.get("text")
        if told:
            yield _text(entry, BOT, str(told))
        for name in ANSWERS:
            if name in entry.personal:
                yield _text(entry, CALLER, entry.personal[name])


def _text(entry: LoggedEntry, speaker: int, said: str) -> dict[str, Json]:
    others = [party for party in (CALLER, EMPLOYEE, BOT) if party != speaker]
    return {
        "type": "text",
        "start": format_time(entry.occurred_at),
        "parties": [speaker, *others],
        "mediatype": "text/plain",
        "encoding": "none",
        "body": said,
    }


def _nothing(call: CallRecord) -> dict[str, Json]:
    return {"type": "incomplete", "start": format_time(call.opened_at), "parties": [CALLER], "disposition": "hung-up"}
