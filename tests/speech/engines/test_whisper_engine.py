"""Whisper behind the Protocol: words with confidences, shared by threads, refused after a fork."""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ivr.emulator.voice import synthesise
from speech.engines.whisper_engine import WhisperEngine, plain_words, without_echo, without_loops
from speech.errors import ModelError
from speech.hypothesis import Word
from speech.intent import Expecting


def words(text: str) -> list[Word]:
    return [Word(word, 0.0, 0.0, 0.5) for word in text.split()]


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("ik neem dit op", "ik neem dit op"),
        ("ja ja ja", "ja ja ja"),
        ("nee hoor nee hoor nee hoor", "nee hoor"),
        ("ik neem dit gesprek op ik neem dit gesprek op ik neem dit", "ik neem dit gesprek op"),
        ("ik neem dit gesprek op ik ne", "ik neem dit gesprek op"),
        ("dat is goed dat is", "dat is goed"),
        ("", ""),
    ],
)
def test_rounds_of_a_loop_are_dropped(said: str, kept: str) -> None:
    assert [word.text for word in without_loops(words(said))] == kept.split()


PROMPT = "Ik neem dit gesprek op. Ik neem een geluidsopname voor mijn dossier. Ja, dat klopt."


def heard(text: str, confidence: float) -> list[Word]:
    return [Word(word, 0.0, 0.0, confidence) for word in text.split()]


def test_a_sentence_of_the_prompt_that_nobody_said_is_dropped() -> None:
    said = heard("ik wil dit gesprek op", 0.5)
    echo = heard("ik neem een geluidsopname voor mijn dossier", 0.17)
    assert without_echo(said + echo, PROMPT) == said


@pytest.mark.parametrize(
    "words",
    [
        heard("ik wil dit gesprek op", 0.5) + heard("ik neem een geluidsopname voor mijn dossier", 0.4),
        heard("ik neem dit gesprek op", 0.2),
        heard("wacht even", 0.5) + heard("ja dat klopt", 0.1),
        [],
    ],
    ids=["well heard", "nothing else said", "too short to tell", "nothing heard"],
)
def test_what_was_said_stays(words: list[Word]) -> None:
    assert without_echo(words, PROMPT) == words


def test_words_are_plain() -> None:
    assert plain_words(" 's Morgens, auto's!") == ["s", "morgens", "autos"]
    assert plain_words(" ...") == []


def test_an_utterance_becomes_words_with_times(whisper: WhisperEngine) -> None:
    recogniser = whisper.open_recogniser()
    recogniser.begin(100.0, Expecting.LISTENING)
    recogniser.accept(synthesise("Ik neem dit gesprek op."), voiced=True)
    heard = recogniser.finish()
    assert heard is not None
    assert heard.text == "ik neem dit gesprek op"
    assert [word.text for word in heard.words] == heard.text.split()
    assert 100.0 <= heard.start_s < heard.end_s < 103.0
    assert heard.confidence == pytest.approx(sum(word.confidence for word in heard.words) / 5)


def test_nothing_is_heard_in_nothing(whisper: WhisperEngine) -> None:
    recogniser = whisper.open_recogniser()
    recogniser.begin(0.0, Expecting.CONFIRMING)
    assert recogniser.finish() is None
    recogniser.accept(bytes(16_000), voiced=True)
    assert recogniser.finish() is None


def test_an_utterance_a_little_longer_than_the_window(whisper: WhisperEngine) -> None:
    """9.62 s and its margins are 1 003 frames of features, which was once rounded down to 1 002."""
    silence = bytes(int(9.62 * 8_000) * 2)
    assert isinstance(whisper.decode(silence, Expecting.LISTENING), list)


def test_decoding_early_gives_the_same_as_decoding_late(whisper: WhisperEngine) -> None:
    """Speech that goes on after a pause is decoded again as a whole."""
    first, second = synthesise("Ik neem dit gesprek"), synthesise("op.")
    recogniser = whisper.open_recogniser()
    recogniser.begin(0.0, Expecting.LISTENING)
    for pcm, voiced in ((first, True), (bytes(4_800), False), (second, True), (bytes(4_800), False)):
        recogniser.accept(pcm, voiced=voiced)
    heard = recogniser.finish()
    expected = whisper.decode(first + bytes(4_800) + second + bytes(4_800), Expecting.LISTENING)
    assert heard is not None
    assert heard.text == " ".join(word.text for word in expected)


def test_threads_share_the_model(whisper: WhisperEngine) -> None:
    pcm = synthesise("Ik neem dit gesprek op.")
    with ThreadPoolExecutor(4) as pool:
        heard = list(pool.map(lambda _: whisper.decode(pcm, Expecting.LISTENING), range(8)))
    assert all(found == heard[0] for found in heard)


def test_a_forked_process_is_told(whisper: WhisperEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    """CTranslate2's threads stay behind in the parent: decoding would hang for ever."""
    child = os.getpid() + 1
    monkeypatch.setattr(os, "getpid", lambda: child)
    with pytest.raises(ModelError, match="load it in each process"):
        whisper.decode(bytes(16_000), Expecting.LISTENING)


def test_a_folder_without_a_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="spelregel models install"):
        WhisperEngine(tmp_path)
