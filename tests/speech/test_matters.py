"""What must be answered though nobody asked: two files of sentences, and what holds of any."""

import string
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from speech.evaluation import read_utterances
from speech.events import MatterHeard
from speech.hypothesis import FinalHypothesis
from speech.intent import Expecting, Label
from speech.matters import Matter, find_matter
from speech.phrases import ways_to_say
from speech.tokens import read_utterance
from speech.training.__main__ import UTTERANCES
from speech.understanding import Understanding, UnderstandingSettings

HERE = Path(__file__).parent
SEEN = HERE / "matters.tsv"
UNSEEN = HERE / "matters_unseen.tsv"
"""Written when the rules were done: to be measured with, never to be learned from.

Of three earlier batches 76, 62 and 73 of 100 were found at first sight, with false alarms in 2 of 102, 2 of 77 and 0 of
53; they stand with the seen ones now. Of these it was 88, and 0 of 50.
"""


def read_rows(path: Path) -> list[tuple[str, str]]:
    """(matter or none, text)."""
    rows = (line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()[1:])
    return [(matter, text) for matter, text in rows]


def name_of(text: str) -> str:
    found = find_matter(text)
    return "none" if found is None else found.matter.value


# ---------------------------------------------------------------- how many are found

LEAST_FOUND = {
    SEEN: dict.fromkeys(Matter, 0.96),
    UNSEEN: {
        Matter.WHY: 0.66,
        Matter.THIRD_PERSON: 0.85,
        Matter.VIDEO: 0.9,
        Matter.AGENCY_RECORDS: 0.95,
        Matter.PAUSE: 0.85,
        Matter.RESUME: 0.95,
    },
}


@pytest.mark.parametrize("path", LEAST_FOUND, ids=["seen", "unseen"])
def test_matters_are_found_and_never_another(path: Path) -> None:
    rows = [row for row in read_rows(path) if row[0] != "none"]
    said = Counter(matter for matter, _ in rows)
    found = Counter(matter for matter, text in rows if name_of(text) == matter)
    assert {matter: found[matter] / said[matter] >= least for matter, least in LEAST_FOUND[path].items()} == (
        dict.fromkeys(Matter, True)
    ), found
    assert [text for matter, text in rows if name_of(text) not in {matter, "none"}] == []


@pytest.mark.parametrize("path", LEAST_FOUND, ids=["seen", "unseen"])
def test_what_comes_close_is_no_matter(path: Path) -> None:
    assert [text for matter, text in read_rows(path) if matter == "none" and find_matter(text)] == []


def test_the_sentences_are_many_and_each_stands_once() -> None:
    rows = [*read_rows(SEEN), *read_rows(UNSEEN)]
    assert len({text for _, text in rows}) == len(rows) > 400
    assert sum(matter == "none" for matter, _ in rows) >= 0.4 * len(rows)


def test_no_wish_that_was_labelled_becomes_a_matter() -> None:
    """But for nine stops that are a pause: "pauzeer de opname", "dit stuk wil ik niet opnemen"."""
    rows = read_utterances(UTTERANCES) + read_utterances(HERE / "unseen.tsv")
    states = {Label.REQUEST: Expecting.LISTENING, Label.COPY: Expecting.RECORDING, Label.STOP: Expecting.RECORDING}
    taken = Counter[tuple[Label, Matter]]()
    for row in rows:
        if row.label in states and find_matter(row.text) is not None:
            settings = UnderstandingSettings(matters=True)
            understanding = Understanding(settings, dict.fromkeys(Label, 0.0), lambda _: True)
            meant = understanding.interpret(FinalHypothesis(row.text, 0.0, 1.0, 0.9), states[row.label], 1.5)
            if isinstance(meant, MatterHeard):
                taken[row.label, meant.matter] += 1
    assert taken == {(Label.STOP, Matter.PAUSE): 9}


# ---------------------------------------------------------------- single sentences


@pytest.mark.parametrize(
    "text",
    [
        "mijn zoon luistert niet mee",
        "u hoeft niet te pauzeren",
        "u hoeft de opname niet te pauzeren",
        "u hoeft niet uit te leggen waarom niet",
        "de opname mag nog niet verder",
        "ik wil geen video maken",
        "ik hoef niet te weten of u dit opneemt",
        "het is niet zo dat mijn man meeluistert",
    ],
)
def test_what_is_denied_is_no_matter(text: str) -> None:
    assert find_matter(text) is None


def test_a_pause_comes_before_all_else() -> None:
    """Who wants it wants it now; the rest is said again."""
    assert name_of("mijn zoon luistert mee en kunt u de opname even pauzeren") == "pause"


def test_a_stop_is_no_pause_and_a_switching_off_no_resuming() -> None:
    for text in (
        "stop de opname",
        "zet de opname maar weer uit",
        "de opname kan weer uit",
        "ik zet hem even uit",
        "kunt u de opname weer uitzetten",
        "u mag de opname weer stoppen",
        "jullie mogen weer stoppen met opnemen",
        "wilt u de opname weer verwijderen",
    ):
        assert find_matter(text) is None, text


def test_the_caller_who_records_again_does_not_speak_of_the_agency() -> None:
    assert find_matter("ik ga weer opnemen hoor") is None
    assert name_of("u mag weer opnemen") == "resume"


def test_the_evidence_names_the_rule_and_the_words() -> None:
    found = find_matter("ja eh mijn zoon luistert hier mee hoor")
    assert found is not None
    assert found.evidence == ("regel: er luistert iemand mee", "woorden: zoon luistert mee")


@pytest.mark.parametrize(
    ("text", "is_all"),
    [("neemt u dit gesprek op", True), ("goedemorgen. neemt u dit gesprek op?", False), ("mag ik dit filmen", True)],
)
def test_it_is_known_whether_each_word_belongs_to_it(text: str, is_all: bool) -> None:
    found = find_matter(text)
    assert found is not None
    assert found.is_all is is_all


# ---------------------------------------------------------------- the ways


def test_every_way_can_be_said() -> None:
    """Each group of a way has words, and each matter has a way."""
    ways = ways_to_say()
    assert {way.matter for way in ways} == set(Matter)
    assert all(all(way.needs) for way in ways)
    assert {way.whole for way in ways} <= {"", "clause", "sentence", "either"}


# ---------------------------------------------------------------- of any text

DENIABLE = [
    "mijn zoon luistert mee",
    "er zit iemand naast mij",
    "ik zet u op de luidspreker",
    "mijn man zit hier ook bij",
    "mag ik dit gesprek filmen",
    "ik maak een video van dit gesprek",
    "neemt u dit gesprek op",
    "wordt dit gesprek opgenomen",
    "loopt er een bandje mee",
    "u mag weer opnemen",
    "zet de opname maar weer aan",
    "de opname mag weer verder",
    "ga maar verder met opnemen",
    "pauzeer de opname",
    "zet hem op pauze",
]
DENIALS = ["niet", "geen", "nooit", "niks"]
WORDS = """
waarom niet mag ik dit gesprek opnemen mijn zoon luistert mee er zit iemand naast mij op de luidspreker filmen video
nemen jullie neemt u wordt opgenomen bandje loopt even pauzeren pauze opname weer aan zet verder dat of en . ? eh geen
reden bezwaar
"""
DUTCH = st.lists(st.sampled_from(WORDS.split()), max_size=25).map(" ".join)


@given(st.sampled_from(DENIABLE), st.sampled_from(DENIALS), st.integers(0, 8))
def test_a_denial_anywhere_takes_the_matter_away(text: str, denial: str, place: int) -> None:
    words = text.split()
    words.insert(min(place, len(words)), denial)
    assert find_matter(text) is not None
    assert name_of(" ".join(words)) != name_of(text)


@given(DUTCH)
def test_the_telling_words_were_said_in_that_order(text: str) -> None:
    found = find_matter(text)
    if found is None:
        return
    said = iter(read_utterance(text).words)
    assert found.words
    assert all(word in said for word in found.words)


@given(DUTCH)
def test_case_and_hesitation_change_nothing(text: str) -> None:
    assert find_matter(text.upper()) == find_matter(text) == find_matter(f"eh {text}")


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    found = find_matter(text)
    assert found is None or set(text.lower()) & set(string.ascii_lowercase)


def test_a_text_without_end_is_read_to_the_limit() -> None:
    assert find_matter("waarom mag mijn zoon dit " * 100_000) is None
    assert name_of("zet de opname op pauze " * 100_000) == "pause"
