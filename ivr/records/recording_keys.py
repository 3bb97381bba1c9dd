"""Which master key each stored object needs, and moving them all under the current one."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from ivr.evidence_ports import StoredObjects
from storage.errors import ObjectDamaged, ObjectMissing


class Move(StrEnum):
    """CURRENT: it lay under the current key already. FAILED: it stays as it was."""

    MOVED = "moved"
    CURRENT = "current"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Moved:
    object_key: str
    move: Move
    detail: str = ""


class RecordingKeys:
    """All that lies in the store counts: recordings, copies of them, what callers handed in, and parts of that."""

    def __init__(self, store: StoredObjects) -> None:
        self._store = store

    @property
    def current_id(self) -> str:
        return self._store.current_key_id

    def count(self) -> Counter[str]:
        """Objects by the id of the key that opens them, `""` for what is no object of ours; reads headers only."""
        found: Counter[str] = Counter()
        for object_key in self._store.list_keys():
            try:
                found[self._store.key_id(object_key)] += 1
            except (ObjectDamaged, ValueError):
                found[""] += 1
            except ObjectMissing:
                continue  # destroyed meanwhile
        return found

    def move_all(self) -> Iterator[Moved]:
        """May be stopped anywhere and done again; what cannot be moved does not stop the others."""
        for object_key in list(self._store.list_keys()):
            try:
                moved = self._store.rewrap(object_key)
            except (ObjectDamaged, ValueError) as fault:
                yield Moved(object_key, Move.FAILED, str(fault))
            except ObjectMissing:
                continue
            else:
                yield Moved(object_key, Move.MOVED if moved else Move.CURRENT)
