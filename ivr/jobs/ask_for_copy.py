"""The link under which a caller can hand in their own recording, where they did not want ours (R4)."""

from ivr.calls.agencies import Agencies
from ivr.calls.driver import CallDriver
from ivr.carrier.links import Links
from ivr.cases.case import State
from ivr.jobs.sms import send_sms
from ivr.ports import Carrier, Clock, Database
from storage.errors import UnknownCase
from storage.records import Job, Json, NewEntry

SENT, FAILED = "upload:link-sent", "upload:link-failed"


class CopyAsker:
    """The job `ask-for-copy`."""

    def __init__(
        self,
        driver: CallDriver,
        database: Database,
        carrier: Carrier,
        agencies: Agencies,
        links: Links,
        clock: Clock,
    ) -> None:
        self._driver = driver
        self._database = database
        self._carrier = carrier
        self._agencies = agencies
        self._links = links
        self._clock = clock

    def run(self, job: Job) -> None:
        """Raises `CarrierBusy`."""
        case_id = str(job.payload["case_id"])
        call, dialogue = self._driver.look(str(job.payload["call_id"]))
        with self._database.reading() as unit:
            number = unit.calls.find_caller_number(call.call_id)
            told = any(unit.log.find_event(f"{case_id}:{tag}") for tag in (SENT, FAILED))
            try:
                waits = unit.cases.get(case_id).state == State.ASKED
            except UnknownCase:
                waits = False
        if told or not waits:
            return

        def note(tag: str, facts: dict[str, Json]) -> None:
            facts = {"case": case_id, **facts}
            with self._database.transaction() as unit:
                unit.log.append(NewEntry(call.call_id, f"{case_id}:{tag}", tag, self._clock.now(), facts))

        policy = self._agencies.by_digest(call.agency, call.policy_digest)
        text = self._agencies.prompts[dialogue.language].text(
            "sms_ask_theirs",
            agency=policy.name[dialogue.language],
            url=self._links.copy(call.call_id),
            days=str(policy.copy.valid_days),
        )
        send_sms(
            self._carrier,
            number,
            text,
            sent=lambda: note(SENT, {"channel": "sms"}),
            failed=lambda reason: note(FAILED, {"reason": reason}),
        )
