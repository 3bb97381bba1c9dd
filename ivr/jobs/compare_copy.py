"""A copy that was handed in, compared with the agency's recording of that call: found, kept, and logged as evidence."""

import json
import logging

from ivr.calls.agencies import Agencies
from ivr.calls.jobs import JobKind
from ivr.calls.listening_in import ListeningService
from ivr.cases.acts import Act, Comparison, CopyCompared, CopyNotCompared
from ivr.cases.case import Case, CitizenCopy, NotCompared, State
from ivr.cases.citizen_copy import is_unreadable
from ivr.cases.compared import holds, report_digest
from ivr.cases.opening import by_itself
from ivr.cases.shapes import Misshapen, read, write
from ivr.cases.writing import case_of, move_case
from ivr.comparing.comparer import Comparer
from ivr.dialogue.states import AgencyRecording, Dialogue
from ivr.errors import ComparisonBroken, RecordingUnderWay, Unusable
from ivr.ports import Clock, Database, RecordingStore, Unit
from speech.comparison.report import Report
from storage.errors import UnknownCase
from storage.records import ComparisonRow, Job, RecordingRow, UploadRow

MOST_EDITS = 200
"""In the log's entry; the report has all of them."""

TRIES = 3
"""A file that ends the comparison so often does it each time."""

UNDER_WAY = (
    AgencyRecording.ANNOUNCED,
    AgencyRecording.STARTED,
    AgencyRecording.PAUSED,
    AgencyRecording.STOPPED,
)

log = logging.getLogger(__name__)


class CopyComparer:
    """The job `compare-copy`. It is for a worker: the web process never reads what strangers made."""

    def __init__(
        self,
        database: Database,
        store: RecordingStore,
        agencies: Agencies,
        recordings: ListeningService,
        comparer: Comparer,
        clock: Clock,
    ) -> None:
        self._database = database
        self._store = store
        self._agencies = agencies
        self._recordings = recordings
        self._comparer = comparer
        self._clock = clock

    def run(self, job: Job) -> None:
        """Raises `RecordingUnderWay`, `ComparisonBroken`, and `StorageError` where a file is not what was stored."""
        upload_id = str(job.payload["upload_id"])
        with self._database.reading() as unit:
            found = _find(unit, upload_id)
            if found is None:
                return
            upload, case = found
            recording = self._recording(unit, case)
        if recording is None:
            self._finish(upload_id, CopyNotCompared(NotCompared.NO_RECORDING))
            return
        try:
            report = self._compare(recording, upload)
            text, act = _result(report, recording, upload)
        except Unusable as unusable:
            if unusable.is_agencys:
                log.error("a recording of ours cannot be compared", extra={"recording": recording.recording_id})
            self._finish(upload_id, CopyNotCompared(_why(unusable)))
        except ComparisonBroken:
            if job.attempts < TRIES:
                raise
            self._finish(upload_id, CopyNotCompared(NotCompared.FAILED))
        else:
            self._finish(upload_id, act, text)

    def _recording(self, unit: Unit, case: Case) -> RecordingRow | None:
        """The one to compare with; None where there is none, and none will come."""
        if case.call_id is None:
            return None
        recording = self._recordings.find_recording(unit, case.call_id)
        if recording is None and unit.recordings.find_for_call(case.call_id) is None:
            dialogue = Dialogue.from_json(unit.calls.get(case.call_id).dialogue)
            if dialogue.agency_recording in UNDER_WAY:
                raise RecordingUnderWay("the agency's recording is not there yet")
        return recording

    def _compare(self, recording: RecordingRow, upload: UploadRow) -> Report:
        with (
            self._store.open(recording.object_key) as agency,
            self._store.open(str(upload.object_key)) as copy,
        ):
            return self._comparer.compare(agency, copy)

    def _finish(self, upload_id: str, act: Act, report: str | None = None) -> None:
        """The case moves in the transaction of its entry, of the report, and of the job that tells the caller that the
        file cannot be read; where it moved on meanwhile, nobody needs the answer any more."""
        now = self._clock.now()
        with self._database.transaction() as unit:
            found = _find(unit, upload_id)
            if found is None:
                return
            _, case = found
            policy = self._agencies.by_digest(case.agency, case.policy_digest)
            moved = move_case(unit, policy, case, act, by_itself(now), f"compared:{upload_id}")
            if is_unreadable(moved.case) and case.call_id is not None:
                unit.outbox.put(JobKind.ASK_FOR_COPY, case.call_id, {"call_id": case.call_id}, now)
            if report is not None:
                unit.comparisons.put(ComparisonRow(case.case_id, report, now))


def _find(unit: Unit, upload_id: str) -> tuple[UploadRow, Case] | None:
    """The file and its case while they wait for a comparison."""
    upload = unit.uploads.find(upload_id)
    if upload is None:
        return None
    try:
        case = case_of(unit.cases.get(upload.case_id))
    except UnknownCase:
        return None
    waits = case.state is State.RECEIVED and isinstance(case.about, CitizenCopy) and case.about.not_compared is None
    return (upload, case) if waits and holds(case, upload) else None


def _why(unusable: Unusable) -> NotCompared:
    if unusable.too_long:
        return NotCompared.TOO_LONG
    return NotCompared.FAILED if unusable.is_agencys else NotCompared.UNREADABLE


def _result(report: Report, recording: RecordingRow, upload: UploadRow) -> tuple[str, CopyCompared]:
    """The report as it is kept, and what is logged of it. Raises `ComparisonBroken` for figures that cannot be."""
    text = json.dumps(write(report), separators=(",", ":"))
    found = report.comparison
    shown = {
        "verdict": found.verdict.value,
        "coverage": found.coverage,
        "drift_ppm": found.drift_ppm,
        "edits": [write(edit) for edit in found.edits[:MOST_EDITS]],
    }
    try:
        comparison = read(Comparison, shown)
    except Misshapen as fault:
        raise ComparisonBroken(f"the comparison has figures that cannot be: {fault}") from fault
    act = CopyCompared(
        comparison,
        agency_digest=recording.digest,
        copy_digest=upload.digest,
        report_digest=report_digest(text),
        tool=report.tool,
        damaged=len(report.agency.damaged) + len(report.copy.damaged),
    )
    return text, act
