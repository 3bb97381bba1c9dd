"""Case files and their entries in the consent log, written together in one transaction."""

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

from config.policy import AgencyPolicy
from ivr.cases.acts import Act, Opening
from ivr.cases.case import Case, Who
from ivr.cases.machine import Place, Step, begin, step
from ivr.cases.profile import terms_of
from ivr.cases.turn import Doing, Note
from ivr.ports import Unit
from ivr.records.holds import NEED_THE_CALL, end_with_case, keep_for_case
from storage.consent_log.entry import NONCE_BYTES, personal_digest
from storage.records import CaseRecord, LoggedEntry, NewEntry

THIRD_PERSON = "third-person:present"


def open_case(
    unit: Unit,
    policy: AgencyPolicy,
    opening: Opening,
    doing: Doing,
    *,
    call_id: str | None = None,
    from_case: str | None = None,
    case_id: str | None = None,
) -> Case:
    """Open a case under a profile, and what comes out of it at once. Raises `NotAllowed`, `DuplicateCase`."""
    place = Place(case_id or uuid4().hex, policy.slug, policy.digest, call_id, from_case)
    begun = begin(place, opening, doing, terms_of(policy))
    unit.policies.keep(policy.digest, policy.slug, policy.version, policy.document, doing.at)
    record = replace(record_of(begun.case, policy), nonce=secrets.token_hex(NONCE_BYTES))
    unit.cases.insert(record)
    log(unit, record, begun.note, doing, "opened")
    if call_id is not None and begun.case.kind in NEED_THE_CALL:
        keep_for_case(unit, begun.case.case_id, call_id, policy.slug, doing.at)
    open_more(unit, policy, begun, doing)
    return begun.case


def move_case(unit: Unit, policy: AgencyPolicy, case: Case, act: Act, doing: Doing, key: str) -> Step:
    """Do one act; `key` names it within the case. Raises `NotAllowed`, `VersionConflict`."""
    moved = step(case, act, doing, terms_of(policy))
    nonce = unit.cases.get(case.case_id).nonce
    saved = unit.cases.save(replace(record_of(moved.case, policy), nonce=nonce))
    log(unit, saved, moved.note, doing, key)
    if saved.call_id is not None and saved.closed_at is not None and saved.kind in NEED_THE_CALL:
        end_with_case(unit, saved.case_id, saved.call_id, doing.at)
    open_more(unit, policy, moved, doing)
    return replace(moved, case=replace(moved.case, version=saved.version))


def open_more(unit: Unit, policy: AgencyPolicy, done: Step, doing: Doing) -> None:
    """Open the cases that come out of this one, under the same profile: whoever acted need not be allowed to."""
    service = replace(doing, role=Who.SYSTEM)
    for opening in done.opens:
        open_case(unit, policy, opening, service, call_id=done.case.call_id, from_case=done.case.case_id)


def log(unit: Unit, record: CaseRecord, note: Note, doing: Doing, key: str) -> None:
    """The entry holds the digest of the file as it is now: who changes the file alone is found out."""
    facts = note.facts | {"document": document_digest(record)}
    chain = record.call_id or record.case_id
    unit.log.append(NewEntry(chain, event_id(record.case_id, key), note.tag, doing.at, facts, note.personal))


def document_digest(record: CaseRecord) -> str:
    """Hex SHA-256, with the file's own nonce: names stand in it too."""
    return personal_digest(bytes.fromhex(record.nonce), record.document)


def event_id(case_id: str, key: str) -> str:
    return f"{case_id}:{key}"


def entries_of(unit: Unit, chain: str, case_id: str) -> Sequence[LoggedEntry]:
    """A case's own entries in the chain that it follows, oldest first."""
    return [entry for entry in unit.log.list_call(chain) if entry.facts.get("case") == case_id]


def third_person_present(unit: Unit, call_id: str | None) -> bool:
    """The consent log says that somebody else took part in the call."""
    return call_id is not None and any(entry.tag == THIRD_PERSON for entry in unit.log.list_call(call_id))


def record_of(case: Case, policy: AgencyPolicy) -> CaseRecord:
    """As stored. How long it is kept after its end, the profile says."""
    kept = timedelta(days=policy.retention.case_days)
    return CaseRecord(
        case_id=case.case_id,
        kind=case.kind,
        agency=case.agency,
        policy_digest=case.policy_digest,
        call_id=case.call_id,
        state=case.state,
        owner=case.owner,
        opened_at=case.opened_at,
        due_at=case.due_at,
        closed_at=case.closed_at,
        destroy_after=None if case.closed_at is None else case.closed_at + kept,
        document=case.to_json(),
        version=case.version,
    )


def case_of(record: CaseRecord) -> Case:
    """Raises `ValueError` for a document that is not a case file."""
    return replace(Case.from_json(record.document), version=record.version)
