"""Notes that staff write beside a call: only added, by whom and when; no part of the consent log."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from ivr.ports import Clock, Database
from storage.records import CallNote

LONGEST_NOTE = 4000


@dataclass(frozen=True, slots=True)
class NoteBook:
    """Safe to share between threads."""

    database: Database
    clock: Clock

    def write(self, call_id: str, author: str, text: str, key: str) -> None:
        """A form's key makes sending it again write nothing more, unless with another text. The text is not empty."""
        note_id = hashlib.sha256("\n".join((call_id, author, key, text)).encode()).hexdigest()
        with self.database.transaction() as unit:
            unit.notes.add(CallNote(note_id, call_id, self.clock.now(), author, text))

    def list_call(self, call_id: str) -> Sequence[CallNote]:
        with self.database.reading() as unit:
            return unit.notes.list_call(call_id)
