"""Dutch word classes and phrases that the intent rules speak of; the words themselves stand in nl.toml.

PURE apart from reading its own data file once, at import.
"""

import re
import tomllib
from collections.abc import Mapping
from importlib.resources import files

_DATA = tomllib.loads(files(__name__).joinpath("nl.toml").read_text(encoding="utf-8"))

SPELLING: Mapping[str, tuple[str, ...]] = {heard: tuple(meant.split()) for heard, meant in _DATA["spelling"].items()}
_CLASSES: Mapping[str, frozenset[str]] = {name: frozenset(text.split()) for name, text in _DATA["classes"].items()}
KEYWORDS: frozenset[str] = frozenset(_DATA["repair"]["keywords"].split())
OTHER_WORDS: frozenset[str] = frozenset(_DATA["repair"]["other_words"].split()).union(*_CLASSES.values()) - KEYWORDS

_PHRASES: Mapping[str, re.Pattern[str]] = {
    name: re.compile(r"(?:" + "|".join(sorted(texts, key=len, reverse=True)) + r")(?= |$)")
    for name, texts in _DATA["phrases"].items()
}


def word_class(*names: str) -> frozenset[str]:
    """All words of the named classes of nl.toml. Raises KeyError for a name it does not have."""
    return frozenset().union(*(_CLASSES[name] for name in names))


def phrase(name: str) -> re.Pattern[str]:
    """The phrases of that name, to be matched at the start of a word. Raises KeyError for an unknown name."""
    return _PHRASES[name]


def separable_verbs() -> Mapping[str, Mapping[str, str]]:
    """Finite form -> particle -> the verb they make: {"neem": {"op": "opneem"}}."""
    table: dict[str, dict[str, str]] = {}
    for row in _DATA["separable"]:
        for form in row["forms"].split():
            for particle in row["particles"].split():
                table.setdefault(form, {})[particle] = row["makes"].replace("*", form)
    return table


def foldings() -> tuple[tuple[re.Pattern[str], str], ...]:
    """(what is heard, what is meant), to be applied in order to a line of words."""
    return tuple((re.compile(row["heard"]), row["meant"]) for row in _DATA["folding"])


def split_infinitive() -> tuple[re.Pattern[str], Mapping[str, str]]:
    """A pattern whose group 1 holds the auxiliaries and group 2 the bare verb, and bare verb -> joined verb."""
    table = _DATA["split_infinitive"]
    particles, auxiliaries = ("|".join(table[name].split()) for name in ("particles", "auxiliaries"))
    verbs = "|".join(table["verbs"])
    return re.compile(rf"\b(?:{particles}) ((?:(?:{auxiliaries}) ){{1,3}})({verbs})\b"), table["verbs"]


def said_phrases() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """ "wat u zegt", and the words in it that put it at another time or place."""
    return re.compile(_DATA["said"]["phrase"]), re.compile(_DATA["said"]["elsewhere"])
