"""Two engines behind the Protocol of one: the second must confirm a wish to record, or either's is enough.

Answers are the first engine's alone, which has a second witness of its own for them.
"""

from collections import deque
from enum import StrEnum

from speech.audio import TELEPHONE_PCM_BYTES_PER_S
from speech.events import IntentHeard
from speech.gate import FRAME_MS
from speech.hypothesis import FinalHypothesis
from speech.intent import ANSWERING, WISHES, Expecting, classify
from speech.recogniser import Engine, Recogniser

_KEPT_FRAMES = 30_000 // FRAME_MS
_MARGIN_S = 0.3


class SecondOpinion(StrEnum):
    CONFIRM = "confirm"
    EITHER = "either"


class TwoEngines:
    """`first` listens and answers for both; what `second` is asked depends on the mode."""

    def __init__(self, first: Engine, second: Engine, mode: SecondOpinion) -> None:
        self._first, self._second = first, second
        self._mode = mode
        self.name = f"{first.name}, {second.name} ({mode})"
        self.least_confidence = first.least_confidence

    def open_recogniser(self) -> Recogniser:
        first = self._first.open_recogniser()
        if self._mode is SecondOpinion.CONFIRM:
            return ConfirmedRecogniser(first, self._second)
        return EitherRecogniser(first, self._second)


class ConfirmedRecogniser:
    """Keeps the sound of the last utterances, and has the second engine decode it when a wish was noticed in it."""

    def __init__(self, first: Recogniser, second: Engine) -> None:
        self._first = first
        self._second = second
        self._kept: deque[tuple[float, bytes]] = deque(maxlen=_KEPT_FRAMES)
        self._now_s = 0.0

    def begin(self, start_s: float, expecting: Expecting) -> None:
        while self._kept and self._kept[-1][0] >= start_s:  # two parts of a long utterance share what was between them
            self._kept.pop()
        self._now_s = start_s
        self._first.begin(start_s, expecting)

    def accept(self, pcm: bytes, voiced: bool) -> None:
        self._kept.append((self._now_s, pcm))
        self._now_s += len(pcm) / TELEPHONE_PCM_BYTES_PER_S
        self._first.accept(pcm, voiced)

    def peek(self) -> FinalHypothesis | None:
        return self._first.peek()

    def finish(self) -> FinalHypothesis | None:
        return self._first.finish()

    def confirms(self, meant: IntentHeard, /) -> bool:
        """The second engine hears all of the sentence, pauses left out, and must understand the same."""
        second = self._second.open_recogniser()
        second.begin(meant.start_s - _MARGIN_S, Expecting.LISTENING)
        for at_s, pcm in self._kept:
            if at_s >= meant.start_s - _MARGIN_S:
                second.accept(pcm, voiced=True)
        heard = second.finish()
        second.close()
        return heard is not None and classify(heard.text, Expecting.LISTENING).label is meant.label

    def close(self) -> None:
        self._kept.clear()
        self._first.close()


class EitherRecogniser:
    """Both engines hear everything, except for answers; a wish that one of them hears is enough."""

    def __init__(self, first: Recogniser, second: Engine) -> None:
        self._first = first
        self._second = second.open_recogniser()
        self._expecting = Expecting.LISTENING

    def begin(self, start_s: float, expecting: Expecting) -> None:
        self._expecting = expecting
        self._first.begin(start_s, expecting)
        self._second.begin(start_s, expecting)

    def accept(self, pcm: bytes, voiced: bool) -> None:
        self._first.accept(pcm, voiced)
        if self._expecting not in ANSWERING:
            self._second.accept(pcm, voiced)

    def peek(self) -> FinalHypothesis | None:
        return self._first.peek()

    def finish(self) -> FinalHypothesis | None:
        heard = self._first.finish()
        if self._expecting in ANSWERING or self._is_wish(heard):
            return heard
        other = self._second.finish()
        return other if heard is None or self._is_wish(other) else heard

    def confirms(self, _meant: IntentHeard, /) -> bool:
        """Either suffices."""
        return True

    def close(self) -> None:
        self._first.close()
        self._second.close()

    def _is_wish(self, heard: FinalHypothesis | None) -> bool:
        return heard is not None and classify(heard.text, self._expecting).label in WISHES
