"""The link under which a caller can hand in their own recording (R4): where they did not want ours, and once more where
the file that came cannot be read."""

from dataclasses import dataclass

from ivr.calls.agencies import Agencies
from ivr.calls.driver import CallDriver
from ivr.calls.tickets import TicketKind, kind_of
from ivr.carrier.links import Links
from ivr.cases.citizen_copy import is_unreadable
from ivr.jobs.sms import send_sms
from ivr.ports import Carrier, Clock, Database
from ivr.uploads.receiving import UploadService, Wish
from storage.records import CallRecord, CopyTicket, Job, Json, NewEntry


@dataclass(frozen=True, slots=True)
class Outcome:
    """The tags of what came of a message."""

    sent: str
    failed: str


FIRST = Outcome("upload:link-sent", "upload:link-failed")
AGAIN = Outcome("upload:retry-sent", "upload:retry-failed")


class CopyAsker:
    """The job `ask-for-copy`: each of the two messages once a case, and only while a file is welcome and the link
    works."""

    def __init__(
        self,
        driver: CallDriver,
        database: Database,
        carrier: Carrier,
        agencies: Agencies,
        links: Links,
        uploads: UploadService,
        clock: Clock,
    ) -> None:
        self._driver = driver
        self._database = database
        self._carrier = carrier
        self._agencies = agencies
        self._links = links
        self._uploads = uploads
        self._clock = clock

    def run(self, job: Job) -> None:
        """Raises `CarrierBusy`."""
        call, dialogue = self._driver.look(str(job.payload["call_id"]))
        ticket = self._link_of(call)
        wish = None if ticket is None else self._uploads.wish(ticket)
        if wish is None or not wish.is_open or not wish.left:
            return
        outcome, case_id = AGAIN if is_unreadable(wish.case) else FIRST, wish.case.case_id
        with self._database.reading() as unit:
            number = unit.calls.find_caller_number(call.call_id)
            told = any(unit.log.find_event(f"{case_id}:{tag}") for tag in (outcome.sent, outcome.failed))
        if told:
            return

        def note(tag: str, facts: dict[str, Json]) -> None:
            facts = {"case": case_id, **facts}
            with self._database.transaction() as unit:
                unit.log.append(NewEntry(call.call_id, f"{case_id}:{tag}", tag, self._clock.now(), facts))

        send_sms(
            self._carrier,
            number,
            self._text(call, dialogue.language, wish),
            sent=lambda: note(outcome.sent, {"channel": "sms"}),
            failed=lambda reason: note(outcome.failed, {"reason": reason}),
        )

    def _link_of(self, call: CallRecord) -> CopyTicket | None:
        """The ticket of the link that the caller gets by SMS; None where it does not work, or there is none."""
        with self._database.reading() as unit:
            for ticket in unit.copies.list_call(call.call_id):
                works = ticket.revoked_at is None and self._clock.now() < ticket.expires_at
                if works and kind_of(ticket) is TicketKind.SMS:
                    return ticket
        return None

    def _text(self, call: CallRecord, language: str, wish: Wish) -> str:
        policy = self._agencies.by_digest(call.agency, call.policy_digest)
        agency, url = policy.name[language], self._links.copy(call.call_id)
        prompts = self._agencies.prompts[language]
        if is_unreadable(wish.case):
            return prompts.text("sms_ask_again", agency=agency, url=url)
        return prompts.text("sms_ask_theirs", agency=agency, url=url, days=str(policy.copy.valid_days))
