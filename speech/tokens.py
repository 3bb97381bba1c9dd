"""PURE. From a recogniser's text to the words the intent rules read: one spelling, splits mended, particles joined."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from speech.phrases import (
    KEYWORDS,
    OTHER_WORDS,
    SPELLING,
    foldings,
    said_phrases,
    separable_verbs,
    split_infinitive,
    word_class,
)

LIMIT_CHARS = 2_000
"""Half a minute of quick speech has some 600 characters; more than this is no utterance."""

SAID = "<gezegd>"
"""Stands for "wat u zegt", "wat wij bespreken": the talk itself as an object."""

_CONTRACTIONS = (
    (re.compile(r"[\u2018\u2019\u0060\u00b4\u02bc]"), "'"),
    (re.compile(r"\bzo'n\b"), "zo een"),
    (re.compile(r"\b([mz])'n\b"), r"\1n"),
    (re.compile(r"\bd'r\b"), "haar"),
    (re.compile(r"(?<!\w)'s\b"), ""),
    (re.compile(r"'"), ""),
    (re.compile(r"\bklo[pb]+(?: t|[dt]{0,2})\b"), "klopt"),
    (re.compile(r"([aeo])\1{2,}"), r"\1\1"),
)
_ELLIPSIS = re.compile(r"\.{2,}|\u2026")
_SENTENCE_END = re.compile(r"[.!;](?=\s|$)")
_NOT_A_WORD = re.compile(r"[^a-z0-9.?\s]|(?<=\d)\.(?=\d)")
_HESITATION = re.compile(r"e+h+m*|u+h+m*|e+u+h*|e+r*m|mm+")
_MAX_STUTTER = 3

_STOPS = frozenset(".?")
_LONGEST_SPLIT = 4
_SHORTEST_REPAIR = 5
_SEPARABLE = separable_verbs()
_PARTICLE_REACH = 16
_CLAUSE_END = word_class("hard_boundary")
_AFTER_CONNECTIVE = word_class("sub_subject", "hard_boundary", "boundary", "self", "you") | {
    "dat",
    "nu",
    "dan",
    "toch",
    "daar",
    "na",
    "voor",
    "sinds",
    "vanaf",
    "eerst",
    "straks",
    "bij",
}
_ARTICLE = word_class("article")
_TALK = word_class("talk")
_FINITE = word_class("finite")
_NOT_PARTICLE_AFTER = word_class("not_particle_after")
_FOLDINGS = foldings()
_SPLIT_INFINITIVE, _JOINED = split_infinitive()
_SAID_PHRASE, _SAID_ELSEWHERE = said_phrases()


@dataclass(frozen=True, slots=True)
class Utterance:
    """Words in one spelling; "." and "?" stand as words where the recogniser printed them.

    `heard`: there was at least a hesitation. `whole`: false when the text was longer than `LIMIT_CHARS` and the rest
    was not read. `trails_off`: a hesitation came last. `mended`: the repairs made ("op name = opname").
    """

    words: tuple[str, ...]
    heard: bool
    whole: bool
    trails_off: bool
    mended: tuple[str, ...]


def read_utterance(text: str) -> Utterance:
    """Normalise (NFC, lower case, no accents, no control characters), drop hesitations and stutters, mend splits."""
    heard = _spell(text[:LIMIT_CHARS])
    spoken, mended = _mend([word for word in heard if not _HESITATION.fullmatch(word)])
    words, mended_later = _mend([meant for word in spoken for meant in SPELLING.get(word, (word,))])
    mended += mended_later
    spoken_last = next((word for word in reversed(heard) if word not in _STOPS), "")
    trails_off = _HESITATION.fullmatch(spoken_last) is not None
    return Utterance(tuple(_without_stutters(words)), bool(heard), len(text) <= LIMIT_CHARS, trails_off, tuple(mended))


def join_particles(words: Sequence[str]) -> tuple[str, ...]:
    """Bring split verbs together ("neem dit gesprek op" -> "opneem dit gesprek"), fold "wat u zegt" into one word."""
    line = " ".join(words)
    for heard, meant in _FOLDINGS:
        line = heard.sub(meant, line)
    line = _SPLIT_INFINITIVE.sub(lambda found: found[1].replace("te ", "").replace("de ", "") + _JOINED[found[2]], line)
    line = _SAID_PHRASE.sub(lambda found: found[0] if _SAID_ELSEWHERE.search(found[0]) else SAID, line)
    joined = line.split()
    at = 0
    while at < len(joined):
        particles = _SEPARABLE.get(joined[at])
        if particles is not None:
            found = _find_particle(joined, at, particles)
            if found is not None:
                joined[at] = particles[joined[found]]
                del joined[found]
        at += 1
    return tuple(joined)


def _find_particle(words: Sequence[str], verb: int, particles: Mapping[str, str]) -> int | None:
    for at in range(verb + 1, min(len(words), verb + 1 + _PARTICLE_REACH)):
        following = words[at + 1] if at + 1 < len(words) else ""
        if words[at] in particles and words[at - 1] not in _NOT_PARTICLE_AFTER:
            connective = (
                following in {"dat", "die"} and at + 2 < len(words) and words[at + 2] in _AFTER_CONNECTIVE | _FINITE
            )
            talk = at + 2 < len(words) and words[at + 2] in _TALK  # "ik neem het op dit gesprek"
            if following not in _ARTICLE or connective or at == verb + 1 or talk:
                return at
        elif breaks_clause(words[at], following):
            return None
    return None


def breaks_clause(word: str, following: str) -> bool:
    """A connective that surely ends a clause; "maar" and "dus" are often mere fillers ("zet hem maar uit")."""
    if word in {"maar", "dus"}:
        return following in _AFTER_CONNECTIVE
    return word in _CLAUSE_END


def _spell(text: str) -> list[str]:
    text = unicodedata.normalize("NFC", text).lower()
    for pattern, plain in _CONTRACTIONS:
        text = pattern.sub(plain, text)
    text = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    text = _ELLIPSIS.sub(" ", text)
    text = _SENTENCE_END.sub(" . ", text)
    text = text.replace("?", " ? ")
    text = _NOT_A_WORD.sub(" ", text)
    return [word for word in (raw.strip(".") or raw[:1] for raw in text.split()) if word]


def _mend(words: list[str]) -> tuple[list[str], list[str]]:
    """Put split key words together, longest first, then correct a single wrong letter."""
    whole: list[str] = []
    mended: list[str] = []
    at = 0
    while at < len(words):
        keyword, length = _keyword_at(words, at)
        if (keyword,) != tuple(words[at : at + length]):
            mended.append(f"{' '.join(words[at : at + length])} = {keyword}")
        whole.append(keyword)
        at += length
    return whole, mended


def _keyword_at(words: list[str], at: int) -> tuple[str, int]:
    """The key word that begins here and how many words it took, longest first; well spelled before nearly so."""
    longest = min(_LONGEST_SPLIT, len(words) - at) if words[at] in _BEGINNINGS else 1
    for find in (_spelled, _nearly_spelled):
        for length in range(longest, 0, -1):
            keyword = find(tuple(words[at : at + length]))
            if keyword is not None:
                return keyword, length
    return words[at], 1


@lru_cache(maxsize=8_192)
def _spelled(pieces: tuple[str, ...]) -> str | None:
    """The key word that the pieces spell when put together."""
    joined = "".join(pieces)
    if joined in KEYWORDS:
        return joined
    meant = SPELLING.get(joined, ())
    return meant[0] if len(pieces) > 1 and len(meant) == 1 and meant[0] in KEYWORDS else None


@lru_cache(maxsize=8_192)
def _nearly_spelled(pieces: tuple[str, ...]) -> str | None:
    """The key word that is one letter off, unless a piece stands for something already."""
    joined = "".join(pieces)
    if len(joined) < _SHORTEST_REPAIR + len(pieces) or joined in OTHER_WORDS or joined in SPELLING:
        return None
    if not KEYWORDS.isdisjoint(pieces):
        return None
    near = {keyword for shape in _shapes(joined) for keyword in _KEYWORDS_BY_SHAPE.get(shape, ())}
    return min((keyword for keyword in near if _is_one_letter_off(joined, keyword)), default=None)


def _is_one_letter_off(heard: str, meant: str) -> bool:
    """One letter more, less, other, or two that changed places; the first letter is heard well."""
    if heard[0] != meant[0]:
        return False
    start = next(
        (at for at, (h, m) in enumerate(zip(heard, meant, strict=False)) if h != m), min(len(heard), len(meant))
    )
    left, right = heard[start:], meant[start:]
    swapped = left[:2] == right[1::-1] and left[2:] == right[2:]
    return swapped or left[1:] == right[1:] or left[1:] == right or left == right[1:]


def _shapes(word: str) -> set[str]:
    """The word and the word less any one letter: two words that share a shape differ by about one letter."""
    return {word} | {word[:at] + word[at + 1 :] for at in range(len(word))}


def _index_keywords() -> dict[str, tuple[str, ...]]:
    index: dict[str, tuple[str, ...]] = {}
    for keyword in sorted(KEYWORDS):
        for shape in _shapes(keyword):
            index[shape] = (*index.get(shape, ()), keyword)
    return index


_KEYWORDS_BY_SHAPE = _index_keywords()
_BEGINNINGS = frozenset(word[:end] for word in KEYWORDS.union(SPELLING) for end in range(1, len(word) + 1))


def _without_stutters(words: list[str]) -> list[str]:
    """ "ik wil ik wil eigenlijk" -> "ik wil eigenlijk"; sentence ends are no stutter."""
    kept: list[str] = []
    for word in words:
        if word in _STOPS and (not kept or kept[-1] in _STOPS):
            continue
        kept.append(word)
        if word == "op":  # "ik neem dit op op mijn telefoon" is no stutter
            continue
        for length in range(1, _MAX_STUTTER + 1):
            if len(kept) >= 2 * length and kept[-length:] == kept[-2 * length : -length]:
                del kept[-length:]
                break
    return kept
