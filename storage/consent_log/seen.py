"""PURE. Which texts were there before, in little memory: a log has as many event ids as entries."""

from hashlib import sha256

MARK_BYTES = 16
"""Of the SHA-256 of a text: no two texts with the same mark are known or can be made."""

FREE = bytes(MARK_BYTES)
FEWEST_SLOTS = 1024


class Seen:
    """An open-addressed table: 16 bytes a slot, between one and two thirds of them taken."""

    def __init__(self) -> None:
        self._slots = bytearray(FEWEST_SLOTS * MARK_BYTES)
        self._taken = 0

    def add(self, text: str) -> bool:
        """False where it was added before."""
        mark = sha256(text.encode()).digest()[:MARK_BYTES]
        at = self._find(mark)
        if self._slots[at : at + MARK_BYTES] == mark:
            return False
        self._slots[at : at + MARK_BYTES] = mark
        self._taken += 1
        if 3 * self._taken * MARK_BYTES > 2 * len(self._slots):
            self._grow()
        return True

    def _find(self, mark: bytes) -> int:
        """Where it stands, or else the free slot where it belongs."""
        slots = self._slots
        at = int.from_bytes(mark[:8]) * MARK_BYTES % len(slots)
        while (found := slots[at : at + MARK_BYTES]) != FREE and found != mark:
            at = (at + MARK_BYTES) % len(slots)
        return at

    def _grow(self) -> None:
        smaller = self._slots
        self._slots = bytearray(2 * len(smaller))
        for start in range(0, len(smaller), MARK_BYTES):
            mark = bytes(smaller[start : start + MARK_BYTES])
            if mark != FREE:
                at = self._find(mark)
                self._slots[at : at + MARK_BYTES] = mark
