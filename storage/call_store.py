"""Calls and their dialogues, with a version number against lost updates."""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime

from sqlalchemy import Connection, Row, delete, func, select, update

from storage.dialects import insert_for, insert_new
from storage.errors import DuplicateCall, UnknownCall, VersionConflict
from storage.holds import is_held
from storage.records import CallRecord
from storage.tables import caller_numbers, calls

WHOSE = (calls.c.agency, calls.c.policy_digest)


class SqlCallStore:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def insert(self, call: CallRecord) -> None:
        """Raises `DuplicateCall` when the call_sid or the call_id is known."""
        if not insert_new(self._connection, calls, asdict(call)):
            raise DuplicateCall(call.call_sid)

    def get(self, call_id: str) -> CallRecord:
        """Raises `UnknownCall`."""
        row = self._connection.execute(select(calls).where(calls.c.call_id == call_id)).first()
        if row is None:
            raise UnknownCall(call_id)
        return _record(row)

    def find_by_sid(self, call_sid: str) -> CallRecord | None:
        row = self._connection.execute(select(calls).where(calls.c.call_sid == call_sid)).first()
        return None if row is None else _record(row)

    def save(self, call: CallRecord) -> CallRecord:
        """Write what a call may change: dialogue, conference, recording and end; gives it back one version higher.

        Raises `VersionConflict` when somebody else moved the call first, `UnknownCall`.
        """
        moved = replace(call, version=call.version + 1)
        statement = (
            update(calls)
            .where(calls.c.call_id == call.call_id, calls.c.version == call.version)
            .values(
                dialogue=moved.dialogue,
                version=moved.version,
                conference_sid=moved.conference_sid,
                recording_sid=moved.recording_sid,
                closed_at=moved.closed_at,
            )
        )
        if self._connection.execute(statement).rowcount == 0:
            stored = self.get(call.call_id)
            raise VersionConflict(f"call {call.call_id} is at version {stored.version}, not {call.version}")
        return moved

    def list_open(self) -> Sequence[CallRecord]:
        """Oldest first."""
        statement = select(calls).where(calls.c.closed_at.is_(None)).order_by(calls.c.opened_at, calls.c.call_id)
        return [_record(row) for row in self._connection.execute(statement)]

    def list_after(self, call_id: str, limit: int) -> Sequence[CallRecord]:
        """All calls page by page, in the order of their ids, from the one after `call_id`; "" comes before all."""
        statement = select(calls).where(calls.c.call_id > call_id).order_by(calls.c.call_id).limit(limit)
        return [_record(row) for row in self._connection.execute(statement)]

    def set_caller_number(self, call_id: str, number_e164: str, number_hash: str | None = None) -> None:
        """Kept in its own deletable row (AVG art. 17), with the keyed hash by which the call is found."""
        values = {"number_e164": number_e164, "number_hash": number_hash}
        statement = insert_for(self._connection.dialect.name, caller_numbers).values(call_id=call_id, **values)
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=[caller_numbers.c.call_id], set_={name: statement.excluded[name] for name in values}
            )
        )

    def find_caller_number(self, call_id: str) -> str | None:
        statement = select(caller_numbers.c.number_e164).where(caller_numbers.c.call_id == call_id)
        return self._connection.execute(statement).scalar()

    def list_with_number(self, agencies: Sequence[str], number_hash: str, limit: int) -> Sequence[CallRecord]:
        """Calls of these agencies from that number, as far as it is still kept; the newest first."""
        statement = (
            select(calls)
            .join(caller_numbers)
            .where(caller_numbers.c.number_hash == number_hash, calls.c.agency.in_(agencies))
            .order_by(calls.c.opened_at.desc(), calls.c.call_id)
            .limit(limit)
        )
        return [_record(row) for row in self._connection.execute(statement)]

    def lock(self, call_id: str) -> None:
        """Nobody else destroys or holds what belongs to this call until the transaction ends. Raises `UnknownCall`."""
        found = select(calls.c.call_id).where(calls.c.call_id == call_id).with_for_update()
        if self._connection.execute(found).first() is None:
            raise UnknownCall(call_id)

    def count_by_profile(self, policy_digest: str, most: int) -> int:
        """How many calls were told by that profile; counts up to `most`."""
        some = select(calls.c.call_id).where(calls.c.policy_digest == policy_digest).limit(most).subquery()
        return self._connection.execute(select(func.count()).select_from(some)).scalar_one()

    def list_profiles_with_numbers(self) -> Sequence[tuple[str, str]]:
        """Agency and digest of the profile of every call whose caller's number is still kept, each pair once."""
        statement = select(calls.c.agency, calls.c.policy_digest).join(caller_numbers).distinct().order_by(*WHOSE)
        return [(row.agency, row.policy_digest) for row in self._connection.execute(statement)]

    def list_ended_with_number(
        self, policy_digest: str, ended_before: datetime, *, held: bool = False
    ) -> Sequence[CallRecord]:
        """Calls under that profile that ended by then and whose caller's number is still kept, oldest first; without
        or with a legal hold."""
        statement = (
            select(calls)
            .join(caller_numbers)
            .where(calls.c.policy_digest == policy_digest, calls.c.closed_at <= ended_before)
            .where(is_held(calls.c.call_id, held=held))
            .order_by(calls.c.closed_at, calls.c.call_id)
        )
        return [_record(row) for row in self._connection.execute(statement)]

    def list_ended_remembered(
        self, policy_digest: str, ended_before: datetime, *, held: bool = False
    ) -> Sequence[CallRecord]:
        """Calls under that profile that ended by then and of which something personal may be kept, oldest first;
        without or with a legal hold."""
        statement = (
            select(calls)
            .where(calls.c.policy_digest == policy_digest, calls.c.closed_at <= ended_before)
            .where(calls.c.forgotten_at.is_(None), is_held(calls.c.call_id, held=held))
            .order_by(calls.c.closed_at, calls.c.call_id)
        )
        return [_record(row) for row in self._connection.execute(statement)]

    def mark_forgotten(self, call_id: str, at: datetime) -> None:
        self._connection.execute(update(calls).where(calls.c.call_id == call_id).values(forgotten_at=at))

    def forget_caller_number(self, call_id: str) -> None:
        self._connection.execute(delete(caller_numbers).where(caller_numbers.c.call_id == call_id))


def _record(row: Row[tuple[object, ...]]) -> CallRecord:
    return CallRecord(**row._mapping)
