"""What the listener needs of a speech engine: a model for the whole process, a session for each call."""

from typing import Protocol

from speech.hypothesis import FinalHypothesis
from speech.intent import Expecting


class Recogniser(Protocol):
    """The decoding of one call, utterance by utterance; called by one thread at a time."""

    def begin(self, start_s: float, expecting: Expecting) -> None:
        """A new utterance starts at `start_s` of the stream; `expecting` says which words to listen for."""
        ...

    def accept(self, pcm: bytes, voiced: bool) -> None:
        """The next piece of the utterance: 16-bit PCM, 8 000 Hz, mono; `voiced` is the gate's opinion of it."""
        ...

    def finish(self) -> FinalHypothesis | None:
        """The utterance has ended: what was heard, or None where it was no speech."""
        ...

    def close(self) -> None:
        """The call has ended."""
        ...


class Engine(Protocol):
    """A loaded model, shared by all threads of the process."""

    @property
    def name(self) -> str: ...

    @property
    def least_answer_confidence(self) -> float:
        """Words that this engine heard with less confidence are not taken for a yes or a no."""
        ...

    def open_recogniser(self) -> Recogniser: ...
