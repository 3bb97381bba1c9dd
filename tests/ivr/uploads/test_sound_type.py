"""What a file is, by its bytes: real files of each kind, and what is none, too short, a film, or noise."""

import io
import random
import struct

import pytest

from ivr.uploads.sound_type import Damaged, HasPictures, NoSound, SoundType, sound_type
from tests.builders import wav_of
from tests.ivr.uploads.sounds import encoded, film


def kind(file: bytes) -> SoundType:
    return sound_type(io.BytesIO(file))


@pytest.mark.parametrize(
    ("container", "codec", "rate_hz", "expected"),
    [
        ("wav", "pcm_s16le", 8000, SoundType.WAV),
        ("wav", "pcm_mulaw", 8000, SoundType.WAV),
        ("mp3", "mp3", 44_100, SoundType.MP3),
        ("mp3", "mp3", 16_000, SoundType.MP3),
        ("ipod", "aac", 44_100, SoundType.MP4),
        ("3gp", "aac", 44_100, SoundType.MP4),
        ("adts", "aac", 44_100, SoundType.AAC),
        ("ogg", "libopus", 48_000, SoundType.OGG),
        ("ogg", "flac", 44_100, SoundType.OGG),
        ("flac", "flac", 44_100, SoundType.FLAC),
        ("amr", "amr_nb", 8000, SoundType.AMR),
    ],
)
def test_what_phones_and_computers_record_in_is_known(
    container: str, codec: str, rate_hz: int, expected: SoundType
) -> None:
    assert kind(encoded(container, codec, rate_hz=rate_hz)) is expected


@pytest.mark.parametrize(
    "file",
    [
        b"",
        b"MZ" + bytes(5000),
        b"%PDF-1.7" + bytes(5000),
        b"PK\x03\x04" + bytes(5000),
        b"<html><script>alert(1)</script>",
        b"\xff\xd8\xff\xe0" + bytes(5000),
        b"ID3" + bytes(3),
        bytes(5000),
        b"\xff" * 5000,
        b"OggS" + bytes(5000),
        b"RIFF\0\0\0\0WAVEfmt \x10\0\0\0" + struct.pack("<H", 0x1234) + bytes(100),
    ],
)
def test_what_is_no_sound_is_refused(file: bytes) -> None:
    with pytest.raises(NoSound):
        kind(file)


def test_noise_is_no_sound() -> None:
    """Two MPEG frames in a row do not come by chance."""
    chance = random.Random(7)
    for _ in range(200):
        with pytest.raises((NoSound, Damaged)):
            kind(chance.randbytes(300))


def test_a_film_is_refused_whatever_its_sound() -> None:
    with pytest.raises(HasPictures):
        kind(film())


@pytest.mark.parametrize("keep", [12, 20, 43, 44, 2000])
def test_a_wav_that_is_cut_off_is_damaged(keep: int) -> None:
    with pytest.raises(Damaged):
        kind(wav_of(1)[:keep])


@pytest.mark.parametrize("length", [0, 0xFFFFFFFF])
def test_a_wav_whose_length_was_never_filled_in_counts(length: int) -> None:
    """So recorders leave it that were switched off, or that write a stream."""
    file = wav_of(1)
    assert kind(file[:40] + struct.pack("<I", length) + file[44:]) is SoundType.WAV


def test_chunks_before_the_samples_are_passed_over() -> None:
    file = wav_of(1)
    assert kind(file[:12] + b"LIST\x03\0\0\0abc\0" + file[12:]) is SoundType.WAV
    with pytest.raises(Damaged):
        kind(file[:12] + file[36:] + file[12:36])  # samples before their format


@pytest.mark.parametrize("part", [0.3, 0.9])
def test_an_mp4_without_its_end_is_damaged(part: float) -> None:
    file = encoded("ipod", "aac", rate_hz=44_100)
    with pytest.raises(Damaged):
        kind(file[: int(len(file) * part)])


@pytest.mark.parametrize(("container", "codec"), [("mp3", "mp3"), ("adts", "aac")])
def test_half_a_frame_is_damaged(container: str, codec: str) -> None:
    file = encoded(container, codec, rate_hz=44_100)
    start = 0
    if file.startswith(b"ID3"):
        start = 10 + (file[6] << 21 | file[7] << 14 | file[8] << 7 | file[9])
    with pytest.raises(Damaged):
        kind(file[: start + 60])


@pytest.mark.parametrize("header", [b"fLaC" + bytes(38), b"#!AMR\n"])
def test_a_header_alone_is_damaged(header: bytes) -> None:
    with pytest.raises(Damaged):
        kind(header)


def test_boxes_that_lie_about_their_length_end_the_search() -> None:
    for length in (0, 1, 7, 0xFFFFFFFF):
        with pytest.raises((Damaged, NoSound)):
            kind(b"\0\0\0\x10ftypM4A \0\0\0\0" + struct.pack(">I4s", length, b"moov") + bytes(20))
