"""PURE. What a WAV file consists of, measured to the byte, so that any part of it can be recognised later.

The sound is cut into seconds, and each second is a leaf of a Merkle tree (RFC 9162 section 2.1): with the root in the
consent log, one second can be shown to be what was recorded without the rest of the conversation, and where a file is
damaged the seconds that still are what they were can be told from the others.
"""

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from io import SEEK_END
from typing import Any, BinaryIO

from storage.consent_log.chain import leaf_hash, root_of_leaves

PIECE_BYTES = 256 * 1024
PCM, EXTENSIBLE = 1, 0xFFFE


class NoWholeWav(Exception):
    """The text says what is wrong with the file."""


@dataclass(frozen=True, slots=True)
class SoundPlace:
    """Where the samples lie in a WAV file. `frame_bytes` is one sample of each channel.

    `excess_bytes` is how much longer the file is than its header says; below zero: shorter, with all samples there.
    """

    start: int
    sound_bytes: int
    channels: int
    sample_rate_hz: int
    frame_bytes: int
    excess_bytes: int

    @property
    def samples(self) -> int:
        """Of each channel."""
        return self.sound_bytes // self.frame_bytes

    @property
    def second_bytes(self) -> int:
        return self.sample_rate_hz * self.frame_bytes


@dataclass(frozen=True, slots=True)
class SoundMeasure:
    """`digest` is that of the file and `pcm_digest` of its samples alone, hex SHA-256; `seconds` are the leaf hashes of
    its seconds, of which the last may be shorter."""

    place: SoundPlace
    size_bytes: int
    digest: str
    pcm_digest: str
    seconds: Sequence[bytes]

    @property
    def seconds_root(self) -> str:
        return root_of_leaves(self.seconds).hex()


def find_sound(file: BinaryIO) -> SoundPlace:
    """Raises `NoWholeWav` where the file is no WAV with linear PCM, or has fewer samples than its header says."""
    size = file.seek(0, SEEK_END)
    file.seek(0)
    riff, riff_bytes, wave = _unpack("<4sI4s", file.read(12))
    if (riff, wave) != (b"RIFF", b"WAVE"):
        raise NoWholeWav("it does not begin as a WAV file does")
    form: tuple[int, ...] | None = None
    while True:
        kind, chunk_bytes = _unpack("<4sI", file.read(8))
        if kind == b"data":
            break
        following = file.tell() + chunk_bytes + chunk_bytes % 2
        if kind == b"fmt ":
            form = _unpack("<HHIIHH", file.read(min(chunk_bytes, 16)))
        file.seek(following)
    if form is None:
        raise NoWholeWav("it does not say what its samples are")
    code, channels, rate_hz, _, frame_bytes, bits = form
    if code not in (PCM, EXTENSIBLE) or not (channels and rate_hz) or frame_bytes * 8 != channels * bits:
        raise NoWholeWav("its samples are not linear PCM")
    start = file.tell()
    if start + chunk_bytes > size or chunk_bytes % frame_bytes:
        raise NoWholeWav(f"it has {size - start} of {chunk_bytes} bytes of sound")
    return SoundPlace(start, chunk_bytes, channels, rate_hz, frame_bytes, size - 8 - riff_bytes)


def measure_sound(file: BinaryIO) -> SoundMeasure:
    """Reads all of the file; memory stays at one second. Raises `NoWholeWav`."""
    place = find_sound(file)
    whole, pcm, seconds, waiting = hashlib.sha256(), hashlib.sha256(), list[bytes](), bytearray()
    end, at = place.start + place.sound_bytes, 0
    file.seek(0)
    while piece := file.read(PIECE_BYTES):
        whole.update(piece)
        sound = piece[max(0, place.start - at) : max(0, end - at)]
        at += len(piece)
        pcm.update(sound)
        waiting += sound
        while len(waiting) >= place.second_bytes:
            seconds.append(leaf_hash(bytes(waiting[: place.second_bytes])))
            del waiting[: place.second_bytes]
    if waiting:
        seconds.append(leaf_hash(bytes(waiting)))
    return SoundMeasure(place, at, whole.hexdigest(), pcm.hexdigest(), tuple(seconds))


def _unpack(form: str, data: bytes) -> tuple[Any, ...]:
    try:
        return struct.unpack(form, data)
    except struct.error:
        raise NoWholeWav("it ends within its header") from None
