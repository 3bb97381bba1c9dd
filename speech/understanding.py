"""From a stream's utterances to what its caller means; sees sentences across pauses, and says a thing once. PURE."""

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from speech.events import IntentHeard
from speech.hypothesis import FinalHypothesis
from speech.intent import ANSWERS, NOTHING, WISHES, Expecting, Intent, Label, classify
from speech.witness import doubt_about, is_hardly_heard

_UNDECIDED = {Label.NONE, Label.UNCLEAR}
_PIECES = 3


@dataclass(frozen=True, slots=True)
class UnderstandingSettings:
    """Pieces of a sentence at most `join_s` apart are also read as one; a wish said again within `repeat_s` is one."""

    join_s: float = 1.5
    repeat_s: float = 5.0


class Understanding:
    """Follows one stream; words heard with less than the engine's `least_confidence` are no answer and no wish.

    `confirms` is asked before a wish to record is passed on.
    """

    def __init__(
        self,
        settings: UnderstandingSettings,
        least_confidence: Mapping[Label, float],
        confirms: Callable[[IntentHeard], bool],
    ) -> None:
        self._settings = settings
        self._least_confidence = least_confidence
        self._confirms = confirms
        self._pieces: deque[FinalHypothesis] = deque(maxlen=_PIECES)
        self._wish: IntentHeard | None = None

    def interpret(self, heard: FinalHypothesis, expecting: Expecting, now_s: float) -> IntentHeard | None:
        """What the utterance means, alone or as the end of a sentence.

        None for nothing, for a wish said again, and for one that is not confirmed.
        """
        sentence, intent = self._read(heard, expecting)
        if expecting is Expecting.LISTENING:
            self._keep_piece(heard)
        if intent.label is Label.NONE:
            return None
        self._pieces.clear()
        meant = IntentHeard(
            label=intent.label,
            at_s=sentence.end_s,
            start_s=sentence.start_s,
            endpoint_s=now_s,
            text=sentence.text,
            confidence=min(sentence.confidence, intent.confidence),
            evidence=intent.evidence,
        )
        if meant.label is Label.REQUEST and not self._confirms(meant):
            return None
        return self._once(meant)

    def is_wish(self, heard: FinalHypothesis, expecting: Expecting) -> bool:
        """Whether the utterance would be a wish if it ended here."""
        return self._read(heard, expecting)[1].label in WISHES

    def _read(self, heard: FinalHypothesis, expecting: Expecting) -> tuple[FinalHypothesis, Intent]:
        alone = classify(heard.text, expecting)
        if alone.label in ANSWERS:
            doubt = doubt_about(alone.label, heard, self._least_confidence[alone.label])
            return heard, alone if doubt is None else Intent(Label.UNCLEAR, alone.confidence, (*alone.evidence, doubt))
        if expecting is not Expecting.LISTENING:
            return heard, alone
        sentence, intent = heard, alone
        for earlier in reversed(self._pieces_before(heard)):
            if intent.label not in _UNDECIDED:
                break
            sentence = _joined(earlier, sentence)
            intent = classify(sentence.text, expecting)
        if intent.label is Label.REQUEST and is_hardly_heard(sentence, self._least_confidence[Label.REQUEST]):
            return heard, NOTHING
        return (heard, alone) if intent.label in _UNDECIDED else (sentence, intent)

    def _pieces_before(self, heard: FinalHypothesis) -> tuple[FinalHypothesis, ...]:
        if self._pieces and heard.start_s - self._pieces[-1].end_s > self._settings.join_s:
            return ()
        return tuple(self._pieces)

    def _keep_piece(self, heard: FinalHypothesis) -> None:
        pieces = self._pieces_before(heard)
        self._pieces.clear()
        self._pieces.extend((*pieces, heard))

    def _once(self, meant: IntentHeard) -> IntentHeard | None:
        if meant.label not in WISHES:
            return meant
        before, self._wish = self._wish, meant
        if before and before.label is meant.label and meant.start_s - before.at_s < self._settings.repeat_s:
            return None
        return meant


def _joined(first: FinalHypothesis, second: FinalHypothesis) -> FinalHypothesis:
    return FinalHypothesis(
        text=f"{first.text} {second.text}",
        start_s=first.start_s,
        end_s=second.end_s,
        confidence=min(first.confidence, second.confidence),
        words=first.words + second.words,
    )
