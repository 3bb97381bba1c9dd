"""PURE. Whether an answer or a wish that was decoded may count, given how surely it and its telling words were heard,
and what a second witness heard."""

from collections.abc import Callable

from speech.hypothesis import FinalHypothesis
from speech.intent import Label, names_recording
from speech.spotting import THRESHOLDS

_WELL_HEARD = 0.5
"""Of the whole sentence: then one word may be hardly heard, and the sentence still tells what it was."""


def is_hardly_heard(
    said: FinalHypothesis, least_confidence: float, tells: Callable[[str], bool] = names_recording
) -> bool:
    """A wish or matter whose telling words the sound hardly supports: a recogniser's own guess at what is mostly said.

    `tells` knows those words; for a wish they are the words for recording.
    """
    telling = [word.confidence for word in said.words if tells(word.text)]
    return bool(telling) and said.confidence < _WELL_HEARD and sum(telling) < least_confidence * len(telling)


def doubt_about(label: Label, heard: FinalHypothesis, least_confidence: float) -> str | None:
    """Why a yes or a no that was decoded is unclear nevertheless, in Dutch; None where it may count.

    A witness who heard a no makes a yes doubtful even if it heard a yes too ("ja, eh, nee"); one who heard only a yes
    makes a no doubtful. A witness who heard neither asks for more confidence, since a yes can be said in other words.
    """
    if heard.confidence < least_confidence:
        return f"te onduidelijk verstaan om als antwoord te tellen ({heard.confidence:.2f})"
    witness = heard.witness
    if witness is None:
        return None
    if label is Label.YES:
        own, other, contradicted = witness.yes, witness.no, witness.no >= THRESHOLDS.contradicting
    else:
        own, other = witness.no, witness.yes
        contradicted = other >= THRESHOLDS.contradicting and not own
    if contradicted:
        return f"de tweede getuige hoorde iets anders ({other:.2f})"
    if own < THRESHOLDS.supporting and heard.confidence < THRESHOLDS.alone:
        return f"de tweede getuige hoorde het niet, en het was niet duidelijk genoeg ({heard.confidence:.2f})"
    return None
