"""Records for the agency's processing log: what was done with somebody's data, once for each action and person.

Source: Logboek Dataverwerkingen 1.0.0 (Logius). It names no employee: who did something stands in the trail and in the
consent log, and is found there by the call's id, which is the trace's, but for what another application asked for in a
trace of its own. Nothing is sampled.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ivr.calls.trace_context import SPAN_BYTES, TRACE_BYTES, TraceParent, read_traceparent
from storage.processing import ProcessingRecord, Status
from storage.records import Json, LoggedEntry

HEX_ID = re.compile(rf"[0-9a-f]{{{2 * TRACE_BYTES}}}")
SUBJECT_TYPE_NUMBER = "telefoonnummer"
SUBJECT_TYPE_CALL = "gesprek"
SUBJECT_TYPE_CASE = "zaak"
SERVICE = "spelregel"
RECORDED = "recording:stopped"


ACTIONS: Mapping[str, str] = {
    "call:opened": "gesprek vastleggen",
    "request:heard": "wens om op te nemen vastleggen",
    "request:keyed": "wens om op te nemen vastleggen",
    RECORDED: "gesprek opnemen",
    "recording:stored": "opname bewaren",
    "recording:degraded": "opname bewaren",
    "recording:failed": "opname bewaren",
    "recording:carrier-deleted": "opname bij het telefoonbedrijf wissen",
    "recording:played": "opname beluisteren",
    "complaint:played": "opname beluisteren voor een klacht",
    "training:played": "opname beluisteren om van te leren",
    "recording:destroyed": "opname vernietigen",
    "copy:prepared": "kopie maken",
    "copy:sent": "kopie aanbieden",
    "copy:opened": "kopie beluisteren of inzien",
    "copy:downloaded": "kopie verstrekken",
    "copy:receipt": "bewijs verstrekken",
    "citizen-copy:received": "opname van de burger ontvangen",
    "citizen-copy:compared": "opname van de burger vergelijken",
    "upload:played": "opname van de burger beluisteren",
    "citizen-copy:destroyed": "opname van de burger vernietigen",
    "data-subject:packaged": "inzage verlenen",
    "number:destroyed": "telefoonnummer vernietigen",
    "personal:erased": "persoonlijke gegevens wissen",
    "case:destroyed": "zaak vernietigen",
}
"""Entries of the consent log that tell of an action with somebody's data."""

EXPORTED = "gespreksgegevens exporteren"
FAULTS = frozenset({"recording:failed"})


@dataclass(frozen=True, slots=True)
class Action:
    """What was done; plain enough to be a job's payload. `call_id` is the chain in the consent log, `action_id` what
    this action is known by for ever, so that a record that is sent twice is the same record. `agency` is empty
    where the call or case still says whose it is. `parent` is the action of another application that asked for this."""

    call_id: str
    action_id: str
    name: str
    started_at: datetime
    ended_at: datetime
    status: Status = Status.UNSET
    agency: str = ""
    parent: TraceParent | None = None

    def to_payload(self) -> dict[str, Json]:
        return {
            "call_id": self.call_id,
            "action_id": self.action_id,
            "name": self.name,
            "started_at": self.started_at.isoformat(),
            "ended_at": self.ended_at.isoformat(),
            "status": self.status.value,
            "agency": self.agency,
            "traceparent": "" if self.parent is None else self.parent.header(),
        }

    @classmethod
    def from_payload(cls, payload: Mapping[str, Json]) -> "Action":
        """Inverse of `to_payload`. Raises `KeyError` or `ValueError` for anything else."""
        return cls(
            call_id=str(payload["call_id"]),
            action_id=str(payload["action_id"]),
            name=str(payload["name"]),
            started_at=datetime.fromisoformat(str(payload["started_at"])),
            ended_at=datetime.fromisoformat(str(payload["ended_at"])),
            status=Status(str(payload["status"])),
            agency=str(payload["agency"]),
            parent=read_traceparent(str(payload.get("traceparent", ""))),
        )


def action_of(entry: LoggedEntry, before: Sequence[LoggedEntry]) -> Action | None:
    """None where the entry tells of no action with somebody's data. `before` are the call's entries up to this one:
    recording is one action from its start to its end."""
    name = ACTIONS.get(entry.tag)
    if name is None:
        return None
    started_at = entry.occurred_at
    if entry.tag == RECORDED:
        began = (one.occurred_at for one in reversed(before) if one.tag == "recording:started")
        started_at = next(began, entry.occurred_at)
    status = Status.ERROR if entry.tag in FAULTS else Status.UNSET
    agency = str(entry.facts.get("agency", ""))
    return Action(entry.call_id, entry.event_id, name, started_at, entry.occurred_at, status, agency)


def actions_of(entries: Sequence[LoggedEntry]) -> Iterator[Action]:
    """Of one call, in the order of its log."""
    for place, entry in enumerate(entries):
        if (action := action_of(entry, entries[:place])) is not None:
            yield action


def record_of(
    action: Action, activity: str, pseudonym: str | None, *, of_call: bool = True, application: str | None = None
) -> ProcessingRecord:
    """`activity` is the address of the processing activity in the agency's register, `pseudonym` the caller's, None
    where their number is not known (any more): then they are known by the call alone, or by the case where it is of no
    call. `application` is the address of the one that calls us, None where the installation does not name it."""
    alone = SUBJECT_TYPE_CALL if of_call else SUBJECT_TYPE_CASE
    subject, kind = (action.call_id, alone) if pseudonym is None else (pseudonym, SUBJECT_TYPE_NUMBER)
    parent = action.parent
    foreign = {} if parent is None or application is None else {"dpl.core.foreign_operation.processor": application}
    return ProcessingRecord(
        trace_id=_trace_id(action.call_id) if parent is None else parent.trace_id,
        parent_span_id=None if parent is None else parent.span_id,
        span_id=hashlib.sha256(f"{action.call_id} {action.action_id}".encode()).digest()[:SPAN_BYTES],
        name=action.name,
        status=action.status,
        start_time_ms=_milliseconds(action.started_at),
        end_time_ms=_milliseconds(action.ended_at),
        attributes={
            "dpl.core.processing_activity_id": activity,
            "dpl.core.data_subject_id": subject,
            "dpl.core.data_subject_id_type": kind,
            **foreign,
        },
    )


def _trace_id(call_id: str) -> bytes:
    """The call's own id, which is 16 bytes; a chain that is no call's gets one from its name."""
    if HEX_ID.fullmatch(call_id) and int(call_id, 16):  # W3C Trace Context forbids an id of zeros
        return bytes.fromhex(call_id)
    return hashlib.sha256(call_id.encode()).digest()[:TRACE_BYTES]


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
