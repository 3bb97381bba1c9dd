"""The drawn shape of a recording."""

import io
import re
import wave
from xml.etree import ElementTree

import numpy as np
import pytest

from speech.waveform import COLUMNS, HALF, draw_waveform, read_peaks

RATE_HZ = 8000
LARGEST_BYTES = 30_000


def recording(left: list[int], right: list[int] | None = None, width: int = 2) -> io.BytesIO:
    tracks = [left] if right is None else [left, right]
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(len(tracks))
        wav.setsampwidth(width)
        wav.setframerate(RATE_HZ)
        wav.writeframes(np.array(tracks).T.astype(f"<i{width}").tobytes())
    file.seek(0)
    return file


def test_each_channel_has_its_own_peaks_in_order() -> None:
    quiet, loud = [10] * RATE_HZ, [-32768] * RATE_HZ
    peaks = read_peaks(recording(quiet + loud, loud + quiet))
    assert peaks.shape == (COLUMNS, 2)
    half = COLUMNS // 2
    assert peaks[:half].tolist() == [[10, 32768]] * half
    assert peaks[half:].tolist() == [[32768, 10]] * half


def test_a_recording_shorter_than_the_drawing_is_drawn_sample_by_sample() -> None:
    assert read_peaks(recording([1, -2, 3])).tolist() == [[1], [2], [3]]


def test_nothing_recorded_is_drawn_as_nothing() -> None:
    peaks = read_peaks(recording([], []))
    assert peaks.shape == (0, 2)
    ElementTree.fromstring(draw_waveform(peaks))  # noqa: S314 - our own drawing


def test_what_is_cut_short_is_drawn_as_far_as_it_goes() -> None:
    whole = recording([500] * RATE_HZ, [500] * RATE_HZ).getvalue()
    peaks = read_peaks(io.BytesIO(whole[: len(whole) // 2 + 1]))
    assert 0 < len(peaks) < COLUMNS
    assert peaks.max() == 500


@pytest.mark.parametrize("content", [b"", b"RIFF", b"<svg onload=alert(1)>"])
def test_what_is_no_recording_is_refused(content: bytes) -> None:
    with pytest.raises((wave.Error, EOFError)):
        read_peaks(io.BytesIO(content))


def test_other_samples_are_refused() -> None:
    with pytest.raises(ValueError, match="16-bit"):
        read_peaks(recording([1, 2], width=4))


def test_the_drawing_has_the_caller_above_the_employee_and_stays_small() -> None:
    """Noise all the time is what makes it largest."""
    noise = np.random.default_rng(1).integers(0, 32768, (COLUMNS, 2)).astype(np.int32)
    drawn = draw_waveform(noise)
    assert len(drawn.encode()) <= LARGEST_BYTES
    picture = ElementTree.fromstring(drawn)  # noqa: S314 - our own drawing
    assert picture.get("viewBox") == f"0 0 {COLUMNS} {4 * HALF}"
    above, below = (path.get("d", "") for path in picture)
    assert max(heights(above)) < 2 * HALF <= min(heights(below))


def test_silence_looks_silent() -> None:
    drawn = draw_waveform(np.full((COLUMNS, 2), 20, np.int32))
    assert heights(drawn) <= {HALF - 1, HALF, HALF + 1, 3 * HALF - 1, 3 * HALF, 3 * HALF + 1}


def heights(path: str) -> set[int]:
    return {int(height) for height in re.findall(r"V(\d+)", path)}
