"""Giving receipts: each is an entry of the log first, then the log is signed, then the receipt can prove itself."""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import uuid4

from ivr.calls.agencies import Agencies
from ivr.calls.copies import Copy, CopyService, NoCopy, UnknownTicket
from ivr.calls.proving import read_evidence
from ivr.calls.receipt import Receipt, Shown, content_of, receipt_of, shown_of
from ivr.calls.receipt_file import CONTENT, Issued
from ivr.calls.tickets import kind_of
from ivr.dialogue.effects import PromptKey
from ivr.dialogue.farewell import needs_code
from ivr.dialogue.states import Dialogue
from ivr.ports import Clock, Database, Unit
from storage.consent_log.call_verifier import CallEvidence, verify_call
from storage.consent_log.checkpoint import Checkpoint, NoteKey
from storage.consent_log.entry import canonical_json
from storage.consent_log.tlog_proof import TlogProof
from storage.errors import LogBroken
from storage.records import CallRecord, Json, LoggedEntry, NewEntry

ISSUED = "copy:receipt"
STAFF = "staff"
CODES = (PromptKey.COPY_CODE, PromptKey.RECEIPT_CODE)
"""What is said of a code that opens the receipt."""

SAME_WITHIN = timedelta(days=1)
"""So long a receipt that would say the same is not a new one: it is asked for again where it could not be signed."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """On which a receipt is given, to whom, and what its entry says of that; `personal` values stand beside the log."""

    name: str
    facts: Mapping[str, Json]
    personal: Mapping[str, str]

    @property
    def event_id(self) -> str:
        """What the event ids of its receipts begin with."""
        return f"{self.name}:{ISSUED}:"


def lacks_receipt(dialogue: Dialogue, entries: Sequence[LoggedEntry]) -> bool:
    """The caller was refused and can have no link by SMS, and no code was read to its end: staff have to help (R7).

    `entries` are the call's. Who was given a receipt since, in whatever way, lacks none.
    """
    return needs_code(dialogue) and not any(
        entry.tag == ISSUED or (entry.tag == "prompt:played" and entry.facts.get("key") in CODES) for entry in entries
    )


class ReceiptService:
    """Gives receipts of calls. `seal` signs the head of the log, or raises `NotYetSigned`; `keys` are those that its
    signatures are checked with.

    All methods raise `LogBroken` where what is kept of the call is not what was written: there is nothing to prove;
    and `NotYetSigned`: the next try gives the receipt that was logged now.
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
        occasion = Occasion(f"{ticket_id}:{visit}", {"ticket": kind_of(found.ticket).value}, {})
        return self._issue(found.call, language, rules_url, occasion)

    def for_staff(self, call: CallRecord, by: str, language: str, rules_url: str) -> Issued:
        """To be printed, for who has no internet. What the same person prints again within a day is the same receipt,
        as long as it would say the same."""
        occasion = Occasion(f"{call.call_id}:{STAFF}", {"ticket": STAFF}, {"by": by})
        return self._issue(call, language, rules_url, occasion)

    def _issue(self, call: CallRecord, language: str, rules_url: str, occasion: Occasion) -> Issued:
        with self._database.transaction() as unit:
            evidence = unit.evidence.of_call(call.call_id)
            receipt = self._receipt(unit, call.call_id, evidence, language, rules_url)
            digest = hashlib.sha256(canonical_json(content_of(receipt))).hexdigest()
            number = _logged(unit, call.call_id, evidence, occasion, digest, self._clock.now())
        return self._prove(receipt, number)

    def _receipt(self, unit: Unit, call_id: str, evidence: CallEvidence, language: str, rules_url: str) -> Receipt:
        """As the call is at this moment."""
        call = unit.calls.get(call_id)
        policy = self._agencies.by_digest(call.agency, call.policy_digest)
        recording = unit.recordings.find_for_call(call_id)
        return receipt_of(call, policy, recording, evidence.entries, language, rules_url)

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
        evidence = read_evidence(self._database, call_id)
        if number not in evidence.proofs:
            self._seal()
            evidence = read_evidence(self._database, call_id)
        verdict = verify_call(evidence, self._keys)
        if verdict.faults or verdict.checkpoint is None:
            found = ", ".join(f"{fault.number} {fault.problem}" for fault in verdict.faults) or verdict.seal
            raise LogBroken(f"what is kept of the call is not what was written: {found}")
        return evidence, verdict.checkpoint


def _issues(evidence: CallEvidence, personal: frozenset[str] = frozenset({CONTENT})) -> list[Shown]:
    """The entries about receipts, with these personal values."""
    return [
        shown_of(stored, personal)
        for stored in evidence.entries
        if stored.columns is not None and stored.columns.tag == ISSUED
    ]


def _logged(unit: Unit, call_id: str, evidence: CallEvidence, occasion: Occasion, digest: str, now: datetime) -> int:
    """The number of the entry about a receipt that says this, on this occasion: the one that is there, or a new one.

    Whoever asks for the same at the same moment comes to the same event id, and so to the same entry.
    """
    said = {**occasion.personal, CONTENT: digest}
    before = [
        shown for shown in _issues(evidence, frozenset(said)) if shown.entry.event_id.startswith(occasion.event_id)
    ]
    for shown in reversed(before):
        is_same = {name: value for name, (_, value) in shown.personal.items()} == said
        if is_same and shown.entry.occurred_at >= now - SAME_WITHIN:
            return shown.entry.number
    place = len(before)
    while True:
        facts = {**occasion.facts, "receipt": str(uuid4())}
        event_id = f"{occasion.event_id}{place}"
        entry = unit.log.append(NewEntry(call_id, event_id, ISSUED, now, facts, said))
        if entry.personal == said:
            return entry.number
        place += 1
