"""Sentences across pauses, wishes and matters that are said twice, and what was hardly heard."""

import pytest

from speech.events import IntentHeard, MatterHeard
from speech.hypothesis import FinalHypothesis, Word
from speech.intent import Expecting, Label
from speech.understanding import Understanding, UnderstandingSettings

LEAST = {Label.REQUEST: 0.2, Label.YES: 0.2, Label.NO: 0.2}


def understand(
    *said: tuple[float, float, str],
    expecting: Expecting = Expecting.LISTENING,
    confidence: float = 0.8,
    matters: bool = True,
) -> list[tuple[str, str]]:
    """Label or matter and text of all that was meant; each utterance is (start_s, end_s, text)."""
    understanding = Understanding(UnderstandingSettings(matters=matters), LEAST, lambda _: True)
    meanings = [
        understanding.interpret(FinalHypothesis(text, start_s, end_s, confidence), expecting, end_s + 0.5)
        for start_s, end_s, text in said
    ]
    return [(name_of(meaning), meaning.text) for meaning in meanings if meaning]


def name_of(meaning: IntentHeard | MatterHeard) -> str:
    return (meaning.label if isinstance(meaning, IntentHeard) else meaning.matter).value


def test_a_sentence_with_a_pause_is_one_wish() -> None:
    heard = understand((0.0, 1.0, "ik wil dit gesprek"), (1.9, 2.5, "opnemen"))
    assert heard == [("request", "ik wil dit gesprek opnemen")]


def test_three_pieces_are_read_together() -> None:
    heard = understand((0.0, 0.4, "ik neem"), (1.0, 1.6, "dit even"), (2.4, 3.0, "op"))
    assert heard == [("request", "ik neem dit even op")]


def test_pieces_far_apart_are_not() -> None:
    assert understand((0.0, 1.0, "ik wil dit gesprek"), (3.0, 3.5, "opnemen")) == []


def test_the_time_of_a_joined_wish_spans_its_pieces() -> None:
    understanding = Understanding(UnderstandingSettings(), LEAST, lambda _: True)
    understanding.interpret(FinalHypothesis("ik wil dit gesprek", 0.0, 1.0, 0.9), Expecting.LISTENING, 1.5)
    meant = understanding.interpret(FinalHypothesis("opnemen", 1.9, 2.5, 0.6), Expecting.LISTENING, 3.0)
    assert meant is not None
    assert (meant.start_s, meant.at_s, meant.endpoint_s, meant.confidence <= 0.6) == (0.0, 2.5, 3.0, True)


def test_a_wish_said_twice_is_reported_once() -> None:
    assert len(understand((0.0, 2.0, "ik neem dit gesprek op"), (3.0, 5.0, "dus ik neem dit gesprek op"))) == 1
    assert len(understand((0.0, 2.0, "ik neem dit gesprek op"), (30.0, 32.0, "ik neem dit gesprek op"))) == 2


def test_answers_said_twice_are_both_reported() -> None:
    heard = understand((0.0, 0.5, "nee"), (1.2, 2.0, "nee dat klopt niet"), expecting=Expecting.CONFIRMING)
    assert [label for label, _ in heard] == ["no", "no"]


def test_an_answer_that_was_hardly_heard_is_unclear() -> None:
    """Also a no: in doubt the bot asks again."""
    for text, label in (("ja dat klopt", "yes"), ("nee dat klopt niet", "no")):
        clear = understand((0.0, 1.0, text), expecting=Expecting.CONFIRMING, confidence=0.5)
        faint = understand((0.0, 1.0, text), expecting=Expecting.CONFIRMING, confidence=LEAST[Label.YES] - 0.01)
        assert (clear, faint) == ([(label, text)], [("unclear", text)])


def test_the_doubt_is_part_of_the_evidence() -> None:
    understanding = Understanding(UnderstandingSettings(), LEAST, lambda _: True)
    meant = understanding.interpret(FinalHypothesis("ja", 0.0, 0.5, 0.1), Expecting.CONFIRMING, 1.0)
    assert isinstance(meant, IntentHeard)
    assert meant.label is Label.UNCLEAR
    assert "te onduidelijk verstaan" in meant.evidence[-1]


def test_a_yes_to_the_employee_is_nothing_while_listening() -> None:
    assert understand((0.0, 1.0, "ja graag"), (2.0, 3.0, "ja dat klopt")) == []


def test_a_wish_whose_telling_words_were_hardly_heard_is_none() -> None:
    """Whisper, primed for announcements, hears one in noise; what it hears then has its support elsewhere."""
    for opnemen, expected in ((0.1, []), (0.3, ["request"])):
        words = tuple(
            Word(text, 0.0, 1.0, confidence)
            for text, confidence in (
                ("ik", 0.9),
                ("wil", 0.9),
                ("dit", 0.3),
                ("gesprek", opnemen),
                ("opnemen", opnemen),
            )
        )
        sentence = FinalHypothesis("ik wil dit gesprek opnemen", 0.0, 1.0, 0.45, words)
        understanding = Understanding(UnderstandingSettings(), LEAST, lambda _: True)
        meant = understanding.interpret(sentence, Expecting.LISTENING, 1.5)
        assert ([name_of(meant)] if meant else []) == expected


# ---------------------------------------------------------------- what is no request and no answer

PAUSE, RESUME, WITNESS = "ik wil de opname even pauzeren", "u mag weer opnemen", "mijn zoon luistert mee"


def test_a_pause_that_is_labelled_a_stop_is_a_pause() -> None:
    assert understand((0.0, 2.0, PAUSE), expecting=Expecting.RECORDING) == [("pause", PAUSE)]
    assert understand((0.0, 2.0, "stop de opname"), expecting=Expecting.RECORDING) == [("stop", "stop de opname")]


@pytest.mark.parametrize("text", [RESUME, "de opname mag weer aan", "zet de opname maar weer aan"])
def test_the_agency_may_record_again_whatever_the_label(text: str) -> None:
    for expecting in (Expecting.LISTENING, Expecting.RECORDING):
        assert understand((0.0, 2.0, text), expecting=expecting) == [("resume", text)]


def test_a_request_stays_one_whoever_listens_in() -> None:
    text = "mijn zus luistert mee en neemt dit gesprek op"
    assert understand((0.0, 3.0, text)) == [("request", text)]
    again = "ik wil dit gesprek weer opnemen"
    assert understand((0.0, 3.0, again)) == [("request", again)]


def test_a_question_that_is_all_that_was_said_is_no_request() -> None:
    """`classify` takes it for one."""
    assert understand((0.0, 2.0, "loopt er een bandje mee")) == [("agency-records", "loopt er een bandje mee")]


@pytest.mark.parametrize("expecting", [Expecting.CONFIRMING, Expecting.AFTER])
def test_an_answer_that_is_awaited_is_never_a_matter(expecting: Expecting) -> None:
    for text in (PAUSE, RESUME, WITNESS, "waarom niet", "mag ik dit filmen", "nemen jullie dit op"):
        heard = understand((0.0, 2.0, text), expecting=expecting)
        assert {name for name, _ in heard} <= {label.value for label in Label}


def test_a_matter_with_a_pause_in_it_is_one() -> None:
    for expecting in (Expecting.LISTENING, Expecting.RECORDING):
        heard = understand((0.0, 0.8, "mijn zoon die"), (1.5, 2.2, "luistert mee"), expecting=expecting)
        assert heard == [("third-person", "mijn zoon die luistert mee")]
    assert understand((0.0, 0.8, "mijn zoon die"), (4.0, 4.7, "luistert mee")) == []


def test_a_matter_does_not_hide_the_request_that_goes_on_from_it() -> None:
    heard = understand((0.0, 1.5, WITNESS), (2.0, 4.0, "en die neemt dit gesprek op"))
    assert [name for name, _ in heard] == ["third-person", "request"]


def test_a_matter_said_again_is_one_and_another_is_another() -> None:
    heard = understand((0.0, 2.0, WITNESS), (3.0, 5.0, "ja hoor mijn zoon luistert mee"), (5.5, 6.0, "dat is alles"))
    assert heard == [("third-person", WITNESS)]
    assert len(understand((0.0, 2.0, WITNESS), (30.0, 32.0, WITNESS))) == 2
    heard = understand((0.0, 2.0, PAUSE), (3.0, 4.0, RESUME), (5.0, 6.0, PAUSE), expecting=Expecting.RECORDING)
    assert [name for name, _ in heard] == ["pause", "resume", "pause"]


def test_a_matter_whose_telling_words_were_hardly_heard_is_none() -> None:
    for confidence, expected in ((0.1, []), (0.3, ["third-person"])):
        words = tuple(
            Word(text, 0.0, 1.0, heard)
            for text, heard in (("mijn", 0.9), ("zoon", confidence), ("luistert", confidence), ("mee", confidence))
        )
        sentence = FinalHypothesis(WITNESS, 0.0, 1.0, 0.4, words)
        understanding = Understanding(UnderstandingSettings(matters=True), LEAST, lambda _: True)
        meant = understanding.interpret(sentence, Expecting.LISTENING, 1.5)
        assert ([name_of(meant)] if meant else []) == expected


def test_the_times_and_the_evidence_of_a_matter() -> None:
    understanding = Understanding(UnderstandingSettings(matters=True), LEAST, lambda _: True)
    meant = understanding.interpret(FinalHypothesis(WITNESS, 2.0, 3.5, 0.7), Expecting.LISTENING, 4.0)
    assert isinstance(meant, MatterHeard)
    assert (meant.start_s, meant.at_s, meant.endpoint_s, meant.confidence) == (2.0, 3.5, 4.0, 0.7)
    assert meant.evidence[-1] == "woorden: zoon luistert mee"


def test_without_the_setting_there_are_only_labels() -> None:
    """As `spelregel listen` and the evaluation want it."""
    heard = understand((0.0, 2.0, PAUSE), expecting=Expecting.RECORDING, matters=False)
    assert heard == [("stop", PAUSE)]
    assert understand((0.0, 2.0, WITNESS), matters=False) == []
