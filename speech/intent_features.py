"""PURE (numpy). What the intent model sees of an utterance: its words, which stand near each other, and its letters.

Words tell the meaning; runs of letters still fit where a recogniser split or mangled a word.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import log

import numpy as np
from numpy.typing import NDArray

BEGIN, END = "<", ">"
_REACH = 4
_SHORTEST_RUN, _LONGEST_RUN = 2, 5


@dataclass(frozen=True, slots=True)
class Sparse:
    """A vector by the places that are not zero."""

    places: NDArray[np.intp]
    values: NDArray[np.float64]


@dataclass(frozen=True)
class Vocabulary:
    """Known features of one kind, in the order of their places, each with its weight for being rare."""

    names: tuple[str, ...]
    rarity: NDArray[np.float64]

    @cached_property
    def _places(self) -> dict[str, int]:
        return {name: place for place, name in enumerate(self.names)}

    def vector(self, found: Counter[str]) -> Sparse:
        """Length 1, or nothing where no feature is known; a feature found n times counts 1 + ln n."""
        known = [(self._places[name], 1 + log(times)) for name, times in found.items() if name in self._places]
        places = np.array([place for place, _ in known], np.intp)
        values = np.array([value for _, value in known], np.float64) * self.rarity[places]
        length = float(np.linalg.norm(values))
        return Sparse(places, values / length if length else values)


def word_features(words: Sequence[str]) -> Counter[str]:
    """Words, pairs up to four apart (`neem~op`, next to each other `neem_op`) and triples, each counted once."""
    return Counter(dict.fromkeys(_combinations([BEGIN, *(word for word in words if word not in ".?"), END]), 1))


def _combinations(words: Sequence[str]) -> Iterator[str]:
    yield from words[1:-1]
    for at, word in enumerate(words):
        for other in range(at + 1, min(at + 1 + _REACH, len(words))):
            yield f"{word}{'_' if other == at + 1 else '~'}{words[other]}"
        if at + 2 < len(words):
            yield "_".join(words[at : at + 3])


def letter_features(words: Sequence[str]) -> Counter[str]:
    """Runs of two to five letters inside words, with the words' edges as spaces."""
    found = Counter[str]()
    for word in words:
        edged = f" {word} "
        for length in range(_SHORTEST_RUN, min(_LONGEST_RUN, len(edged)) + 1):
            found.update(edged[at : at + length] for at in range(len(edged) - length + 1))
    return found
