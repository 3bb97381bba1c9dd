"""What opens the gate, and what does not."""

import numpy as np
import pytest
import webrtcvad

from ivr.emulator.voice import synthesise
from speech.audio import TELEPHONE_RATE_HZ, level_dbfs
from speech.gate import FRAME_BYTES, GateSettings, VoiceGate

RNG = np.random.default_rng(5)


def voiced_share(pcm: bytes) -> float:
    gate = VoiceGate(GateSettings())
    opinions = gate.list_voiced(whole_frames(pcm))
    return sum(opinions) / len(opinions)


def whole_frames(pcm: bytes) -> bytes:
    return pcm[: len(pcm) // FRAME_BYTES * FRAME_BYTES]


def noise(level_dbfs: float) -> bytes:
    return RNG.normal(0, 32_768 * 10 ** (level_dbfs / 20), 40_000).astype("<i2").tobytes()


def test_digital_silence_and_line_noise_never_open_it() -> None:
    assert voiced_share(bytes(80_000)) == 0
    assert voiced_share(noise(-75)) == 0
    assert voiced_share(noise(-60)) == 0


def test_steady_noise_stays_out_however_loud() -> None:
    """The first frames may pass, before the detector knows the noise."""
    assert voiced_share(noise(-25)) < 0.02


def test_speech_opens_it_also_when_it_is_faint() -> None:
    """A share of all frames, half a second of line noise included; -25 and -44 dBFS."""
    for level, share in ((0.5, 0.4), (0.05, 0.25)):
        assert voiced_share(noise(-75)[:8_000] + synthesise("Ik neem dit gesprek op.", level=level)) > share


@pytest.mark.parametrize("frames_at_once", [1, 5, 10_000])
def test_it_decides_as_its_settings_say_however_many_frames_come_at_once(frames_at_once: int) -> None:
    """Frame by frame, in decibels, from the whole memory: as `GateSettings` tells it."""
    settings = GateSettings()
    pcm = whole_frames(noise(-62) + synthesise("Goedemiddag, ik neem dit gesprek op.") + noise(-40) + bytes(9_600))
    detector, levels, expected = webrtcvad.Vad(settings.aggressiveness), [], []
    for at in range(0, len(pcm), FRAME_BYTES):
        frame = pcm[at : at + FRAME_BYTES]
        levels.append(max(level_dbfs(frame), settings.floor_dbfs))
        loud = levels[-1] > max(settings.floor_dbfs, min(levels[-150:]) + settings.above_noise_db)
        expected.append(detector.is_speech(frame, TELEPHONE_RATE_HZ) and loud)
    gate, step = VoiceGate(settings), frames_at_once * FRAME_BYTES
    assert [o for at in range(0, len(pcm), step) for o in gate.list_voiced(pcm[at : at + step])] == expected
    assert 0 < sum(expected) < len(expected)
