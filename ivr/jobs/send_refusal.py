"""Why the caller may not record, what is offered instead and how to complain, in writing, with a link to the receipt
of the call (R1, R7)."""

from ivr.calls.agencies import Agencies
from ivr.calls.driver import CallDriver
from ivr.calls.tickets import TicketKind, kind_of
from ivr.carrier.links import Links
from ivr.dialogue.events import RefusalNotSent, RefusalSent
from ivr.jobs.sms import send_sms
from ivr.ports import Carrier, Database
from storage.records import Job

SENT = "objection:sent"
TOLD = ("objection:raised", "request:excluded", SENT)


class RefusalSender:
    """The job `send-refusal`."""

    def __init__(
        self, driver: CallDriver, database: Database, carrier: Carrier, agencies: Agencies, links: Links
    ) -> None:
        self._driver = driver
        self._database = database
        self._carrier = carrier
        self._agencies = agencies
        self._links = links

    def run(self, job: Job) -> None:
        """Raises `CarrierBusy`."""
        call, dialogue = self._driver.look(str(job.payload["call_id"]))
        if dialogue.refusal is None:
            return  # withdrawn since
        with self._database.reading() as unit:
            number = unit.calls.find_caller_number(call.call_id)
            tickets = [ticket for ticket in unit.copies.list_call(call.call_id) if ticket.revoked_at is None]
            tags = [entry.tag for entry in unit.log.list_call(call.call_id) if entry.tag in TOLD]
        if tags[-1:] == [SENT]:
            return
        policy = self._agencies.by_digest(call.agency, call.policy_digest)
        speaker = self._agencies.speaker(policy)
        text = speaker.refusal_message(dialogue.refusal, dialogue.language)
        if any(kind_of(ticket) is TicketKind.RECEIPT_SMS for ticket in tickets):
            text += " " + speaker.receipt_message(self._links.receipt(call.call_id), dialogue.language)
        send_sms(
            self._carrier,
            number,
            text,
            sent=lambda: self._driver.handle(call.call_id, RefusalSent()),
            failed=lambda reason: self._driver.handle(call.call_id, RefusalNotSent(reason)),
        )
