"""What the services need from the world, as Protocols over value types.

Everything here is a contract: each Protocol has one suite in tests/contracts that runs on every implementation.
Times are aware UTC datetimes. Ids are strings: `call_id` is ours, `call_sid` and the other sids are the carrier's.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import BinaryIO, Protocol

from ivr.evidence_ports import ComparisonStore, LogEvidence, RecordEvidence, WitnessStatements
from ivr.oversight_ports import HoldStore, LogChecks, RetentionCalendar, SubjectRequests, TrailStore
from ivr.portal_ports import CopyCodes, CopyTickets, CopyVisits, UploadStore
from ivr.sign_in_ports import Credentials, Invitations, SignIns, Strikes, UserStore
from storage.oversight import ParkedJob, PolicyVersion, StandingJob
from storage.records import (
    CallFacts,
    CallFilter,
    CallNote,
    CallRecord,
    CaseFilter,
    CaseOrder,
    CaseRecord,
    ChainRecord,
    FactField,
    Job,
    Json,
    LoggedEntry,
    NewEntry,
    RecordingRow,
    SavedFilter,
    StoredObject,
    StreamRow,
)

# ---------------------------------------------------------------- calls and their evidence


class ConsentLog(Protocol):
    def append(self, entry: NewEntry) -> LoggedEntry:
        """Add one entry inside the running transaction; durable when that commits."""
        ...

    def list_call(self, call_id: str) -> Sequence[LoggedEntry]: ...

    def find_event(self, event_id: str) -> LoggedEntry | None:
        """The entry that was appended under this id."""
        ...

    def erase_personal(self, numbers: Sequence[int]) -> int:
        """Destroy the personal values beside these entries (AVG art. 17); gives how many. The chain stays whole, and
        nobody finds a call by their words any more."""
        ...


class CallStore(Protocol):
    def insert(self, call: CallRecord) -> None:
        """Raises `DuplicateCall` when the call_sid is known."""
        ...

    def get(self, call_id: str) -> CallRecord:
        """Raises `UnknownCall`."""
        ...

    def find_by_sid(self, call_sid: str) -> CallRecord | None: ...

    def save(self, call: CallRecord) -> CallRecord:
        """Write all but the immutable fields where the stored version equals `call.version`; gives it back one higher.

        Raises `VersionConflict` when somebody else moved the call first.
        """
        ...

    def list_open(self) -> Sequence[CallRecord]: ...

    def list_after(self, call_id: str, limit: int) -> Sequence[CallRecord]:
        """All calls page by page, in the order of their ids, from the one after `call_id`; "" comes before all."""
        ...

    def set_caller_number(self, call_id: str, number_e164: str, number_hash: str | None = None) -> None:
        """Kept in its own deletable row, with the keyed hash by which the call is found."""
        ...

    def find_caller_number(self, call_id: str) -> str | None: ...

    def list_profiles_with_numbers(self) -> Sequence[tuple[str, str]]:
        """Agency and digest of the profile of every call whose caller's number is still kept, each pair once."""
        ...

    def list_ended_with_number(
        self, policy_digest: str, ended_before: datetime, *, held: bool = False
    ) -> Sequence[CallRecord]:
        """Calls under that profile that ended by then and whose caller's number is still kept, oldest first; without
        or with a legal hold."""
        ...

    def list_ended_remembered(
        self, policy_digest: str, ended_before: datetime, *, held: bool = False
    ) -> Sequence[CallRecord]:
        """Calls under that profile that ended by then and of which something personal may be kept, oldest first;
        without or with a legal hold."""
        ...

    def mark_forgotten(self, call_id: str, at: datetime) -> None: ...

    def list_with_number(self, agencies: Sequence[str], number_hash: str, limit: int) -> Sequence[CallRecord]:
        """Calls of these agencies from that number, as far as it is still kept; the newest first."""
        ...

    def lock(self, call_id: str) -> None:
        """Nobody else destroys or holds what belongs to this call until the transaction ends. Raises `UnknownCall`."""
        ...

    def count_by_profile(self, policy_digest: str, most: int) -> int:
        """How many calls were told by that profile; counts up to `most`."""
        ...

    def forget_caller_number(self, call_id: str) -> None: ...


class CallSearch(Protocol):
    """What calls are found by. The words of a call are kept by the log itself, its caller's number by `CallStore`."""

    def put(self, facts: CallFacts) -> None:
        """Write the row of a call, or write it anew."""
        ...

    def rebuild_words(self, call_id: str) -> None:
        """From the log, as if each entry were appended again."""
        ...

    def find(self, wanted: CallFilter, limit: int, after: str | None = None) -> Sequence[CallFacts]:
        """The newest first, from the one after the call `after`.

        Raises `UnknownCall` where `after` is no call of these agencies.
        """
        ...

    def count(self, wanted: CallFilter, at_most: int) -> int:
        """How many there are; counting stops at `at_most`."""
        ...

    def list_case_kinds(self, call_ids: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Of each call that has cases, their kinds."""
        ...

    def list_values(self, field: FactField, agencies: Sequence[str]) -> Sequence[str]:
        """Those that occur in the calls of these agencies, in order, but for the empty one."""
        ...


class SavedFilters(Protocol):
    """Searches that users keep, each for themselves."""

    def list(self, user_name: str) -> Sequence[SavedFilter]:
        """By name."""
        ...

    def save(self, saved: SavedFilter) -> None:
        """Under a name that is there already the new search takes the place of the old one."""
        ...

    def rename(self, user_name: str, name: str, new_name: str) -> bool:
        """False, and nothing changed, where the new name is taken or the old one is not there."""
        ...

    def delete(self, user_name: str, name: str) -> None: ...


class Inbox(Protocol):
    """Webhooks that were taken; what comes twice changes nothing."""

    def take(self, event_key: str, received_at: datetime) -> bool:
        """True the first time a key is seen, False afterwards."""
        ...

    def forget(self, before: datetime) -> None:
        """Forget keys that were taken before: the carrier does not bring them again."""
        ...


class Outbox(Protocol):
    """Jobs and timers, written in the transaction of the fact that asks for them; the table is the truth."""

    def put(self, kind: str, key: str, payload: Mapping[str, Json], due_at: datetime) -> None:
        """Write or, for a key that waits already, replace: one job per (kind, key) waits at a time."""
        ...

    def cancel(self, kind: str, key: str) -> None: ...

    def claim(self, kinds: Sequence[str], now: datetime, lease_s: float) -> Job | None:
        """Take the earliest due job by compare-and-set; another taker gets it only after the lease ran out."""
        ...

    def finish(self, job: Job) -> None: ...

    def retry(self, job: Job, due_at: datetime, error: str) -> None: ...

    def park(self, job: Job, error: str) -> None:
        """Give up until an operator looks; parked jobs are listed by `doctor` and never lost."""
        ...

    def list_parked(self, limit: int) -> Sequence[ParkedJob]: ...

    def find(self, kind: str, key: str) -> StandingJob | None:
        """The job of this key that is not done: the parked one before one that waits."""
        ...

    def revive(self, job_id: int, now: datetime) -> bool:
        """A parked job is tried again. False where it is not parked."""
        ...

    def find_oldest_due(self, kinds: Sequence[str], now: datetime) -> datetime | None:
        """Since when the longest waiting job of these kinds is due; None where none is."""
        ...

    def count_by_state(self) -> Mapping[str, int]: ...


class StreamStore(Protocol):
    def opened(self, stream_sid: str, call_id: str, at: datetime) -> None: ...

    def seen(self, stream_sid: str, at: datetime) -> None: ...

    def ended(self, stream_sid: str, at: datetime) -> None: ...

    def find_latest(self, call_id: str) -> StreamRow | None: ...


class RecordingIndex(Protocol):
    def add(self, row: RecordingRow, seconds: Sequence[bytes] = ()) -> None:
        """With the hashes of its seconds. Raises `DuplicateRecording` for a known recording_sid."""
        ...

    def find_for_call(self, call_id: str) -> RecordingRow | None: ...

    def list_kept(self) -> Sequence[RecordingRow]:
        """All that are not destroyed, in the order in which they were stored."""
        ...

    def list_seconds(self, recording_id: str) -> Sequence[bytes]:
        """The hashes as they were added; none where there are none, or not any more."""
        ...

    def list_due(self, now: datetime, *, held: bool = False) -> Sequence[RecordingRow]:
        """What must go; or, of that, what is `held` by a legal hold."""
        ...

    def mark_destroyed(self, recording_id: str, at: datetime) -> None:
        """The first time counts. What its seconds were is forgotten."""
        ...


class PolicyArchive(Protocol):
    """The profiles by which calls were told what they were told."""

    def keep(self, digest: str, slug: str, version: str, document: str, at: datetime) -> None:
        """Keep a profile's text under its digest; what is kept already stays as it is."""
        ...

    def find(self, digest: str) -> str | None: ...

    def list_profiles(self) -> Sequence[tuple[str, str]]:
        """Agency and digest of each profile that is kept."""
        ...

    def list(self, slug: str) -> Sequence[PolicyVersion]:
        """The versions of an agency's profile that were kept, the newest first."""
        ...


class CaseStore(Protocol):
    """Case files: what must happen after a call, or beside one."""

    def insert(self, case: CaseRecord) -> None:
        """Raises `DuplicateCase`."""
        ...

    def get(self, case_id: str) -> CaseRecord:
        """Raises `UnknownCase`."""
        ...

    def save(self, case: CaseRecord) -> CaseRecord:
        """Write what a case may change where the stored version equals `case.version`; gives it back one higher.

        Raises `VersionConflict`, `UnknownCase`.
        """
        ...

    def list(
        self, wanted: CaseFilter, limit: int, after: str | None = None, order: CaseOrder = CaseOrder.OPENED
    ) -> Sequence[CaseRecord]:
        """In that order, from the one after the case `after`. Raises `UnknownCase` where there is no such case."""
        ...

    def list_call(self, call_id: str) -> Sequence[CaseRecord]:
        """The cases of a call in the order in which they were opened."""
        ...

    def list_due(self, now: datetime, *, held: bool = False) -> Sequence[CaseRecord]:
        """Closed ones whose retention period is over; or, of those, what is `held` by a legal hold."""
        ...

    def destroy(self, case_id: str) -> None: ...


class LogReader(Protocol):
    """The consent log of a period, for whoever counts."""

    def stream_chains(self, agencies: Sequence[str], since: datetime, until: datetime) -> Iterator[ChainRecord]:
        """Each call and case of these agencies that was opened from `since` up to, and not at, `until`, with
        everything that was logged of it until now; in constant memory. Raises `LogBroken`."""
        ...


class CallNotes(Protocol):
    """What staff wrote beside a call; notes are only added, until all of a call's go with its personal values."""

    def add(self, note: CallNote) -> bool:
        """False, and nothing changed, where the note's id is there already."""
        ...

    def list_call(self, call_id: str) -> Sequence[CallNote]:
        """The oldest first."""
        ...

    def erase_call(self, call_id: str) -> int:
        """Destroy all notes on a call; gives how many."""
        ...


class Unit(Protocol):
    """One transaction over all stores; leaving the `with` block commits, an exception rolls back."""

    @property
    def calls(self) -> CallStore: ...
    @property
    def log(self) -> ConsentLog: ...
    @property
    def inbox(self) -> Inbox: ...
    @property
    def outbox(self) -> Outbox: ...
    @property
    def streams(self) -> StreamStore: ...
    @property
    def recordings(self) -> RecordingIndex: ...
    @property
    def copies(self) -> CopyTickets: ...
    @property
    def copy_codes(self) -> CopyCodes: ...
    @property
    def copy_visits(self) -> CopyVisits: ...
    @property
    def uploads(self) -> UploadStore: ...
    @property
    def policies(self) -> PolicyArchive: ...
    @property
    def cases(self) -> CaseStore: ...
    @property
    def users(self) -> UserStore: ...
    @property
    def sign_ins(self) -> SignIns: ...
    @property
    def credentials(self) -> Credentials: ...
    @property
    def invitations(self) -> Invitations: ...
    @property
    def strikes(self) -> Strikes: ...
    @property
    def trail(self) -> TrailStore: ...
    @property
    def holds(self) -> HoldStore: ...
    @property
    def checks(self) -> LogChecks: ...
    @property
    def calendar(self) -> RetentionCalendar: ...
    @property
    def requests(self) -> SubjectRequests: ...
    @property
    def chains(self) -> LogReader: ...
    @property
    def search(self) -> CallSearch: ...
    @property
    def saved_filters(self) -> SavedFilters: ...
    @property
    def evidence(self) -> LogEvidence: ...
    @property
    def record_evidence(self) -> RecordEvidence: ...
    @property
    def statements(self) -> WitnessStatements: ...
    @property
    def notes(self) -> CallNotes: ...
    @property
    def comparisons(self) -> ComparisonStore: ...


class Database(Protocol):
    def reading(self) -> AbstractContextManager[Unit]:
        """A transaction for reading only: it sees one moment, and no writer waits for it."""
        ...

    def transaction(self) -> AbstractContextManager[Unit]:
        """A writing transaction (SQLite: BEGIN IMMEDIATE, WAL, synchronous=FULL)."""
        ...


# ---------------------------------------------------------------- recordings at rest


class RecordingStore(Protocol):
    """Encrypted, write-once objects under opaque keys."""

    def write(self, object_key: str, chunks: Iterable[bytes]) -> StoredObject:
        """Write aside, sync, link under the final name. Raises `ObjectExists` and never overwrites."""
        ...

    def open(self, object_key: str) -> BinaryIO:
        """A seekable reader of the plain text. Raises `ObjectMissing`, or `ObjectDamaged` when a chunk fails."""
        ...

    def size_bytes(self, object_key: str) -> int: ...

    def destroy(self, object_key: str) -> None: ...


# ---------------------------------------------------------------- the carrier


class Carrier(Protocol):
    """The telephone company's REST side. Every method raises `CarrierBusy` (retry) or `CarrierRefused` (give up)."""

    def ring_employee(self, room: str, to: str, caller_id: str, label: str, *, keys: bool) -> str:
        """Ring somebody into the conference `room`; gives the new leg's call sid.

        With `keys` the leg leaves the room at `*` and asks us what to do. Such a leg that was perhaps rung is not found
        again: it rings a second time, and the dialogue's document tells the second one that it is not wanted.
        """
        ...

    def announce(self, conference_sid: str, url: str) -> None:
        """Have the document at `url` spoken into the conference."""
        ...

    def move_caller(self, call_sid: str, url: str) -> None:
        """Give the leg a new document; it leaves its conference at once."""
        ...

    def start_recording(self, call_sid: str, call_id: str) -> str:
        """Record the leg in two channels (caller, everybody else); gives the recording sid."""
        ...

    def pause_recording(self, call_sid: str, recording_sid: str) -> None:
        """Silence keeps the time line whole (R5)."""
        ...

    def resume_recording(self, call_sid: str, recording_sid: str) -> None: ...

    def stop_recording(self, call_sid: str, recording_sid: str) -> None: ...

    def download_recording(self, recording_sid: str) -> Iterable[bytes]:
        """The two-channel WAV. Raises `RecordingNotReady` while the carrier still works on it."""
        ...

    def delete_recording(self, recording_sid: str) -> None: ...

    def start_stream(self, call_sid: str, call_id: str) -> str: ...

    def call_status(self, call_sid: str) -> str: ...

    def call_ended_at(self, call_sid: str) -> datetime | None:
        """None while it runs, and for a call that the carrier does not know (any more)."""
        ...

    def end_conference(self, conference_sid: str) -> None: ...

    def send_sms(self, to_e164: str, body: str) -> str: ...


class Clock(Protocol):
    def now(self) -> datetime: ...
