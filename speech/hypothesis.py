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
class Witness:
    """What a grammar of answers heard in the same sound: its surest yes-word and no-word, 0..1; 0 where none came."""

    yes: float
    no: float


@dataclass(frozen=True, slots=True)
class FinalHypothesis:
    """One utterance after its endpoint: lower-case words as the engine printed them.

    Times are in seconds since the start of the stream, confidence is 0..1 (the mean over the words).
    `witness` is there where an answer was awaited and the engine has a second witness.
    """

    text: str
    start_s: float
    end_s: float
    confidence: float
    words: tuple[Word, ...] = ()
    witness: Witness | None = None

    @classmethod
    def of(cls, words: tuple[Word, ...], witness: Witness | None = None) -> "FinalHypothesis | None":
        """None where there are no words."""
        if not words:
            return None
        return cls(
            text=" ".join(word.text for word in words),
            start_s=words[0].start_s,
            end_s=words[-1].end_s,
            confidence=sum(word.confidence for word in words) / len(words),
            words=words,
            witness=witness,
        )
