"""What callers handed in goes when its time is over: unfinished files after a day, copies when their case says so."""

from dataclasses import replace

from ivr.calls.agencies import Agencies
from ivr.cases.acts import CopyDestroyed
from ivr.cases.case import State
from ivr.cases.opening import by_itself
from ivr.cases.writing import case_of, move_case
from ivr.ports import Clock, Database, RecordingStore, Unit
from ivr.records.holds import is_held
from ivr.uploads.receiving import destroy_parts
from storage.errors import UnknownCase
from storage.records import CaseRecord, UploadRow


class UploadKeeper:
    """Destroys files, but none under a legal hold; what is done twice changes nothing."""

    def __init__(self, database: Database, store: RecordingStore, agencies: Agencies, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._agencies = agencies
        self._clock = clock

    def destroy_copy(self, case: CaseRecord) -> bool:
        """The copy of a case whose term is over; False where its file is not ours to destroy."""
        with self._database.reading() as unit:
            ours = [row for row in unit.uploads.list_case(case.case_id) if row.state in ("kept", "destroyed")]
        if not ours:
            return False
        for row in ours:
            if row.state == "kept":  # else an earlier run was cut off after this step
                self._destroy(row)
        with self._database.transaction() as unit:
            now = self._clock.now()
            if _under_hold(unit, case.case_id):
                return True
            current = case_of(unit.cases.get(case.case_id))
            if current.state != State.DESTROYED:
                policy = self._agencies.by_digest(case.agency, case.policy_digest)
                move_case(unit, policy, current, CopyDestroyed(), by_itself(now), f"destroyed:{current.version}")
        return True

    def clear(self) -> None:
        """Files that never became whole, and those whose case has ended: who ended it said that the copy is gone."""
        with self._database.reading() as unit:
            stale = unit.uploads.list_stale(self._clock.now())
            ended = [row for row in unit.uploads.list_kept() if _has_ended(unit, row)]
        for row in stale:
            with self._database.transaction() as unit:
                unit.uploads.save(replace(row, state="refused", reason="cut-off"), was="receiving")
            destroy_parts(self._database, self._store, row.upload_id)
        for row in ended:
            self._destroy(row)

    def _destroy(self, row: UploadRow) -> None:
        with self._database.transaction() as unit:
            if _under_hold(unit, row.case_id):
                return
            if row.object_key is not None:
                self._store.destroy(row.object_key)
            unit.comparisons.forget(row.case_id)
            unit.uploads.save(replace(row, state="destroyed"), was="kept")


def _under_hold(unit: Unit, case_id: str) -> bool:
    """The call that the case came from is held; a case that is gone was not."""
    try:
        call_id = unit.cases.get(case_id).call_id
    except UnknownCase:
        return False
    return call_id is not None and is_held(unit, call_id)


def _has_ended(unit: Unit, row: UploadRow) -> bool:
    try:
        return unit.cases.get(row.case_id).closed_at is not None
    except UnknownCase:
        return True
