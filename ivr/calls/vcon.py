"""A call as a vCon, the IETF's container for a conversation: unsigned, without the sound.

Source: draft-ietf-vcon-vcon-core-04. Times are RFC 3339; parties and dialogs are named by their place in the lists.
"""

from base64 import urlsafe_b64encode
from collections.abc import Iterator, Sequence
from uuid import UUID

from config.policy import AgencyPolicy
from storage.consent_log.entry import format_time
from storage.records import CallRecord, Json, LoggedEntry, RecordingRow

MEDIA_TYPE = "application/vcon+json"
SYNTAX = "0.4.0"
CALLER, EMPLOYEE, BOT = range(3)
ANSWERS = ("words", "answer")


def make_vcon(
    call: CallRecord,
    policy: AgencyPolicy,
    entries: Sequence[LoggedEntry],
    recording: RecordingRow | None,
    number_e164: str | None,
    record: dict[str, Json],
) -> dict[str, Json]:
    """`record` is the consent record, which is attached. What was erased or may not be seen is left out before."""
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
        "attachments": [
            {
                "purpose": "consent-record",
                "start": changed_at,
                "party": EMPLOYEE,
                "dialog": 0,
                "mediatype": "application/ld+json",
                "encoding": "json",
                "body": record,
            }
        ],
    }


def _recorded(entries: Sequence[LoggedEntry], recording: RecordingRow | None) -> Iterator[dict[str, Json]]:
    """The agency's recording: where it began, how long it is, and the digest by which a file can be recognised."""
    if recording is None:
        return
    began = next((entry.occurred_at for entry in entries if entry.tag == "recording:started"), recording.stored_at)
    digest = urlsafe_b64encode(bytes.fromhex(recording.digest)).decode().rstrip("=")
    yield {
        "type": "recording",
        "start": format_time(began),
        "duration": round(recording.samples / recording.sample_rate_hz, 3),
        "parties": [CALLER, [EMPLOYEE, BOT]],
        "mediatype": "audio/x-wav",
        "content_hash": f"sha256-{digest}",
    }


def _said(entries: Sequence[LoggedEntry]) -> Iterator[dict[str, Json]]:
    """What the bot said, and what it was answered."""
    for entry in entries:
        if "case" in entry.facts:
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
