"""Every kind of WAV that an agency's systems may hand over, and the ones that nobody can use."""

import struct
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from speech.audio import Samples, encode_mulaw
from speech.errors import UnusableAudio
from speech.wav import WavFile
from tests.speech.alaw import encode_alaw

TONE = (8_000 * np.sin(2 * np.pi * 440 * np.arange(8_000) / 8_000)).astype(np.int16)


def riff(fmt: bytes, data: bytes, *, data_length: int | None = None, extra: bytes = b"") -> bytes:
    length = len(data) if data_length is None else data_length
    body = b"WAVE" + b"fmt " + struct.pack("<I", len(fmt)) + fmt + extra + b"data" + struct.pack("<I", length) + data
    return b"RIFF" + struct.pack("<I", len(body)) + body


def fmt_chunk(code: int, bits: int, channels: int = 1, rate_hz: int = 8_000) -> bytes:
    frame = channels * bits // 8
    return struct.pack("<HHIIHH", code, channels, rate_hz, rate_hz * frame, frame, bits)


def save(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "call.wav"
    path.write_bytes(content)
    return path


def read(path: Path, channel: int = 0, rate_hz: int = 8_000) -> Samples:
    with WavFile(path) as wav:
        return np.concatenate(list(wav.read(channel, rate_hz)))


def packed_24(samples: Samples) -> bytes:
    return b"".join((int(sample) * 256).to_bytes(3, "little", signed=True) for sample in samples)


@pytest.mark.parametrize(
    ("code", "bits", "data", "tolerance"),
    [
        (1, 8, (TONE // 256 + 128).astype(np.uint8).tobytes(), 256),
        (1, 16, TONE.astype("<i2").tobytes(), 1),
        (1, 24, packed_24(TONE), 1),
        (1, 32, (TONE.astype("<i4") * 65_536).tobytes(), 1),
        (3, 32, (TONE / 32_768).astype("<f4").tobytes(), 1),
        (3, 64, (TONE / 32_768).astype("<f8").tobytes(), 1),
        (6, 8, encode_alaw(TONE.astype("<i2").tobytes()), 300),
        (7, 8, encode_mulaw(TONE.astype("<i2").tobytes()), 300),
    ],
)
def test_every_sample_format(tmp_path: Path, code: int, bits: int, data: bytes, tolerance: int) -> None:
    """The 0.94 passband of the filter leaves a 440 Hz tone as it is, also at the same rate."""
    heard = read(save(tmp_path, riff(fmt_chunk(code, bits), data)))
    assert len(heard) == len(TONE)
    assert np.abs(heard[50:-50].astype(int) - TONE[50:-50]).max() <= tolerance + 2


def test_extensible_header_and_unknown_chunks(tmp_path: Path) -> None:
    subformat = struct.pack("<H", 1) + bytes.fromhex("000000001000800000aa00389b71")
    fmt = fmt_chunk(0xFFFE, 16) + struct.pack("<HHI", 22, 16, 4) + subformat
    odd_chunk = b"LIST" + struct.pack("<I", 3) + b"abc\0"
    assert len(read(save(tmp_path, riff(fmt, TONE.tobytes(), extra=odd_chunk)))) == len(TONE)


def test_channels_are_kept_apart(tmp_path: Path) -> None:
    both = np.stack((TONE, np.zeros_like(TONE), -TONE), axis=1).astype("<i2").tobytes()
    path = save(tmp_path, riff(fmt_chunk(1, 16, channels=3), both))
    assert not read(path, 1).any()
    assert np.array_equal(read(path, 2), -read(path, 0))
    with pytest.raises(UnusableAudio, match="choose one of 0 to 2"):
        read(path, 3)


def test_any_rate_becomes_the_telephone_rate(tmp_path: Path) -> None:
    wide = (8_000 * np.sin(2 * np.pi * 440 * np.arange(44_100) / 44_100)).astype("<i2")
    heard = read(save(tmp_path, riff(fmt_chunk(1, 16, rate_hz=44_100), wide.tobytes())))
    assert len(heard) == 8_000
    assert np.abs(heard[50:-50].astype(int) - TONE[50:-50]).max() <= 4


@pytest.mark.parametrize("length", [0, 0xFFFF_FFFF])
def test_a_length_that_was_never_filled_in_means_until_the_end(tmp_path: Path, length: int) -> None:
    assert len(read(save(tmp_path, riff(fmt_chunk(1, 16), TONE.tobytes(), data_length=length)))) == len(TONE)


GOOD = riff(fmt_chunk(1, 16), TONE.tobytes())


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"ID3\x04" + bytes(500), "is not a WAV file"),
        (GOOD[:30], "ends before its sound begins"),
        (GOOD[:-100], "cut short: 16000 bytes of sound announced, 15900 there"),
        (riff(fmt_chunk(1, 16), b""), "holds no sound"),
        (riff(b"", TONE.tobytes()), "does not say what its sound is"),
        (riff(fmt_chunk(85, 16), TONE.tobytes()), "format 85 with 16 bits"),
        (riff(fmt_chunk(1, 16, rate_hz=0), TONE.tobytes()), "damaged header"),
        (riff(fmt_chunk(1, 16, channels=0), TONE.tobytes()), "damaged header"),
        (riff(fmt_chunk(3, 32), np.array([0.1, np.nan], "<f4").tobytes()), "no numbers"),
        (riff(fmt_chunk(3, 32), np.array([0.1, np.inf], "<f4").tobytes()), "no numbers"),
    ],
)
def test_unusable_files_say_what_to_do_in_one_line(tmp_path: Path, content: bytes, says: str) -> None:
    path = save(tmp_path, content)
    with pytest.raises(UnusableAudio, match=says) as caught:
        read(path)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UnusableAudio, match="cannot be read"):
        WavFile(tmp_path / "none.wav")
    with pytest.raises(UnusableAudio, match="cannot be read"):
        WavFile(tmp_path)


def test_an_hour_is_read_in_pieces(tmp_path: Path) -> None:
    """A sparse file of one hour: no piece is longer than a few seconds."""
    path = tmp_path / "hour.wav"
    bytes_of_sound = 3_600 * 8_000 * 2
    with path.open("wb") as file:
        file.write(riff(fmt_chunk(1, 16), b"", data_length=bytes_of_sound))
        file.truncate(44 + bytes_of_sound)
    with WavFile(path) as wav:
        assert wav.duration_s == 3_600
        pieces: Iterator[Samples] = wav.read(0, 8_000)
        lengths = [len(piece) for piece in pieces]
    assert max(lengths) < 5 * 8_000
    assert sum(lengths) == 3_600 * 8_000
