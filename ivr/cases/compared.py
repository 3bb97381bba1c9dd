"""What a comparison found, for whoever reads the case file, and listening to both recordings for it (R5, R6).

The consent log is the authority: a report whose digest is not the one in the log is not shown.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from ivr.calls.listening_in import LASTS, ListeningService, Purpose
from ivr.cases.acts import Comparison, CopyCompared
from ivr.cases.case import Case, CitizenCopy
from ivr.cases.shapes import read
from ivr.cases.turn import NotAllowed
from ivr.cases.writing import case_of, entries_of, event_id
from ivr.ports import Clock, Database, RecordingStore, Unit
from speech.comparison.report import Report
from storage.consent_log.tags import Tag
from storage.records import LoggedEntry, NewEntry, RecordingRow, UploadRow


class ReportChanged(Exception):
    """What is kept of the comparison is not what the log says."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Both recordings of a case, while both are there; `until`: the reader's players are open so long."""

    recording: RecordingRow
    upload: UploadRow
    until: datetime | None


class ComparedCopies:
    """Safe to share between threads."""

    def __init__(self, database: Database, store: RecordingStore, recordings: ListeningService, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._recordings = recordings
        self._clock = clock

    def waits(self, case: Case) -> bool:
        """A file was handed in here, and the comparison is still to come."""
        about = case.about
        if not isinstance(about, CitizenCopy) or about.verdict is not None or about.not_compared is not None:
            return False
        with self._database.reading() as unit:
            return _kept(unit, case) is not None

    def find_report(self, case: Case) -> Report | None:
        """None where there is none, or not any more. Raises `ReportChanged`."""
        with self._database.reading() as unit:
            row = unit.comparisons.find(case.case_id)
            if row is None:
                return None
            entry = _comparison_entry(unit, case)
        if entry is None or entry.facts.get("report_digest") != report_digest(row.report):
            raise ReportChanged(case.case_id)
        return read(Report, json.loads(row.report))

    def find_pair(self, case: Case, listener: str) -> Pair | None:
        """None where one of the two is not there, or not any more."""
        with self._database.reading() as unit:
            return self._pair(unit, case, listener)

    def open(self, case: Case, listener: str, role: str) -> bool:
        """Open both players, for an hour, and log that first. False where there is nothing to listen to."""
        call_id = case.call_id
        if call_id is None or not self._recordings.open(call_id, listener, role, Purpose.COMPARISON):
            return False
        now = self._clock.now()
        with self._database.transaction() as unit:
            pair = self._pair(unit, case, listener)
            if pair is None:
                return False
            if pair.until is None:
                key = f"played:{listener}:{now.isoformat()}"
                facts = {"case": case.case_id, "agency": case.agency, "role": role}
                personal = {"by": listener}
                tag = Tag.UPLOAD_PLAYED
                unit.log.append(NewEntry(call_id, event_id(case.case_id, key), tag, now, {**facts}, personal))
        return True

    def copy_sound(self, case: Case, listener: str) -> tuple[UploadRow, BinaryIO] | None:
        """The copy as it was handed in, as a seekable reader that the taker closes; None where the listener's players
        are not open. Raises `ObjectMissing`, `ObjectDamaged`."""
        pair = self.find_pair(case, listener)
        if pair is None or pair.until is None:
            return None
        return pair.upload, self._store.open(str(pair.upload.object_key))

    def _pair(self, unit: Unit, case: Case, listener: str) -> Pair | None:
        upload = _kept(unit, case)
        recording = None if case.call_id is None else self._recordings.find_recording(unit, case.call_id)
        if upload is None or recording is None:
            return None
        return Pair(recording, upload, self._until(unit.log.list_call(recording.call_id), case.case_id, listener))

    def _until(self, entries: Sequence[LoggedEntry], case_id: str, listener: str) -> datetime | None:
        ours = self._recordings.find_open(entries, listener)
        for entry in reversed(entries):
            is_theirs = entry.facts.get("case") == case_id and entry.personal.get("by") == listener
            if entry.tag == Tag.UPLOAD_PLAYED and is_theirs:
                until = entry.occurred_at + LASTS
                return min(until, ours.until) if ours is not None and until > self._clock.now() else None
        return None


def report_digest(report: str) -> str:
    """The hex SHA-256 under which the log knows a report."""
    return hashlib.sha256(report.encode()).hexdigest()


def compared_copies(unit: Unit, call_id: str | None) -> list[Case]:
    """The copies of a call that were compared."""
    cases = [] if call_id is None else [case_of(record) for record in unit.cases.list_call(call_id)]
    return [case for case in cases if isinstance(case.about, CitizenCopy) and case.about.verdict is not None]


def comparison_of(unit: Unit, case: Case, copy_id: str) -> Comparison:
    """What the log says of a copy of the same call. Raises `NotAllowed`."""
    for copy in compared_copies(unit, case.call_id):
        entry = _comparison_entry(unit, copy) if copy.case_id == copy_id else None
        if entry is not None:
            return read(Comparison, entry.facts["comparison"])
    raise NotAllowed("no copy of this call was compared under that number", field="from_copy")


def _comparison_entry(unit: Unit, case: Case) -> LoggedEntry | None:
    entries = entries_of(unit, case.chain, case.case_id)
    return next((entry for entry in reversed(entries) if entry.facts.get("act") == CopyCompared.code), None)


def _kept(unit: Unit, case: Case) -> UploadRow | None:
    """The file that the case speaks of: before it there may have been one that nobody could read."""
    return next((row for row in unit.uploads.list_case(case.case_id) if holds(case, row)), None)


def holds(case: Case, row: UploadRow) -> bool:
    """The file of that row is kept, and is the copy of this case."""
    return row.state == "kept" and isinstance(case.about, CitizenCopy) and case.about.digest == row.digest
