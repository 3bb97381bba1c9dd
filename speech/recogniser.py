"""What the listener needs of a speech engine: a model for the whole process, a session for each call."""

from collections.abc import Mapping
from typing import Protocol

from speech.events import IntentHeard
from speech.hypothesis import FinalHypothesis
from speech.intent import Expecting, Label


class Recogniser(Protocol):
    """The decoding of one call, utterance by utterance; called by one thread at a time."""

    def begin(self, start_s: float, expecting: Expecting) -> None:
        """A new utterance starts at `start_s` of the stream; `expecting` says which words to listen for."""
        ...

    def accept(self, pcm: bytes, voiced: bool) -> None:
        """The next piece of the utterance: 16-bit PCM, 8 000 Hz, mono; `voiced` is the gate's opinion of it."""
        ...

    def peek(self) -> FinalHypothesis | None:
        """In a pause of an utterance that may go on: what was heard so far.

        None also where this engine could not tell before the endpoint.
        """
        ...

    def finish(self) -> FinalHypothesis | None:
        """The utterance has ended: what was heard, or None where it was no speech."""
        ...

    def confirms(self, meant: IntentHeard, /) -> bool:
        """Whether a second engine, where there is one to be asked, understands the same of that sound."""
        ...

    def close(self) -> None:
        """The call has ended."""
        ...


class Engine(Protocol):
    """A loaded model, shared by all threads of the process."""

    @property
    def name(self) -> str: ...

    @property
    def least_confidence(self) -> Mapping[Label, float]:
        """For a request of its telling words, for a yes or a no of all: heard with less, it does not count."""
        ...

    def open_recogniser(self) -> Recogniser: ...
