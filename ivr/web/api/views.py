"""What the API answers with; keys are camelCase, times UTC."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ivr.cases.case import About, Case, Complaint, Kind, State, Who
from ivr.cases.shapes import Json
from ivr.dialogue.states import AgencyRecording, CallerRecording, Dialogue, Employee
from ivr.dialogue.states import State as CallState
from storage.records import CallRecord, LoggedEntry


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry of the consent log. `personal` is left empty for who may not see it, and where it was erased."""

    number: int
    tag: str
    occurred_at: datetime
    facts: Mapping[str, Json]
    personal: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class CaseView:
    """One case file. `about` holds what is known of its kind; people in it are left out for who may not see them."""

    case_id: str
    kind: Kind
    agency: str
    state: State
    owner: Who
    opened_at: datetime
    due_at: datetime | None
    overdue: bool
    closed_at: datetime | None
    call_id: str | None
    from_case: str | None
    channel: str | None
    about: About


@dataclass(frozen=True, slots=True)
class CaseFileView:
    """A case file with its entries in the consent log, oldest first."""

    case: CaseView
    history: tuple[EntryView, ...]


@dataclass(frozen=True, slots=True)
class CaseList:
    """A page of cases; `next` is the `after` of the following page, null on the last."""

    cases: tuple[CaseView, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class CallView:
    """A call as it is now. Two recordings are two facts: the caller's own and the agency's.

    `conversation_kind` is the profile's code, empty where nobody named it.
    """

    call_id: str
    agency: str
    opened_at: datetime
    closed_at: datetime | None
    state: CallState
    caller_recording: CallerRecording
    agency_recording: AgencyRecording
    employee: Employee
    on_hold: bool
    paused_privately: bool
    conversation_kind: str
    third_person: bool


@dataclass(frozen=True, slots=True)
class CallFileView:
    """A call with its entries in the consent log, oldest first."""

    call: CallView
    history: tuple[EntryView, ...]


@dataclass(frozen=True, slots=True)
class ConsentRecordView:
    """A call's consent record: JSON-LD with its context in it, as docs/exports.md and its own schema describe it."""

    record: Mapping[str, Json]


@dataclass(frozen=True, slots=True)
class CallList:
    """Calls that are going on now, oldest first."""

    calls: tuple[CallView, ...]


def view_entries(entries: Sequence[LoggedEntry], *, personal: bool) -> tuple[EntryView, ...]:
    return tuple(
        EntryView(one.number, one.tag, one.occurred_at, one.facts, one.personal if personal else {}) for one in entries
    )


def view_case(case: Case, now: datetime, *, personal: bool) -> CaseView:
    """`personal`: the names of people who may listen are shown too."""
    about = case.about
    if not personal and isinstance(about, Complaint) and about.access is not None:
        about = replace(about, access=replace(about.access, people=()))
    return CaseView(
        case_id=case.case_id,
        kind=case.kind,
        agency=case.agency,
        state=case.state,
        owner=case.owner,
        opened_at=case.opened_at,
        due_at=case.due_at,
        overdue=case.is_overdue(now),
        closed_at=case.closed_at,
        call_id=case.call_id,
        from_case=case.from_case,
        channel=case.channel,
        about=about,
    )


def view_call(call: CallRecord, dialogue: Dialogue) -> CallView:
    return CallView(
        call_id=call.call_id,
        agency=call.agency,
        opened_at=call.opened_at,
        closed_at=call.closed_at,
        state=dialogue.state,
        caller_recording=dialogue.caller_recording,
        agency_recording=dialogue.agency_recording,
        employee=dialogue.employee,
        on_hold=dialogue.on_hold,
        paused_privately=dialogue.private,
        conversation_kind=dialogue.kind,
        third_person=dialogue.third_person,
    )
