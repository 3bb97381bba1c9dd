"""`spelregel listen`: whole calls from files."""

import io
import json
from pathlib import Path

import pytest

from speech.engines.whisper_engine import WhisperEngine
from speech.errors import UnusableAudio
from speech.intent import Expecting
from speech.listening import listen_file
from tests.speech.hearing import silence, spoken
from tests.speech.test_wav import fmt_chunk, riff


def lines(path: Path, engine: WhisperEngine, expecting: Expecting | None = None) -> list[dict[str, object]]:
    out = io.StringIO()
    listen_file(path, 0, engine, expecting, out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


def intents(found: list[dict[str, object]]) -> list[object]:
    return [line["label"] for line in found if line["type"] == "intent"]


def call(tmp_path: Path, *sounds: bytes) -> Path:
    path = tmp_path / "call.wav"
    path.write_bytes(riff(fmt_chunk(7, 8), b"".join(sounds)))
    return path


def test_the_lines_are_as_promised(whisper: WhisperEngine, tmp_path: Path) -> None:
    found = lines(call(tmp_path, silence(0.5), spoken("Ik neem dit gesprek op."), silence(1)), whisper)
    assert [set(line) for line in found] == [
        {"type", "start_s", "end_s", "text", "confidence"},
        {"type", "label", "at_s", "text", "confidence", "evidence"},
    ]


def test_an_answer_counts_only_after_a_wish(whisper: WhisperEngine, tmp_path: Path) -> None:
    yes, wish = spoken("Ja, dat klopt."), spoken("Ik neem dit gesprek op.")
    path = call(tmp_path, silence(0.5), yes, silence(1), wish, silence(2), yes, silence(1))
    assert intents(lines(path, whisper)) == ["request", "yes"]
    late = call(tmp_path, silence(0.5), wish, silence(21), yes, silence(1))
    assert intents(lines(late, whisper)) == ["request"]


def test_with_a_state_every_utterance_is_read_in_it(whisper: WhisperEngine, tmp_path: Path) -> None:
    path = call(tmp_path, silence(0.5), spoken("Ja, dat klopt."), silence(1))
    assert intents(lines(path, whisper, Expecting.CONFIRMING)) == ["yes"]


def test_a_file_that_is_no_sound(whisper: WhisperEngine, tmp_path: Path) -> None:
    path = tmp_path / "letter.wav"
    path.write_text("geachte heer")
    with pytest.raises(UnusableAudio):
        lines(path, whisper)


@pytest.mark.slow
def test_the_conversation_with_a_wish(whisper: WhisperEngine, corpus: Path) -> None:
    found = lines(corpus / "conversations" / "conv_01_request.wav", whisper)
    wishes = [line["at_s"] for line in found if line.get("label") == "request"]
    assert len(wishes) == 1
    assert 50 < float(str(wishes[0])) < 55
    assert intents(found) == ["request", "yes"]


@pytest.mark.slow
def test_the_conversation_without_one(whisper: WhisperEngine, corpus: Path) -> None:
    found = lines(corpus / "conversations" / "conv_02_none.wav", whisper)
    assert len(found) >= 8
    assert intents(found) == []
