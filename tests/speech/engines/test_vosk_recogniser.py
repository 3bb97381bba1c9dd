"""The cascade in one call, with the Korean model: what is a candidate, what becomes of it, and of its memory."""

import gc
from collections.abc import Callable
from pathlib import Path

import numpy as np
import psutil
import pytest
from numpy.typing import NDArray

from ivr.emulator.voice import synthesise
from speech.engines.vosk_engine import VoskEngine, VoskSettings
from speech.engines.vosk_recogniser import VoskRecogniser
from speech.hypothesis import FinalHypothesis
from speech.intent import Expecting
from tests.speech import korean

FRAME_BYTES = 320
BYTES_PER_S = 16_000
ANNOUNCEMENT = synthesise(korean.ANNOUNCEMENTS[0], voice="ko")
OTHER_TALK = synthesise(korean.TALK[3], voice="ko")
PAUSE = bytes(FRAME_BYTES * 12)
RNG = np.random.default_rng(5)
Samples = NDArray[np.float64]


def give(recogniser: VoskRecogniser, pcm: bytes, *, voiced: bool = True) -> None:
    for start in range(0, len(pcm), FRAME_BYTES):
        recogniser.accept(pcm[start : start + FRAME_BYTES], voiced)


def decode(
    recogniser: VoskRecogniser, pcm: bytes, start_s: float = 0.0, expecting: Expecting = Expecting.LISTENING
) -> FinalHypothesis | None:
    recogniser.begin(start_s, expecting)
    give(recogniser, pcm)
    return recogniser.finish()


def noise(kind: str) -> bytes:
    seconds = np.arange(4 * 8_000) / 8_000
    sounds: dict[str, Callable[[], Samples]] = {
        "white": lambda: RNG.normal(0, 3_000, len(seconds)),
        "faint": lambda: RNG.normal(0, 20, len(seconds)),
        "hum": lambda: np.asarray(4_000 * np.sin(2 * np.pi * 50 * seconds)),
        "key 5": lambda: np.asarray(3_000 * (np.sin(2 * np.pi * 770 * seconds) + np.sin(2 * np.pi * 1_336 * seconds))),
        "babble": lambda: sum(
            (np.resize(np.frombuffer(synthesise(text), "<i2"), len(seconds)) * 0.4 for text in DUTCH_TALK),
            np.zeros(len(seconds)),
        ),
    }
    return sounds[kind]().clip(-32_768, 32_767).astype("<i2").tobytes()


DUTCH_TALK = ("Goedemiddag, ik bel over mijn aanvraag.", "Wanneer krijg ik daar bericht over?", "Dank u wel.")


def test_a_candidate_is_decoded_from_its_beginning(spotting_vosk: VoskEngine, vosk: VoskEngine) -> None:
    """What was said before the spotter found its word is in the text too: as much as free decoding alone gives."""
    heard = decode(spotting_vosk.open_recogniser(), ANNOUNCEMENT, start_s=20.0)
    free = decode(vosk.open_recogniser(), ANNOUNCEMENT, start_s=20.0)
    assert heard is not None
    assert free is not None
    assert heard.start_s == pytest.approx(free.start_s, abs=0.3)
    assert heard.end_s == pytest.approx(free.end_s, abs=0.3)
    assert not {word.text for word in heard.words} <= {*korean.SPOTTING.words}


def test_what_is_kept_of_an_utterance_is_bounded(korean_folder: Path) -> None:
    """The spotter finds its word at the end; of a longer utterance only the last part is decoded, at its right time."""
    engine = VoskEngine(korean_folder, VoskSettings(korean.SPOTTING, korean.ANSWERS, kept_s=2.0))
    heard = decode(engine.open_recogniser(), ANNOUNCEMENT)
    assert heard is not None
    assert heard.start_s > 0.4
    assert heard.end_s == pytest.approx(len(ANNOUNCEMENT) / BYTES_PER_S, abs=0.6)


def test_other_talk_is_not_decoded(spotting_vosk: VoskEngine) -> None:
    assert decode(spotting_vosk.open_recogniser(), OTHER_TALK) is None


def test_vosks_own_endpoint_inside_an_utterance_is_survived(spotting_vosk: VoskEngine) -> None:
    """After it Vosk has no partial result to be looked at; the words before it still count."""
    pauses = (OTHER_TALK, bytes(3 * BYTES_PER_S // 2), ANNOUNCEMENT, bytes(3 * BYTES_PER_S // 2))
    heard = decode(spotting_vosk.open_recogniser(), b"".join(pauses))
    assert heard is not None
    assert heard.start_s < 1


@pytest.mark.parametrize("kind", ["white", "faint", "hum", "key 5", "babble"])
def test_noise_is_no_candidate(spotting_vosk: VoskEngine, kind: str) -> None:
    assert decode(spotting_vosk.open_recogniser(), noise(kind)) is None


def test_a_look_in_a_pause_tells_a_candidate_and_leaves_the_utterance_open(spotting_vosk: VoskEngine) -> None:
    recogniser = spotting_vosk.open_recogniser()
    recogniser.begin(0.0, Expecting.LISTENING)
    give(recogniser, ANNOUNCEMENT)
    give(recogniser, PAUSE, voiced=False)
    early = recogniser.peek()
    assert early is not None
    assert recogniser.peek() == early
    give(recogniser, PAUSE, voiced=False)
    give(recogniser, OTHER_TALK)
    whole = recogniser.finish()
    assert whole is not None
    assert whole.words[: len(early.words)] == early.words
    assert whole.words[len(early.words)].start_s >= early.end_s
    assert whole.end_s > (len(ANNOUNCEMENT) + 2 * len(PAUSE)) / BYTES_PER_S + 1


def test_a_candidate_after_a_pause_has_the_words_from_before_it(spotting_vosk: VoskEngine) -> None:
    recogniser = spotting_vosk.open_recogniser()
    recogniser.begin(0.0, Expecting.LISTENING)
    give(recogniser, OTHER_TALK)
    give(recogniser, PAUSE, voiced=False)
    assert recogniser.peek() is None
    give(recogniser, ANNOUNCEMENT)
    heard = recogniser.finish()
    assert heard is not None
    assert heard.start_s < 1
    assert heard.end_s > len(OTHER_TALK) / BYTES_PER_S + 1


def test_recycling_the_spotter_loses_no_words(korean_folder: Path) -> None:
    """A new spotter for each utterance finds its words at the same time of the stream as one that goes on."""
    renewed = VoskEngine(korean_folder, VoskSettings(korean.SPOTTING, korean.ANSWERS, recycle_s=0.1)).open_recogniser()
    for start_s in (5.0, 60.0, 90.0):
        assert decode(renewed, OTHER_TALK, start_s - 4) is None
        heard = decode(renewed, ANNOUNCEMENT, start_s)
        assert heard is not None
        assert heard.start_s == pytest.approx(start_s, abs=0.3)
        assert heard.end_s == pytest.approx(start_s + len(ANNOUNCEMENT) / BYTES_PER_S, abs=0.5)


def test_the_memory_of_candidates_is_given_back(spotting_vosk: VoskEngine) -> None:
    recogniser = spotting_vosk.open_recogniser()
    decode(recogniser, ANNOUNCEMENT)
    gc.collect()
    process = psutil.Process()
    before = process.memory_info().rss
    recogniser.begin(0.0, Expecting.LISTENING)
    give(recogniser, ANNOUNCEMENT)
    assert recogniser.peek() is not None
    held = process.memory_info().rss - before
    recogniser.finish()
    for _ in range(4):
        assert decode(recogniser, ANNOUNCEMENT) is not None
    assert held > 10e6
    assert process.memory_info().rss - before < held / 2


@pytest.mark.parametrize("expecting", [Expecting.CONFIRMING, Expecting.AFTER])
def test_an_answer_has_a_second_witness(spotting_vosk: VoskEngine, expecting: Expecting) -> None:
    """Free decoding does not understand the voice; the grammar of answers does."""
    for text, own in (("네 네", "yes"), ("아니요", "no")):
        heard = decode(spotting_vosk.open_recogniser(), synthesise(text, voice="ko"), expecting=expecting)
        assert heard is not None
        assert heard.witness is not None
        assert (heard.witness.yes > heard.witness.no) is (own == "yes")


def test_without_a_question_there_is_no_witness(spotting_vosk: VoskEngine) -> None:
    heard = decode(spotting_vosk.open_recogniser(), ANNOUNCEMENT)
    assert heard is not None
    assert heard.witness is None


def test_without_a_spotter_everything_is_decoded(vosk: VoskEngine) -> None:
    assert decode(vosk.open_recogniser(), OTHER_TALK) is not None
