"""A file that a caller handed in, once all of it is here: put together, looked at, scanned, and given to its case."""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from typing import BinaryIO

from ivr.calls.agencies import Agencies
from ivr.calls.jobs import JobKind
from ivr.cases.acts import CopyReceived
from ivr.cases.opening import by_itself
from ivr.cases.turn import NotAllowed
from ivr.cases.writing import case_of, move_case
from ivr.portal_ports import Scanner
from ivr.ports import Clock, Database, RecordingStore
from ivr.uploads.receiving import destroy_parts
from ivr.uploads.sound_type import Damaged, HasPictures, NoSound, SoundType, sound_type
from storage.errors import ObjectExists, ObjectMissing, UnknownCase
from storage.recordings.keys import citizen_copy_key
from storage.records import Job, NewEntry, UploadRow

PIECE_BYTES = 256 * 1024

log = logging.getLogger(__name__)


class Refused(Exception):
    """The file is not taken; the text is the reason's code in the log."""


class UploadChecker:
    """The job `check-upload`. Repeating it after a crash at any point goes on where it was."""

    def __init__(
        self, database: Database, store: RecordingStore, agencies: Agencies, clock: Clock, scanner: Scanner | None
    ) -> None:
        self._database = database
        self._store = store
        self._agencies = agencies
        self._clock = clock
        self._scanner = scanner

    def run(self, job: Job) -> None:
        """Raises `ScannerBusy`. Where no scanner is configured the case says that the file was not scanned."""
        upload_id, call_id = str(job.payload["upload_id"]), str(job.payload["call_id"])
        with self._database.reading() as unit:
            row = unit.uploads.find(upload_id)
        if row is None:
            return
        object_key = citizen_copy_key(upload_id)
        if row.state == "complete":
            with suppress(ObjectExists):  # written before a crash, and whole: it got its name last
                self._store.write(object_key, self._pieces(upload_id))
            try:
                with self._store.open(object_key) as file:
                    kept = self._examine(row, file)
                self._keep(kept)
            except Refused as refused:
                self._refuse(row, call_id, str(refused))
        destroy_parts(self._database, self._store, upload_id)

    def _pieces(self, upload_id: str) -> Iterator[bytes]:
        with self._database.reading() as unit:
            parts = [part for part in unit.uploads.list_parts(upload_id) if part.size_bytes]
        for part in parts:
            with self._store.open(part.object_key) as file:
                while piece := file.read(PIECE_BYTES):
                    yield piece

    def _examine(self, row: UploadRow, file: BinaryIO) -> UploadRow:
        """What it is, by its bytes. Raises `Refused`."""
        kind = _kind_of(file)
        malware = None if self._scanner is None else self._scanner.find_malware(file)
        if malware is not None:
            log.warning("a file that was handed in has malware", extra={"upload": row.upload_id, "found": malware})
            raise Refused("malware")
        digest, size = hashlib.sha256(), 0
        file.seek(0)
        while piece := file.read(PIECE_BYTES):
            digest.update(piece)
            size += len(piece)
        if size != row.size_bytes:
            raise Refused("cut-off")
        return replace(
            row,
            state="kept",
            object_key=citizen_copy_key(row.upload_id),
            digest=digest.hexdigest(),
            sound_type=kind,
            scanned=self._scanner is not None,
        )

    def _keep(self, kept: UploadRow) -> None:
        """The case moves in the transaction of its entry and of the file's. Raises `Refused`."""
        now = self._clock.now()
        act = CopyReceived(str(kept.digest), kept.received_bytes, kept.scanned)
        try:
            with self._database.transaction() as unit:
                case = case_of(unit.cases.get(kept.case_id))
                policy = self._agencies.by_digest(case.agency, case.policy_digest)
                move_case(unit, policy, case, act, by_itself(now), f"upload:{kept.upload_id}")
                if not unit.uploads.save(kept, was="complete"):
                    raise NotAllowed("the file was dealt with by somebody else")
                unit.outbox.put(JobKind.COMPARE_COPY, kept.upload_id, {"upload_id": kept.upload_id}, now)
        except (NotAllowed, UnknownCase) as fault:
            raise Refused("not-asked") from fault

    def _refuse(self, row: UploadRow, call_id: str, reason: str) -> None:
        with suppress(ObjectMissing):
            self._store.destroy(citizen_copy_key(row.upload_id))
        facts = {"case": row.case_id, "upload": row.upload_id, "reason": reason}
        with self._database.transaction() as unit:
            if unit.uploads.save(replace(row, state="refused", reason=reason), was="complete"):
                event_id = f"{row.upload_id}:refused"
                unit.log.append(NewEntry(call_id, event_id, "upload:refused", self._clock.now(), facts))


def _kind_of(file: BinaryIO) -> SoundType:
    try:
        return sound_type(file)
    except HasPictures as fault:
        raise Refused("pictures") from fault
    except NoSound as fault:
        raise Refused("no-sound") from fault
    except Damaged as fault:
        raise Refused("damaged") from fault
