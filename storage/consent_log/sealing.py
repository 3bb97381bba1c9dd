"""Signing the head of the consent log, never one that contradicts the last signed one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from storage.consent_log.checkpoint import Checkpoint, NoteKey, NoteSigner, open_checkpoint
from storage.consent_log.consistency import prove_continues
from storage.consent_log.sql_log import SqlConsentLog


class LogUnit(Protocol):
    """The part of the running transaction that sealing needs."""

    @property
    def log(self) -> SqlConsentLog: ...


def seal(unit: LogUnit, signer: NoteSigner, origin: str, now: datetime, earlier: Sequence[NoteKey] = ()) -> str:
    """Sign the head inside the running transaction, store and give the signed note.

    `earlier` are keys that signed before `signer` took over. The same head is signed once: again gives the same note.
    Raises `LogBroken` where the last signed head is no beginning of this log (an old backup, a rewritten log),
    or is itself not signed by a known key.
    """
    frontier = unit.log.lock_head()
    head = Checkpoint(origin, frontier.size, frontier.root())
    last_note = unit.log.find_last_checkpoint()
    if last_note is not None:
        last = open_checkpoint(last_note, [signer.key, *earlier])
        prove_continues(last, head, unit.log.subtree_at)
        if last.size == head.size:
            return last_note
    note = signer.sign(head.text())
    unit.log.add_checkpoint(head.size, note, now)
    return note
