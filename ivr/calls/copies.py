"""The caller's copy (R4): from their ticket to the sound; every use is logged first."""

from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO, TypeAlias

from config.policy import AgencyPolicy
from ivr.calls.agencies import Agencies
from ivr.calls.jobs import JobKind
from ivr.calls.tickets import kind_of
from ivr.carrier.links import token_digest
from ivr.copying.files import CopyFile, Form, prepared_files
from ivr.dialogue.states import AgencyRecording, Dialogue
from ivr.ports import Clock, Database, RecordingStore, Unit
from storage.records import CallRecord, CopyTicket, Json, NewEntry, RecordingRow

LOST = (AgencyRecording.NONE, AgencyRecording.BLOCKED, AgencyRecording.FAILED)
KEPT = (AgencyRecording.STORED, AgencyRecording.DEGRADED)
USABLE = ("ok", "degraded")


class Use(StrEnum):
    """What the caller does with the sound."""

    LISTEN = "listen"
    DOWNLOAD = "download"


class Why(StrEnum):
    """Why there is no copy to hand over."""

    REVOKED = "revoked"
    EXPIRED = "expired"
    NOT_READY = "not-ready"
    FAILED = "failed"
    DESTROYED = "destroyed"
    RECEIPT_ONLY = "receipt-only"


@dataclass(frozen=True, slots=True)
class UnknownTicket:
    """No ticket belongs to what was given; nothing more may be told."""


@dataclass(frozen=True, slots=True)
class NoCopy:
    """The ticket is known, so its holder may be told why there is nothing."""

    why: Why
    ticket: CopyTicket
    policy: AgencyPolicy
    call: CallRecord

    @property
    def is_over(self) -> bool:
        """The ticket itself opens nothing any more."""
        return self.why in (Why.REVOKED, Why.EXPIRED)

    @property
    def is_for_receipt(self) -> bool:
        """The ticket is, or was, for the receipt alone."""
        return kind_of(self.ticket).is_for_receipt


@dataclass(frozen=True, slots=True)
class Copy:
    """A copy that can be handed over: the agency's recording, to be heard as it was stored, and kept in the forms of
    which `files` lie ready."""

    ticket: CopyTicket
    policy: AgencyPolicy
    call: CallRecord
    recording: RecordingRow
    files: tuple[CopyFile, ...]

    def find_file(self, form: Form) -> CopyFile | None:
        return next((file for file in self.files if file.form is form), None)

    def not_ready(self) -> "NoCopy":
        """For who asks for a form that is still being made."""
        return NoCopy(Why.NOT_READY, self.ticket, self.policy, self.call)

    @property
    def duration_s(self) -> float:
        return self.recording.samples / self.recording.sample_rate_hz


Found: TypeAlias = Copy | NoCopy | UnknownTicket


@dataclass(frozen=True, slots=True)
class Handed:
    """The sound as a seekable reader that the taker closes."""

    copy: Copy
    sound: RecordingRow | CopyFile
    reader: BinaryIO


class CopyService:
    """Opens copies. A `visit` names one stay on the pages: what is done again within it is logged once."""

    def __init__(self, database: Database, store: RecordingStore, agencies: Agencies, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._agencies = agencies
        self._clock = clock

    def find_by_token(self, token: str) -> Found:
        """What belongs to the secret of a link, or to a pick-up code; logs nothing."""
        with self._database.reading() as unit:
            return self._about(unit, unit.copies.find_by_digest(token_digest(token)))

    def find(self, ticket_id: str) -> Found:
        with self._database.reading() as unit:
            return self._about(unit, unit.copies.find(ticket_id))

    def open(self, ticket_id: str, visit: str) -> Found:
        """Its holder has shown who they are and opens the page. That is a fact for the log, and no use yet."""
        with self._database.transaction() as unit:
            found = self._about(unit, unit.copies.find(ticket_id))
            if isinstance(found, Copy):
                self._log(unit, found, visit, "copy:opened", {})
                if not found.files:  # a ticket of before there were such files, or one whose job was lost
                    call_id = found.call.call_id
                    unit.outbox.put(JobKind.PREPARE_COPY, call_id, {"call_id": call_id}, self._clock.now())
        return found

    def listen(self, ticket_id: str, visit: str) -> Handed | NoCopy | UnknownTicket:
        """The recording as it was stored, which opens nothing where the profile has listening at the agency only."""
        found = self.find(ticket_id)
        if not isinstance(found, Copy):
            return found
        if not found.policy.listening.online:
            return UnknownTicket()
        return self._hand_over(found, visit, Use.LISTEN, Form.WAV, found.recording)

    def download(self, ticket_id: str, visit: str, form: Form) -> Handed | NoCopy | UnknownTicket:
        """The prepared file of that form."""
        found = self.find(ticket_id)
        if not isinstance(found, Copy):
            return found
        file = found.find_file(form)
        return found.not_ready() if file is None else self._hand_over(found, visit, Use.DOWNLOAD, form, file)

    def _hand_over(self, copy: Copy, visit: str, use: Use, form: Form, sound: RecordingRow | CopyFile) -> Handed:
        """The log says so before the first byte can be read. Raises `ObjectMissing` or `ObjectDamaged` where what is
        stored is not what was written."""
        reader = self._store.open(sound.object_key)
        try:
            with self._database.transaction() as unit:
                facts: dict[str, Json] = {"use": use, "format": form, "digest": sound.digest}
                if self._log(unit, copy, f"{visit}:{use}:{form}", "copy:downloaded", facts):
                    unit.copies.count_use(copy.ticket.ticket_id)
        except BaseException:
            reader.close()
            raise
        return Handed(copy, sound, reader)

    def withdraw(self, call_id: str, by: str) -> bool:
        """Every ticket of the call ends now, and with it whoever is on the pages; False where none was left.

        Raises `UnknownCall`.
        """
        now = self._clock.now()
        with self._database.transaction() as unit:
            unit.calls.get(call_id)
            if not unit.copies.revoke_all(call_id, now):
                return False
            number = sum(entry.tag == "copy:withdrawn" for entry in unit.log.list_call(call_id))
            unit.log.append(
                NewEntry(call_id, f"{call_id}:copy-withdrawn:{number}", "copy:withdrawn", now, {}, {"by": by})
            )
        return True

    def _about(self, unit: Unit, ticket: CopyTicket | None) -> Found:
        if ticket is None:
            return UnknownTicket()
        now = self._clock.now()
        call = unit.calls.get(ticket.call_id)
        policy = self._agencies.by_digest(call.agency, call.policy_digest)
        if ticket.revoked_at is not None:
            return NoCopy(Why.REVOKED, ticket, policy, call)
        if ticket.expires_at <= now:
            return NoCopy(Why.EXPIRED, ticket, policy, call)
        if kind_of(ticket).is_for_receipt:
            return NoCopy(Why.RECEIPT_ONLY, ticket, policy, call)
        recording = unit.recordings.find_for_call(call.call_id)
        if recording is None:
            return NoCopy(_why_missing(call), ticket, policy, call)
        if recording.destroy_after <= now:
            return NoCopy(Why.DESTROYED, ticket, policy, call)  # due: whether or not the job has been there yet
        if recording.outcome not in USABLE:
            return NoCopy(Why.FAILED, ticket, policy, call)
        return Copy(ticket, policy, call, recording, prepared_files(recording, unit.log.list_call(call.call_id)))

    def _log(self, unit: Unit, copy: Copy, occasion: str, tag: str, facts: dict[str, Json]) -> bool:
        """False where this occasion was logged before."""
        now = self._clock.now()
        event_id = f"{copy.ticket.ticket_id}:{occasion}:{tag}"
        if not unit.inbox.take(event_id, now):
            return False
        facts = {"ticket": kind_of(copy.ticket).value, **facts}
        unit.log.append(NewEntry(copy.call.call_id, event_id, tag, now, facts))
        return True


def _why_missing(call: CallRecord) -> Why:
    """A recording that no row speaks of: it never was, it is still on its way, or it was kept and is gone."""
    agency_recording = Dialogue.from_json(call.dialogue).agency_recording
    if agency_recording in LOST:
        return Why.FAILED
    return Why.DESTROYED if agency_recording in KEPT else Why.NOT_READY
