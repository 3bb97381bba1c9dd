"""PURE. Words of a text as search compares them: without accents and capitals, and as Dutch stems.

The same on every database, which have no Dutch stemmer in common. Source: Snowball's Dutch stemmer (the one of Porter),
https://snowballstem.org/algorithms/dutch_porter/stemmer.html; here without its `è`, since accents are gone by then.
"""

import re
import unicodedata
from collections.abc import Iterator

LONGEST_WORD = 60
"""Of a longer one only the beginning counts."""

WORD = re.compile(r"[^\W_]+")
VOWELS = "aeiouy"
LEAST_BEFORE_R1 = 3


def stems(text: str) -> Iterator[str]:
    """One for each word, in order."""
    bare = "".join(sign for sign in unicodedata.normalize("NFKD", text) if not unicodedata.combining(sign))
    for word in WORD.findall(bare.casefold()):
        yield stem(word[:LONGEST_WORD])


def stem(word: str) -> str:
    """Of a word in small letters without accents. Other scripts, and numbers, stay as they are."""
    marked = _mark_consonants(word)
    r1 = max(_region(marked, 0), min(LEAST_BEFORE_R1, len(marked)))
    r2 = _region(marked, _region(marked, 0))
    shorter = _cut_plural(marked, r1)
    without_e = _cut_e(shorter, r1)
    cut = _cut_heid(without_e, r1, r2)
    cut = _cut_suffix(cut, r1, r2, e_went=without_e != shorter)
    return _single_vowel(cut).lower()


def _mark_consonants(word: str) -> str:
    """`Y` and `I` are consonants: a first y or one after a vowel, and an i between vowels."""
    signs = list(word)
    for at, sign in enumerate(signs):
        after_vowel = at > 0 and signs[at - 1] in VOWELS
        if sign == "y" and (at == 0 or after_vowel):
            signs[at] = "Y"
        elif sign == "i" and after_vowel and at + 1 < len(signs) and signs[at + 1] in VOWELS:
            signs[at] = "I"
    return "".join(signs)


def _region(word: str, start: int) -> int:
    """What comes after the first non-vowel that follows a vowel, from `start`."""
    for at in range(start + 1, len(word)):
        if word[at] not in VOWELS and word[at - 1] in VOWELS:
            return at + 1
    return len(word)


def _is_consonant(word: str, but: str = "") -> bool:
    """It ends with a letter that is no vowel and none of `but`."""
    return bool(word) and word[-1] not in VOWELS and word[-1] not in but


def _single_consonant(word: str) -> str:
    return word[:-1] if word.endswith(("kk", "dd", "tt")) else word


def _cut_en(word: str, ending: str, r1: int) -> str:
    rest = word[: -len(ending)]
    if len(rest) >= r1 and _is_consonant(rest) and not rest.endswith("gem"):
        return _single_consonant(rest)
    return word


def _cut_plural(word: str, r1: int) -> str:
    if word.endswith("heden"):
        return word[:-5] + "heid" if len(word) - 5 >= r1 else word
    for ending in ("ene", "en"):
        if word.endswith(ending):
            return _cut_en(word, ending, r1)
    for ending in ("se", "s"):
        if word.endswith(ending):
            rest = word[: -len(ending)]
            return rest if len(rest) >= r1 and _is_consonant(rest, but="j") else word
    return word


def _cut_e(word: str, r1: int) -> str:
    rest = word[:-1]
    if word.endswith("e") and len(rest) >= r1 and _is_consonant(rest):
        return _single_consonant(rest)
    return word


def _cut_heid(word: str, r1: int, r2: int) -> str:
    rest = word[:-4]
    if not word.endswith("heid") or len(rest) < r2 or rest.endswith("c"):
        return word
    return _cut_en(rest, "en", r1) if rest.endswith("en") else rest


def _cut_suffix(word: str, r1: int, r2: int, *, e_went: bool) -> str:
    for suffix in ("lijk", "baar", "end", "ing", "bar", "ig"):
        if word.endswith(suffix):
            break
    else:
        return word
    rest = word[: -len(suffix)]
    if len(rest) < r2:
        return word
    match suffix:
        case "end" | "ing":
            if rest.endswith("ig") and len(rest) - 2 >= r2 and not rest[:-2].endswith("e"):
                return rest[:-2]
            return _single_consonant(rest)
        case "ig":
            return word if rest.endswith("e") else rest
        case "lijk":
            return _cut_e(rest, r1)
        case "bar":
            return rest if e_went else word
        case _:
            return rest


def _single_vowel(word: str) -> str:
    """`maan` and `manen` become the same."""
    if len(word) > 3 and _is_consonant(word[-4]) and word[-3:-1] in ("aa", "ee", "oo", "uu"):
        return word[:-2] + word[-1] if _is_consonant(word, but="I") else word
    return word
