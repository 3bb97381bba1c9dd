"""Fetch the agency's recording from the carrier, check it, store it, and only then delete it there."""

import hashlib
import logging
from datetime import datetime, timedelta
from uuid import UUID, uuid5

from ivr.calls.agencies import Agencies
from ivr.calls.driver import CallDriver
from ivr.calls.jobs import JobKind
from ivr.calls.tickets import copy_tickets
from ivr.dialogue.events import RecordingKept
from ivr.dialogue.states import AgencyRecording
from ivr.errors import CarrierBusy, RecordingNotReady
from ivr.ports import Carrier, Clock, Database, RecordingStore, Unit
from ivr.records.recording_facts import facts_of
from storage.errors import ObjectDamaged, ObjectExists
from storage.recordings.keys import recording_key
from storage.recordings.sound import NoWholeWav, SoundMeasure, measure_sound
from storage.records import CallRecord, Job, Json, NewEntry, RecordingRow, StoredObject

CALLER_AND_ROOM = 2
TOLERANCE_S = 1.5
"""The carrier starts and stops within about a second of being asked; more than this is missing sound."""

GIVE_UP_AFTER = timedelta(hours=2)
"""A carrier that has no file so long after the recording stopped, has none."""

RUNNING = (AgencyRecording.ANNOUNCED, AgencyRecording.STARTED, AgencyRecording.PAUSED)
NAMESPACE = UUID("6f1d3c52-6a39-4a51-9d4e-6d0f6f3f3a8e")

log = logging.getLogger(__name__)


class DamagedRecording(CarrierBusy):
    """What was fetched is not a whole WAV file, or not what is stored now; fetching again may help."""


class RecordingCollector:
    """The job `collect-recording`. Repeating it after a crash at any point goes on where it was."""

    def __init__(
        self,
        driver: CallDriver,
        database: Database,
        store: RecordingStore,
        carrier: Carrier,
        agencies: Agencies,
        clock: Clock,
    ) -> None:
        self._driver = driver
        self._database = database
        self._store = store
        self._carrier = carrier
        self._agencies = agencies
        self._clock = clock

    def run(self, job: Job) -> None:
        """Raises `CarrierBusy` while the recording is not ready, `CarrierRefused` where the carrier withholds it."""
        call, dialogue = self._driver.look(str(job.payload["call_id"]))
        if call.recording_sid is None:
            return
        if dialogue.agency_recording in RUNNING:
            # The carrier told of the recording's end before that of the call, and the end says how long it has to be.
            raise RecordingNotReady("the call has not stopped its recording yet")
        with self._database.reading() as unit:
            row = unit.recordings.find_for_call(call.call_id)
        if row is None and dialogue.agency_recording is not AgencyRecording.STOPPED:
            return  # it was dealt with, and its retention period may even be over
        if row is None:
            try:
                row = self._collect(call, call.recording_sid)
            except RecordingNotReady:
                stopped_at = self._times(call)["recording:stopped"]
                if not job.payload.get("absent") and self._clock.now() - stopped_at < GIVE_UP_AFTER:
                    raise
                with self._database.transaction() as unit:
                    self._log(unit, call, "recording:failed", {"reason": "the carrier has no recording"})
                self._driver.handle(call.call_id, RecordingKept("failed"))
                return
        self._driver.handle(call.call_id, RecordingKept(row.outcome))
        self._carrier.delete_recording(call.recording_sid)
        with self._database.transaction() as unit:
            self._log(unit, call, "recording:carrier-deleted", {"recording_sid": call.recording_sid})

    def _collect(self, call: CallRecord, recording_sid: str) -> RecordingRow:
        """Raises `DamagedRecording` where fetching again may help: then nothing is kept."""
        object_key = recording_key(recording_sid)
        fetched = self._fetch(recording_sid, object_key)
        try:
            with self._store.open(object_key) as stored:
                sound = measure_sound(stored)
            if fetched is not None and (fetched.digest, fetched.size_bytes) != (sound.digest, sound.size_bytes):
                raise ObjectDamaged("what is stored is not what the carrier has")
        except (NoWholeWav, ObjectDamaged) as fault:
            if fetched is None:
                raise  # there is no other: an operator has to look at it
            self._store.destroy(object_key)
            raise DamagedRecording(f"no whole recording came from the carrier: {fault}") from fault
        row, more = self._describe(call, recording_sid, object_key, sound, compared=fetched is not None)
        tag = "recording:stored" if row.outcome == "ok" else "recording:degraded"
        with self._database.transaction() as unit:
            unit.recordings.add(row, sound.seconds)
            self._log(unit, call, tag, {**facts_of(row, sound), **more}, row.stored_at)
            if copy_tickets(unit.copies.list_call(call.call_id)):
                unit.outbox.put(JobKind.PREPARE_COPY, call.call_id, {"call_id": call.call_id}, self._clock.now())
        return row

    def _fetch(self, recording_sid: str, object_key: str) -> StoredObject | None:
        """Store the carrier's file; gives what came over the line, to be compared with what is read back.

        None where the object was there already, written and whole before a crash, and the carrier has no file any more.
        """
        try:
            return self._store.write(object_key, self._carrier.download_recording(recording_sid))
        except ObjectExists:
            digest, size = hashlib.sha256(), 0
            try:
                for piece in self._carrier.download_recording(recording_sid):
                    digest.update(piece)
                    size += len(piece)
            except RecordingNotReady:
                return None
            return StoredObject(size, digest.hexdigest())

    def _describe(
        self, call: CallRecord, recording_sid: str, object_key: str, sound: SoundMeasure, *, compared: bool
    ) -> tuple[RecordingRow, dict[str, Json]]:
        """The row, and what the log says beside it: how long it is, how long it should be, and what it lacks."""
        place = sound.place
        stored_s = place.samples / place.sample_rate_hz
        expected_s = self._expected_s(call, stored_s)
        lacks = {
            "channels": place.channels != CALLER_AND_ROOM,
            "time": expected_s - stored_s > TOLERANCE_S,
            "end": stored_s - expected_s > TOLERANCE_S,
            "form": place.excess_bytes != 0,
            "comparison": not compared,
        }
        named: list[Json] = [name for name, lacking in lacks.items() if lacking]
        now = self._clock.now()
        policy = self._agencies.by_digest(call.agency, call.policy_digest)
        row = RecordingRow(
            recording_id=uuid5(NAMESPACE, call.call_id).hex,
            call_id=call.call_id,
            recording_sid=recording_sid,
            object_key=object_key,
            outcome="degraded" if named else "ok",
            size_bytes=sound.size_bytes,
            digest=sound.digest,
            channels=place.channels,
            sample_rate_hz=place.sample_rate_hz,
            samples=place.samples,
            completeness=min(1.0, stored_s / expected_s) if expected_s > 0 else 1.0,
            stored_at=now,
            destroy_after=now + timedelta(days=policy.retention.recording_days),
        )
        more: dict[str, Json] = {"stored_s": f"{stored_s:.3f}", "expected_s": f"{expected_s:.3f}"}
        return row, {**more, "lacks": named} if named else more

    def _expected_s(self, call: CallRecord, stored_s: float) -> float:
        """Seconds between the start and the stop of the recording, by the log's clock; pauses are kept as silence."""
        times = self._times(call)
        if "recording:started" not in times:
            return 0.0
        expected_s = (times["recording:stopped"] - times["recording:started"]).total_seconds()
        if expected_s - stored_s > TOLERANCE_S:
            # A call that ended while we were away is logged as ended when we notice it; the carrier knows when it was.
            ended_at = self._carrier.call_ended_at(call.call_sid)
            if ended_at is not None:
                expected_s = min(expected_s, (ended_at - times["recording:started"]).total_seconds())
        return expected_s

    def _times(self, call: CallRecord) -> dict[str, datetime]:
        """When each tag was last logged. A recording that has stopped has an entry that says so."""
        with self._database.reading() as unit:
            return {entry.tag: entry.occurred_at for entry in unit.log.list_call(call.call_id)}

    def _log(self, unit: Unit, call: CallRecord, tag: str, facts: dict[str, Json], at: datetime | None = None) -> None:
        event_id = f"{call.recording_sid}:{tag}"
        unit.log.append(NewEntry(call.call_id, event_id, tag, at or self._clock.now(), facts))
