"""Dutch word classes and phrases that the rules speak of; the words stand in nl.toml, those of matters in matters.toml.

PURE apart from reading its own data files once, at import.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

_DATA, _MATTERS = (
    tomllib.loads(files(__name__).joinpath(name).read_text(encoding="utf-8")) for name in ("nl.toml", "matters.toml")
)

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


Phrase = tuple[str, ...]
LEADING_WORDS: frozenset[str] = frozenset(_MATTERS["words"]["leading"].split())
"""What may stand before the word with which a way begins."""


@dataclass(frozen=True, slots=True)
class Way:
    """One way to say a matter; matters.toml tells what the fields mean. `known` includes the words of `needs`."""

    matter: str
    needs: tuple[frozenset[Phrase], ...]
    known: frozenset[str]
    whole: str
    first: frozenset[str]
    without: frozenset[Phrase]
    unless: frozenset[Phrase]
    denied: bool


def ways_to_say() -> tuple[Way, ...]:
    """All of matters.toml, in its order. Raises KeyError for a group that it does not have."""
    groups = {name: frozenset((word,) for word in text.split()) for name, text in _MATTERS["words"].items()}
    groups |= {name: frozenset(tuple(text.split()) for text in texts) for name, texts in _MATTERS["phrases"].items()}

    def group(names: str) -> frozenset[Phrase]:
        return frozenset[Phrase]().union(
            *({(name[1:],)} if name.startswith("=") else groups[name] for name in filter(None, names.split("+")))
        )

    def read(matter: str, row: Mapping[str, str | bool]) -> Way:
        needs, knows = (tuple(map(group, str(row[key]).split())) for key in ("needs", "knows"))
        return Way(
            matter=matter,
            needs=needs,
            known=frozenset(word for phrases in (*needs, *knows) for phrase in phrases for word in phrase),
            whole=str(row.get("whole", "")),
            first=frozenset(str(row.get("first", "")).split()),
            without=group(str(row.get("without", ""))),
            unless=group(str(row.get("unless", ""))),
            denied=bool(row.get("denied")),
        )

    return tuple(read(matter, row) for matter, rows in _MATTERS["ways"].items() for row in rows)
