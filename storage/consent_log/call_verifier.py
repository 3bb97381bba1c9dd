"""Checks the entries of one call, without reading the rest of the log (RFC 9162 section 2.1.3.2).

Each entry is what was hashed, follows the one before it, and is among those that the last checkpoint signed. What it
cannot find is a last entry that somebody took away long after the others: that takes the verification of the whole
log. It shares with whoever gathers the evidence nothing but the hashes and the form of an entry.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from storage.consent_log.chain import HASH_BYTES, leaf_hash, verify_inclusion
from storage.consent_log.checkpoint import Checkpoint, NoteKey, open_checkpoint
from storage.consent_log.entry import Entry, parse_entry
from storage.consent_log.verifier import Columns, StoredEntry, column_problems, personal_problems
from storage.errors import LogBroken


class Problem(StrEnum):
    """What is wrong with an entry."""

    UNREADABLE = "unreadable"
    CHANGED = "changed"
    COLUMNS = "columns"
    PERSONAL = "personal"
    LINK = "link"
    MISSING = "missing"
    UNPROVEN = "unproven"
    NOT_SIGNED = "not-signed"


class Seal(StrEnum):
    """What the last checkpoint is worth."""

    GOOD = "good"
    NONE = "none"
    FALSE = "false"
    BEYOND = "beyond"


@dataclass(frozen=True, slots=True)
class CallFault:
    """`number` is the entry's in the whole log; None where no entry can be named."""

    number: int | None
    problem: Problem


@dataclass(frozen=True, slots=True)
class CallEvidence:
    """What is stored of one call, as found in one moment.

    `entries` stand in the order of their numbers. `missing` are numbers close after one of these at which the log has
    no entry, of this call or another. `size` is the log's. `note` is the last signed checkpoint, and `proofs` has for
    each entry that it covers the path to its root, None where the hashes for it are gone.
    """

    entries: tuple[StoredEntry, ...]
    missing: tuple[int, ...]
    size: int
    note: str | None
    proofs: Mapping[int, tuple[bytes, ...] | None] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallVerdict:
    """`included` entries are covered by the checkpoint's signature, `waiting` ones are younger than it.

    `personal` counts the personal values that are as they were written, `erased` those that are gone. `checkpoint` is
    None unless `seal` is GOOD. `faults` stand in the order of the entries.
    """

    entries: int
    included: int
    waiting: int
    personal: int
    erased: int
    seal: Seal
    checkpoint: Checkpoint | None
    faults: tuple[CallFault, ...]


def verify_call(evidence: CallEvidence, keys: Sequence[NoteKey]) -> CallVerdict:
    """Check what was gathered of one call."""
    seal, checkpoint = _open_seal(evidence, keys)
    audit = _CallAudit(checkpoint, evidence.proofs)
    for stored in evidence.entries:
        audit.check(stored)
    missing = [CallFault(number, Problem.MISSING) for number in evidence.missing]
    if not evidence.entries:
        missing.append(CallFault(None, Problem.MISSING))
    faults = dict.fromkeys([*audit.faults, *missing])  # an entry can be missing by its number and by its call's
    return CallVerdict(
        entries=len(evidence.entries),
        included=audit.included,
        waiting=audit.waiting,
        personal=audit.personal,
        erased=audit.erased,
        seal=seal,
        checkpoint=checkpoint,
        faults=tuple(sorted(faults, key=lambda fault: -1 if fault.number is None else fault.number)),
    )


def _open_seal(evidence: CallEvidence, keys: Sequence[NoteKey]) -> tuple[Seal, Checkpoint | None]:
    if evidence.note is None:
        return Seal.NONE, None
    try:
        checkpoint = open_checkpoint(evidence.note, keys)
    except LogBroken:
        return Seal.FALSE, None
    return (Seal.BEYOND, None) if checkpoint.size > evidence.size else (Seal.GOOD, checkpoint)


class _Last(NamedTuple):
    """The entry before."""

    number: int
    call_number: int
    leaf: bytes


class _CallAudit:
    def __init__(self, checkpoint: Checkpoint | None, proofs: Mapping[int, tuple[bytes, ...] | None]) -> None:
        self.faults: list[CallFault] = []
        self.included = self.waiting = self.personal = self.erased = 0
        self._checkpoint = checkpoint
        self._proofs = proofs
        self._last: _Last | None = None

    def check(self, stored: StoredEntry) -> None:
        columns = stored.columns
        if columns is None:
            raise ValueError("an entry as the database has it is needed")
        leaf = leaf_hash(stored.body)
        problems = list(self._problems(stored, columns, leaf))
        self.faults += [CallFault(columns.number, problem) for problem in dict.fromkeys(problems)]
        self._last = _Last(columns.number, columns.call_number, leaf)

    def _problems(self, stored: StoredEntry, columns: Columns, leaf: bytes) -> Iterator[Problem]:
        if (stored.subtrees or b"")[:HASH_BYTES] != leaf:
            yield Problem.CHANGED
        try:
            entry = parse_entry(stored.body)
        except ValueError:
            yield Problem.UNREADABLE
        else:
            if any(column_problems(entry, columns)):
                yield Problem.COLUMNS
            self._check_link(entry, columns)
            yield from self._check_personal(entry, stored.personal or {})
        yield from self._check_inclusion(columns.number, leaf)

    def _check_link(self, entry: Entry, columns: Columns) -> None:
        """It is the entry before that was changed, or is missing."""
        expected = 0 if self._last is None else self._last.call_number + 1
        if columns.call_number != expected:
            self.faults.append(CallFault(columns.number, Problem.LINK))
        elif entry.previous != (None if self._last is None else self._last.leaf.hex()):
            self.faults.append(CallFault(columns.number if self._last is None else self._last.number, Problem.LINK))

    def _check_personal(self, entry: Entry, personal: Mapping[str, tuple[bytes, str]]) -> Iterator[Problem]:
        if any(personal_problems(entry, personal)):
            yield Problem.PERSONAL
            return
        self.personal += len(personal)
        self.erased += len(entry.personal) - len(personal)

    def _check_inclusion(self, number: int, leaf: bytes) -> Iterator[Problem]:
        if self._checkpoint is None:
            return
        if number >= self._checkpoint.size:
            self.waiting += 1
            return
        proof = self._proofs.get(number)
        if proof is None:
            yield Problem.UNPROVEN
        elif verify_inclusion(number, self._checkpoint.size, leaf, self._checkpoint.root, proof):
            self.included += 1
        else:
            yield Problem.NOT_SIGNED
