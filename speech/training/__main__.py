"""`make intent-model`: learn speech/phrases/intent_model.npz from utterances.tsv; `--held-out` measures it first.

Each author's sentences are judged by a model that never saw that author: what may be expected of unseen callers.
Needs scikit-learn, which is not installed for production.
"""

import hashlib
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from math import log
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix, hstack
from sklearn.linear_model import LogisticRegression

from speech import intent_features, intent_model
from speech.evaluation import STATE_OF_LABEL, Utterance, read_utterances
from speech.intent import Label, weigh
from speech.intent_features import Sparse, Vocabulary, letter_features, word_features
from speech.intent_model import IntentModel
from speech.tokens import join_particles, read_utterance

HERE = Path(__file__).parent
UTTERANCES = HERE / "utterances.tsv"
MODEL = HERE.parent / "phrases" / intent_model.FILE
RULES_KNOW = {"first", "second", "development"}
"""Authors whose sentences the rules were written with: no measure of anything unseen."""

LEAST_WORDS, LEAST_LETTERS = 2, 3
KEPT = 12_000
STRENGTH = 10.0
"""The inverse of scikit-learn's L2 penalty; between 5 and 20 nothing changes that can be measured."""

Features = tuple[Counter[str], Counter[str]]


def learned_from() -> str:
    """A digest of everything that the model follows from."""
    sources = [UTTERANCES, Path(intent_features.__file__), Path(__file__)]
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()


def features(text: str) -> Features:
    words = join_particles(read_utterance(text).words)
    return word_features(words), letter_features(words)


def learn(found: Sequence[Features], labels: Sequence[str]) -> IntentModel:
    """Fit, keep the features that weigh most, and fit again with those alone."""
    words = _vocabulary([both[0] for both in found], LEAST_WORDS)
    letters = _vocabulary([both[1] for both in found], LEAST_LETTERS)
    first = _fit(found, labels, words, letters)
    heavy = np.abs(first.weights).max(axis=1)
    kept_words = _heaviest(words, heavy[: len(words.names)])
    kept_letters = _heaviest(letters, heavy[len(words.names) :])
    return _fit(found, labels, kept_words, kept_letters)


def _vocabulary(found: Sequence[Counter[str]], least: int) -> Vocabulary:
    having = Counter(name for features in found for name in features)
    names = sorted(name for name, times in having.items() if times >= least)
    return Vocabulary(tuple(names), np.array([log((1 + len(found)) / (1 + having[name])) + 1 for name in names]))


def _heaviest(vocabulary: Vocabulary, heavy: NDArray[np.float64]) -> Vocabulary:
    kept = np.sort(np.argsort(-heavy, kind="stable")[:KEPT])
    return Vocabulary(tuple(vocabulary.names[at] for at in kept), vocabulary.rarity[kept])


def _fit(found: Sequence[Features], labels: Sequence[str], words: Vocabulary, letters: Vocabulary) -> IntentModel:
    matrix = _rows((words.vector(both[0]) for both in found), len(words.names))
    letter_matrix = _rows((letters.vector(both[1]) for both in found), len(letters.names))
    joined = csr_matrix(hstack([matrix, letter_matrix]))
    fitted = LogisticRegression(C=STRENGTH, max_iter=2_000).fit(joined, list(labels))
    weights = fitted.coef_.T.astype(np.float16).astype(np.float64)
    return IntentModel(
        tuple(str(label) for label in fitted.classes_), words, letters, weights, fitted.intercept_, learned_from()
    )


def _rows(vectors: Iterable[Sparse], width: int) -> csr_matrix:
    every = list(vectors)
    ends = np.cumsum([0, *(len(vector.places) for vector in every)])
    values = np.concatenate([vector.values for vector in every])
    return csr_matrix((values, np.concatenate([vector.places for vector in every]), ends), (len(every), width))


def store(model: IntentModel) -> None:
    parts: dict[str, NDArray[np.generic]] = {
        "labels": np.array(model.labels),
        "weights": model.weights.astype(np.float16),
        "bias": model.bias.astype(np.float32),
        "learned_from": np.array(model.learned_from),
    }
    for kind, vocabulary in (("words", model.words), ("letters", model.letters)):
        parts[f"{kind}_names"] = np.frombuffer("\n".join(vocabulary.names).encode(), np.uint8)
        parts[f"{kind}_rarity"] = vocabulary.rarity.astype(np.float32)
    np.savez_compressed(MODEL, allow_pickle=False, **parts)


def measure(rows: Sequence[Utterance], authors: Sequence[str], found: Sequence[Features]) -> None:
    """Rules and model together, on each author that the rules have not seen, by a model that has not either."""
    right, total, alarms = Counter[tuple[Label, bool]](), Counter[tuple[Label, bool]](), 0
    for author in sorted(set(authors) - RULES_KNOW):
        others = [at for at, name in enumerate(authors) if name != author]
        model = learn([found[at] for at in others], [rows[at].label for at in others])
        for row, name in zip(rows, authors, strict=True):
            if name != author:
                continue
            got = weigh(row.text, STATE_OF_LABEL[row.label], model).label
            group = row.label, row.variant == "asr_error"
            total[group] += 1
            right[group] += got is row.label
            alarms += row.label is Label.NONE and got is Label.REQUEST
            if got is not row.label:
                print(author, row.label, "->", got, row.text, sep="\t")
    for group in sorted(total):
        share = right[group] / total[group]
        print(
            f"{group[0]:<8} {'errors' if group[1] else 'clean':<7} {right[group]:>4} of {total[group]:<4} {share:.3f}"
        )
    negative = total[Label.NONE, False] + total[Label.NONE, True]
    print(f"none taken for request {alarms} of {negative} {alarms / negative:.3f}")


def main() -> None:
    rows = read_utterances(UTTERANCES)
    authors = [line.split("\t")[3] for line in UTTERANCES.read_text(encoding="utf-8").splitlines()[1:]]
    found = [features(row.text) for row in rows]
    if "--held-out" in sys.argv[1:]:
        measure(rows, authors, found)
    else:
        store(learn(found, [row.label for row in rows]))


if __name__ == "__main__":
    main()
