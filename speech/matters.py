"""PURE. What a caller says during a call that is no request and no answer, and must be answered: its matter.

Rules only, with their words in phrases/matters.toml: a way to say it is a few telling words among nothing but words
that cannot change what it is about. A second reading beside `speech.intent`, whose labels know nothing of matters.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, pairwise

from speech.clauses import split_clauses
from speech.phrases import LEADING_WORDS, Way, ways_to_say, word_class
from speech.tokens import read_utterance

Words = tuple[str, ...]


class Matter(StrEnum):
    WHY = "why"
    """Why the recording was refused (R7)."""
    THIRD_PERSON = "third-person"
    """Somebody else listens in or is there."""
    VIDEO = "video"
    """The caller films, or asks to (R8)."""
    AGENCY_RECORDS = "agency-records"
    """Does the agency record (R9)?"""
    PAUSE = "pause"
    """The agency's recording has to pause."""
    RESUME = "resume"
    """The agency's recording may go on."""


_REASONS = {
    Matter.WHY: "de beller vraagt waarom het niet mag",
    Matter.THIRD_PERSON: "er luistert iemand mee",
    Matter.VIDEO: "de beller wil filmen",
    Matter.AGENCY_RECORDS: "de beller vraagt of de instantie opneemt",
    Matter.PAUSE: "de opname moet even stoppen",
    Matter.RESUME: "de opname mag weer verder",
}
_WAYS = ways_to_say()
_BEGINNINGS = tuple(tuple(frozenset(phrase[0] for phrase in group) for group in way.needs) for way in _WAYS)
"""For each way, how the phrases of each group that it needs begin: most talk has none of them, and costs little."""
_STOPS = frozenset(".?")
_NEGATION = word_class("negation") | {"niemand", "zonder"}
_HARMLESS_AFTER_NOT = frozenset({"alleen", "schrikken", "erg"})
_ELSEWHEN = word_class("past", "later")
_NO = (("nee",), ("neen",))
_SPARING = frozenset({"hoef", "hoeft", "hoeven"})
_TIED = frozenset({"dat", "of", "die", "als", "om"})
"""With these a clause hangs on the one before it, and so on its denial."""


@dataclass(frozen=True, slots=True)
class FoundMatter:
    """`words` are the telling ones, in the order in which they were said; `is_all` where each word belongs to it."""

    matter: Matter
    words: Words
    is_all: bool

    @property
    def evidence(self) -> Words:
        """The rule and the words, in Dutch."""
        return (f"regel: {_REASONS[self.matter]}", "woorden: " + " ".join(self.words))


def find_matter(text: str) -> FoundMatter | None:
    """The first matter of an utterance, by the order of matters.toml; None for everything else.

    Takes any text: other languages, control characters and texts of any length.
    """
    spoken = read_utterance(text).words
    spans = tuple(_list_spans(spoken))
    said = sum(word not in _STOPS for word in spoken)
    heard = frozenset(spoken)
    for way, beginnings in zip(_WAYS, _BEGINNINGS, strict=True):
        if any(map(heard.isdisjoint, beginnings)) or _has(spoken, way.unless):
            continue
        for span in spans:
            run, told = _find(way, span)
            if told and not span.is_spared and (way.denied or not span.is_otherwise):
                return FoundMatter(Matter(way.matter), told, len(run) == said)
    return None


# ---------------------------------------------------------------- where it may stand


@dataclass(frozen=True, slots=True)
class _Span:
    """A clause, or a whole sentence; `before` is the clause that it follows in its sentence."""

    words: Words
    before: Words = ()
    is_sentence: bool = False

    @property
    def is_otherwise(self) -> bool:
        """Denied, or told of another time."""
        tied = _denies(self.before) and (self.words[0] in _TIED or self.before[-1] in _NEGATION)
        return tied or _denies(self.words) or not _ELSEWHEN.isdisjoint(self.words)

    @property
    def is_spared(self) -> bool:
        """ "u hoeft niet uit te leggen waarom niet"."""
        return _denies(self.before) and not _SPARING.isdisjoint(self.before)


def _list_spans(spoken: Words) -> Iterator[_Span]:
    """The clauses of each sentence, and then the sentence."""
    for is_stop, sentence in groupby(spoken, _STOPS.__contains__):
        if is_stop:
            continue
        words = tuple(sentence)
        before: Words = ()
        for clause in split_clauses(words):
            yield _Span(clause.words, before)
            before = clause.words
        yield _Span(words, is_sentence=True)


def _denies(words: Words) -> bool:
    """Whether something is denied; "niet alleen" denies nothing, nor does a "nee" before what is said then."""
    said = words[1:] if words[:1] in _NO else words
    return any(
        word in _NEGATION and not (word == "niet" and after in _HARMLESS_AFTER_NOT)
        for word, after in pairwise((*said, ""))
    )


# ---------------------------------------------------------------- what was said


def _find(way: Way, span: _Span) -> tuple[Words, Words]:
    """The words among which it was said, and the telling ones; both empty where it was not."""
    words = span.words
    if way.whole == ("clause" if span.is_sentence else "sentence") or _has(words, way.without):
        return (), ()
    if way.first and next((word for word in words if word not in LEADING_WORDS), "") not in way.first:
        return (), ()
    if way.whole and not way.known.issuperset(words):
        return (), ()
    for is_known, run in groupby(words, way.known.__contains__):
        if is_known:
            among = tuple(run)
            told = _tell(way, among)
            if told:
                return among, told
    return (), ()


def _tell(way: Way, words: Words) -> Words:
    """One word or phrase of each group that the way needs; nothing where one is missing."""
    telling = set[int]()
    for group in way.needs:
        found = {at for phrase in group for at in _list_places(words, phrase)}
        if not found:
            return ()
        telling |= found
    return tuple(words[at] for at in sorted(telling))


def _has(words: Words, phrases: Iterable[Words]) -> bool:
    return any(True for phrase in phrases for _ in _list_places(words, phrase))


def _list_places(words: Words, phrase: Words) -> Iterator[int]:
    """The place of each word of the phrase, wherever it stands."""
    for at in range(len(words) - len(phrase) + 1):
        if words[at : at + len(phrase)] == phrase:
            yield from range(at, at + len(phrase))
