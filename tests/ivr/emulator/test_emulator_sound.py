"""Telephone sound and the Dutch voice."""

import wave
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO

import numpy as np
import pytest

from ivr.emulator import audio
from ivr.emulator.voice import VoiceUnavailable, synthesise, synthesise_ssml


def wav(tag: int, channels: int, rate_hz: int, bits: int, body: bytes) -> bytes:
    form = b"".join(
        number.to_bytes(size, "little")
        for number, size in [
            (tag, 2),
            (channels, 2),
            (rate_hz, 4),
            (rate_hz * channels * bits // 8, 4),
            (channels * bits // 8, 2),
            (bits, 2),
        ]
    )
    chunks = b"fmt " + len(form).to_bytes(4, "little") + form + b"data" + len(body).to_bytes(4, "little") + body
    return b"RIFF" + (4 + len(chunks)).to_bytes(4, "little") + b"WAVE" + chunks


def test_mulaw_has_the_extremes_of_g711() -> None:
    assert audio.decode_mulaw(bytes([0x00, 0x7F, 0x80, 0xFF])).tolist() == [-32124, 0, 32124, 0]
    assert audio.encode_mulaw(np.array([0, 32767, -32768], dtype=np.int16)) == bytes([0xFF, 0x80, 0x00])


def test_every_mulaw_byte_survives_a_round_trip_but_negative_zero() -> None:
    codes = bytes(range(256))
    again = audio.encode_mulaw(audio.decode_mulaw(codes))
    assert [code for code in codes if again[code] != code] == [0x7F]


def test_mulaw_error_stays_within_a_half_step() -> None:
    every = np.arange(-32635, 32636, dtype=np.int16)
    error = np.abs(audio.through_telephone(every).astype(int) - every)
    assert np.all(error <= 4 + np.abs(every.astype(int)) / 30)


def test_resampling_keeps_speech_and_drops_what_would_fold_back() -> None:
    at = np.arange(22050) / 22050
    for freq_hz, kept in [(1000, True), (3400, True), (5000, False)]:
        tone = (10000 * np.sin(2 * np.pi * freq_hz * at)).astype(np.int16)
        peak = np.abs(audio.resample(tone, 22050, 8000)[400:-400]).max()
        assert (peak > 9500) if kept else (peak < 50)


@pytest.mark.parametrize("rate_hz", [8000, 11025, 16000, 44100])
def test_wav_of_any_rate_keeps_its_length(rate_hz: int) -> None:
    body = np.zeros(rate_hz * 2, dtype="<i2").tobytes()
    assert len(audio.read_wav(wav(1, 1, rate_hz, 16, body))) == 16000


@pytest.mark.parametrize(("tag", "bits"), [(1, 8), (1, 16), (1, 24), (1, 32), (7, 8)])
def test_wav_formats_give_the_same_sound(tag: int, bits: int) -> None:
    value = {8: bytes([192]), 16: (16384).to_bytes(2, "little"), 24: (1 << 22).to_bytes(3, "little")}.get(
        bits, (1 << 30).to_bytes(4, "little")
    )
    if tag == 7:
        value = audio.encode_mulaw(np.array([16384], dtype=np.int16))
    assert np.abs(audio.read_wav(wav(tag, 2, 8000, bits, value * 400)).astype(int) - 16384).max() < 600


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"RIFF",
        b"nonsense" * 9,
        wav(3, 1, 8000, 32, b""),
        wav(1, 0, 8000, 16, b"ab"),
        wav(1, 1, 8000, 16, b"")[:30],
    ],
)
def test_what_is_no_wav_is_named(data: bytes) -> None:
    with pytest.raises(audio.BadAudio):
        audio.read_wav(data)


def test_written_wav_can_be_read_by_others() -> None:
    with wave.open(BytesIO(audio.wav_bytes([audio.tone(400, 0.5), audio.silence(0.5)]))) as file:
        assert (file.getnchannels(), file.getframerate(), file.getnframes()) == (2, 8000, 4000)


def test_mix_clips_and_keeps_silence_free_of_charge() -> None:
    loud = np.full(160, 30000, dtype=np.int16)
    assert audio.mix([audio.SILENCE, audio.SILENCE]) is audio.SILENCE
    assert audio.mix([audio.SILENCE, loud]) is loud
    assert audio.mix([loud, loud]).max() == 32767


def test_voice_speaks_dutch_in_the_telephone_band() -> None:
    samples = audio.samples_of(synthesise("Ik wil dit gesprek opnemen."))
    spectrum = np.abs(np.fft.rfft(samples)) ** 2
    freq_hz = np.fft.rfftfreq(len(samples), 1 / 8000)
    assert 1.0 < len(samples) / 8000 < 4.0
    assert spectrum[(freq_hz < 120) | (freq_hz > 3700)].sum() < 1e-3 * spectrum.sum()


def test_voices_differ_and_repeat_themselves() -> None:
    assert (
        synthesise("Goedemiddag", "nl+m3") == synthesise("Goedemiddag", "nl+m3") != synthesise("Goedemiddag", "nl+f2")
    )


def test_rate_and_pace() -> None:
    assert abs(len(synthesise("Goedemiddag", rate_hz=16000)) - 2 * len(synthesise("Goedemiddag"))) < 200
    assert len(synthesise("Goedemiddag", words_per_minute=300)) < len(synthesise("Goedemiddag"))


def test_text_is_never_markup_unless_asked() -> None:
    assert len(synthesise("Ja <break time='3s'/> & nee")) > 16000
    assert len(synthesise_ssml("Ja <break time='3s'/> nee")) > len(synthesise("Ja nee")) + 2 * 8000 * 2


def test_nothing_to_say_is_no_sound() -> None:
    assert synthesise("") == synthesise("  ") == b""


def test_unknown_voice_is_refused() -> None:
    with pytest.raises(VoiceUnavailable):
        synthesise("Hallo", "zz-unknown")


def test_threads_get_their_own_words() -> None:
    texts = [f"Zin nummer {number}" for number in range(12)]
    with ThreadPoolExecutor(6) as pool:
        spoken = list(pool.map(lambda text: synthesise(text, "nl+m1"), texts))
    assert spoken == [synthesise(text, "nl+m1") for text in texts]
    assert len(set(spoken)) == len(texts)
