"""Whatever a phone or computer records in becomes the same sound at 8 kHz; what strangers make to harm us does not."""

import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from speech.comparison import decoding
from speech.comparison.decoding import Decoded, decode
from speech.errors import UnusableAudio
from tests.ivr.uploads.sounds import film
from tests.speech.comparison.encoding import KINDS, encode

RATE_HZ = 8_000
PRIMED_S = 0.03
"""Raw AAC and AMR frames have no place for the encoder's delay, so a copy begins that much later."""


def bursts(seconds: float = 4.0, seed: int = 1) -> NDArray[np.float32]:
    """Noise within the telephone's band that starts and stops: each moment of it is like no other."""
    rng = np.random.default_rng(seed)
    spectrum = np.fft.rfft(rng.standard_normal(round(seconds * RATE_HZ)))
    hertz = np.fft.rfftfreq(round(seconds * RATE_HZ), 1 / RATE_HZ)
    spectrum[(hertz < 300) | (hertz > 3_000)] = 0
    noise = np.fft.irfft(spectrum, round(seconds * RATE_HZ))
    on = np.repeat(rng.random(round(seconds * 20)) > 0.4, RATE_HZ // 20)
    return np.asarray(noise / np.abs(noise).max() * 0.5 * on, np.float32)


def written(folder: Path, file: bytes, name: str = "kopie") -> Path:
    path = folder / name
    path.write_bytes(file)
    return path


def delay_s(sound: NDArray[np.float32], original: NDArray[np.float32]) -> float:
    """How much later a channel is than what went in."""
    size = len(sound) + len(original)
    across = np.fft.irfft(np.fft.rfft(sound, size) * np.conj(np.fft.rfft(original, size)), size)
    at = int(np.argmax(across))
    return (at if at < size // 2 else at - size) / RATE_HZ


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_keeps_its_length_and_its_times(tmp_path: Path, kind: str) -> None:
    original = bursts()
    decoded = decode(written(tmp_path, encode(original, kind)))
    samples = decoded.sound.samples
    assert samples.shape[0] == 1
    assert decoded.damaged == ()
    assert 4.0 <= decoded.sound.duration_s < 4.0 + 0.1
    late = delay_s(samples[0], original)
    assert abs(late) < (PRIMED_S if kind in ("aac", "amr", "3gp") else 0.001)


def test_a_telephone_that_sends_no_pauses_made_a_whole_file(tmp_path: Path) -> None:
    original = np.concatenate([bursts(2.0), np.zeros(3 * RATE_HZ, np.float32), bursts(2.0)])
    without_pauses = encode(original, "amr", options={"dtx": "1"})
    assert len(without_pauses) < 0.8 * len(encode(original, "amr"))
    decoded = decode(written(tmp_path, without_pauses))
    assert decoded.damaged == ()
    assert decoded.sound.duration_s == pytest.approx(7, abs=0.1)
    assert abs(delay_s(decoded.sound.samples[0], original)) < PRIMED_S


def test_two_channels_stay_two(tmp_path: Path) -> None:
    left, right = bursts(seed=1), bursts(seed=2)
    for kind in ("wav", "mp3", "ogg-opus", "m4a"):
        samples = decode(written(tmp_path, encode(np.stack([left, right]), kind))).sound.samples
        assert samples.shape[0] == 2
        assert abs(delay_s(samples[0], left)) < 0.001
        assert abs(delay_s(samples[1], right)) < 0.001


def test_what_a_telephone_cannot_carry_is_not_folded_into_its_band(tmp_path: Path) -> None:
    times = np.arange(44_100 * 2) / 44_100
    tone = (np.sin(2 * np.pi * 7_000 * times) * 20_000).astype("<i2")
    sound = decode(written(tmp_path, wav(tone.tobytes(), rate_hz=44_100))).sound.samples
    assert np.abs(sound[:, RATE_HZ // 2 : -RATE_HZ // 2]).max() < 0.001  # at its very ends a tone is a click


def wav(data: bytes, *, rate_hz: int = 8_000, channels: int = 1, bits: int = 16, length: int | None = None) -> bytes:
    """A WAV whose header may lie about its length."""
    said = len(data) if length is None else length
    frame = channels * bits // 8
    header = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, channels, rate_hz, rate_hz * frame, frame, bits)
    return struct.pack("<4sI4s", b"RIFF", (36 + said) & 0xFFFFFFFF, b"WAVE") + header + b"data" + struct.pack(
        "<I", said
    ) + data  # fmt: skip


def pcm(samples: NDArray[np.float32]) -> bytes:
    return np.rint(samples * 32_767).astype("<i2").tobytes()


def test_more_than_two_channels_become_two(tmp_path: Path) -> None:
    three = np.repeat(np.frombuffer(pcm(bursts()), "<i2")[:, None], 3, axis=1)
    assert decode(written(tmp_path, wav(three.tobytes(), channels=3))).sound.samples.shape[0] == 2


@pytest.mark.parametrize("length", [0, 0xFFFFFFFF])
def test_a_recorder_that_did_not_write_the_length_is_read_to_the_end(tmp_path: Path, length: int) -> None:
    decoded = decode(written(tmp_path, wav(pcm(bursts()), length=length)))
    assert decoded.sound.duration_s == 4.0


# ---------------------------------------------------------------- damaged


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "ogg-opus", "amr", "aac"])
def test_a_file_that_was_cut_short_gives_what_is_there(tmp_path: Path, kind: str) -> None:
    file = encode(bursts(8.0), kind)
    decoded = decode(written(tmp_path, file[: len(file) // 2]))
    assert 2.0 < decoded.sound.duration_s < 6.0
    if kind in ("wav", "flac"):
        [damage] = decoded.damaged
        assert damage.end_s == pytest.approx(8.0, abs=0.1)


def test_an_m4a_that_was_cut_short_has_lost_its_index_and_is_refused(tmp_path: Path) -> None:
    file = encode(bursts(8.0), "m4a")
    with pytest.raises(UnusableAudio):
        decode(written(tmp_path, file[: len(file) // 2]))


@pytest.mark.parametrize("kind", ["mp3", "ogg-opus", "aac", "flac"])
def test_damage_in_the_middle_is_named_and_costs_no_more_than_itself(tmp_path: Path, kind: str) -> None:
    original = bursts(20.0)
    file = bytearray(encode(original, kind))
    middle = len(file) // 2
    file[middle : middle + 3_000] = bytes(b ^ 0xA5 for b in file[middle : middle + 3_000])
    decoded = decode(written(tmp_path, bytes(file)))
    assert decoded.damaged
    assert all(5.0 < damage.start_s < 15.0 for damage in decoded.damaged)
    assert 16.0 < decoded.sound.duration_s < 24.0
    assert abs(delay_s(decoded.sound.samples[0][: 8 * RATE_HZ], original[: 8 * RATE_HZ])) < PRIMED_S


def test_what_is_lost_from_an_ogg_is_silence_of_its_length(tmp_path: Path) -> None:
    """A damaged page is no cut: what comes after it stays where it was."""
    original = bursts(20.0)
    file = encode(original, "ogg-opus")
    pages = file.split(b"OggS")
    assert len(pages) > 12
    gone = b"OggS".join(pages[:8] + pages[9:])
    decoded = decode(written(tmp_path, gone))
    [damage] = decoded.damaged
    assert damage.end_s - damage.start_s > 0.5
    assert decoded.sound.duration_s == pytest.approx(20.0, abs=0.05)
    assert abs(delay_s(decoded.sound.samples[0], original)) < 0.001


def test_samples_that_are_no_numbers_are_silence_and_named(tmp_path: Path) -> None:
    samples = bursts()
    samples[RATE_HZ] = np.nan
    samples[RATE_HZ + 1] = np.inf
    samples[RATE_HZ + 2] = 1e30
    file = wav(samples.astype("<f4").tobytes(), bits=32).replace(b"\x10\0\0\0\x01\0", b"\x10\0\0\0\x03\0", 1)
    decoded = decode(written(tmp_path, file))
    [damage] = decoded.damaged
    assert damage.start_s <= 1.0 <= damage.end_s
    assert np.abs(decoded.sound.samples).max() <= decoding.LOUDEST


# ---------------------------------------------------------------- made to harm


def hostile(folder: Path) -> dict[str, bytes]:
    secret = folder / "geheim.wav"
    secret.write_bytes(wav(pcm(bursts())))
    many = b"".join(struct.pack(">I4s", 8, b"trak") for _ in range(50_000))
    return {
        "empty": b"",
        "text": b"hallo, dit is geen geluid\n" * 100,
        "program": b"MZ" + bytes(5_000),
        "only a header": wav(b""),
        "no channels": wav(pcm(bursts()), channels=0),
        "a thousand channels": wav(bytes(100_000), channels=1_000),
        "no rate": wav(pcm(bursts()), rate_hz=0),
        "playlist": f"#EXTM3U\n#EXTINF:4,\n{secret}\n#EXT-X-ENDLIST\n".encode(),
        "concat": f"ffconcat version 1.0\nfile '{secret}'\n".encode(),
        "session": f"v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nm=audio 5004 RTP/AVP 0\na={secret}\n".encode(),
        "picture": b"\x89PNG\r\n\x1a\n" + bytes(2_000),
        "film without sound": film(),
        "tracks of nothing": struct.pack(">I4s", 8 + len(many), b"moov") + many,
        "ogg of one page": b"OggS" + bytes(60),
        "amr of nothing": b"#!AMR\n",
    }


@pytest.mark.parametrize("name", range(15))
def test_what_is_no_sound_is_refused_in_one_clear_line(tmp_path: Path, name: int) -> None:
    file = sorted(hostile(tmp_path).items())[name][1]
    with pytest.raises(UnusableAudio) as refused:
        decode(written(tmp_path, file))
    assert "\n" not in str(refused.value)
    assert "give" in str(refused.value)


def test_a_name_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(UnusableAudio, match="No such file"):
        decode(tmp_path / "weg.wav")
    with pytest.raises(UnusableAudio, match="directory"):
        decode(tmp_path)


def test_silence_that_never_ends_is_refused_before_it_fills_the_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A megabyte of FLAC holds hours of silence."""
    monkeypatch.setattr(decoding, "MOST_S", 60)
    file = encode(np.zeros(RATE_HZ * 90, np.float32), "flac")
    assert len(file) < 100_000
    with pytest.raises(UnusableAudio, match="lasts more than"):
        decode(written(tmp_path, file))


def test_a_time_far_away_makes_no_silence_without_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A page of an Ogg file says that it belongs a year later."""
    monkeypatch.setattr(decoding, "MOST_S", 60)
    file = bytearray(encode(bursts(20.0), "ogg-opus"))
    page = [at for at in range(len(file)) if file[at : at + 4] == b"OggS"][8]
    file[page + 6 : page + 14] = struct.pack("<q", 365 * 86_400 * 48_000)
    file[page + 22 : page + 26] = bytes(4)
    file[page + 22 : page + 26] = struct.pack("<I", ogg_check(bytes(file[page : file.index(b"OggS", page + 4)])))
    with pytest.raises(UnusableAudio, match="lasts more than"):
        decode(written(tmp_path, bytes(file)))


def ogg_check(page: bytes) -> int:
    """RFC 3533: CRC with the polynomial 0x04c11db7, not reflected, from zero."""
    register = 0
    for byte in page:
        register ^= byte << 24
        for _ in range(8):
            register = (register << 1 ^ (0x04C11DB7 if register & 0x80000000 else 0)) & 0xFFFFFFFF
    return register


SEEDS = {kind: encode(bursts(1.0), kind) for kind in ("wav", "mp3", "m4a", "ogg-opus", "flac", "amr")}


@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(sorted(SEEDS)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), max_size=30),
    st.floats(0, 1),
)
def test_any_damage_gives_sound_or_a_clear_refusal(
    tmp_path: Path, kind: str, changes: list[tuple[float, int]], keep: float
) -> None:
    file = bytearray(SEEDS[kind])
    for place, value in changes:
        file[int(place * (len(file) - 1))] = value
    try:
        decoded: Decoded = decode(written(tmp_path, bytes(file[: int(len(file) * (0.2 + 0.8 * keep))])))
    except UnusableAudio:
        return
    assert np.isfinite(decoded.sound.samples).all()
