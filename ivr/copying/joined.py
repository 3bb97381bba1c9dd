"""A file seen in parts: bytes of one's own before and behind a stretch of another file, none of which is copied."""

import io
from typing import BinaryIO

from storage.recordings.seekable import SeekableReader


class Joined(SeekableReader):
    """A head, `size_bytes` of `file` from `start` on, and a tail; the file stays its owner's to close."""

    def __init__(
        self, head: bytes, file: BinaryIO | io.RawIOBase, start: int, size_bytes: int, tail: bytes = b""
    ) -> None:
        super().__init__(len(head) + size_bytes + len(tail))
        self._head = head
        self._file = file
        self._start = start
        self._stretch = size_bytes
        self._tail = tail

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # typeshed's Buffer has no length
        """Of one part at most."""
        into = self._at - len(self._head)
        behind = into - self._stretch
        if into < 0:
            piece = self._head[self._at : self._at + len(buffer)]
        elif behind < 0:
            self._file.seek(self._start + into)
            piece = self._file.read(min(len(buffer), -behind)) or b""
        else:
            piece = self._tail[behind : behind + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
