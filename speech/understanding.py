"""From a stream's utterances to what its caller means; sees sentences across pauses, and says a thing once. PURE."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from speech.events import IntentHeard, MatterHeard
from speech.hypothesis import FinalHypothesis
from speech.intent import ANSWERING, ANSWERS, NOTHING, WISHES, Expecting, Intent, Label, classify
from speech.matters import FoundMatter, Matter, find_matter
from speech.pieces import Pieces, joined
from speech.witness import doubt_about, is_hardly_heard

_UNDECIDED = {Label.NONE, Label.UNCLEAR}
_MEANT_AFTER_ALL: Mapping[Matter, frozenset[Label]] = {
    Matter.PAUSE: frozenset({Label.STOP, Label.COPY}),
    Matter.RESUME: frozenset({Label.STOP, Label.COPY, Label.REQUEST}),
    Matter.WHY: frozenset({Label.STOP}),
    Matter.VIDEO: frozenset({Label.STOP}),
}
"""What a matter is sometimes taken for: "ik wil de opname even pauzeren" is a stop to `classify`, which knows no
matters."""

_MATTER_CONFIDENCE = 0.9
"""Of the rules, as far as they go; what was heard may be less sure."""


@dataclass(frozen=True, slots=True)
class UnderstandingSettings:
    """Pieces of a sentence at most `join_s` apart are also read as one; a thing said again within `repeat_s` is one.

    `matters`: also look for what is no request and no answer and must be answered, as a live call wants it.
    """

    join_s: float = 1.5
    repeat_s: float = 5.0
    matters: bool = False


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
        self._pieces = Pieces(settings.join_s)
        self._pieces_of_matter = Pieces(settings.join_s)
        self._wish: IntentHeard | None = None
        self._matter: MatterHeard | None = None

    def interpret(self, heard: FinalHypothesis, expecting: Expecting, now_s: float) -> IntentHeard | MatterHeard | None:
        """What the utterance means, alone or as the end of a sentence.

        None for nothing, for a wish or matter said again, and for a wish that is not confirmed.
        """
        sentence, intent = self._read(heard, expecting)
        about, matter = self._read_matter(heard, expecting)
        if expecting is Expecting.LISTENING:
            self._pieces.keep(heard)
        if matter is not None and _is_meant(matter, intent.label):
            return self._tell_matter(about, matter, intent.label, now_s)
        if intent.label is Label.NONE:
            return None
        self._pieces.clear()
        self._pieces_of_matter.clear()
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
        for earlier in reversed(self._pieces.before(heard)):
            if intent.label not in _UNDECIDED:
                break
            sentence = joined(earlier, sentence)
            intent = classify(sentence.text, expecting)
        if intent.label is Label.REQUEST and is_hardly_heard(sentence, self._least_confidence[Label.REQUEST]):
            return heard, NOTHING
        return (heard, alone) if intent.label in _UNDECIDED else (sentence, intent)

    def _once(self, meant: IntentHeard) -> IntentHeard | None:
        if meant.label not in WISHES:
            return meant
        before, self._wish = self._wish, meant
        if before and before.label is meant.label and meant.start_s - before.at_s < self._settings.repeat_s:
            return None
        return meant

    def _read_matter(self, heard: FinalHypothesis, expecting: Expecting) -> tuple[FinalHypothesis, FoundMatter | None]:
        """The utterance, or the sentence that it ends, and its matter; none where an answer is awaited."""
        if not self._settings.matters or expecting in ANSWERING:
            return heard, None
        sentence, matter = heard, find_matter(heard.text)
        for earlier in reversed(self._pieces_of_matter.before(heard)):
            if matter is not None:
                break
            sentence = joined(earlier, sentence)
            matter = find_matter(sentence.text)
        self._pieces_of_matter.keep(heard)
        if matter is None or is_hardly_heard(
            sentence, self._least_confidence[Label.REQUEST], frozenset(matter.words).__contains__
        ):
            return heard, None
        return sentence, matter

    def _tell_matter(
        self, sentence: FinalHypothesis, matter: FoundMatter, label: Label, now_s: float
    ) -> MatterHeard | None:
        self._pieces_of_matter.clear()
        if label is not Label.NONE:
            self._pieces.clear()
        meant = MatterHeard(
            matter=matter.matter,
            at_s=sentence.end_s,
            start_s=sentence.start_s,
            endpoint_s=now_s,
            text=sentence.text,
            confidence=min(sentence.confidence, _MATTER_CONFIDENCE),
            evidence=matter.evidence,
        )
        before, self._matter = self._matter, meant
        if before and before.matter is meant.matter and meant.start_s - before.at_s < self._settings.repeat_s:
            return None
        return meant


def _is_meant(matter: FoundMatter, label: Label) -> bool:
    """Whether the matter counts where `classify` says that: beside nothing, and where it explains each word."""
    return label is Label.NONE or matter.is_all or label in _MEANT_AFTER_ALL.get(matter.matter, frozenset())
