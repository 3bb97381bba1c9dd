"""What a file is, from its bytes and never from its name: sound of a known kind, whole as far as that can be seen.

Sources: RFC 9639 (FLAC), RFC 3533 (Ogg), RFC 4867 section 5 (AMR), ISO/IEC 14496-12 (MP4), 14496-3 (ADTS), 11172-3
(MPEG audio frames), id3.org (ID3v2), Microsoft's RIFF for WAV.
"""

import os
import struct
from enum import StrEnum
from typing import BinaryIO

HEAD_BYTES = 4096
LARGEST_INDEX_BYTES = 16 * 1024 * 1024
"""Of an MP4's `moov`: hours of sound take less."""

MOST_CHUNKS = 10_000
"""Of one file: a fragmented MP4 has a few for each second, a file that is made to keep us busy has millions."""

UNKNOWN_SIZES = (0, 0xFFFFFFFF)
"""What recorders write that do not know the length yet; the data then go on to the end of the file."""

WAV_FORMATS = {0x0001, 0x0003, 0x0006, 0x0007, 0x0002, 0x0011, 0x0031, 0x0055, 0xFFFE}
OGG_CODECS = (b"OpusHead", b"\x01vorbis", b"\x7fFLAC", b"Speex   ")
OGG_PICTURES = (b"\x80theora", b"fishead")
BITRATES_KBPS = {
    (3, 3): (0, 32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448),
    (3, 2): (0, 32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384),
    (3, 1): (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    (2, 3): (0, 32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256),
    (2, 2): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
    (2, 1): (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
"""By MPEG version (3: 1, else 2 and 2.5) and layer (3: I, 2: II, 1: III)."""
RATES_HZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


class SoundType(StrEnum):
    """The kinds that a phone or computer records in."""

    WAV = "wav"
    MP3 = "mp3"
    MP4 = "m4a"
    AAC = "aac"
    OGG = "ogg"
    AMR = "amr"
    FLAC = "flac"


class NoSound(Exception):
    """The file is nothing that we know as sound."""


class HasPictures(NoSound):
    """It is a film: only sound may be recorded (R8)."""


class Damaged(Exception):
    """It begins as sound, and is cut off or holds none."""


def sound_type(file: BinaryIO) -> SoundType:
    """Of a seekable file. Raises `NoSound`, `HasPictures`, `Damaged`."""
    size = file.seek(0, os.SEEK_END)
    head = _read(file, 0, HEAD_BYTES)
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return _wav(file, size)
    if head[4:8] == b"ftyp":
        return _mp4(file, size)
    if head[:4] == b"OggS":
        return _ogg(head)
    if head[:4] == b"fLaC":
        return _more_than(SoundType.FLAC, size, 42)
    if head.startswith((b"#!AMR\n", b"#!AMR-WB\n")):
        return _more_than(SoundType.AMR, size, 9)
    start = _after_id3(head)
    if start:
        head = _read(file, start, HEAD_BYTES)
    return _frames(file, head, start, size)


def _read(file: BinaryIO, at: int, count: int) -> bytes:
    file.seek(at)
    return file.read(count)


def _more_than(kind: SoundType, size: int, header_bytes: int) -> SoundType:
    if size <= header_bytes:
        raise Damaged("there is nothing after the header")
    return kind


def _wav(file: BinaryIO, size: int) -> SoundType:
    """Its chunks in order: a known format, then samples, as many as their chunk says."""
    at, known = 12, False
    for _ in range(MOST_CHUNKS):
        if at + 8 > size:
            break
        name, length = struct.unpack("<4sI", _read(file, at, 8))
        if name == b"fmt ":
            code = int.from_bytes(_read(file, at + 8, 2), "little")
            if at + 8 + length <= size and code not in WAV_FORMATS:
                raise NoSound("a WAV of an unknown format")
            known = True
        elif name == b"data":
            return _wav_samples(known, length, size - at - 8)
        at += 8 + length + length % 2
    raise Damaged("a WAV without samples")


def _wav_samples(known: bool, length: int, left: int) -> SoundType:
    if not known:
        raise Damaged("a WAV whose samples come before their format")
    if left <= 0 or (length not in UNKNOWN_SIZES and length > left):
        raise Damaged("a WAV that is shorter than its header says")
    return SoundType.WAV


def _mp4(file: BinaryIO, size: int) -> SoundType:
    """The index (`moov`) names the tracks; a recording that was cut off has none."""
    at, index, media = 0, b"", False
    for _ in range(MOST_CHUNKS):
        if at + 8 > size:
            break
        length, name = struct.unpack(">I4s", _read(file, at, 8))
        header = 8
        if length == 1:
            (length,) = struct.unpack(">Q", _read(file, at + 8, 8).ljust(8, b"\0"))
            header = 16
        elif length == 0:
            length = size - at
        if length < header or at + length > size:
            raise Damaged("an MP4 that is shorter than its boxes say")
        if name == b"moov":
            index = _read(file, at + header, min(length - header, LARGEST_INDEX_BYTES))
        media = media or name == b"mdat"
        at += length
    handlers = {index[found + 12 : found + 16] for found in _places(index, b"hdlr")}
    if b"vide" in handlers:
        raise HasPictures("an MP4 with pictures")
    if not index or not media:
        raise Damaged("an MP4 without its index or without its media")
    if b"soun" not in handlers:
        raise NoSound("an MP4 without sound")
    return SoundType.MP4


def _places(text: bytes, wanted: bytes) -> list[int]:
    found, at = [], text.find(wanted)
    while at >= 0:
        found.append(at)
        at = text.find(wanted, at + 1)
    return found


def _ogg(head: bytes) -> SoundType:
    if any(name in head for name in OGG_PICTURES):
        raise HasPictures("an Ogg with pictures")
    if not any(name in head for name in OGG_CODECS):
        raise NoSound("an Ogg of an unknown kind")
    return SoundType.OGG


def _after_id3(head: bytes) -> int:
    """Where the sound begins after an ID3v2 tag, whose length stands in four times seven bits."""
    if head[:3] != b"ID3" or len(head) < 10 or any(byte > 0x7F for byte in head[6:10]):
        return 0
    length = head[6] << 21 | head[7] << 14 | head[8] << 7 | head[9]
    return 10 + length + (10 if head[5] & 0x10 else 0)


def _frames(file: BinaryIO, head: bytes, start: int, size: int) -> SoundType:
    """Two frames after one another: a single frame header is too easily met by chance."""
    for length_of, kind in ((_adts_length, SoundType.AAC), (_mpeg_length, SoundType.MP3)):
        length = length_of(head)
        if length is None:
            continue
        if start + length >= size:
            raise Damaged("the sound ends within its first frame")
        if length_of(_read(file, start + length, 8)) is not None:
            return kind
    raise NoSound("no kind of sound that we know")


def _adts_length(frame: bytes) -> int | None:
    """Bytes of the AAC frame that begins here; its layer bits are always zero."""
    if len(frame) < 7 or frame[0] != 0xFF or frame[1] & 0xF6 != 0xF0:
        return None
    length = (frame[3] & 0x03) << 11 | frame[4] << 3 | frame[5] >> 5
    return length if length > 7 else None


def _mpeg_length(frame: bytes) -> int | None:
    """Bytes of the MPEG audio frame that begins here."""
    if len(frame) < 4 or frame[0] != 0xFF or frame[1] & 0xE0 != 0xE0:
        return None
    version, layer = frame[1] >> 3 & 3, frame[1] >> 1 & 3
    bitrate, rate, padding = frame[2] >> 4, frame[2] >> 2 & 3, frame[2] >> 1 & 1
    if version == 1 or layer == 0 or bitrate in (0, 15) or rate == 3:
        return None
    bits_a_s = 1000 * BITRATES_KBPS[(3 if version == 3 else 2, layer)][bitrate]
    rate_hz = RATES_HZ[version][rate]
    if layer == 3:
        return (12 * bits_a_s // rate_hz + padding) * 4
    samples_by_8 = 72 if layer == 1 and version != 3 else 144
    return samples_by_8 * bits_a_s // rate_hz + padding
