"""A stored recording seen as a Broadcast Wave file: EBU Tech 3285 version 2, with a `bext` chunk before the sound.

Nothing is copied: the header is made, and the samples are read where they lie. Credentials are added behind it, last.
"""

import io
import os
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from ivr.errors import SpelregelError

PCM = 1
LARGEST_BYTES = 0xFFFF_FFFF
"""Of a RIFF file; more than a day of a telephone call."""

NO_LOUDNESS = 0x7FFF
"""The value for loudness that was not measured (EBU Tech 3285 v2, section 2.3)."""

BEXT = struct.Struct("<256s32s32s10s8sQH64s5H180s")


class NoWave(SpelregelError):
    """Not a WAV file with 16-bit samples, or cut short."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where bytes lie in a file."""

    start: int
    length: int


@dataclass(frozen=True, slots=True)
class Sound:
    """Where the samples of a WAV file lie, and what they are: signed 16-bit little-endian, channels interleaved."""

    channels: int
    rate_hz: int
    data: Span

    @property
    def frame_bytes(self) -> int:
        return 2 * self.channels

    @property
    def samples(self) -> int:
        """Per channel."""
        return self.data.length // self.frame_bytes


@dataclass(frozen=True, slots=True)
class Origin:
    """For the `bext` chunk. `began_at` is local time with its zone; texts become ASCII, as the standard asks."""

    description: str
    originator: str
    reference: str
    began_at: datetime


def find_chunks(file: BinaryIO) -> Mapping[bytes, Span]:
    """The first chunk of each name. Raises `NoWave` for what is no RIFF/WAVE file, or ends within a chunk."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(12)
    if len(head) < 12 or head[:4] != b"RIFF" or head[8:] != b"WAVE":
        raise NoWave("this is not a WAV file")
    found: dict[bytes, Span] = {}
    at = 12
    while at + 8 <= size:
        file.seek(at)
        name, length = struct.unpack("<4sI", file.read(8))
        if at + 8 + length > size:
            raise NoWave("this WAV file is cut short")
        found.setdefault(name, Span(at + 8, length))
        at += 8 + length + length % 2
    return found


def find_sound(file: BinaryIO) -> Sound:
    """Raises `NoWave`."""
    chunks = find_chunks(file)
    if b"fmt " not in chunks or b"data" not in chunks or chunks[b"fmt "].length < 16:
        raise NoWave("this WAV file has no sound")
    file.seek(chunks[b"fmt "].start)
    code, channels, rate_hz, _, frame_bytes, bits = struct.unpack("<HHIIHH", file.read(16))
    data = chunks[b"data"]
    if code != PCM or bits != 16 or not channels or not rate_hz or frame_bytes != 2 * channels:
        raise NoWave("this WAV file has no 16-bit samples")
    if data.length % frame_bytes:
        raise NoWave("this WAV file ends within a sample")
    return Sound(channels, rate_hz, data)


def header(sound: Sound, origin: Origin) -> bytes:
    """All that comes before the samples. Raises `NoWave` for more sound than a WAV file can hold."""
    bext = _bext(sound, origin)
    fmt = struct.pack(
        "<HHIIHH", PCM, sound.channels, sound.rate_hz, sound.rate_hz * sound.frame_bytes, sound.frame_bytes, 16
    )
    before = _chunk(b"bext", bext) + _chunk(b"fmt ", fmt) + struct.pack("<4sI", b"data", sound.data.length)
    size = 4 + len(before) + sound.data.length
    if size > LARGEST_BYTES:
        raise NoWave("this recording is too long for a WAV file")
    return struct.pack("<4sI4s", b"RIFF", size, b"WAVE") + before


def _bext(sound: Sound, origin: Origin) -> bytes:
    """TimeReference counts samples since midnight; the history says how the sound came to be (EBU R 98)."""
    local = origin.began_at
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    since_midnight_s = (local.replace(tzinfo=None) - midnight.replace(tzinfo=None)).total_seconds()
    mode = {1: "mono", 2: "stereo"}.get(sound.channels, "multi")
    fields = BEXT.pack(
        _ascii(origin.description),
        _ascii(origin.originator)[:32],
        _ascii(origin.reference)[:32],
        f"{local:%Y-%m-%d}".encode(),
        f"{local:%H:%M:%S}".encode(),
        round(since_midnight_s * sound.rate_hz),
        2,
        b"",
        *[NO_LOUDNESS] * 5,
        b"",
    )
    return fields + f"A=PCM,F={sound.rate_hz},W=16,M={mode},T=Spelregel\r\n".encode()


def _ascii(text: str) -> bytes:
    return text.encode("ascii", "replace")


def _chunk(name: bytes, body: bytes) -> bytes:
    """A chunk begins at an even byte."""
    return struct.pack("<4sI", name, len(body)) + body + b"\x00" * (len(body) % 2)


class Joined(io.RawIOBase):
    """Seekable: some bytes, and behind them a span of another file, which stays its owner's to close."""

    def __init__(self, head: bytes, file: BinaryIO, span: Span) -> None:
        super().__init__()
        self._head = head
        self._file = file
        self._span = span
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: len(self._head) + self._span.length}[whence]
        if base + offset < 0:
            raise ValueError("seek before the beginning")
        self._at = base + offset
        return self._at

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]  # typeshed's Buffer has no length
        into = self._at - len(self._head)
        if into < 0:
            piece = self._head[self._at : self._at + len(buffer)]
        else:
            self._file.seek(self._span.start + into)
            piece = self._file.read(max(0, min(len(buffer), self._span.length - into)))
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
