"""A seekable reader over a place that gives stretches of bytes, each at the price of a request."""

from collections.abc import Callable

from storage.recordings.seekable import SeekableReader

LEAST_AHEAD_BYTES = 128 * 1024
MOST_AHEAD_BYTES = 4 * 1024 * 1024

Fetch = Callable[[int, int], bytes]
"""(from, up to) -> exactly those bytes."""


class RangedReader(SeekableReader):
    """Reads ahead, and twice as far each time that reading went on where it was: a jump stays cheap, and a long stretch
    takes few requests. Whatever `fetch` raises passes through.
    """

    def __init__(self, fetch: Fetch, size_bytes: int) -> None:
        super().__init__(size_bytes)
        self._fetch = fetch
        self._ahead = LEAST_AHEAD_BYTES // 2
        self._window, self._window_at = b"", 0

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # typeshed's Buffer has no length
        piece = self.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)

    def read(self, size: int = -1, /) -> bytes:
        """All that is asked for, unless the end comes first."""
        end = self._size if size < 0 else min(self._size, self._at + size)
        if self._at >= end:
            return b""
        if not self._window_at <= self._at <= end <= self._window_end:
            goes_on = self._window_at < self._at <= self._window_end or self._at == 0
            self._ahead = min(2 * self._ahead, MOST_AHEAD_BYTES) if goes_on else LEAST_AHEAD_BYTES
            self._window = self._fetch(self._at, min(self._size, max(end, self._at + self._ahead)))
            self._window_at = self._at
        start = self._at - self._window_at
        self._at = end
        return self._window[start : end - self._window_at]

    @property
    def _window_end(self) -> int:
        return self._window_at + len(self._window)
