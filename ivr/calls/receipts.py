"""Giving receipts: each is an entry of the log first, then the log is signed, then the receipt can prove itself."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from uuid import uuid4

from ivr.calls.agencies import Agencies
from ivr.calls.copies import Copy, CopyService, NoCopy, UnknownTicket, kind_of
from ivr.calls.receipt import Receipt, Shown, content_of, receipt_of, shown_of
from ivr.calls.receipt_file import CONTENT, Issued
from ivr.ports import Clock, Database, Unit
from storage.consent_log.call_verifier import CallEvidence, verify_call
from storage.consent_log.checkpoint import Checkpoint, NoteKey
from storage.consent_log.entry import canonical_json
from storage.consent_log.tlog_proof import TlogProof
from storage.errors import LogBroken
from storage.records import CallRecord, Json, NewEntry

ISSUED = "copy:receipt"
STAFF = "staff"


class ReceiptService:
    """Gives receipts of calls. `seal` signs the head of the log, or raises `NotYetSigned`; `keys` are those that its
    signatures are checked with.

    All methods raise `LogBroken` where what is kept of the call is not what was written: there is nothing to prove;
    and `NotYetSigned`: within a caller's visit the next try gives the receipt that was logged now.
    """

    def __init__(
        self,
        database: Database,
        copies: CopyService,
        agencies: Agencies,
        clock: Clock,
        seal: Callable[[], object],
        keys: Sequence[NoteKey],
    ) -> None:
        self._database = database
        self._copies = copies
        self._agencies = agencies
        self._clock = clock
        self._seal = seal
        self._keys = keys

    def for_caller(self, ticket_id: str, visit: str, language: str, rules_url: str) -> Issued | NoCopy | UnknownTicket:
        """Whoever may fetch the copy gets a receipt, whether or not there is a recording. Within one `visit` the same
        receipt is given again, as long as it would say the same."""
        found = self._copies.find(ticket_id)
        if not isinstance(found, Copy) and (isinstance(found, UnknownTicket) or found.is_over):
            return found
        facts: dict[str, Json] = {"ticket": kind_of(found.ticket)}
        return self._issue(found.call, language, rules_url, f"{ticket_id}:{visit}", facts, {})

    def for_staff(self, call: CallRecord, by: str, language: str, rules_url: str) -> Issued:
        """To be printed, for who has no internet; each time is a receipt of its own."""
        occasion = f"{call.call_id}:{STAFF}:{uuid4().hex}"
        return self._issue(call, language, rules_url, occasion, {"ticket": STAFF}, {"by": by})

    def _issue(
        self,
        call: CallRecord,
        language: str,
        rules_url: str,
        occasion: str,
        facts: Mapping[str, Json],
        personal: Mapping[str, str],
    ) -> Issued:
        with self._database.transaction() as unit:
            evidence = unit.evidence.of_call(call.call_id)
            receipt = self._receipt(unit, call.call_id, evidence, language, rules_url)
            digest = hashlib.sha256(canonical_json(content_of(receipt))).hexdigest()
            number = _find_issue(evidence, occasion, digest)
            if number is None:
                number = self._log(unit, call.call_id, occasion, facts, {**personal, CONTENT: digest})
        return self._prove(receipt, number)

    def _receipt(self, unit: Unit, call_id: str, evidence: CallEvidence, language: str, rules_url: str) -> Receipt:
        """As the call is at this moment."""
        call = unit.calls.get(call_id)
        policy = self._agencies.by_digest(call.agency, call.policy_digest)
        recording = unit.recordings.find_for_call(call_id)
        return receipt_of(call, policy, recording, evidence.entries, language, rules_url)

    def _log(
        self, unit: Unit, call_id: str, occasion: str, facts: Mapping[str, Json], personal: Mapping[str, str]
    ) -> int:
        receipt_id = str(uuid4())
        event_id = f"{occasion}:{ISSUED}:{receipt_id}"
        facts = {**facts, "receipt": receipt_id}
        return unit.log.append(NewEntry(call_id, event_id, ISSUED, self._clock.now(), facts, personal)).number

    def _prove(self, receipt: Receipt, number: int) -> Issued:
        """`number` is the entry about the receipt."""
        evidence, checkpoint = self._sealed(receipt.call.call_id, number)
        issue = next(shown for shown in _issues(evidence) if shown.entry.number == number)
        note = evidence.note or ""
        proofs = {
            shown.entry.number: TlogProof(shown.entry.number, evidence.proofs[shown.entry.number] or (), note)
            for shown in (issue, *receipt.events)
        }
        return Issued(receipt, str(issue.entry.facts["receipt"]), issue, proofs, checkpoint, self._keys)

    def _sealed(self, call_id: str, number: int) -> tuple[CallEvidence, Checkpoint]:
        """The call's evidence, and the checkpoint that covers this entry and all before it."""
        evidence = self._evidence(call_id)
        if number not in evidence.proofs:
            self._seal()
            evidence = self._evidence(call_id)
        verdict = verify_call(evidence, self._keys)
        if verdict.faults or verdict.checkpoint is None:
            found = ", ".join(f"{fault.number} {fault.problem}" for fault in verdict.faults) or verdict.seal
            raise LogBroken(f"what is kept of the call is not what was written: {found}")
        return evidence, verdict.checkpoint

    def _evidence(self, call_id: str) -> CallEvidence:
        with self._database.reading() as unit:
            return unit.evidence.of_call(call_id)


def _issues(evidence: CallEvidence) -> list[Shown]:
    """The entries about receipts."""
    return [
        shown_of(stored, frozenset({CONTENT}))
        for stored in evidence.entries
        if stored.columns is not None and stored.columns.tag == ISSUED
    ]


def _find_issue(evidence: CallEvidence, occasion: str, digest: str) -> int | None:
    """Where the log says that on this occasion a receipt was given that said the same."""
    for shown in reversed(_issues(evidence)):
        if shown.entry.event_id.startswith(f"{occasion}:{ISSUED}:") and CONTENT in shown.personal:
            _, said = shown.personal[CONTENT]
            if said == digest:
                return shown.entry.number
    return None
