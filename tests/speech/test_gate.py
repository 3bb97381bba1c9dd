"""What opens the gate, and what does not."""

import numpy as np

from ivr.emulator.voice import synthesise
from speech.gate import FRAME_SAMPLES, GateSettings, VoiceGate

RNG = np.random.default_rng(5)


def voiced_share(pcm: bytes) -> float:
    gate = VoiceGate(GateSettings())
    size = 2 * FRAME_SAMPLES
    frames = [pcm[start : start + size] for start in range(0, len(pcm) - size + 1, size)]
    return sum(gate.is_voiced(frame) for frame in frames) / len(frames)


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
