"""Whether a WAV file is a voice that the carrier can play, of about the length that its words take."""

import struct
from collections.abc import Iterator

import numpy as np

_PCM, _MULAW = 1, 7
_RATES_HZ = range(8_000, 48_001)
_MULAW_HZ = 8_000

_AUDIBLE_PCM = 400
_AUDIBLE_MULAW = 0x20
"""About -38 dB below full scale, as a 16-bit sample and as a mu-law code without its sign, inverted (ITU-T G.711)."""
_AUDIBLE_SHARE = 0.05

_FASTEST_PER_S, _SLOWEST_PER_S, _SLACK_S = 30.0, 5.0, 2.0
"""Characters a second of a hurried and of a slow speaker, and pauses around a short text."""


def check_sound(content: bytes, characters: int) -> float:
    """The length in seconds of a WAV file that the carrier can play. Raises `ValueError` with what is expected."""
    code, rate_hz, sound = _sound_of(content)
    levels = (
        np.abs(np.frombuffer(sound[: len(sound) & ~1], "<i2").astype(np.int32)) >= _AUDIBLE_PCM
        if code == _PCM
        else (~np.frombuffer(sound, np.uint8) & 0x7F) >= _AUDIBLE_MULAW
    )
    duration_s = len(levels) / rate_hz
    shortest_s = characters / _FASTEST_PER_S
    longest_s = characters / _SLOWEST_PER_S + _SLACK_S
    if not shortest_s <= duration_s <= longest_s:
        raise ValueError(
            f"must last from {shortest_s:.1f} to {longest_s:.1f} seconds for its text; it lasts {duration_s:.1f}"
        )
    if levels.mean() < _AUDIBLE_SHARE:
        raise ValueError("must be a voice that can be heard; it is silent")
    return duration_s


def _sound_of(content: bytes) -> tuple[int, int, bytes]:
    """Format, rate and samples: mono, 16-bit PCM or 8-bit mu-law. Raises `ValueError`."""
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        raise ValueError("must be a WAV file")
    chunks = dict(_chunks(content))
    if len(chunks.get(b"fmt ", b"")) < 16 or not chunks.get(b"data"):
        raise ValueError("must be a whole WAV file, with a format and sound")
    code, channels, rate_hz, _, _, bits = struct.unpack_from("<HHIIHH", chunks[b"fmt "])
    playable = ((code, bits) == (_PCM, 16) and rate_hz in _RATES_HZ) or (code, bits, rate_hz) == (_MULAW, 8, _MULAW_HZ)
    if channels != 1 or not playable:
        raise ValueError(
            "must be mono, with 16-bit PCM sound at 8000 to 48000 Hz or mu-law sound at 8000 Hz;"
            f" it has {channels} channels, format {code} with {bits} bits, {rate_hz} Hz"
        )
    return code, rate_hz, chunks[b"data"]


def _chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(content):
        name, size = content[at : at + 4], int.from_bytes(content[at + 4 : at + 8], "little")
        if at + 8 + size > len(content):
            raise ValueError("must be a whole WAV file; it is cut short")
        yield name, content[at + 8 : at + 8 + size]
        at += 8 + size + size % 2
