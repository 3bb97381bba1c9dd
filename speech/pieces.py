"""The last utterances of a stream, which may be pieces of one sentence. PURE."""

from collections import deque

from speech.hypothesis import FinalHypothesis

_PIECES = 3


class Pieces:
    """Utterances that each began at most `join_s` after the one before; never more than three."""

    def __init__(self, join_s: float) -> None:
        self._join_s = join_s
        self._kept: deque[FinalHypothesis] = deque(maxlen=_PIECES)

    def before(self, heard: FinalHypothesis) -> tuple[FinalHypothesis, ...]:
        """Those that the utterance may continue, the earliest first."""
        if self._kept and heard.start_s - self._kept[-1].end_s > self._join_s:
            return ()
        return tuple(self._kept)

    def keep(self, heard: FinalHypothesis) -> None:
        kept = self.before(heard)
        self._kept.clear()
        self._kept.extend((*kept, heard))

    def clear(self) -> None:
        """What was said has got its meaning: nothing continues it."""
        self._kept.clear()


def joined(first: FinalHypothesis, second: FinalHypothesis) -> FinalHypothesis:
    """Both as one utterance, as surely heard as the less sure of the two."""
    return FinalHypothesis(
        text=f"{first.text} {second.text}",
        start_s=first.start_s,
        end_s=second.end_s,
        confidence=min(first.confidence, second.confidence),
        words=first.words + second.words,
    )
