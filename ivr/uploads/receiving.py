"""A caller hands in the copy of their own recording that they were asked for (R4): piece by piece, over any time.

Each piece is stored as an encrypted object of its own before the sender is told that it arrived: nothing lies in the
clear on a disk, and a broken connection costs no more than the piece that it broke. Whole files are checked by the job
`check-upload`; until then the case stays where it is.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from uuid import uuid4

from ivr.calls.jobs import JobKind
from ivr.calls.tickets import kind_of
from ivr.cases.case import Case, Kind, NotCompared, State
from ivr.cases.citizen_copy import is_unreadable
from ivr.cases.writing import case_of
from ivr.ports import Clock, Database, RecordingStore, Unit
from storage.errors import ObjectMissing, StorageError
from storage.recordings.keys import part_key
from storage.records import CopyTicket, NewEntry, UploadPart, UploadRow

LARGEST_BYTES = 200_000_000
MOST_PER_CASE = 5
MOST_PARTS = 1000
"""Of one file: pieces of 200 kB at least for the largest one."""

WAITED_FOR = timedelta(days=1)
"""How long after the last piece a file that is not whole can go on."""

OPEN = ("receiving", "complete")


class Not(StrEnum):
    """Why a file, or a piece of one, is not taken."""

    ASKED = "not-asked"
    KNOWN = "unknown"
    SMALL_ENOUGH = "too-large"
    FEW_ENOUGH = "too-many"
    NEXT = "wrong-place"
    OPEN = "over"


class NotTaken(Exception):
    """The text says why in a log's words."""

    def __init__(self, why: Not) -> None:
        super().__init__(why.value)
        self.why = why


@dataclass(frozen=True, slots=True)
class Wish:
    """A case that asks for a copy, and what was handed in for it, oldest first. `is_open`: a file is welcome, the first
    or, where the one that came cannot be read, another."""

    case: Case
    uploads: Sequence[UploadRow]
    is_open: bool

    @property
    def left(self) -> int:
        """How often a file can still be sent."""
        return max(0, MOST_PER_CASE - len(self.uploads))

    @property
    def latest(self) -> UploadRow | None:
        return self.uploads[-1] if self.uploads else None

    @property
    def refusal(self) -> str:
        """Why what was handed in last is of no use, as a code; empty where it is, or nothing came."""
        latest = self.latest
        if latest is not None and latest.state == "refused":
            return str(latest.reason)
        return NotCompared.UNREADABLE if is_unreadable(self.case) else ""

    def unfinished(self, size_bytes: int, fingerprint: str) -> UploadRow | None:
        """The same file, of which a part is here already."""
        for row in reversed(self.uploads):
            same = (row.size_bytes, row.fingerprint) == (size_bytes, fingerprint)
            if same and fingerprint and row.state == "receiving":
                return row
        return None


class UploadService:
    """Takes files. `ticket` is that of the caller who is on the pages: only cases of their own call are open to it."""

    def __init__(
        self, database: Database, store: RecordingStore, clock: Clock, wake_worker: Callable[[], None]
    ) -> None:
        self._database = database
        self._store = store
        self._clock = clock
        self._wake_worker = wake_worker

    def wish(self, ticket: CopyTicket) -> Wish | None:
        """None where nobody asked the caller for a copy."""
        with self._database.reading() as unit:
            return self._wish(unit, ticket)

    def begin(self, ticket: CopyTicket, size_bytes: int | None, fingerprint: str = "") -> UploadRow:
        """A new file, or the same one where a part of it is here. Raises `NotTaken`."""
        now = self._clock.now()
        with self._database.transaction() as unit:
            unit.copies.lock(ticket.ticket_id)
            wish = self._wish(unit, ticket)
            if wish is None or not wish.is_open:
                raise NotTaken(Not.ASKED)
            if size_bytes is not None and not 0 < size_bytes <= LARGEST_BYTES:
                raise NotTaken(Not.SMALL_ENOUGH)
            known = None if size_bytes is None else wish.unfinished(size_bytes, fingerprint)
            if known is not None and known.expires_at > now:
                return known
            if not wish.left:
                raise NotTaken(Not.FEW_ENOUGH)
            row = UploadRow(uuid4().hex, wish.case.case_id, size_bytes, 0, fingerprint, now, now + WAITED_FOR)
            unit.uploads.add(row)
            facts = {"ticket": kind_of(ticket).value, "case": row.case_id, "upload": row.upload_id}
            unit.log.append(NewEntry(ticket.call_id, f"{row.upload_id}:begun", "upload:begun", now, facts))
        return row

    def find(self, ticket: CopyTicket, upload_id: str) -> UploadRow:
        """One that still takes pieces, or has all of them. Raises `NotTaken`."""
        with self._database.reading() as unit:
            return self._own(unit, ticket, upload_id)

    def append(self, ticket: CopyTicket, upload_id: str, start: int, pieces: Iterable[bytes]) -> UploadRow:
        """Store what comes, from the place `start` on; gives the file as it is then. What came before `pieces` ended
        early counts. Raises `NotTaken`, and then nothing of it was kept.
        """
        with self._database.transaction() as unit:
            row = self._own(unit, ticket, upload_id)
            if row.state != "receiving":
                raise NotTaken(Not.OPEN)
            if start != row.received_bytes:
                raise NotTaken(Not.NEXT)
            if len(unit.uploads.list_parts(upload_id)) >= MOST_PARTS:
                raise NotTaken(Not.FEW_ENOUGH)
            part = UploadPart(part_key(upload_id, uuid4().hex), upload_id, start, None)
            unit.uploads.add_part(part)
        room = (LARGEST_BYTES if row.size_bytes is None else row.size_bytes) - start
        try:
            stored = self._store.write(part.object_key, _within(room, pieces))
            with self._database.transaction() as unit:
                if not unit.uploads.grow(upload_id, start, stored.size_bytes, self._clock.now() + WAITED_FOR):
                    raise NotTaken(Not.NEXT)
                unit.uploads.complete_part(part.object_key, stored.size_bytes)
                grown = self._own(unit, ticket, upload_id)
                if grown.received_bytes == grown.size_bytes:
                    self._complete(unit, grown, ticket)
        except StorageError:  # whether the piece counts is not known; its row stays until the file is done
            raise
        except BaseException:
            self._drop(part.object_key)
            raise
        if grown.received_bytes == grown.size_bytes:
            self._wake_worker()
        return grown

    def finish(self, ticket: CopyTicket, upload_id: str) -> None:
        """The whole file is here, where its size was not said beforehand. Raises `NotTaken`."""
        with self._database.transaction() as unit:
            row = self._own(unit, ticket, upload_id)
            if row.received_bytes == 0:
                raise NotTaken(Not.SMALL_ENOUGH)
            self._complete(unit, replace(row, size_bytes=row.received_bytes), ticket)
        self._wake_worker()

    def give_up(self, ticket: CopyTicket, upload_id: str) -> None:
        """The file will not become whole: what came of it goes."""
        with self._database.transaction() as unit:
            row = self._own(unit, ticket, upload_id)
            unit.uploads.save(replace(row, state="refused", reason="cut-off"), was="receiving")
        destroy_parts(self._database, self._store, upload_id)

    def _wish(self, unit: Unit, ticket: CopyTicket) -> Wish | None:
        for record in unit.cases.list_call(ticket.call_id):
            if record.kind == Kind.CITIZEN_COPY:
                case, uploads = case_of(record), unit.uploads.list_case(record.case_id)
                waits = case.state is State.ASKED or (case.state is State.RECEIVED and is_unreadable(case))
                waits = waits and not case.is_overdue(self._clock.now())
                return Wish(case, uploads, waits and not any(row.state == "complete" for row in uploads))
        return None

    def _own(self, unit: Unit, ticket: CopyTicket, upload_id: str) -> UploadRow:
        row = unit.uploads.find(upload_id)
        wish = self._wish(unit, ticket)
        if row is None or wish is None or row.case_id != wish.case.case_id:
            raise NotTaken(Not.KNOWN)
        if row.state not in OPEN or (row.state == "receiving" and row.expires_at <= self._clock.now()):
            raise NotTaken(Not.OPEN)
        return row

    def _complete(self, unit: Unit, row: UploadRow, ticket: CopyTicket) -> None:
        if not unit.uploads.save(replace(row, state="complete"), was="receiving"):
            raise NotTaken(Not.NEXT)
        payload = {"upload_id": row.upload_id, "call_id": ticket.call_id}
        unit.outbox.put(JobKind.CHECK_UPLOAD, row.upload_id, payload, self._clock.now())

    def _drop(self, object_key: str) -> None:
        with suppress(ObjectMissing):
            self._store.destroy(object_key)
        with self._database.transaction() as unit:
            unit.uploads.forget_part(object_key)


def _within(room: int, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Raises `NotTaken` for more than was said or may be."""
    for piece in pieces:
        room -= len(piece)
        if room < 0:
            raise NotTaken(Not.SMALL_ENOUGH)
        yield piece


def destroy_parts(database: Database, store: RecordingStore, upload_id: str) -> None:
    """First the objects and then the rows that name them, so that a crash between leaves nothing without a name."""
    with database.reading() as unit:
        parts = unit.uploads.list_parts(upload_id)
    for part in parts:
        with suppress(ObjectMissing):
            store.destroy(part.object_key)
        with database.transaction() as unit:
            unit.uploads.forget_part(part.object_key)
