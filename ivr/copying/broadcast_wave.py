"""What stands before the sound of the copy: the header of a Broadcast Wave file (EBU Tech 3285 version 2)."""

import struct
from dataclasses import dataclass
from datetime import datetime

from ivr.errors import SpelregelError
from storage.recordings.sound import SoundPlace

PCM = 1
LARGEST_BYTES = 0xFFFF_FFFF
"""Of a RIFF file; more than a day of a telephone call."""

NO_LOUDNESS = 0x7FFF
"""The value for loudness that was not measured (EBU Tech 3285 v2, section 2.3)."""

BEXT = struct.Struct("<256s32s32s10s8sQH64s5H180s")


class NotCopied(SpelregelError):
    """The recording is sound of a kind that no copy is made of."""


@dataclass(frozen=True, slots=True)
class Origin:
    """For the `bext` chunk. `began_at` is local time with its zone; texts become ASCII, as the standard asks."""

    description: str
    originator: str
    reference: str
    began_at: datetime


def header(place: SoundPlace, origin: Origin) -> bytes:
    """All that comes before the samples. Raises `NotCopied` for more sound than a WAV file can hold."""
    bits = 8 * place.frame_bytes // place.channels
    rate_bytes = place.sample_rate_hz * place.frame_bytes
    fmt = struct.pack("<HHIIHH", PCM, place.channels, place.sample_rate_hz, rate_bytes, place.frame_bytes, bits)
    before = _chunk(b"bext", _bext(place, bits, origin)) + _chunk(b"fmt ", fmt)
    size = 4 + len(before) + 8 + place.sound_bytes
    if size > LARGEST_BYTES:
        raise NotCopied("the recording is too long for a WAV file")
    return struct.pack("<4sI4s", b"RIFF", size, b"WAVE") + before + struct.pack("<4sI", b"data", place.sound_bytes)


def _bext(place: SoundPlace, bits: int, origin: Origin) -> bytes:
    """TimeReference counts samples since midnight; the history says how the sound came to be (EBU R 98)."""
    local = origin.began_at
    midnight = local.replace(hour=0, minute=0, second=0, microsecond=0)
    since_midnight_s = (local.replace(tzinfo=None) - midnight.replace(tzinfo=None)).total_seconds()
    mode = {1: "mono", 2: "stereo"}.get(place.channels, "multi")
    fields = BEXT.pack(
        _ascii(origin.description),
        _ascii(origin.originator)[:32],
        _ascii(origin.reference)[:32],
        f"{local:%Y-%m-%d}".encode(),
        f"{local:%H:%M:%S}".encode(),
        round(since_midnight_s * place.sample_rate_hz),
        2,
        b"",
        *[NO_LOUDNESS] * 5,
        b"",
    )
    return fields + f"A=PCM,F={place.sample_rate_hz},W={bits},M={mode},T=Spelregel\r\n".encode()


def _ascii(text: str) -> bytes:
    return text.encode("ascii", "replace")


def _chunk(name: bytes, body: bytes) -> bytes:
    """A chunk begins at an even byte."""
    return struct.pack("<4sI", name, len(body)) + body + b"\x00" * (len(body) % 2)
