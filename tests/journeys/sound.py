"""Who is heard when in a recording, by its loudness. (The synthetic voice never says a text twice the same way.)"""

from collections.abc import Iterable

import numpy as np

from ivr.emulator.audio import FRAME_SAMPLES, RATE_HZ, Samples

SPEECH_RMS = 200
"""Above the noise of a mu-law line, below any word."""

Span = tuple[float, float]
"""Begin and end in seconds from the start of the recording."""


def speech_s(channel: Samples) -> float:
    """Seconds of sound, in steps of 20 ms."""
    frames = channel[: len(channel) // FRAME_SAMPLES * FRAME_SAMPLES].reshape(-1, FRAME_SAMPLES).astype(np.float64)
    return float(np.sum(np.sqrt((frames**2).mean(axis=1)) > SPEECH_RMS) * FRAME_SAMPLES / RATE_HZ)


def speech_in(channel: Samples, span: Span) -> float:
    """Seconds of sound between two moments."""
    begin, end = (max(0, round(moment_s * RATE_HZ)) for moment_s in span)
    return speech_s(channel[begin:end])


def speech_outside(channel: Samples, spans: Iterable[Span], margin_s: float = 0.25) -> float:
    """Seconds of sound that none of the spans explains."""
    rest = channel.copy()
    for begin_s, end_s in spans:
        rest[max(0, round((begin_s - margin_s) * RATE_HZ)) : max(0, round((end_s + margin_s) * RATE_HZ))] = 0
    return speech_s(rest)
