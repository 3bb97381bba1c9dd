"""What the listener reports. PURE. Times are in seconds since the start of the stream, confidences are 0..1."""

from dataclasses import dataclass

from speech.intent import Label
from speech.matters import Matter


@dataclass(frozen=True, slots=True)
class SpeechHeard:
    """One utterance, whatever it meant."""

    start_s: float
    end_s: float
    text: str
    confidence: float


@dataclass(frozen=True, slots=True)
class IntentHeard:
    """What was meant. It was spoken from `start_s` to `at_s`, and certain at `endpoint_s`.

    `confidence` is the lower of the recogniser's (in the words) and the intent's (in what they mean).
    """

    label: Label
    at_s: float
    start_s: float
    endpoint_s: float
    text: str
    confidence: float
    evidence: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MatterHeard:
    """Something that must be answered though nobody asked; times and confidence as those of an intent."""

    matter: Matter
    at_s: float
    start_s: float
    endpoint_s: float
    text: str
    confidence: float
    evidence: tuple[str, ...]


SpeechEvent = SpeechHeard | IntentHeard | MatterHeard
