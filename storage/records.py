"""PURE. The values that the stores take and give; the ports of `ivr` are written in terms of these.

Times are aware UTC datetimes. Ids are strings: `call_id` is ours, `call_sid` and the other sids are the carrier's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One phone call as stored; `dialogue` is the state machine's value as JSON text.

    `line` is the number that was called. `version` counts the moves: whoever saves must name the version that it read.
    `forgotten_at`: the log's period is over, and everything personal of the call went then. Raises nothing.
    """

    call_id: str
    call_sid: str
    agency: str
    policy_digest: str
    opened_at: datetime
    dialogue: str
    version: int = 0
    conference_sid: str | None = None
    recording_sid: str | None = None
    closed_at: datetime | None = None
    line: str = ""
    forgotten_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallFacts:
    """What a call is found by, besides words: repeats its dialogue, for lists.

    `line` is the number that was called; `employee` the address that answered, empty where nobody did; `state` and the
    two recordings are values of the dialogue; `reason` is the profile's code of the refusal that stands, that of a
    reason or of a kind of conversation.
    """

    call_id: str
    agency: str
    opened_at: datetime
    line: str
    state: str
    caller_recording: str
    agency_recording: str
    employee: str
    reason: str
    third_person: bool


class FactField(StrEnum):
    """Of the facts, those whose values nobody knows beforehand."""

    LINE = "line"
    EMPLOYEE = "employee"
    REASON = "reason"


ANY_CASE = "any"


@dataclass(frozen=True, slots=True)
class CallFilter:
    """Which calls a search finds, all of them of `agencies`: everything that is not None must hold.

    `since` is the first moment and `until` the first one after. `case` is a kind of case, or `ANY_CASE`. `text` are
    words that the bot said or, `with_answers`, that it was answered: all of them in the call, in any order and form.
    """

    agencies: tuple[str, ...]
    since: datetime | None = None
    until: datetime | None = None
    line: str | None = None
    employee: str | None = None
    running: bool | None = None
    caller_recording: str | None = None
    agency_recording: str | None = None
    reason: str | None = None
    third_person: bool | None = None
    case: str | None = None
    number_hash: str | None = None
    text: str | None = None
    with_answers: bool = False


@dataclass(frozen=True, slots=True)
class SavedFilter:
    """A search that somebody keeps under a name: `query` is the address's part after the question mark."""

    user_name: str
    name: str
    query: str
    saved_at: datetime


@dataclass(frozen=True, slots=True)
class NewEntry:
    """What the caller of `ConsentLog.append` gives.

    `event_id` makes the append idempotent: the same id again returns the entry that is there.
    `facts` stand in the log as they are; `personal` values (speech, numbers) are stored beside it and only
    their salted digests stand in the log, so that erasure leaves the chain whole (AVG art. 17).
    """

    call_id: str
    event_id: str
    tag: str
    occurred_at: datetime
    facts: Mapping[str, Json] = field(default_factory=dict)
    personal: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoggedEntry:
    """An entry of the consent log: `number` counts from 0 over all calls without gaps; `entry_hash` is hex."""

    number: int
    call_id: str
    call_number: int
    event_id: str
    tag: str
    occurred_at: datetime
    facts: Mapping[str, Json]
    personal: Mapping[str, str]
    entry_hash: str

    @property
    def is_of_a_case(self) -> bool:
        """It belongs to a case file: employees wrote it afterwards, and it has a retention period of its own."""
        return "case" in self.facts


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of work that must happen after the fact that asked for it was committed."""

    job_id: int
    kind: str
    key: str
    payload: Mapping[str, Json]
    attempts: int


@dataclass(frozen=True, slots=True)
class StreamRow:
    """A media stream as last seen by the media process that reads it."""

    stream_sid: str
    call_id: str
    started_at: datetime
    seen_at: datetime
    ended_at: datetime | None = None


class StoreFault(StrEnum):
    """What keeps a place from being a store of recordings.

    UNUSABLE: it cannot be reached, or nothing can be written. OVERWRITES: it does not refuse the second of two writers
    that end at the same moment. KEEPS: what was destroyed is still there, such as under an object lock.
    """

    UNUSABLE = "unusable"
    OVERWRITES = "overwrites"
    KEEPS = "keeps"


@dataclass(frozen=True, slots=True)
class RecordingRow:
    """The agency's recording of one call: where it is and what is known of it.

    `outcome` is `ok | degraded | failed | blocked`; `digest` the hex SHA-256 of the stored WAV bytes before
    encryption; `samples` per channel; `completeness` is seconds stored / seconds expected from the call's clock.
    """

    recording_id: str
    call_id: str
    recording_sid: str
    object_key: str
    outcome: str
    size_bytes: int
    digest: str
    channels: int
    sample_rate_hz: int
    samples: int
    completeness: float
    stored_at: datetime
    destroy_after: datetime


@dataclass(frozen=True, slots=True)
class CopyTicket:
    """The caller's right to fetch a copy; only the SHA-256 of the token is stored."""

    ticket_id: str
    call_id: str
    token_digest: str
    created_at: datetime
    expires_at: datetime
    uses: int = 0
    revoked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CopyCode:
    """A code by SMS that the holder of a link asked for. The code itself is derived and stored nowhere."""

    code_id: str
    ticket_id: str
    asked_at: datetime
    sent_at: datetime | None = None
    failed_at: datetime | None = None
    tries: int = 0
    used_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CopyVisitRecord:
    """A caller's stay on the pages of their copy: of the session's id only the hex SHA-256 is stored."""

    id_digest: str
    ticket_id: str
    began_at: datetime
    seen_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class UploadRow:
    """A file that a caller hands in for a case. `state` is `receiving | complete | kept | refused | destroyed`.

    `size_bytes` is None until the end where the sender did not say it. `fingerprint` is the sender's own name for the
    file, by which it finds what it had sent of it. `reason` says why it was refused. `object_key`, `digest` and
    `sound_type` are known of what was kept; `scanned`: a malware scanner found nothing in it.
    """

    upload_id: str
    case_id: str
    size_bytes: int | None
    received_bytes: int
    fingerprint: str
    began_at: datetime
    expires_at: datetime
    state: str = "receiving"
    reason: str | None = None
    object_key: str | None = None
    digest: str | None = None
    sound_type: str | None = None
    scanned: bool = False


@dataclass(frozen=True, slots=True)
class ComparisonRow:
    """What the comparison of a copy that was handed in found: a report as JSON, whose SHA-256 is in the log."""

    case_id: str
    report: str
    compared_at: datetime


@dataclass(frozen=True, slots=True)
class UploadPart:
    """A stretch of an upload, stored as an object of its own; `size_bytes` is None until it is whole."""

    object_key: str
    upload_id: str
    start: int
    size_bytes: int | None


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """One case file as stored; `document` is the case as JSON text, the other fields repeat it for lists.

    `version` counts the acts: whoever saves must name the version that it read. `destroy_after` is None while the case
    is open. Each of its entries has the document's digest; `nonce` makes that unguessable, and goes with the file.
    """

    case_id: str
    kind: str
    agency: str
    policy_digest: str
    call_id: str | None
    state: str
    owner: str
    opened_at: datetime
    due_at: datetime | None
    closed_at: datetime | None
    destroy_after: datetime | None
    document: str
    version: int = 0
    nonce: str = ""


@dataclass(frozen=True, slots=True)
class ChainRecord:
    """All that was logged of one call and its cases, or of a case of no call, oldest first.

    `call_opened_at` is None where there is no call. `cases` are the files that are still there. The entries come
    without their personal values.
    """

    chain: str
    agency: str
    call_opened_at: datetime | None
    cases: tuple[CaseRecord, ...]
    entries: tuple[LoggedEntry, ...]


@dataclass(frozen=True, slots=True)
class Around:
    """The cases of one kind, those of a call that has one of that kind, and those that one role has to act on."""

    kind: str
    owner: str


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """Which cases a list has: all that is not None must hold.

    `due_before` and `open_only` leave closed ones out, `closed_only` open ones.
    """

    agencies: tuple[str, ...] | None = None
    case_id: str | None = None
    around: Around | None = None
    kind: str | None = None
    state: str | None = None
    owner: str | None = None
    due_before: datetime | None = None
    open_only: bool = False
    closed_only: bool = False


class CaseOrder(StrEnum):
    """In which order: as they were opened; the newest first; or by what is due first, with those without a term last.

    Cases that are alike in this follow one another by their ids.
    """

    OPENED = "opened"
    NEWEST = "newest"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class UserRecord:
    """Somebody who may sign in; `role` is a `config.policy.Role`.

    Of their token for the API, which opens nothing from `token_ends_at` on, only the hex SHA-256 is stored. `subject`
    is who they are at the agency's sign-in service: its address and its own id of them, with a space between.
    """

    name: str
    role: str
    agencies: tuple[str, ...]
    token_digest: str | None
    added_at: datetime
    added_by: str
    disabled_at: datetime | None = None
    token_ends_at: datetime | None = None
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class CredentialRecord:
    """How somebody with a local account proves who they are.

    `password_hash` is argon2id in its own notation, `code_secret` sealed; `last_step` the time step of the last
    one-time code that was used (RFC 6238): it and earlier ones open nothing any more.
    """

    user_name: str
    password_hash: str
    code_secret: bytes
    last_step: int
    set_at: datetime


@dataclass(frozen=True, slots=True)
class InvitationRecord:
    """A link by which somebody sets their password and one-time codes, once; only its digest is stored."""

    user_name: str
    token_digest: str
    invited_by: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class SignInRecord:
    """Somebody's stay: of the session's id only the hex SHA-256 is stored. Over at `ends_at`, or when idle too long.

    `origin` is the network they came from; `id_token` the sealed word of the agency's sign-in service, where that
    vouched for them: signing out there takes it along.
    """

    id_digest: str
    user_name: str
    began_at: datetime
    seen_at: datetime
    ends_at: datetime
    origin: str = ""
    id_token: bytes | None = None


@dataclass(frozen=True, slots=True)
class TrailRow:
    """One line of who did or saw what (BIO2 8.15.01): `result` is the HTTP status, `origin` the network address.

    `action` is a page's or operation's name; `object` the id of the call, case, user or profile that it was about,
    empty where it was about none.
    """

    at: datetime
    actor: str
    role: str
    action: str
    object: str
    agency: str | None
    result: int
    origin: str


@dataclass(frozen=True, slots=True)
class CallNote:
    """What somebody wrote beside a call; never part of the consent log."""

    note_id: str
    call_id: str
    at: datetime
    author: str
    text: str


@dataclass(frozen=True, slots=True)
class StoredObject:
    """A written object: plain-text bytes and their hex SHA-256."""

    size_bytes: int
    digest: str
