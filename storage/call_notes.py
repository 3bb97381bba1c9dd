"""What staff wrote beside a call. Not evidence: it stands outside the consent log and can be erased."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, delete, select

from storage.dialects import insert_new
from storage.records import CallNote
from storage.tables import call_notes


class SqlCallNotes:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, note: CallNote) -> bool:
        """False where the note's id is there already. Raises `ConstraintBroken` for an unknown call."""
        return insert_new(self._connection, call_notes, asdict(note))

    def list_call(self, call_id: str) -> Sequence[CallNote]:
        """The oldest first."""
        of_call = select(call_notes).where(call_notes.c.call_id == call_id)
        in_order = of_call.order_by(call_notes.c.at, call_notes.c.note_id)
        return [CallNote(**row._mapping) for row in self._connection.execute(in_order)]

    def erase_call(self, call_id: str) -> int:
        """Destroy all notes on a call; gives how many."""
        return self._connection.execute(delete(call_notes).where(call_notes.c.call_id == call_id)).rowcount
