"""PURE. Cuts an utterance into clauses, so that a "niet" or a "gisteren" counts only where it was said."""

from collections.abc import Sequence
from dataclasses import dataclass

from speech.phrases import word_class
from speech.tokens import breaks_clause

_SUBJECT = word_class("self", "you")
_SELF = word_class("self")
_FINITE = word_class("finite")
_CONNECTIVE = word_class("boundary")
_SUB_SUBJECT = word_class("sub_subject")
_PARTICIPLE = word_class("participle")
_PASSIVE = word_class("passive")
_ASIDE = word_class("aside")
_LEADING = word_class("boundary", "hard_boundary")
_THIRD_SUBJECT = word_class("third_subject")


@dataclass(frozen=True, slots=True)
class Clause:
    """One clause, its connective first; `asked` where the recogniser printed a question mark after it."""

    words: tuple[str, ...]
    asked: bool = False


def split_clauses(words: Sequence[str]) -> tuple[Clause, ...]:
    """Cut at connectives, at sentence ends, and where a new subject with its verb begins."""
    clauses: list[Clause] = []
    current: list[str] = []
    for at, word in enumerate(words):
        following = words[at + 1] if at + 1 < len(words) else ""
        if not _LEADING.issuperset(current) and _begins_clause(word, following, current):
            clauses.append(Clause(tuple(current), word == "?"))
            current = []
        if word not in {".", "?"}:
            current.append(word)
    if current:
        clauses.append(Clause(tuple(current)))
    return tuple(clauses)


def _begins_clause(word: str, following: str, current: Sequence[str]) -> bool:
    if word in _CONNECTIVE or breaks_clause(word, following):
        return True
    if word in {"dan", "nou"}:
        return following in _FINITE
    if word in {"dat", "die"}:
        return following in _SUB_SUBJECT or following == "opneemt"
    if word == "wat":
        return following in _SUBJECT
    if word == "ik" and "ik" in current[:-1] and current[-1] not in _FINITE:
        return True
    if word in _SELF and following in _FINITE and current[-1] in _ASIDE:
        return True
    complete = any(w in _SUBJECT for w in current) and (current[0] in _LEADING or any(w in _FINITE for w in current))
    if word in _SUBJECT:
        inverted = current[-1] in _FINITE and not any(w in _SUBJECT for w in current[:-1])
        addressed = current[-1] == "opneem"  # "ik neem u op"
        return following in _FINITE and complete and not inverted and not addressed
    if word in _SUBJECT and following in _FINITE and current[-1] in _PARTICIPLE:
        return not _PASSIVE.isdisjoint(current)  # "dit gesprek wordt opgenomen ik heb ..."
    if (word, following) == ("het", "is"):
        return complete
    if word in _THIRD_SUBJECT:
        return following in _FINITE and complete
    return word in _FINITE and following in _SELF and len(current) > 2 and any(w in _SUBJECT for w in current)
