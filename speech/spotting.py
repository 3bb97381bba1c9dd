"""The closed sets of words that Vosk listens for: to find candidates, and to have a second witness of answers.

The Dutch ones stand in phrases/spotting.toml. PURE apart from reading that file once, at import.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.resources import files

from speech.hypothesis import Witness, Word


@dataclass(frozen=True, slots=True)
class Trigger:
    """What makes an utterance a candidate: of each group one word, in any order."""

    groups: tuple[frozenset[str], ...]

    @classmethod
    def read(cls, line: str) -> "Trigger":
        """ "dit/ons gesprek": one of the first two, and the last."""
        return cls(tuple(frozenset(group.split("/")) for group in line.split()))

    def is_in(self, words: frozenset[str]) -> bool:
        return all(group & words for group in self.groups)


@dataclass(frozen=True, slots=True)
class SpottingWords:
    """What the spotter may hear: words of announcements, and ordinary ones that take up ordinary talk and noise."""

    words: tuple[str, ...]
    triggers: tuple[Trigger, ...]

    def is_candidate(self, heard: Iterable[str]) -> bool:
        words = frozenset(heard)
        return any(trigger.is_in(words) for trigger in self.triggers)


@dataclass(frozen=True, slots=True)
class AnswerWords:
    """What the second witness of an answer may hear."""

    yes: frozenset[str]
    no: frozenset[str]
    ordinary: tuple[str, ...]

    @property
    def words(self) -> tuple[str, ...]:
        return (*sorted(self.yes | self.no), *self.ordinary)

    def testify(self, heard: Iterable[Word]) -> Witness:
        """How sure the witness is of its surest yes-word and no-word."""
        words = list(heard)
        return Witness(
            yes=max((word.confidence for word in words if word.text in self.yes), default=0.0),
            no=max((word.confidence for word in words if word.text in self.no), default=0.0),
        )


@dataclass(frozen=True, slots=True)
class Thresholds:
    """When a witness counts; spotting.toml has the reasons."""

    contradicting: float
    supporting: float
    alone: float


_DATA = tomllib.loads(files("speech.phrases").joinpath("spotting.toml").read_text(encoding="utf-8"))
_SPOTTER, _ANSWERS = _DATA["spotter"], _DATA["answers"]

DUTCH_SPOTTING = SpottingWords(
    words=tuple(
        dict.fromkeys(
            word for name in ("announcement", "stop", "copy", "matters", "ordinary") for word in _SPOTTER[name].split()
        )
    ),
    triggers=tuple(map(Trigger.read, _SPOTTER["triggers"])),
)
DUTCH_ANSWERS = AnswerWords(
    yes=frozenset(_ANSWERS["yes"].split()),
    no=frozenset(_ANSWERS["no"].split()),
    ordinary=tuple(_ANSWERS["ordinary"].split()),
)
THRESHOLDS = Thresholds(_ANSWERS["contradicting"], _ANSWERS["supporting"], _ANSWERS["alone"])
