"""Checks a consent log from its entries alone; shares only entry.py and chain.py with the writer.

What it finds: an entry that was changed, dropped, added, swapped, re-numbered or back-dated; a personal value that was
changed; a head or a signed checkpoint that is not of these entries. It goes on after a fault, so as to name them all.
"""

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from storage.consent_log.chain import HASH_BYTES, Frontier, leaf_hash
from storage.consent_log.checkpoint import Checkpoint, NoteKey, open_checkpoint
from storage.consent_log.entry import Entry, parse_entry, personal_digest
from storage.consent_log.seen import Seen
from storage.errors import LogBroken

MOST_FAULTS = 100
MOST_SHOWN = 80
CLOCK_STEP = timedelta(hours=1)
"""A clock may be put back by so much without any harm."""

SIZE = re.compile(r"[^\n]*\n([0-9]{1,18})\n")


class Columns(NamedTuple):
    """What the database repeats beside the body for searching."""

    number: int
    call_id: str
    call_number: int
    event_id: str
    tag: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as found. An export has the body only.

    `personal` is name -> (nonce, value) of what is not erased, None where personal values are not at hand.
    """

    body: bytes
    columns: Columns | None = None
    subtrees: bytes | None = None
    personal: Mapping[str, tuple[bytes, str]] | None = None


@dataclass(frozen=True, slots=True)
class StoredNote:
    """A signed checkpoint as found. An export has the note only; the rest stands beside it in the database."""

    note: str
    size: int | None = None
    sealed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """`number` is the first entry that it concerns; None where it is about the head or a checkpoint as a whole."""

    number: int | None
    problem: str

    def __str__(self) -> str:
        return self.problem if self.number is None else f"entry {self.number}: {self.problem}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """`sealed_size` entries are covered by a good signature, `erased` counts personal values that are gone.

    `faults` stand in the order of the entries, at most 100 of them.
    """

    size: int
    root: str
    sealed_size: int
    erased: int
    faults: tuple[Fault, ...]

    @property
    def whole(self) -> bool:
        return not self.faults

    @property
    def first(self) -> Fault | None:
        return self.faults[0] if self.faults else None


def verify(
    entries: Iterable[StoredEntry],
    notes: Sequence[StoredNote],
    keys: Sequence[NoteKey],
    head: Frontier | None = None,
    kept: Sequence[str] = (),
) -> Verdict:
    """Check entries in the order of their numbers, once through.

    `notes` are the signed checkpoints that are stored with them, the smallest first where their sizes are stored too;
    `kept` are ones that somebody kept outside; `head` is the one the database holds.
    """
    audit = _Audit()
    stored_heads = audit.open_notes(notes, keys)
    kept_heads = audit.open_notes([StoredNote(note) for note in kept], keys)
    audit.check_kept(stored_heads, kept_heads)
    signed = sorted({*stored_heads, *kept_heads}, key=lambda checkpoint: checkpoint.size, reverse=True)
    audit.check_signed(signed)
    for stored in entries:
        audit.check_entry(stored)
        audit.check_signed(signed)
    audit.check_end(signed, head)
    audit.keep_first_faults()
    return Verdict(audit.tree.size, audit.tree.root().hex(), audit.sealed_size, audit.erased, tuple(audit.faults))


def column_problems(entry: Entry, columns: Columns | None) -> Iterator[str]:
    """What the database repeats beside the body is what the body says."""
    if columns is None:
        return
    written = Columns(entry.number, entry.call_id, entry.call_number, entry.event_id, entry.tag, entry.occurred_at)
    for name, was, now in zip(Columns._fields, written, columns, strict=True):
        if was != now:
            yield f"column {name} says {_shown(str(now))}, the entry {_shown(str(was))}"


def personal_problems(entry: Entry, personal: Mapping[str, tuple[bytes, str]]) -> Iterator[str]:
    """Values that are there are those that were digested; ones that are gone were erased."""
    for name, digest in entry.personal.items():
        if name in personal and personal_digest(*personal[name]) != digest:
            yield f"personal value {_shown(name)} was changed"
    for name in personal.keys() - entry.personal.keys():
        yield f"personal value {_shown(name)} was added"


def _shown(text: str) -> str:
    """What a terminal can show of text that somebody may have forged."""
    return "".join(letter if letter.isprintable() else "?" for letter in text[:MOST_SHOWN])


class _Last(NamedTuple):
    """The last entry of a call."""

    number: int
    call_number: int
    leaf: bytes


class _Audit:
    def __init__(self) -> None:
        self.tree = Frontier()
        self.calls: dict[str, _Last] = {}
        self.events = Seen()
        self.faults: list[Fault] = []
        self.erased = 0
        self._next = 0
        self._sealed = [0]  # sizes of the checkpoints that are of these entries, and of those that are not
        self._unsealed: list[int] = []

    @property
    def sealed_size(self) -> int:
        return self._sealed[-1]

    def open_notes(self, notes: Sequence[StoredNote], keys: Sequence[NoteKey]) -> list[Checkpoint]:
        """The good ones."""
        signed: list[Checkpoint] = []
        sealed_at: datetime | None = None
        for stored in notes:
            try:
                checkpoint = open_checkpoint(stored.note, keys)
            except LogBroken as error:
                size = SIZE.match(stored.note)
                self._checkpoint_fault(size[1] if size else "unknown size", str(error))
                continue
            signed.append(checkpoint)
            if stored.size not in (None, checkpoint.size):
                self._checkpoint_fault(checkpoint.size, f"stored as that of {stored.size} entries")
            if stored.sealed_at and sealed_at and stored.sealed_at + CLOCK_STEP < sealed_at:
                self._checkpoint_fault(checkpoint.size, "dated before a smaller one")
            sealed_at = stored.sealed_at
        return signed

    def check_kept(self, stored: Sequence[Checkpoint], kept: Sequence[Checkpoint]) -> None:
        """Heads are signed in the order of their sizes: with a larger one, each that was kept must be stored too."""
        largest = max((checkpoint.size for checkpoint in stored), default=0)
        for checkpoint in kept:
            if checkpoint.size < largest and checkpoint not in stored:
                self._checkpoint_fault(checkpoint.size, "kept outside, and gone from the log")

    def check_entry(self, stored: StoredEntry) -> None:
        leaf = leaf_hash(stored.body)
        try:
            entry = parse_entry(stored.body)
        except ValueError as error:
            number = self._next if stored.columns is None else stored.columns.number
            self._check_number(number)
            self._fault(number, str(error))
            self._grow(number, leaf, stored.subtrees)
            return
        number = entry.number if stored.columns is None else stored.columns.number
        self._check_number(number)
        self._check_columns(number, entry, stored.columns)
        self._check_event(number, entry)
        self._check_call(number, entry, leaf)
        self._check_personal(number, entry, stored.personal)
        self._grow(number, leaf, stored.subtrees)

    def check_signed(self, signed: list[Checkpoint]) -> None:
        """Compare the checkpoints of exactly the entries read so far, and take them off the list."""
        while signed and signed[-1].size == self.tree.size:
            checkpoint = signed.pop()
            of_these = checkpoint.root == self.tree.root()
            (self._sealed if of_these else self._unsealed).append(checkpoint.size)

    def check_end(self, signed: Sequence[Checkpoint], head: Frontier | None) -> None:
        if signed:
            self._fault(self._next, f"missing: a checkpoint signed {signed[0].size} entries")
        for end in self._unsealed:
            start = self._sealed[max(bisect_left(self._sealed, end) - 1, 0)]
            if not any(fault.number is not None and start <= fault.number < end for fault in self.faults):
                self._fault(start, f"this or one after it is not among the {end} entries that a checkpoint signed")
        if head is None or head == self.tree:
            return
        if head.size > self._next:
            self._fault(self._next, f"missing: the head counts {head.size} entries")
        elif head.size < self._next:
            self._fault(head.size, f"added: the head counts {head.size} entries")
        elif not self.faults:
            self.faults.append(Fault(None, "the head's hashes are not those of the entries"))

    def _check_number(self, number: int) -> None:
        if number > self._next:
            self._fault(self._next, f"missing: the one that follows is {number}")
        elif number < self._next:
            self._fault(number, f"stands where {self._next} should")
        self._next = max(self._next, number + 1)

    def _check_columns(self, number: int, entry: Entry, columns: Columns | None) -> None:
        for problem in column_problems(entry, columns):
            self._fault(number, problem)

    def _check_event(self, number: int, entry: Entry) -> None:
        if not self.events.add(entry.event_id):
            self._fault(number, f"event {_shown(entry.event_id)} is in the log before it already")

    def _check_call(self, number: int, entry: Entry, leaf: bytes) -> None:
        last = self.calls.get(entry.call_id)
        if last is None:
            if entry.call_number != 0 or entry.previous is not None:
                self._fault(number, f"the entries of call {_shown(entry.call_id)} before it are missing")
        elif entry.call_number != last.call_number + 1:
            self._fault(number, f"is number {entry.call_number} of its call, after {last.call_number}")
        elif entry.previous != last.leaf.hex():
            self._fault(last.number, f"is not the one that entry {number} of the same call follows")
        self.calls[entry.call_id] = _Last(number, entry.call_number, leaf)

    def _check_personal(self, number: int, entry: Entry, personal: Mapping[str, tuple[bytes, str]] | None) -> None:
        if personal is None:
            return
        self.erased += len(entry.personal.keys() - personal.keys())
        for problem in personal_problems(entry, personal):
            self._fault(number, problem)

    def _grow(self, number: int, leaf: bytes, subtrees: bytes | None) -> None:
        self.tree, completed = self.tree.append(leaf)
        if subtrees is None or subtrees == b"".join(completed):
            return
        if subtrees[:HASH_BYTES] != leaf:
            self._fault(number, "is not what was hashed when it was written")
        elif not self.faults:  # otherwise the hashes of a changed entry go on changing the trees above it
            self._fault(number, "the hashes stored with it are not those of the entries up to it")

    def _checkpoint_fault(self, size: object, problem: str) -> None:
        self.faults.append(Fault(None, f"checkpoint of {size}: {problem}"))

    def keep_first_faults(self) -> None:
        self.faults.sort(key=lambda fault: (fault.number is None, fault.number or 0))
        del self.faults[MOST_FAULTS:]

    def _fault(self, number: int, problem: str) -> None:
        self.faults.append(Fault(number, problem))
        if len(self.faults) > 10 * MOST_FAULTS:  # a log of which nothing is right must not fill the memory
            self.keep_first_faults()
