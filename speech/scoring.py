"""PURE. How well labelled utterances were understood: shares, confusion, false alarms, word errors, the trade-off."""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil

from speech.intent import Label

_WORD = re.compile(r"\w+")
_STEPS = 20
_NOT_YES = frozenset({Label.NO, Label.UNCLEAR, Label.NONE})


@dataclass(frozen=True, slots=True)
class Hearing:
    """What a row of audio gave and cost: the words as heard, and seconds of sound, of CPU, and from words to intent.

    `latency_s` is None where no intent came.
    """

    text: str
    audio_s: float
    cpu_s: float
    latency_s: float | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A labelled row and what was made of it.

    `got` is its first intent, with that one's confidence and evidence; `none` where no intent came. `wishes` has the
    confidence of every wish to record in it. `traits` are what rows are grouped by, as variant or voice.
    """

    line: int
    text: str
    traits: Mapping[str, str]
    expected: Label
    got: Label
    confidence: float
    evidence: tuple[str, ...]
    wishes: tuple[float, ...]
    hearing: Hearing | None = None

    @property
    def is_right(self) -> bool:
        return self.got is self.expected


@dataclass(frozen=True, slots=True)
class Share:
    """`right` of `total`; its value is 0..1, or None of nothing."""

    right: int
    total: int

    @property
    def value(self) -> float | None:
        return self.right / self.total if self.total else None


@dataclass(frozen=True, slots=True)
class FalseAlarms:
    """Wishes to record that were heard in rows labelled `none`; `hours` is the sound in those rows."""

    alarms: int
    utterances: int
    hours: float

    @property
    def per_100(self) -> float | None:
        return 100 * self.alarms / self.utterances if self.utterances else None

    @property
    def per_hour(self) -> float | None:
        return self.alarms / self.hours if self.hours else None


@dataclass(frozen=True, slots=True)
class TradeOff:
    """If only wishes of at least `threshold` confidence counted: the share of requests missed, of `none` rows taken."""

    threshold: float
    missed: float
    alarmed: float


def recall_by(outcomes: Iterable[Outcome], key: Callable[[Outcome], str]) -> dict[str, Share]:
    """The share understood right in each group, in the order in which the groups appear."""
    right, total = Counter[str](), Counter[str]()
    for outcome in outcomes:
        total[key(outcome)] += 1
        right[key(outcome)] += outcome.is_right
    return {group: Share(right[group], total[group]) for group in total}


def precision_of(outcomes: Iterable[Outcome], label: Label) -> Share:
    """Of the rows taken for `label`, those that are."""
    taken = [outcome for outcome in outcomes if outcome.got is label]
    return Share(sum(outcome.is_right for outcome in taken), len(taken))


def confusion(outcomes: Iterable[Outcome]) -> Counter[tuple[Label, Label]]:
    """Rows by (expected, got)."""
    return Counter((outcome.expected, outcome.got) for outcome in outcomes)


def count_false_yes(outcomes: Iterable[Outcome]) -> int:
    """Rows that are a no, unclear or nothing, and were taken for a yes: what must never happen."""
    return sum(outcome.got is Label.YES and outcome.expected in _NOT_YES for outcome in outcomes)


def count_false_alarms(outcomes: Iterable[Outcome]) -> FalseAlarms:
    negative = _labelled(outcomes, Label.NONE)
    return FalseAlarms(
        alarms=sum(len(outcome.wishes) for outcome in negative),
        utterances=len(negative),
        hours=sum(outcome.hearing.audio_s for outcome in negative if outcome.hearing) / 3600,
    )


def trade_off(outcomes: Sequence[Outcome]) -> list[TradeOff]:
    """Detection errors over the confidence threshold; empty where there are no requests or nothing else."""
    requests = [outcome.confidence if outcome.is_right else -1.0 for outcome in _labelled(outcomes, Label.REQUEST)]
    negatives = [max(outcome.wishes, default=-1.0) for outcome in _labelled(outcomes, Label.NONE)]
    if not requests or not negatives:
        return []
    return [
        TradeOff(
            threshold=step / _STEPS,
            missed=sum(confidence < step / _STEPS for confidence in requests) / len(requests),
            alarmed=sum(confidence >= step / _STEPS for confidence in negatives) / len(negatives),
        )
        for step in range(_STEPS + 1)
    ]


def percentile(values: Iterable[float], percent: int) -> float | None:
    """The smallest value that `percent` of the values do not exceed (nearest rank); None of nothing."""
    ranked = sorted(values)
    return ranked[max(ceil(len(ranked) * percent / 100), 1) - 1] if ranked else None


def latencies(outcomes: Iterable[Outcome]) -> list[float]:
    """In seconds, of the rows in which an intent came."""
    heard = (outcome.hearing for outcome in outcomes)
    return [hearing.latency_s for hearing in heard if hearing is not None and hearing.latency_s is not None]


def cpu_per_audio_s(outcomes: Iterable[Outcome]) -> float | None:
    heard = [outcome.hearing for outcome in outcomes if outcome.hearing is not None]
    audio_s = sum(hearing.audio_s for hearing in heard)
    return sum(hearing.cpu_s for hearing in heard) / audio_s if audio_s else None


def word_error_rate(outcomes: Iterable[Outcome]) -> float | None:
    """Words to insert, delete or replace in what was heard, for each word that was said."""
    errors = said = 0
    for outcome in outcomes:
        if outcome.hearing is not None:
            reference = _words(outcome.text)
            errors += count_word_errors(reference, _words(outcome.hearing.text))
            said += len(reference)
    return errors / said if said else None


def count_word_errors(said: Sequence[str], heard: Sequence[str]) -> int:
    """The Levenshtein distance between two texts, in words."""
    costs = list(range(len(heard) + 1))
    for deleted, word in enumerate(said, start=1):
        row = [deleted]
        for other, diagonal, above in zip(heard, costs[:-1], costs[1:], strict=True):
            row.append(min(row[-1] + 1, above + 1, diagonal + (word != other)))
        costs = row
    return costs[-1]


def _labelled(outcomes: Iterable[Outcome], label: Label) -> list[Outcome]:
    return [outcome for outcome in outcomes if outcome.expected is label]


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())
