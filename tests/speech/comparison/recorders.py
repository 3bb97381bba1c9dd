"""What a caller's recorder makes of a call without any ill will: microphones, rooms, noise, clocks and codecs."""

import io
from collections.abc import Callable, Mapping

import av
import numpy as np
from av.audio.stream import AudioStream
from numpy.random import Generator
from numpy.typing import NDArray

from speech.audio import decode_alaw, decode_mulaw, encode_mulaw
from tests.speech.alaw import encode_alaw
from tests.speech.comparison.calls import RATE_HZ, Samples, sentences, some_voice

Recorder = Callable[[Samples, Generator], Samples]

CODECS: Mapping[str, tuple[str, str, int, int, str]] = {
    # container, encoder, bits a second, rate, sample format
    "mp3_8": ("mp3", "libmp3lame", 8_000, 8_000, "s16p"),
    "mp3_16": ("mp3", "libmp3lame", 16_000, 16_000, "s16p"),
    "mp3_32": ("mp3", "libmp3lame", 32_000, 16_000, "s16p"),
    "mp3_64": ("mp3", "libmp3lame", 64_000, 44_100, "s16p"),
    "aac_24": ("mp4", "aac", 24_000, 16_000, "fltp"),
    "aac_64": ("mp4", "aac", 64_000, 44_100, "fltp"),
    "opus_6": ("ogg", "libopus", 6_000, 48_000, "s16"),
    "opus_12": ("ogg", "libopus", 12_000, 48_000, "s16"),
    "opus_24": ("ogg", "libopus", 24_000, 48_000, "s16"),
    "amr_475": ("amr", "libopencore_amrnb", 4_750, 8_000, "s16"),
    "amr_122": ("amr", "libopencore_amrnb", 12_200, 8_000, "s16"),
}


_LEAD_FRAMES = {"aac": 1024}
"""Samples that this encoder puts before the sound, and that a player leaves out."""


def coded(name: str) -> Recorder:
    def through(sound: Samples, _rng: Generator) -> Samples:
        if name == "mulaw":
            return _pcm(decode_mulaw(encode_mulaw(_bytes(sound))))
        if name == "alaw":
            return _pcm(decode_alaw(encode_alaw(_bytes(sound))))
        return _through_codec(sound, *CODECS[name])

    return through


def _bytes(sound: Samples) -> bytes:
    return (np.clip(sound, -1, 0.9999) * 32768).astype("<i2").tobytes()


def _pcm(data: bytes) -> Samples:
    return np.asarray(np.frombuffer(data, "<i2") / 32768, dtype=np.float32)


def _through_codec(sound: Samples, container: str, encoder: str, bit_rate: int, rate_hz: int, fmt: str) -> Samples:
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(encoder, rate=rate_hz)
        assert isinstance(stream, AudioStream)
        stream.bit_rate, stream.layout = bit_rate, "mono"
        pcm = np.frombuffer(_bytes(sound), "<i2").reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(pcm, format="s16", layout="mono")
        frame.sample_rate = RATE_HZ
        queue = av.AudioFifo()
        for piece in _resampled(frame, fmt, rate_hz):
            piece.pts = None
            queue.write(piece)
        size = stream.codec_context.frame_size or 1024
        while (ready := queue.read(size) or queue.read(size, partial=True)) is not None:
            ready.pts = None
            out.mux(stream.encode(ready))
        out.mux(stream.encode(None))
    file.seek(0)
    with av.open(file, "r", format="mov" if container == "mp4" else container) as source:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
        frames = [piece for got in source.decode(audio=0) for piece in resampler.resample(got)]
        frames += resampler.resample(None)
    lead = round(_LEAD_FRAMES.get(encoder, 0) / rate_hz * RATE_HZ)
    decoded = np.concatenate([piece.to_ndarray().reshape(-1) for piece in frames])[lead:]
    return np.asarray(decoded / 32768, dtype=np.float32)


def _resampled(frame: av.AudioFrame, fmt: str, rate_hz: int) -> list[av.AudioFrame]:
    resampler = av.AudioResampler(format=fmt, layout="mono", rate=rate_hz)
    return [*resampler.resample(frame), *resampler.resample(None)]


def level_of(sound: Samples) -> float:
    """The RMS of where somebody speaks."""
    frames = sound[: len(sound) // 160 * 160].reshape(-1, 160)
    power = (frames.astype(np.float64) ** 2).mean(axis=1)
    return float(np.sqrt(power[power > power.max() * 1e-3].mean())) if len(power) else 0.0


def noisy(kind: str, snr_db: float) -> Recorder:
    def add(sound: Samples, rng: Generator) -> Samples:
        noise = NOISES[kind](len(sound), rng)
        scale = level_of(sound) / (np.sqrt((noise**2).mean()) + 1e-12) * 10 ** (-snr_db / 20)
        return np.asarray(sound + noise * scale, dtype=np.float32)

    return add


def _white(count: int, rng: Generator) -> NDArray[np.float64]:
    return rng.standard_normal(count)


def _shaped(count: int, rng: Generator, power: float) -> NDArray[np.float64]:
    spectrum = np.fft.rfft(rng.standard_normal(count))
    hz = np.fft.rfftfreq(count, 1 / RATE_HZ)
    return np.fft.irfft(spectrum * (np.maximum(hz, 50) / 50) ** power, count)


def _pink(count: int, rng: Generator) -> NDArray[np.float64]:
    return _shaped(count, rng, -0.5)


def _street(count: int, rng: Generator) -> NDArray[np.float64]:
    """Brown rumble that swells as cars go by, with a horn now and then."""
    time_s = np.arange(count) / RATE_HZ
    swell = sum(
        np.exp(-(((time_s - at) / 2.5) ** 2)) for at in rng.uniform(0, count / RATE_HZ, max(1, count // 80_000))
    )
    noise = _shaped(count, rng, -0.8) * (0.4 + swell)
    for at in rng.integers(0, max(1, count - RATE_HZ), max(1, count // 320_000)):
        horn = np.sin(2 * np.pi * 440 * time_s[: RATE_HZ // 2]) * noise.std()
        noise[at : at + len(horn)] += horn[: count - at]
    return np.asarray(noise)


def _babble(count: int, rng: Generator) -> NDArray[np.float64]:
    noise = np.zeros(count)
    for _ in range(5):
        voice, at = some_voice(rng), 0
        while at < count:
            piece = voice.say(str(rng.choice(sentences()[:400])))[: count - at]
            noise[at : at + len(piece)] += piece
            at += len(piece) + int(rng.integers(500, 6000))
    return noise


NOISES: Mapping[str, Callable[[int, Generator], NDArray[np.float64]]] = {
    "white": _white, "pink": _pink, "street": _street, "babble": _babble,
}  # fmt: skip


def reverberant(tail_s: float, share: float) -> Recorder:
    def add(sound: Samples, rng: Generator) -> Samples:
        count = int(tail_s * RATE_HZ)
        response = rng.standard_normal(count) * np.exp(-6.9 * np.arange(count) / count)
        response *= share / np.sqrt((response**2).sum())
        response[0] = 1.0
        return convolve(sound, response)

    return add


def convolve(sound: Samples, response: NDArray[np.float64]) -> Samples:
    size = 1 << (len(sound) + len(response)).bit_length()
    product = np.fft.rfft(sound, size) * np.fft.rfft(response, size)
    return np.fft.irfft(product, size)[: len(sound)].astype(np.float32)


def band(low_hz: float, high_hz: float) -> Recorder:
    def through(sound: Samples, _rng: Generator) -> Samples:
        hz = np.fft.rfftfreq(len(sound), 1 / RATE_HZ)
        gain = 1 / np.sqrt(1 + (low_hz / np.maximum(hz, 1)) ** 8) / np.sqrt(1 + (hz / high_hz) ** 16)
        return np.fft.irfft(np.fft.rfft(sound) * gain, len(sound)).astype(np.float32)

    return through


def levelled(sound: Samples, _rng: Generator) -> Samples:
    """Automatic gain: quick down, slow up, at most 30 dB."""
    gain, out = 1.0, np.empty_like(sound)
    for start in range(0, len(sound), 80):
        piece = sound[start : start + 80]
        peak = float(np.abs(piece).max(initial=1e-4)) * gain
        gain = max(gain * 0.7, gain * 0.3 / peak) if peak > 0.3 else min(gain * 1.006, 30.0)
        out[start : start + 80] = piece * gain
    return out


def swinging(depth_db: float, period_s: float) -> Recorder:
    def swing(sound: Samples, rng: Generator) -> Samples:
        time_s = np.arange(len(sound)) / RATE_HZ
        gain_db = depth_db * np.sin(2 * np.pi * time_s / period_s + rng.uniform(0, 6))
        return (sound * 10 ** (gain_db / 20)).astype(np.float32)

    return swing


def held_away(sound: Samples, rng: Generator) -> Samples:
    """A few times, for seconds, 12 to 18 dB softer and duller."""
    gain = np.ones(len(sound))
    for _ in range(max(1, len(sound) // (40 * RATE_HZ))):
        at, count = int(rng.integers(len(sound))), int(rng.uniform(1, 6) * RATE_HZ)
        gain[at : at + count] = 10 ** (-rng.uniform(12, 18) / 20)
    smooth = np.hanning(1601) / np.hanning(1601).sum()
    return (sound * convolve(gain.astype(np.float32) - 1, smooth) + sound).astype(np.float32)


def loud(gain: float) -> Recorder:
    return lambda sound, _rng: np.clip(sound * gain, -0.5, 0.5).astype(np.float32)


def glitched(share: float, *, concealed: bool) -> Recorder:
    """Packets of 20 to 60 ms lost: silence, or the last piece again."""

    def lose(sound: Samples, rng: Generator) -> Samples:
        out = sound.copy()
        for at in rng.integers(1000, len(sound) - 1000, int(len(sound) * share / 320)):
            count = int(rng.choice((160, 320, 480)))
            out[at : at + count] = out[at - count : at] * 0.7 if concealed else 0.0
        return out

    return lose


def drifting(ppm: float) -> Recorder:
    """The recorder's clock counts (1 + ppm / 1e6) samples where the agency's counts one."""

    def drift(sound: Samples, _rng: Generator) -> Samples:
        at = np.arange(int(len(sound) * (1 + ppm / 1e6))) / (1 + ppm / 1e6)
        return np.interp(at, np.arange(len(sound)), sound).astype(np.float32)

    return drift


def suppressed(sound: Samples, _rng: Generator) -> Samples:
    """A telephone's noise suppression: each bin is turned down to its noise, quick to open and slow to close."""
    size, hop = 256, 128
    window = np.sqrt(np.hanning(size + 1)[:size])
    pieces = np.lib.stride_tricks.sliding_window_view(np.pad(sound, size), size)[::hop] * window
    spectra = np.fft.rfft(pieces)
    power = np.abs(spectra) ** 2 + 1e-12
    gain = np.clip(1 - 3 * np.quantile(power, 0.2, axis=0) / power, 0.05, 1)
    for number in range(1, len(gain)):
        gain[number] = np.maximum(gain[number], 0.7 * gain[number - 1])
    out = np.zeros((len(pieces) + 1) * hop)
    for number, piece in enumerate(np.fft.irfft(spectra * gain, size) * window):
        out[number * hop : number * hop + size] += piece
    return out[size : size + len(sound)].astype(np.float32)


def gated(sound: Samples, _rng: Generator) -> Samples:
    """Nothing at all wherever it is not loud."""
    level = np.sqrt(convolve(sound**2, np.ones(800) / 800).clip(0))
    is_open = (level > np.quantile(level, 0.9) * 0.1).astype(np.float32)
    return (sound * np.clip(2 * convolve(is_open, np.ones(400) / 400), 0, 1)).astype(np.float32)


def jittered(sound: Samples, rng: Generator) -> Samples:
    """A buffer that every few seconds leaves out 10 to 30 ms or plays 20 ms twice."""
    pieces, at = [], 0
    while at < len(sound):
        count = int(rng.uniform(3, 9) * RATE_HZ)
        pieces.append(sound[at : at + count])
        at += count
        if rng.random() < 0.5:
            at += int(rng.choice((80, 160, 240)))
        else:
            pieces.append(sound[max(0, at - 160) : at])
    return np.concatenate(pieces).astype(np.float32)


def talked_beside(sound: Samples, rng: Generator) -> Samples:
    """Somebody in the room says a few things of their own."""
    out = sound.copy()
    for _ in range(4):
        said = some_voice(rng).say(str(rng.choice(sentences()[:400]))) * np.float32(rng.uniform(0.2, 1))
        at = int(rng.integers(0, len(out) - len(said)))
        out[at : at + len(said)] += said
    return out


def thumped(sound: Samples, rng: Generator) -> Samples:
    """Hands and tables: up to 2 s of noise, some louder than speech."""
    out = sound.copy()
    for _ in range(6):
        count = int(rng.uniform(0.2, 2) * RATE_HZ)
        at = int(rng.integers(0, len(out) - count))
        out[at : at + count] += rng.standard_normal(count) * 10 ** rng.uniform(-2, -0.7) * np.hanning(count)
    return out.astype(np.float32)
