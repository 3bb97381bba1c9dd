"""Are the records beside the consent log the ones that it vouches for? Calls, case files, legal holds, agencies'
profiles, files that callers handed in, and what their comparison found.

It names what was changed, swapped, added, back-dated or is gone. What it cannot see: a row and its entries taken away
together, which the check of the log itself names. Notes, users and the search index are no evidence, and no entry
vouches for them; the access trail has seals of its own.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from config.policy import PolicyError
from config.policy_file import parse_policy
from ivr.cases.compared import report_digest
from ivr.cases.writing import case_of, document_digest
from ivr.evidence_ports import RecordEvidence
from ivr.ports import Database
from storage.errors import LogBroken
from storage.oversight import HoldRecord
from storage.records import CallRecord, CaseRecord, LoggedEntry, UploadRow

MOST_FAULTS = 100


@dataclass(frozen=True, slots=True)
class RecordFault:
    """`what` is the sort of thing, `id` names it."""

    what: str
    id: str
    problem: str

    def __str__(self) -> str:
        return f"{self.what} {self.id}: {self.problem}"


class RecordChecker:
    def __init__(self, database: Database) -> None:
        self._database = database

    def check(self) -> Sequence[RecordFault]:
        """At most 100 faults, those of calls first."""
        found: list[RecordFault] = []
        with self._database.reading() as unit:
            evidence = unit.record_evidence
            try:
                for part in (_calls, _cases, _holds, _policies, _uploads, _comparisons):
                    for fault in part(evidence):
                        found.append(fault)
                        if len(found) == MOST_FAULTS:
                            return found
            except LogBroken as broken:
                found.append(RecordFault("log", "", str(broken)))
        return found


def _calls(evidence: RecordEvidence) -> Iterator[RecordFault]:
    for call, opened in evidence.calls():
        for problem in _problems_of_call(call, opened):
            yield RecordFault("call", call.call_id, problem)
    for entry in evidence.calls_without_row():
        yield RecordFault("call", entry.call_id, f"is gone, entry {entry.number} opened it")


def _problems_of_call(call: CallRecord, opened: LoggedEntry | None) -> Iterator[str]:
    if opened is None or opened.tag != "call:opened":
        yield "was added: no entry opened it"
        return
    for field, now in (("agency", call.agency), ("profile_digest", call.policy_digest)):
        if opened.facts.get(field) != now:
            yield f"its {field} is not the one of entry {opened.number}"
    if call.opened_at > opened.occurred_at:
        yield f"its opening was dated later than entry {opened.number}"


def _cases(evidence: RecordEvidence) -> Iterator[RecordFault]:
    for case, entries in evidence.cases():
        for problem in _problems_of_case(case, entries):
            yield RecordFault("case", case.case_id, problem)
    for entry in evidence.cases_without_row():
        yield RecordFault("case", str(entry.facts.get("case")), f"is gone, entry {entry.number} opened it")


def _problems_of_case(case: CaseRecord, entries: Sequence[LoggedEntry]) -> Iterator[str]:
    acts = [entry for entry in entries if "act" in entry.facts]
    if not acts:
        yield "was added: no entry opened it"
        return
    last = acts[-1]
    if case.version != len(acts) - 1:
        yield f"is at version {case.version}, after {len(acts)} entries"
    if last.facts.get("document") != document_digest(case):
        yield f"its document is not the one of entry {last.number}"
        return
    told = case_of(case)
    for field in ("kind", "agency", "policy_digest", "call_id", "state", "owner", "opened_at", "due_at", "closed_at"):
        if getattr(told, field) != getattr(case, field):
            yield f"column {field} is not what the document says"


def _holds(evidence: RecordEvidence) -> Iterator[RecordFault]:
    for hold, entries in evidence.holds():
        for problem in _problems_of_hold(hold, entries):
            yield RecordFault("legal hold", hold.hold_id, problem)
    for entry in evidence.holds_without_row():
        yield RecordFault("legal hold", str(entry.facts.get("hold")), f"is gone, entry {entry.number} placed it")


def _problems_of_hold(hold: HoldRecord, entries: Sequence[LoggedEntry]) -> Iterator[str]:
    tags = {entry.tag: entry for entry in entries}
    placed, released = tags.get("legal-hold:placed"), tags.get("legal-hold:released")
    if placed is None:
        yield "was added: no entry placed it"
        return
    if (placed.call_id, placed.occurred_at, placed.facts.get("agency")) != (
        hold.call_id,
        hold.placed_at,
        hold.agency,
    ):
        yield f"call, time or agency are not those of entry {placed.number}"
    if (released is None) != (hold.released_at is None):
        yield "was released without an entry" if released is None else f"is active, and entry {released.number} ends it"


def _policies(evidence: RecordEvidence) -> Iterator[RecordFault]:
    for kept in evidence.policies():
        try:
            digest = parse_policy(kept.document, kept.slug).digest
        except PolicyError:
            digest = ""
        if digest != kept.digest:
            yield RecordFault("profile", kept.digest, f"the text that is kept of {kept.slug} is another one")


def _uploads(evidence: RecordEvidence) -> Iterator[RecordFault]:
    for upload, kept in evidence.uploads():
        for problem in _problems_of_upload(upload, kept):
            yield RecordFault("file handed in", upload.upload_id, problem)


def _problems_of_upload(upload: UploadRow, kept: LoggedEntry | None) -> Iterator[str]:
    if kept is None:
        yield "was added: no entry says that it was kept"
    elif kept.facts.get("digest") != upload.digest:
        yield f"its digest is not the one of entry {kept.number}"


def _comparisons(evidence: RecordEvidence) -> Iterator[RecordFault]:
    for row, said in evidence.comparisons():
        if said is None:
            yield RecordFault("comparison", row.case_id, "was added: no entry says what was found")
        elif said.facts.get("report_digest") != report_digest(row.report):
            yield RecordFault("comparison", row.case_id, f"its report is not the one of entry {said.number}")
    for entry in evidence.comparisons_without_row():
        yield RecordFault(
            "comparison", str(entry.facts.get("case")), f"its report is gone, entry {entry.number} has it"
        )
