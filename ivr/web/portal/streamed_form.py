"""A form with a file that goes on as it comes. Flask's own reader would put the whole file on a disk, in the clear."""

from collections.abc import Iterator
from typing import IO

from werkzeug.exceptions import ClientDisconnected
from werkzeug.sansio.multipart import Data, Epilogue, Field, File, MultipartDecoder, NeedData

PIECE_BYTES = 64 * 1024
LONGEST_FIELD_BYTES = 4096


class BrokenForm(Exception):
    """The form ended early, or is none."""


def pieces_of(stream: IO[bytes]) -> Iterator[bytes]:
    """What comes, until its end; a connection that breaks is an end too."""
    while True:
        try:
            piece = stream.read(PIECE_BYTES)
        except (ClientDisconnected, OSError):
            return
        if not piece:
            return
        yield piece


class StreamedForm:
    """RFC 7578: the fields that come before the first file, and that file's bytes."""

    def __init__(self, stream: IO[bytes], boundary: str) -> None:
        self._pieces = pieces_of(stream)
        self._decoder = MultipartDecoder(boundary.encode("latin-1", "replace"), max_form_memory_size=PIECE_BYTES)

    def fields(self) -> dict[str, str]:
        """Read up to the first file. Raises `BrokenForm` also where there is none."""
        found: dict[str, bytes] = {}
        name = ""
        while True:
            event = self._next()
            if isinstance(event, Field):
                name = event.name or ""
                found[name] = b""
            elif isinstance(event, Data):
                found[name] += event.data
                if len(found[name]) > LONGEST_FIELD_BYTES:
                    raise BrokenForm("a field is too long")
            elif isinstance(event, File):
                return {name: value.decode(errors="replace") for name, value in found.items()}
            elif isinstance(event, Epilogue):
                raise BrokenForm("there is no file")

    def file(self) -> Iterator[bytes]:
        """The file's bytes. Raises `BrokenForm` where they end before the form does."""
        while True:
            event = self._next()
            if not isinstance(event, Data):
                raise BrokenForm("the file is cut off")
            if event.data:
                yield event.data
            if not event.more_data:
                return

    def _next(self) -> object:
        try:
            while isinstance(event := self._decoder.next_event(), NeedData):
                self._decoder.receive_data(next(self._pieces, None))
        except ValueError as fault:
            raise BrokenForm(str(fault)) from fault
        return event
