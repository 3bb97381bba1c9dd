"""Two files, compared."""

from pathlib import Path

import av
import numpy as np

from speech.comparison.comparing import compare
from speech.comparison.decoding import Decoded, decode
from speech.comparison.report import COLUMNS, LOUDEST, METHOD, Report, Side
from speech.comparison.sound import Sound

TOOL = f"spelregel compare {METHOD}, PyAV {av.__version__}"
RANGE_DB = 50
"""Of an outline: what is so much softer than the loudest is drawn as silence."""

FAINT = 1e-4
"""Of full scale: a file that never gets louder is drawn as silence."""


def compare_files(agency: Path, copy: Path) -> Report:
    """Raises `UnusableAudio`, whose text names the file."""
    return compare_decoded(decode(agency), decode(copy))


def compare_decoded(agency: Decoded, copy: Decoded) -> Report:
    found = compare(agency.sound, copy.sound)
    return Report(TOOL, found, _side(agency), _side(copy))


def _side(decoded: Decoded) -> Side:
    return Side(outline(decoded.sound), decoded.damaged)


def outline(sound: Sound) -> tuple[int, ...]:
    """The loudest sample of each of at most `COLUMNS` equal stretches, in decibels on a scale of 0 to `LOUDEST`."""
    samples = sound.samples
    stretch = max(1, -(-samples.shape[1] // COLUMNS))
    starts = range(0, samples.shape[1], stretch)
    peaks = np.array([np.abs(samples[:, at : at + stretch]).max() for at in starts])
    levels = 1 + 20 * np.log10(np.maximum(peaks, FAINT / 10) / max(peaks.max(), FAINT)) / RANGE_DB
    return tuple(int(level) for level in np.rint(np.clip(levels, 0, 1) * LOUDEST))
