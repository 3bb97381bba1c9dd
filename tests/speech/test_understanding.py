"""Sentences across pauses, wishes that are said twice, and answers that were hardly heard."""

from speech.hypothesis import FinalHypothesis, Word
from speech.intent import Expecting, Label
from speech.understanding import Understanding, UnderstandingSettings

LEAST = {Label.REQUEST: 0.2, Label.YES: 0.2, Label.NO: 0.2}


def understand(
    *said: tuple[float, float, str], expecting: Expecting = Expecting.LISTENING, confidence: float = 0.8
) -> list[tuple[str, str]]:
    """Label and text of all that was meant; each utterance is (start_s, end_s, text)."""
    understanding = Understanding(UnderstandingSettings(), LEAST, lambda _: True)
    meanings = [
        understanding.interpret(FinalHypothesis(text, start_s, end_s, confidence), expecting, end_s + 0.5)
        for start_s, end_s, text in said
    ]
    return [(meaning.label.value, meaning.text) for meaning in meanings if meaning]


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
    assert meant is not None
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
        assert ([meant.label] if meant else []) == expected
