"""PURE (numpy). A small linear model of what callers mean, learned from the sentences in speech/training.

The rules (`speech/intent.py`) are exact and narrow; the model has read more ways to say a thing than anyone writes
rules for. It gives a probability for each label, and the words that weighed most for it. `make intent-model` learns it
anew.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from itertools import islice

import numpy as np
from numpy.typing import NDArray

from speech.intent_features import BEGIN, END, Vocabulary, letter_features, word_features

FILE = "intent_model.npz"
_TELLING = 3


@dataclass(frozen=True, slots=True)
class Judgement:
    """`probabilities` sum to one; `shares` has what each known feature of the words added to each label's score."""

    probabilities: Mapping[str, float]
    features: tuple[str, ...]
    shares: NDArray[np.float64]

    def telling(self, label: str) -> tuple[str, ...]:
        """The words that spoke most for the label.

        Each once: a word that also begins or ends the utterance stands in more than one feature.
        """
        shares = self.shares[:, list(self.probabilities).index(label)]
        heavy = (at for at in np.argsort(-shares, kind="stable") if shares[at] > 0)
        readable = dict.fromkeys(_readable(self.features[at]) for at in heavy)
        return tuple(islice((words for words in readable if words), _TELLING))


@dataclass(frozen=True, slots=True)
class IntentModel:
    """`weights` has a row for each word feature, then for each letter feature; a column for each label."""

    labels: tuple[str, ...]
    words: Vocabulary
    letters: Vocabulary
    weights: NDArray[np.float64]
    bias: NDArray[np.float64]
    learned_from: str

    def judge(self, words: Sequence[str]) -> Judgement:
        """`words` in the one spelling of speech/tokens.py, split verbs joined."""
        said, heard = self.words.vector(word_features(words)), self.letters.vector(letter_features(words))
        shares = said.values[:, None] * self.weights[said.places]
        scores = self.bias + shares.sum(axis=0) + heard.values @ self.weights[len(self.words.names) + heard.places]
        likely = np.exp(scores - scores.max())
        likely /= likely.sum()
        return Judgement(
            {label: float(share) for label, share in zip(self.labels, likely, strict=True)},
            tuple(self.words.names[place] for place in said.places),
            shares,
        )


def _readable(feature: str) -> str:
    plain = [word for word in feature.replace("_", " ").replace("~", " ... ").split() if word not in {BEGIN, END}]
    return " ".join(plain).strip(" .")


@cache
def intent_model() -> IntentModel:
    """The model that is shipped."""
    with np.load(io.BytesIO(files("speech.phrases").joinpath(FILE).read_bytes())) as stored:
        words, letters = (_vocabulary(stored, kind) for kind in ("words", "letters"))
        return IntentModel(
            labels=tuple(str(label) for label in stored["labels"]),
            words=words,
            letters=letters,
            weights=stored["weights"].astype(np.float64),
            bias=stored["bias"].astype(np.float64),
            learned_from=str(stored["learned_from"]),
        )


def _vocabulary(stored: Mapping[str, NDArray[np.generic]], kind: str) -> Vocabulary:
    names = stored[f"{kind}_names"].tobytes().decode()
    return Vocabulary(tuple(names.split("\n")), stored[f"{kind}_rarity"].astype(np.float64))
