"""The WAV of the copy: a Broadcast Wave file with every sample of the recording, seen without copying it."""

import io
import struct
import wave
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ivr.copying.broadcast_wave import NotCopied, Origin, header
from ivr.copying.joined import Joined
from storage.recordings.sound import SoundPlace, find_sound, measure_sound
from tests.ivr.copying.copies import AMSTERDAM, sound_of

ORIGIN = Origin(
    "Gesprek call-1", "Gemeente Voorbeeld", "a" * 32, datetime(2026, 11, 3, 13, 5, 1, tzinfo=UTC).astimezone(AMSTERDAM)
)
SOUND = sound_of(1.25)


def copied(sound: bytes = SOUND, origin: Origin = ORIGIN) -> bytes:
    file = io.BytesIO(sound)
    place = find_sound(file)
    return Joined(header(place, origin), file, place.start, place.sound_bytes).readall() or b""


def bext_of(file: bytes) -> bytes:
    assert file[12:16] == b"bext"
    return file[20 : 20 + struct.unpack("<I", file[16:20])[0]]


def test_every_sample_is_there_and_the_file_is_a_wav_like_any_other() -> None:
    with wave.open(io.BytesIO(copied())) as wav:
        assert wav.getparams()[:4] == (2, 2, 8000, 10_000)
        assert wav.readframes(10**6) == SOUND[44:]
    place = find_sound(io.BytesIO(copied()))
    assert place.excess_bytes == 0
    assert measure_sound(io.BytesIO(copied())).pcm_digest == measure_sound(io.BytesIO(SOUND)).pcm_digest


def test_the_bext_chunk_is_that_of_the_standard() -> None:
    """EBU Tech 3285 version 2: offsets counted by hand."""
    bext = bext_of(copied())
    assert bext[0:256].rstrip(b"\0") == b"Gesprek call-1"
    assert bext[256:288].rstrip(b"\0") == b"Gemeente Voorbeeld"
    assert bext[288:320] == b"a" * 32
    assert bext[320:330] == b"2026-11-03"
    assert bext[330:338] == b"14:05:01"
    since_midnight_s = 14 * 3600 + 5 * 60 + 1
    assert struct.unpack("<Q", bext[338:346])[0] == since_midnight_s * 8000
    assert struct.unpack("<H", bext[346:348])[0] == 2
    assert bext[348:412] == bytes(64)
    assert struct.unpack("<5H", bext[412:422]) == (0x7FFF,) * 5
    assert bext[422:602] == bytes(180)
    assert bext[602:] == b"A=PCM,F=8000,W=16,M=stereo,T=Spelregel\r\n"


@given(st.text(max_size=400), st.text(max_size=80))
def test_any_name_fits_and_is_ascii(description: str, originator: str) -> None:
    file = copied(origin=Origin(description, originator, "r" * 40, ORIGIN.began_at))
    assert len(bext_of(file)) == 602 + 40
    bext_of(file)[:320].decode("ascii")
    assert find_sound(io.BytesIO(file)).samples == 10_000


@given(st.lists(st.tuples(st.integers(0, len(SOUND) + 900), st.integers(0, 5000)), min_size=1, max_size=20))
def test_any_stretch_can_be_read_in_any_order(reads: list[tuple[int, int]]) -> None:
    whole, file = copied(), io.BytesIO(SOUND)
    place = find_sound(file)
    joined = io.BufferedReader(Joined(header(place, ORIGIN), file, place.start, place.sound_bytes))
    assert joined.seek(0, io.SEEK_END) == len(whole)
    for start, length in reads:
        joined.seek(start)
        assert joined.read(length) == whole[start : start + length]


def test_a_place_before_the_beginning_is_refused() -> None:
    file = io.BytesIO(SOUND)
    place = find_sound(file)
    with pytest.raises(ValueError, match="before the beginning"):
        Joined(header(place, ORIGIN), file, place.start, place.sound_bytes).seek(-1)


def test_more_sound_than_a_wav_can_hold_is_refused() -> None:
    day = SoundPlace(44, 1 << 32, 2, 8000, 4, 0)
    with pytest.raises(NotCopied, match="too long"):
        header(day, ORIGIN)
