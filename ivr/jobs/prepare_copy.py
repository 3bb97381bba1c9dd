"""The files that the caller can keep: each form made once, signed, stored beside the recording, and logged."""

import io
import logging
from contextlib import suppress
from datetime import timedelta, tzinfo
from hashlib import sha256
from typing import BinaryIO

from ivr.calls.agencies import Agencies
from ivr.calls.copies import USABLE
from ivr.copying.credentials import Credentials, State, read_credentials
from ivr.copying.files import Form, prepared_files
from ivr.copying.making import Source, Subject, check_source, make, pieces
from ivr.copying.signing import Signer, SigningFailed
from ivr.copying.statement import course_of, moment
from ivr.errors import TryLater
from ivr.ports import Clock, Database, RecordingStore
from storage.consent_log.tags import Tag
from storage.errors import LogBroken, ObjectDamaged, ObjectExists
from storage.recordings.keys import copy_key
from storage.records import Job, Json, NewEntry

STAMP_TRIES = 5
"""A caller waits for the copy: after so many tries it goes without the time stamp of somebody who gives no good one."""

CLOCK_STEP = timedelta(hours=1)
"""A time stamp of another time than ours by more than this is no good one."""

log = logging.getLogger(__name__)


class NotStamped(TryLater):
    """The time-stamp authority does not answer, or wrongly."""


class CopyPreparer:
    """The job `prepare-copy`. Repeating it after a crash at any point goes on where it was.

    Whoever stores a recording that a caller wants, and whoever gives a caller the right to one, asks for it; the one of
    the two that comes first finds nothing to do.
    """

    def __init__(
        self,
        database: Database,
        store: RecordingStore,
        agencies: Agencies,
        clock: Clock,
        signer: Signer | None,
        log_origin: str,
        zone: tzinfo,
    ) -> None:
        self._database = database
        self._store = store
        self._agencies = agencies
        self._clock = clock
        self._signer = signer
        self._log_origin = log_origin
        self._zone = zone

    def run(self, job: Job) -> None:
        """Raises `LogBroken` where the stored recording is not the one that was logged, `NotStamped`."""
        call_id = str(job.payload["call_id"])
        with self._database.reading() as unit:
            call = unit.calls.get(call_id)
            recording = unit.recordings.find_for_call(call_id)
            entries = unit.log.list_call(call_id)
        if recording is None or recording.outcome not in USABLE:
            return
        ready = {file.form for file in prepared_files(recording, entries)}
        missing = [form for form in Form if form not in ready]
        if not missing:
            return
        course = course_of(entries)
        if course is None:
            raise LogBroken(f"the log does not tell how the recording of call {call_id} was made and stored")
        policy = self._agencies.by_digest(call.agency, call.policy_digest)
        subject = Subject(recording, policy, course, self._log_origin, self._zone)
        with self._store.open(recording.object_key) as stored:
            source = check_source(stored, recording, course)
            for form in missing:
                self._write(form, source, subject, stamped=job.attempts < STAMP_TRIES)
                if not self._log(form, source, subject):
                    return

    def _write(self, form: Form, source: Source, subject: Subject, *, stamped: bool) -> None:
        object_key = copy_key(subject.recording.recording_id, form)
        made = self._make_signed(form, source, subject, stamped=stamped)
        with suppress(ObjectExists):  # written before a crash, and whole: it got its name last
            self._store.write(object_key, pieces(made or make(form, source, subject)))

    def _make_signed(
        self, form: Form, source: Source, subject: Subject, *, stamped: bool
    ) -> BinaryIO | io.RawIOBase | None:
        """None where it goes out unsigned, which the page, the log and `doctor` say."""
        signer = self._signer
        if signer is None or not signer.certificate.is_valid_at(self._clock.now()):
            return None
        if signer.tsa is not None and not stamped:
            log.warning("a copy goes out without a time stamp", extra={"form": form, "tsa": signer.tsa})
        try:
            if form is Form.WAV:
                return make(form, source, subject, signer, stamped=stamped)
            with self._store.open(copy_key(subject.recording.recording_id, Form.WAV)) as wav:
                return make(form, source, subject, signer, wav, stamped=stamped)
        except SigningFailed as fault:
            if stamped and signer.tsa is not None:
                raise NotStamped(str(fault)) from fault
            log.error("a copy goes out unsigned", extra={"form": form, "error": str(fault)})
            return None

    def _log(self, form: Form, source: Source, subject: Subject) -> bool:
        """By what is read back. False, with no entry and no file, where the recording was destroyed meanwhile."""
        recording, now = subject.recording, self._clock.now()
        object_key = copy_key(recording.recording_id, form)
        digest, size, credentials = self._read_back(form, object_key)
        facts: dict[str, Json] = {
            "form": form,
            "digest": digest,
            "size_bytes": size,
            "of": recording.digest,
            "pcm_digest": source.pcm_digest,
            "credentials": "none" if credentials.state is State.NONE else "c2pa",
            "time_stamp": "none" if credentials.stamped_at is None else moment(credentials.stamped_at),
        }
        with self._database.transaction() as unit:
            unit.calls.lock(recording.call_id)
            if unit.recordings.find_for_call(recording.call_id) is None:
                self._store.destroy(object_key)
                return False
            event_id = f"{recording.recording_id}:copy:{form}"
            unit.log.append(NewEntry(recording.call_id, event_id, Tag.COPY_PREPARED, now, facts))
        return True

    def _read_back(self, form: Form, object_key: str) -> tuple[str, int, Credentials]:
        """Its digest, its size, and what its credentials come to.

        Raises `ObjectDamaged` where what lies there is not what was signed, or has a time stamp of another time; it is
        made again then.
        """
        with self._store.open(object_key) as file:
            digest, size = sha256(), 0
            for piece in pieces(file):
                digest.update(piece)
                size += len(piece)
            credentials = read_credentials(form, file)
        stamped_at = credentials.stamped_at
        if credentials.state in (State.CHANGED, State.EXPIRED):
            fault = f"the credentials of this copy are not good: {credentials.faults}"
        elif stamped_at is not None and abs(stamped_at - self._clock.now()) > CLOCK_STEP:
            fault = f"the time stamp of this copy says {stamped_at}"
        else:
            return digest.hexdigest(), size, credentials
        self._store.destroy(object_key)
        raise ObjectDamaged(f"{object_key}: {fault}")
