"""Each action with somebody's data gets its record in the agency's processing log, however long that is away."""

from datetime import timedelta

from config.policy import AgencyPolicy
from ivr.calls.agencies import Agencies
from ivr.calls.numbers import NumberKey
from ivr.calls.processing_records import Action, record_of
from ivr.carrier.links import Links
from ivr.errors import ProcessingLogBusy, ProcessingLogRefused
from ivr.evidence_ports import ProcessingLogWriter
from ivr.ports import Clock, Database, Unit
from storage.errors import UnknownCall, UnknownCase
from storage.processing import ProcessingRecord
from storage.records import Job


class ProcessingAccountant:
    """The job `account-processing`. `log` is None where the agency has named none (any more); `application` is the
    address of the one that calls our API, None where the agency has not named it."""

    def __init__(
        self,
        database: Database,
        agencies: Agencies,
        links: Links,
        numbers: NumberKey,
        log: ProcessingLogWriter | None,
        application: str | None,
        clock: Clock,
    ) -> None:
        self._database = database
        self._agencies = agencies
        self._links = links
        self._numbers = numbers
        self._log = log
        self._application = application
        self._clock = clock

    def run(self, job: Job) -> None:
        """Asks again for as long as the log is away: an outage is no reason to forget. Raises `ProcessingLogRefused`
        where asking again helps nobody, so that an operator looks."""
        if self._log is None:
            raise ProcessingLogRefused("SPELREGEL_PROCESSING_LOG is not set, and a record waits for it")
        record = self._record_of(Action.from_payload(job.payload))
        try:
            self._log.write(record)
        except ProcessingLogBusy as fault:
            due_at = self._clock.now() + timedelta(seconds=fault.pause_s)
            with self._database.transaction() as unit:
                unit.outbox.put(job.kind, job.key, job.payload, due_at)

    def _record_of(self, action: Action) -> ProcessingRecord:
        with self._database.reading() as unit:
            of_call, policy = self._policy_of(unit, action)
            number = unit.calls.find_caller_number(action.call_id)
        activity = policy.controller.processing_activity or self._links.rules(policy.slug)
        pseudonym = self._numbers.pseudonym_of(number)
        return record_of(action, activity, pseudonym, of_call=of_call, application=self._application)

    def _policy_of(self, unit: Unit, action: Action) -> tuple[bool, AgencyPolicy]:
        """Whether it is of a call, and the profile of that call or, where there is none, of the case; of a case that is
        gone, the agency's present one. Raises `ProcessingLogRefused`."""
        try:
            call = unit.calls.get(action.call_id)
            return True, self._agencies.by_digest(call.agency, call.policy_digest)
        except UnknownCall:
            return False, self._policy_of_case(unit, action)

    def _policy_of_case(self, unit: Unit, action: Action) -> AgencyPolicy:
        try:
            case = unit.cases.get(action.call_id)
            return self._agencies.by_digest(case.agency, case.policy_digest)
        except UnknownCase:
            if not action.agency:
                raise ProcessingLogRefused(f"whose data this was is not known any more: {action.call_id}") from None
            return self._agencies.now(action.agency)
