"""The half of a seekable reader that is the same whatever is read: where it is, and where it may go."""

import io
import os


class SeekableReader(io.RawIOBase):
    """Of `size_bytes` in all. Who inherits reads on from `_at`, and moves it along."""

    def __init__(self, size_bytes: int) -> None:
        super().__init__()
        self._size = size_bytes
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Past the end is allowed, as in a file. Raises `ValueError` for a place before the beginning."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise ValueError("seek before the beginning")
        self._at = base + offset
        return self._at
