"""Looking for known words in a recording: a voice that always says them the same way makes that exact."""

import numpy as np
from numpy.typing import NDArray

from ivr.emulator.audio import RATE_HZ, Samples, samples_of
from ivr.emulator.voice import synthesise
from tests.journeys.running import Step

SPEECH_RMS = 200
FRAME = RATE_HZ // 50


def spoken(step: Step) -> Samples:
    """The sound of a script's step."""
    rate = step.get("words_per_minute", 150)
    return samples_of(synthesise(step["say"], step.get("voice", "nl+m3"), words_per_minute=rate))


def find_sound(wanted: Samples, channel: Samples) -> tuple[float, float]:
    """How like `wanted` the likest part of the channel is (normalised correlation, 1: the same), and where, in s."""
    if len(channel) < len(wanted):
        return 0.0, 0.0
    size = 1 << (len(channel) + len(wanted)).bit_length()
    signal, pattern = channel.astype(np.float64), wanted.astype(np.float64)
    spectrum = np.fft.rfft(signal, size) * np.conj(np.fft.rfft(pattern, size))
    matches: NDArray[np.float64] = np.fft.irfft(spectrum, size)[: len(signal) - len(pattern) + 1]
    power = np.concatenate([[0.0], np.cumsum(signal**2)])
    energy = np.sqrt(power[len(pattern) :] - power[: -len(pattern)])
    likeness = matches / np.maximum(energy * np.sqrt((pattern**2).sum()), 1.0)
    at = int(np.argmax(likeness))
    return float(likeness[at]), at / RATE_HZ


def speech_s(channel: Samples) -> float:
    """Seconds of sound above the noise of a mu-law line."""
    frames = channel[: len(channel) // FRAME * FRAME].reshape(-1, FRAME).astype(np.float64)
    return float(np.sum(np.sqrt((frames**2).mean(axis=1)) > SPEECH_RMS) * FRAME / RATE_HZ)
