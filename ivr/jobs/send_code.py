"""The code that opens a link, by SMS to the number that called."""

from datetime import timedelta

from ivr.calls.agencies import Agencies
from ivr.calls.copy_codes import VALID, note_code
from ivr.calls.driver import CallDriver
from ivr.carrier.links import Links
from ivr.jobs.sms import send_sms
from ivr.ports import Carrier, Clock, Database
from storage.records import Job

WAITED_FOR = timedelta(minutes=30)
"""Who has waited longer has asked for another one or given up."""


class CodeSender:
    """The job `send-code`."""

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
        """Raises `CarrierBusy`. The code's time runs from when it was sent, not from when it was asked for."""
        call, dialogue = self._driver.look(str(job.payload["call_id"]))
        with self._database.reading() as unit:
            ticket = unit.copies.find(str(job.payload["ticket_id"]))
            number = unit.calls.find_caller_number(call.call_id)
            code = None if ticket is None else unit.copy_codes.find_latest(ticket.ticket_id)
        if ticket is None or code is None or code.code_id != job.payload["code_id"]:
            return  # another one was asked for since
        now = self._clock.now()
        if code.sent_at is not None or code.failed_at is not None:
            return
        if ticket.revoked_at is not None or ticket.expires_at <= now or code.asked_at + WAITED_FOR <= now:
            return

        def sent() -> None:
            with self._database.transaction() as unit:
                unit.copy_codes.sent(code.code_id, self._clock.now())
                note_code(unit, ticket, code, "copy:code-sent", self._clock.now())

        def failed(reason: str) -> None:
            with self._database.transaction() as unit:
                unit.copy_codes.failed(code.code_id, self._clock.now())
                note_code(unit, ticket, code, "copy:code-failed", self._clock.now(), reason=reason)

        policy = self._agencies.by_digest(call.agency, call.policy_digest)
        text = self._agencies.prompts[dialogue.language].text(
            "sms_code",
            agency=policy.name[dialogue.language],
            code=self._links.opening_code(code.code_id),
            minutes=str(round(VALID.total_seconds() / 60)),
        )
        send_sms(self._carrier, number, text, sent=sent, failed=failed)
