"""The shape of a recording, drawn as SVG: caller above, employee below; one channel only where there is one.

It is computed each time: an hour of two channels takes 0.15 s, and nothing is left to destroy later.
"""

import wave
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

COLUMNS = 800
HALF = 40
"""Units of the drawing from a channel's middle to its top."""

COLOURS = ("#2f7fd1", "#a86a12")
"""Told apart from the ground by at least 3:1 on light and dark pages; the page names the channels in words."""

QUIET = 2_000
"""Of 32,767: what never gets louder than this is drawn small, so that silence looks silent."""

SAMPLE_BYTES = 2


def read_peaks(sound: BinaryIO) -> NDArray[np.int32]:
    """The loudest sample of each of at most `COLUMNS` stretches of equal length, as (stretch, channel).

    Raises `wave.Error` or `EOFError` for what is no WAV file, `ValueError` for one that is not of 16-bit samples.
    Reads it once through, a stretch at a time.
    """
    with wave.open(sound) as wav:
        if wav.getsampwidth() != SAMPLE_BYTES:
            raise ValueError("not a recording of 16-bit samples")
        channels, frames = wav.getnchannels(), wav.getnframes()
        stretch = max(1, -(-frames // COLUMNS))
        peaks = []
        while piece := wav.readframes(stretch):
            samples = np.frombuffer(piece[: len(piece) // SAMPLE_BYTES * SAMPLE_BYTES], "<i2").astype(np.int32)
            by_channel = samples[: len(samples) // channels * channels].reshape(-1, channels)
            peaks.append([int(np.abs(by_channel[:, channel]).max(initial=0)) for channel in range(channels)])
    return np.array(peaks, dtype=np.int32).reshape(-1, channels)


def draw_waveform(peaks: NDArray[np.int32]) -> str:
    """A picture without words: whoever shows it says what it is. At most 30 kB, whatever the length."""
    count, channels = peaks.shape
    heights = np.rint(peaks * (HALF - 1) / max(QUIET, int(peaks.max(initial=0)))).astype(int)
    shapes = "".join(
        f'<path fill="{COLOURS[channel % len(COLOURS)]}" d="{_outline(heights[:, channel].tolist(), channel)}"/>'
        for channel in range(channels)
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {max(1, count)} {2 * HALF * channels}"'
        f' preserveAspectRatio="none">{shapes}</svg>'
    )


def _outline(heights: list[int], channel: int) -> str:
    """There above the middle and back below it, never thinner than a line."""
    middle = HALF + 2 * HALF * channel
    there, back = _steps(heights, middle, -1, "h"), _steps(heights[::-1], middle, 1, "h-")
    return f"M0 {middle}{there}{back}z"


def _steps(heights: list[int], middle: int, side: int, along: str) -> str:
    """One step a height; equal ones make one longer step."""
    steps, width = [], 0
    for at, height in enumerate(heights):
        width += 1
        if at + 1 == len(heights) or heights[at + 1] != height:
            steps.append(f"V{middle + side * max(1, height)}{along}{width}")
            width = 0
    return "".join(steps)
