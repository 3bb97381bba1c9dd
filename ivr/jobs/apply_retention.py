"""Destroy what is due, prove that it is gone, and say so in the log."""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

from config.policy import PolicyError, Retention
from ivr.calls.agencies import Agencies
from ivr.cases.case import Kind, State
from ivr.cases.opening import lapse
from ivr.cases.writing import case_of, entries_of, event_id
from ivr.ports import Clock, Database, RecordingStore, Unit
from ivr.records.destruction import destroy_recording, lapse_training
from ivr.records.forgetting import forget, is_of_call
from ivr.records.holds import is_held
from ivr.records.residue import ask_to_clear
from ivr.uploads.keeping import UploadKeeper
from storage.records import CallRecord, CaseFilter, CaseRecord, Json, NewEntry, RecordingRow

CALLBACKS_KEPT = timedelta(days=2)
"""Longer than any call and its recording's callbacks; the carrier brings none again after 15 s."""

REASON = "retention period over"
AT_ONCE = 1000

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Held:
    """What would have to go, if there were no legal hold on its call."""

    recordings: Sequence[RecordingRow] = ()
    numbers: Sequence[CallRecord] = ()
    calls: Sequence[CallRecord] = ()
    cases: Sequence[CaseRecord] = ()


@dataclass(frozen=True, slots=True)
class Due:
    """What must go, each by the profile that held for it.

    `numbers` are calls whose caller's number must go, `calls` those whose log's period is over: everything personal of
    them must, and the entries stay. `citizen_copies` are cases of copies whose term is over: those
    that were handed in on our pages go, others must be destroyed by whoever has them.
    """

    recordings: Sequence[RecordingRow]
    numbers: Sequence[CallRecord]
    calls: Sequence[CallRecord]
    cases: Sequence[CaseRecord]
    citizen_copies: Sequence[CaseRecord]
    held: Held = Held()


class RetentionKeeper:
    """The job `apply-retention`, and `spelregel retention run`."""

    def __init__(self, database: Database, store: RecordingStore, agencies: Agencies, clock: Clock) -> None:
        self._database = database
        self._store = store
        self._agencies = agencies
        self._clock = clock
        self._uploads = UploadKeeper(database, store, agencies, clock)

    def list_due(self) -> Due:
        now = self._clock.now()
        with self._database.reading() as unit:
            copies = unit.cases.list(CaseFilter(kind=Kind.CITIZEN_COPY, due_before=now), AT_ONCE)
            return Due(
                recordings=unit.recordings.list_due(now),
                numbers=list(self._numbers_due(unit)),
                calls=list(self._calls_due(unit)),
                cases=unit.cases.list_due(now),
                citizen_copies=[case for case in copies if case.state != State.ASKED and not _held(unit, case)],
                held=Held(
                    tuple(unit.recordings.list_due(now, held=True)),
                    tuple(self._numbers_due(unit, held=True)),
                    tuple(self._calls_due(unit, held=True)),
                    tuple(unit.cases.list_due(now, held=True)),
                ),
            )

    def destroy_due(self) -> Due:
        """Gives what was due; all is gone but what is held, and the citizens' copies that others have."""
        due = self.list_due()
        for row in due.recordings:
            self._destroy(row)
        for call in due.numbers:
            self._forget_number(call)
        for call in due.calls:
            self._forget_call(call.call_id)
        for case in due.cases:
            self._destroy_case(case)
        elsewhere = [case for case in due.citizen_copies if not self._uploads.destroy_copy(case)]
        return replace(due, citizen_copies=elsewhere)

    def keep(self) -> None:
        """What the worker does from time to time: destroy what is due, and forget what waited in vain."""
        self.destroy_due()
        self._uploads.clear()
        now = self._clock.now()
        with self._database.transaction() as unit:
            unit.inbox.forget(now - CALLBACKS_KEPT)
        with self._database.transaction() as unit:
            unanswered = CaseFilter(kind=Kind.CITIZEN_COPY, state=State.ASKED, due_before=now)
            for record in unit.cases.list(unanswered, AT_ONCE):
                self._lapse(unit, record)

    def _numbers_due(self, unit: Unit, *, held: bool = False) -> Iterator[CallRecord]:
        for digest, retention in self._periods(unit.calls.list_profiles_with_numbers()):
            ended_before = self._clock.now() - timedelta(days=retention.number_days)
            yield from unit.calls.list_ended_with_number(digest, ended_before, held=held)

    def _calls_due(self, unit: Unit, *, held: bool = False) -> Iterator[CallRecord]:
        for digest, retention in self._periods(unit.policies.list_profiles()):
            ended_before = self._clock.now() - timedelta(days=retention.log_days)
            yield from unit.calls.list_ended_remembered(digest, ended_before, held=held)

    def _periods(self, profiles: Sequence[tuple[str, str]]) -> Iterator[tuple[str, Retention]]:
        for agency, digest in profiles:
            try:
                yield digest, self._agencies.by_digest(agency, digest).retention
            except PolicyError as fault:
                log.error("what is kept of calls stays because their profile is gone", extra={"error": str(fault)})

    def _destroy(self, row: RecordingRow) -> None:
        now = self._clock.now()
        with self._database.transaction() as unit:
            if not destroy_recording(unit, self._store, row, REASON, now):
                return
        with self._database.transaction() as unit:
            lapse_training(unit, self._agencies, row.call_id, now)

    def _lapse(self, unit: Unit, record: CaseRecord) -> None:
        policy = self._agencies.by_digest(record.agency, record.policy_digest)
        lapse(unit, policy, case_of(record), self._clock.now())

    def _forget_number(self, call: CallRecord) -> None:
        now = self._clock.now()
        with self._database.transaction() as unit:
            if is_held(unit, call.call_id):
                return
            unit.calls.forget_caller_number(call.call_id)
            ask_to_clear(unit, now)
            unit.log.append(
                NewEntry(
                    call_id=call.call_id,
                    event_id=f"{call.call_id}:number-destroyed",
                    tag="number:destroyed",
                    occurred_at=now,
                    facts={"reason": REASON},
                )
            )

    def _forget_call(self, call_id: str) -> None:
        """Everything personal of it goes, who of the staff did what too; of cases it goes with their file."""
        now = self._clock.now()
        with self._database.transaction() as unit:
            if is_held(unit, call_id):
                return
            call = unit.calls.get(call_id)
            gone = forget(unit, call, is_of_call, now)
            unit.calls.mark_forgotten(call_id, now)
            facts: dict[str, Json] = {"agency": call.agency, "ground": REASON, **gone.facts(), "recording": False}
            unit.log.append(NewEntry(call_id, f"{call_id}:forgotten", "personal:erased", now, facts))

    def _destroy_case(self, record: CaseRecord) -> None:
        """The file and the personal values of its entries go; the entries stay."""
        chain, now = record.call_id or record.case_id, self._clock.now()
        with self._database.transaction() as unit:
            if record.call_id is not None and is_held(unit, record.call_id):
                return
            entries = entries_of(unit, chain, record.case_id)
            unit.log.erase_personal([entry.number for entry in entries])
            unit.cases.destroy(record.case_id)
            ask_to_clear(unit, now)
            unit.log.append(
                NewEntry(
                    call_id=chain,
                    event_id=event_id(record.case_id, "file-destroyed"),
                    tag="case:destroyed",
                    occurred_at=now,
                    facts={
                        "case": record.case_id,
                        "agency": record.agency,
                        "kind": record.kind,
                        "reason": REASON,
                    },
                )
            )


def _held(unit: Unit, case: CaseRecord) -> bool:
    return case.call_id is not None and unit.holds.find_active(case.call_id) is not None
