"""Gathering the evidence of one call: its entries as stored, and for each the path to the last signed root.

A path is read in O(log n): `subtree_at` finds a subtree's hash with the leaf that completed it.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from functools import cache

from sqlalchemy import Connection, select

from storage.consent_log.call_verifier import CallEvidence
from storage.consent_log.chain import SubtreeAt, consistency_proof, inclusion_proof
from storage.consent_log.sql_log import SqlConsentLog
from storage.consent_log.verifier import Columns, StoredEntry
from storage.errors import LogBroken
from storage.tables import checkpoints, log_entries, log_head, log_personal

NEAR = 200
"""A call's entries follow each other within seconds; so far after each of them, gaps in the log are looked for."""


class SqlLogEvidence:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of_call(self, call_id: str) -> CallEvidence:
        """What is stored of a call, right or wrong; nothing is judged here."""
        entries = tuple(self._entries(call_id))
        numbers = [entry.columns.number for entry in entries if entry.columns is not None]
        size = self._connection.execute(select(log_head.c.size)).scalar_one()
        last = self._connection.execute(select(checkpoints).order_by(checkpoints.c.size.desc()).limit(1)).first()
        subtree_at = cache(SqlConsentLog(self._connection).subtree_at)
        return CallEvidence(
            entries=entries,
            missing=tuple(self._gaps(numbers, size)),
            size=size,
            note=None if last is None else last.note,
            proofs={}
            if last is None
            else {number: _path(number, last.size, subtree_at) for number in numbers if number < last.size},
        )

    def find_call(self, number: int) -> str | None:
        """Whose entry bears this number."""
        return self._connection.execute(select(log_entries.c.call_id).where(log_entries.c.number == number)).scalar()

    def prove_growth(self, old_size: int, size: int) -> Sequence[bytes]:
        """Raises `LogBroken` where entries are missing, `ValueError` unless 0 <= old_size <= size."""
        return consistency_proof(old_size, size, SqlConsentLog(self._connection).subtree_at)

    def _entries(self, call_id: str) -> Iterator[StoredEntry]:
        of_call = log_entries.c.call_id == call_id
        personal: dict[int, dict[str, tuple[bytes, str]]] = defaultdict(dict)
        beside = select(log_personal).join(log_entries, log_entries.c.number == log_personal.c.number).where(of_call)
        for value in self._connection.execute(beside):
            personal[value.number][value.name] = (value.nonce, value.value)
        for row in self._connection.execute(select(log_entries).where(of_call).order_by(log_entries.c.number)):
            columns = Columns(row.number, row.call_id, row.call_number, row.event_id, row.tag, row.occurred_at)
            yield StoredEntry(row.body.encode(), columns, row.subtrees, personal[row.number])

    def _gaps(self, numbers: Sequence[int], size: int) -> Iterator[int]:
        """Numbers without an entry, from each of these on."""
        for start, end in _stretches(numbers, size):
            in_stretch = (log_entries.c.number >= start) & (log_entries.c.number < end)
            found = set(self._connection.execute(select(log_entries.c.number).where(in_stretch)).scalars())
            yield from (number for number in range(start, end) if number not in found)


def _stretches(numbers: Sequence[int], size: int) -> Iterator[tuple[int, int]]:
    """The neighbourhoods of ascending numbers, as few and long as possible."""
    start = end = 0
    for number in numbers:
        if number > end:
            yield start, end
            start = number
        end = max(end, min(number + NEAR + 1, size))
    yield start, end


def _path(number: int, size: int, subtree_at: SubtreeAt) -> tuple[bytes, ...] | None:
    try:
        return tuple(inclusion_proof(number, size, subtree_at))
    except LogBroken:
        return None
