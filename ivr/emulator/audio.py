"""Telephone sound as numpy frames: G.711 mu-law, resampling, WAV, tones. No clock, no network."""

import io
import struct
import wave
from functools import lru_cache
from math import gcd

import numpy as np
from numpy.typing import NDArray

RATE_HZ = 8000
FRAME_MS = 20
FRAME_SAMPLES = RATE_HZ * FRAME_MS // 1000

Samples = NDArray[np.int16]
"""Signed 16-bit mono at 8 000 Hz unless said otherwise; a frame is FRAME_SAMPLES of them."""

SILENCE: Samples = np.zeros(FRAME_SAMPLES, dtype=np.int16)

_WAVE_PCM = 1
_WAVE_MULAW = 7


class BadAudio(ValueError):
    """The bytes are no WAV that a telephone can play."""


def _expand_table() -> Samples:
    """The 256 values of ITU-T G.711 mu-law."""
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = (((code & 0x0F) << 3) + 0x84 << ((code & 0x70) >> 4)) - 0x84
    return np.where(code & 0x80, -magnitude, magnitude).astype(np.int16)


def _compress_table() -> NDArray[np.uint8]:
    """The mu-law byte for each 16-bit pattern, indexed by its unsigned view (ITU-T G.711, clipped at 32 635)."""
    value = np.arange(65536, dtype=np.uint16).view(np.int16).astype(np.int32)
    magnitude = np.minimum(np.abs(value), 32635) + 0x84
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 7
    mantissa = (magnitude >> (exponent + 3)) & 0x0F
    sign = np.where(value < 0, 0x80, 0)
    code: NDArray[np.uint8] = (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8)
    return code


_EXPAND = _expand_table()
_COMPRESS = _compress_table()


def encode_mulaw(samples: Samples) -> bytes:
    """One byte a sample."""
    return bytes(_COMPRESS[samples.view(np.uint16)])


def decode_mulaw(payload: bytes) -> Samples:
    """One sample a byte."""
    return _EXPAND[np.frombuffer(payload, dtype=np.uint8)]


def through_telephone(samples: Samples) -> Samples:
    """What is left of samples after a mu-law line."""
    return samples if samples is SILENCE else _EXPAND[_COMPRESS[samples.view(np.uint16)]]


def samples_of(pcm: bytes) -> Samples:
    """Signed 16-bit little-endian bytes as samples; an odd byte at the end is dropped."""
    return np.frombuffer(pcm[: len(pcm) & ~1], dtype="<i2").astype(np.int16)


def mix(frames: list[Samples]) -> Samples:
    """The clipped sum of frames of equal length; silence costs nothing."""
    audible = [frame for frame in frames if frame is not SILENCE]
    if not audible:
        return SILENCE
    if len(audible) == 1:
        return audible[0]
    total = np.sum(audible, axis=0, dtype=np.int32)
    return np.clip(total, -32768, 32767).astype(np.int16)


def resample(samples: Samples, from_hz: int, to_hz: int, low_hz: float = 0.0, high_hz: float | None = None) -> Samples:
    """Change the rate in the frequency domain, keeping `low_hz` to `high_hz` with 10 % wide cosine edges.

    The pass band ends at the lower Nyquist frequency where `high_hz` is absent, so nothing folds back.
    """
    if len(samples) == 0 or (from_hz == to_hz and low_hz == 0.0 and high_hz is None):
        return samples
    step = gcd(from_hz, to_hz)
    block_in, block_out = from_hz // step, to_hz // step
    blocks = -(-(len(samples) + from_hz // 20) // block_in)
    padded = np.zeros(blocks * block_in)
    padded[: len(samples)] = samples
    spectrum = np.fft.rfft(padded)
    freq = np.fft.rfftfreq(len(padded), 1 / from_hz)
    top = min(high_hz or from_hz / 2, from_hz / 2, to_hz / 2)
    spectrum *= 0.5 + 0.5 * np.cos(np.pi * np.clip((freq - 0.9 * top) / (0.1 * top), 0, 1))
    if low_hz > 0:
        spectrum *= 0.5 - 0.5 * np.cos(np.pi * np.clip((freq - 0.5 * low_hz) / (0.5 * low_hz), 0, 1))
    out = np.fft.irfft(spectrum, blocks * block_out) * (to_hz / from_hz)
    keep = -(-len(samples) * block_out // block_in)
    return np.clip(np.round(out[:keep]), -32768, 32767).astype(np.int16)


def read_wav(data: bytes) -> Samples:
    """PCM (8, 16, 24 or 32 bit) or mu-law WAV of any rate and channel count, as telephone samples.

    Raises   BadAudio.
    """
    if data[:4] != b"RIFF" or data[8:12] != b"WAVE":
        raise BadAudio("not a WAV file")
    form: tuple[int, int, int, int] | None = None
    at = 12
    while at + 8 <= len(data):
        name, size = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        body = data[at + 8 : at + 8 + size]
        if name == b"fmt " and len(body) >= 16:
            tag, channels, rate_hz, _, _, bits = struct.unpack("<HHIIHH", body[:16])
            form = (tag, channels, rate_hz, bits)
        elif name == b"data":
            if form is None:
                break
            return _telephone_samples(body, *form)
        at += 8 + size + size % 2
    raise BadAudio("a WAV file without a format and a data chunk")


def _telephone_samples(body: bytes, tag: int, channels: int, rate_hz: int, bits: int) -> Samples:
    if channels < 1 or not 4000 <= rate_hz <= 192_000:
        raise BadAudio(f"{channels} channels at {rate_hz} Hz")
    width = bits // 8
    body = body[: len(body) - len(body) % (max(width, 1) * channels)]
    if tag == _WAVE_MULAW and bits == 8:
        flat = decode_mulaw(body)
    elif tag == _WAVE_PCM and bits == 16:
        flat = np.frombuffer(body, dtype="<i2").astype(np.int16)
    elif tag == _WAVE_PCM and bits == 8:
        flat = ((np.frombuffer(body, dtype=np.uint8).astype(np.int16) - 128) << 8).astype(np.int16)
    elif tag == _WAVE_PCM and bits in (24, 32):
        raw = np.frombuffer(body, dtype=np.uint8).reshape(-1, width)
        flat = np.ascontiguousarray(raw[:, width - 2 :]).view("<i2").reshape(-1).astype(np.int16)
    else:
        raise BadAudio(f"WAV format {tag} with {bits} bits")
    mono = flat.reshape(-1, channels).astype(np.int32).mean(axis=1).astype(np.int16) if channels > 1 else flat
    return resample(mono, rate_hz, RATE_HZ)


def wav_bytes(channels: list[Samples]) -> bytes:
    """A PCM 16-bit WAV at 8 000 Hz."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(len(channels))
        file.setsampwidth(2)
        file.setframerate(RATE_HZ)
        file.writeframes(np.column_stack(channels).astype("<i2").tobytes())
    return out.getvalue()


def tone(freq_hz: float, duration_s: float, level: float = 0.15) -> Samples:
    at = np.arange(int(duration_s * RATE_HZ)) / RATE_HZ
    edge = np.minimum(1, np.minimum(at, duration_s - at) / 0.01)
    return (32767 * level * edge * np.sin(2 * np.pi * freq_hz * at)).astype(np.int16)


def silence(duration_s: float) -> Samples:
    return np.zeros(max(0, round(duration_s * RATE_HZ)), dtype=np.int16)


@lru_cache(maxsize=1)
def waiting_music() -> Samples:
    """Four seconds of soft chords, to be looped."""
    chords = [(262, 330, 392), (220, 262, 330), (175, 220, 262), (196, 247, 294)]
    return np.concatenate([mix([tone(freq_hz, 1.0, 0.03) for freq_hz in chord]) for chord in chords])


@lru_cache(maxsize=1)
def beep() -> Samples:
    return tone(1000, 0.2)
