"""Appending to the consent log: a number that is durable when the transaction commits, or an error."""

import os
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, true, update
from sqlalchemy.dialects import postgresql

from storage.call_words import SqlCallWords
from storage.consent_log.chain import HASH_BYTES, Frontier, leaf_hash
from storage.consent_log.entry import NONCE_BYTES, Entry, normal_object, normal_text, parse_entry, personal_digest
from storage.consent_log.tags import Tag
from storage.dialects import insert_new
from storage.errors import LogBroken
from storage.records import LoggedEntry, NewEntry
from storage.tables import checkpoints, log_entries, log_head, log_personal

LOCK_HEAD = select(log_head.c.size, log_head.c.peaks).with_for_update()
LAST_OF_CALL = (
    select(log_entries.c.call_number, log_entries.c.subtrees)
    .where(log_entries.c.call_id == bindparam("call"))
    .order_by(log_entries.c.call_number.desc())
    .limit(1)
    .subquery("last")
)
KNOWN_EVENT = select(log_entries.c.number).where(log_entries.c.event_id == bindparam("event")).scalar_subquery()
HEAD_AND_LAST = select(
    log_head.c.size, log_head.c.peaks, LAST_OF_CALL.c.call_number, LAST_OF_CALL.c.subtrees, KNOWN_EVENT.label("known")
).select_from(log_head.outerjoin(LAST_OF_CALL, true()))
LAST_CHECKPOINT = select(checkpoints.c.note).order_by(checkpoints.c.size.desc()).limit(1)
MOVE_HEAD = (
    update(log_head)
    .where(log_head.c.size == bindparam("number"))
    .values(size=bindparam("number") + 1, peaks=bindparam("peaks"))
)
ADD_PERSONAL = insert(log_personal)


def _move_and_add() -> Select[tuple[int, int]]:
    """Head and entry in one statement, for PostgreSQL, where each costs a round trip; how many rows each changed."""
    moved = MOVE_HEAD.returning(log_head.c.id).cte("moved")
    row = select(*(bindparam(column.name, type_=column.type) for column in log_entries.c)).select_from(moved)
    add = postgresql.insert(log_entries).from_select(list(log_entries.c), row).on_conflict_do_nothing()
    added = add.returning(log_entries.c.number).cte("added")
    return select(
        select(func.count()).select_from(moved).scalar_subquery().label("moved"),
        select(func.count()).select_from(added).scalar_subquery().label("added"),
    )


MOVE_AND_ADD = _move_and_add()


class SqlConsentLog:
    def __init__(self, connection: Connection, follow: Callable[[LoggedEntry], None] | None = None) -> None:
        """`follow` is told of each entry that was appended, in the transaction that commits it."""
        self._connection = connection
        self._follow = follow
        self._words = SqlCallWords(connection)

    def append(self, entry: NewEntry) -> LoggedEntry:
        """Add one entry inside the running transaction; durable when that commits.

        The number is the log's size: the head is moved on only from the size that was read, and stays locked as long as
        the transaction lasts; a sequence would leave gaps after a roll-back. An event_id that is there already changes
        nothing and gives the entry that is there. Raises `ValueError` for a tag outside `Tag` and for values that RFC
        8785 or the database cannot keep exactly.
        """
        personal = {normal_text(name): normal_text(value) for name, value in entry.personal.items()}
        nonces = {name: os.urandom(NONCE_BYTES) for name in personal}
        digests = {name: personal_digest(nonces[name], value) for name, value in personal.items()}
        keys = {"call": normal_text(entry.call_id), "event": normal_text(entry.event_id)}
        last = self._read(HEAD_AND_LAST, keys)
        while last.known is None:
            written = _following(last, entry, keys, digests)
            if leaf := self._write(written, _frontier(last)):
                break
            # Somebody else appended in the meantime, which SQLite's lock on the whole database rules out. Who waits
            # for the head's lock is next; a statement after that sees what the one who held it committed.
            self._connection.execute(LOCK_HEAD)
            last = self._read(HEAD_AND_LAST, keys)
        else:
            return self._get_event(keys["event"])
        if personal:
            self._connection.execute(
                ADD_PERSONAL,
                [
                    {"number": written.number, "name": name, "nonce": nonces[name], "value": value}
                    for name, value in personal.items()
                ],
            )
        logged = written.logged(leaf.hex(), personal)
        self._words.add(logged)
        if self._follow is not None:
            self._follow(logged)
        return logged

    def _write(self, written: Entry, tree: Frontier) -> bytes | None:
        """The leaf hash; None where the tree is not the one that was read. Raises `LogBroken`."""
        body = written.canonical()
        grown, completed = tree.append(leaf_hash(body))
        head = {"number": written.number, "peaks": b"".join(grown.peaks)}
        row = {
            "number": written.number,
            "call_id": written.call_id,
            "call_number": written.call_number,
            "event_id": written.event_id,
            "tag": written.tag,
            "occurred_at": written.occurred_at,
            "body": body.decode(),
            "subtrees": b"".join(completed),
        }
        if self._connection.dialect.name == "postgresql":
            changed = self._connection.execute(MOVE_AND_ADD, row | head).one()
            moved, added = changed.moved, changed.added
        else:
            moved = self._connection.execute(MOVE_HEAD, head).rowcount
            added = insert_new(self._connection, log_entries, row)
        if moved and not added:
            raise LogBroken("the log holds more entries than its head says")
        return completed[0] if moved else None

    def list_call(self, call_id: str) -> Sequence[LoggedEntry]:
        """A call's entries in order; `personal` holds the values that are not erased."""
        return self._list(select(log_entries).where(log_entries.c.call_id == call_id).order_by(log_entries.c.number))

    def find_event(self, event_id: str) -> LoggedEntry | None:
        """The entry that was appended under this id."""
        entries = self._list(select(log_entries).where(log_entries.c.event_id == normal_text(event_id)))
        return entries[0] if entries else None

    def erase_personal(self, numbers: Sequence[int]) -> int:
        """Destroy the personal values beside these entries (AVG art. 17); gives how many. The chain stays whole, and
        nobody finds a call by their words any more."""
        count = self._connection.execute(delete(log_personal).where(log_personal.c.number.in_(numbers))).rowcount
        of_calls = select(log_entries.c.call_id).where(log_entries.c.number.in_(numbers)).distinct()
        for call_id in self._connection.execute(of_calls).scalars().all():
            self._words.replace(call_id, self.list_call(call_id))
        return count

    def lock_head(self) -> Frontier:
        """The log's size and peaks; nobody else appends until this transaction ends. Raises `LogBroken`."""
        return _frontier(self._read(LOCK_HEAD, {}))

    def subtree_at(self, level: int, index: int) -> bytes:
        """The hash of a perfect subtree: it stands with the last of its leaves, which completed it."""
        last_leaf = ((index + 1) << level) - 1
        subtrees = self._connection.execute(
            select(log_entries.c.subtrees).where(log_entries.c.number == last_leaf)
        ).scalar()
        if subtrees is None or len(subtrees) < (level + 1) * HASH_BYTES:
            raise LogBroken(f"entry {last_leaf} is missing or has lost its hashes")
        return bytes(subtrees[level * HASH_BYTES : (level + 1) * HASH_BYTES])

    def find_last_checkpoint(self) -> str | None:
        """The signed note of the largest head so far."""
        return self._connection.execute(LAST_CHECKPOINT).scalar()

    def add_checkpoint(self, size: int, note: str, at: datetime) -> None:
        """Raises `ConstraintBroken` for a second note of one size: two histories must never both be signed."""
        self._connection.execute(insert(checkpoints).values(size=size, note=note, sealed_at=at))

    def _read(self, statement: Select[tuple[object, ...]], given: Mapping[str, str]) -> Row[tuple[object, ...]]:
        row = self._connection.execute(statement, given).first()
        if row is None:
            raise LogBroken("the log has lost its head")
        return row

    def _get_event(self, event_id: str) -> LoggedEntry:
        entry = self.find_event(event_id)
        if entry is None:
            raise LogBroken("the log holds more entries than its head says")
        return entry

    def _list(self, statement: Select[tuple[object, ...]]) -> list[LoggedEntry]:
        rows = self._connection.execute(statement).all()
        numbers = [row.number for row in rows]
        personal: dict[int, dict[str, str]] = defaultdict(dict)
        for value in self._connection.execute(select(log_personal).where(log_personal.c.number.in_(numbers))):
            personal[value.number][value.name] = value.value
        return [logged_entry(row, personal[row.number]) for row in rows]


def _following(
    last: Row[tuple[object, ...]], entry: NewEntry, keys: Mapping[str, str], digests: Mapping[str, str]
) -> Entry:
    """The entry that comes after what `HEAD_AND_LAST` found."""
    return Entry(
        number=last.size,
        call_id=keys["call"],
        call_number=0 if last.call_number is None else last.call_number + 1,
        event_id=keys["event"],
        tag=Tag(entry.tag),
        occurred_at=entry.occurred_at,
        facts=normal_object(entry.facts),
        personal=digests,
        previous=None if last.subtrees is None else last.subtrees[:HASH_BYTES].hex(),
    )


def _frontier(head: Row[tuple[object, ...]]) -> Frontier:
    """The tree that the head describes: one peak for each bit of the size. Raises `LogBroken`."""
    tree = Frontier(head.size, split_hashes(head.peaks))
    if len(head.peaks) != HASH_BYTES * tree.size.bit_count():
        raise LogBroken("the log's head is not that of any log")
    return tree


def split_hashes(joined: bytes) -> tuple[bytes, ...]:
    return tuple(joined[at : at + HASH_BYTES] for at in range(0, len(joined), HASH_BYTES))


def logged_entry(row: Row[tuple[object, ...]], personal: Mapping[str, str]) -> LoggedEntry:
    """From the body, which is what the hashes cover; the verifier compares the columns with it. Raises `LogBroken`."""
    try:
        entry = parse_entry(row.body.encode())
    except ValueError as error:
        raise LogBroken(f"entry {row.number}: {error}") from error
    return entry.logged(row.subtrees[:HASH_BYTES].hex(), personal)
