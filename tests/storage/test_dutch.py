"""Words as search compares them."""

import pytest

from storage.dutch import LONGEST_WORD, stem, stems

AS_SNOWBALL_SAYS = {
    "opnemen": "opnem", "opgenomen": "opgenom", "bezwaren": "bezwar", "bezwaar": "bezwar", "gesprekken": "gesprek",
    "gesprek": "gesprek", "redenen": "reden", "mogelijkheden": "mogelijk", "mogelijk": "mogelijk", "kopie": "kopie",
    "vraagt": "vraagt", "vragen": "vrag", "mededeling": "mededel", "aankondiging": "aankond", "maan": "man",
    "manen": "man", "bruikbaar": "bruikbar", "schriftelijk": "schriftelijk", "gemene": "gemen", "dijs": "dijs",
    "medewerkers": "medewerker", "toestemming": "toestemm", "wachtende": "wachtend", "gezellige": "gezell",
    "yoga": "yoga", "zeeen": "zeeen", "heel": "hel", "vrije": "vrij", "ja": "ja", "ij": "ij", "a": "a", "": "",
}  # fmt: skip
"""What PostgreSQL 15's `dutch_stem` makes of them; all words of prompts, profiles and training data agree."""


@pytest.mark.parametrize(("word", "expected"), AS_SNOWBALL_SAYS.items())
def test_a_stem_is_the_one_of_snowballs_dutch_stemmer(word: str, expected: str) -> None:
    assert stem(word) == expected


def test_accents_capitals_and_what_stands_between_words_do_not_count() -> None:
    assert list(stems("Één  BEZWAAR, “café”-kopieën!")) == list(stems("een bezwaar cafe kopieen"))


def test_numbers_and_other_scripts_are_words() -> None:
    assert list(stems("bel 2026 مرحبا")) == ["bel", "2026", "مرحبا"]


def test_an_endless_word_counts_by_its_beginning() -> None:
    assert list(stems("x" * 1000)) == ["x" * LONGEST_WORD]


@pytest.mark.parametrize("text", ["", "  ", "…!?", "' \" & | ( ) :* \\ %"])
def test_signs_are_no_words(text: str) -> None:
    assert list(stems(text)) == []
