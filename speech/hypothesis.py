"""PURE. What a recogniser heard, kept as heard and uncorrected."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Word:
    """One recognised word; times in seconds since the start of the stream, confidence 0..1."""

    text: str
    start_s: float
    end_s: float
    confidence: float


@dataclass(frozen=True, slots=True)
class FinalHypothesis:
    """One utterance after its endpoint: lower-case words as the engine printed them.

    Times are in seconds since the start of the stream, confidence is 0..1 (the mean over the words).
    """

    text: str
    start_s: float
    end_s: float
    confidence: float
    words: tuple[Word, ...] = ()
