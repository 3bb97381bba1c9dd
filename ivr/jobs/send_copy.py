"""The link to the copy that the caller asked for, once there is a copy."""

from ivr.calls.agencies import Agencies
from ivr.calls.driver import CallDriver
from ivr.calls.tickets import copy_tickets
from ivr.carrier.links import Links
from ivr.dialogue.events import CopyFailed, CopySent
from ivr.dialogue.states import AgencyRecording
from ivr.errors import CarrierBusy
from ivr.jobs.sms import send_sms
from ivr.ports import Carrier, Database
from storage.records import Job

GONE = (AgencyRecording.FAILED, AgencyRecording.BLOCKED, AgencyRecording.NONE)


class CopySender:
    """The job `send-copy`."""

    def __init__(
        self, driver: CallDriver, database: Database, carrier: Carrier, agencies: Agencies, links: Links
    ) -> None:
        self._driver = driver
        self._database = database
        self._carrier = carrier
        self._agencies = agencies
        self._links = links

    def run(self, job: Job) -> None:
        """Raises `CarrierBusy` while the recording is not stored yet or the carrier is busy."""
        call, dialogue = self._driver.look(str(job.payload["call_id"]))
        if dialogue.agency_recording in GONE:
            self._driver.handle(call.call_id, CopyFailed("there is no recording"))
            return
        with self._database.reading() as unit:
            recording = unit.recordings.find_for_call(call.call_id)
            number = unit.calls.find_caller_number(call.call_id)
            sent = any(entry.tag == "copy:sent" for entry in unit.log.list_call(call.call_id))
            tickets = copy_tickets(unit.copies.list_call(call.call_id))
        if sent or all(ticket.revoked_at is not None for ticket in tickets):
            return
        if recording is None:
            raise CarrierBusy("the recording is not stored yet")
        policy = self._agencies.by_digest(call.agency, call.policy_digest)
        text = self._agencies.prompts[dialogue.language].text(
            "sms_copy",
            agency=policy.name[dialogue.language],
            url=self._links.copy(call.call_id),
            days=str(policy.copy.valid_days),
        )
        send_sms(
            self._carrier,
            number,
            text,
            sent=lambda: self._driver.handle(call.call_id, CopySent()),
            failed=lambda reason: self._driver.handle(call.call_id, CopyFailed(reason)),
        )
