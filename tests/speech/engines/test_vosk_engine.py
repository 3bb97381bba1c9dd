"""Vosk behind the Protocol, with the one model that a package carries (Korean); the Dutch one where it is installed."""

import os
import shutil
from pathlib import Path

import pytest

from ivr.emulator.voice import synthesise
from speech import models
from speech.audio import encode_mulaw
from speech.engines.vosk_engine import VoskEngine, VoskSettings
from speech.errors import ModelError
from speech.events import SpeechHeard
from speech.hypothesis import FinalHypothesis
from speech.intent import Expecting
from speech.models import ModelState
from speech.recogniser import Recogniser
from tests.speech import korean
from tests.speech.hearing import hear, labels, silence, spoken

GREETING = synthesise("안녕하세요. 감사합니다.", voice="ko")
FRAME_BYTES = 320


def decode(recogniser: Recogniser, start_s: float, expecting: Expecting, pcm: bytes) -> FinalHypothesis | None:
    recogniser.begin(start_s, expecting)
    for start in range(0, len(pcm), FRAME_BYTES):
        recogniser.accept(pcm[start : start + FRAME_BYTES], voiced=True)
    return recogniser.finish()


def test_speech_becomes_words_with_times(vosk: VoskEngine) -> None:
    heard = decode(vosk.open_recogniser(), 50.0, Expecting.LISTENING, GREETING)
    assert heard is not None
    assert [word.text for word in heard.words] == heard.text.split()
    assert 50.0 <= heard.start_s < heard.end_s <= 50.0 + len(GREETING) / 16_000
    assert 0 < heard.confidence <= 1


def test_the_next_utterance_has_its_own_times(vosk: VoskEngine) -> None:
    """One recogniser goes on for the whole call, its clock does too."""
    recogniser = vosk.open_recogniser()
    first = decode(recogniser, 10.0, Expecting.LISTENING, GREETING)
    second = decode(recogniser, 20.0, Expecting.LISTENING, GREETING)
    assert first is not None
    assert second is not None
    assert 20.0 <= second.start_s < second.end_s <= 20.0 + len(GREETING) / 16_000


def test_words_before_vosks_own_endpoint_are_kept(vosk: VoskEngine) -> None:
    """A second of silence inside an utterance makes Vosk give a result in the middle."""
    twice = decode(vosk.open_recogniser(), 0.0, Expecting.LISTENING, GREETING + bytes(48_000) + GREETING)
    assert twice is not None
    assert twice.end_s > len(GREETING) / 16_000 + 3
    assert twice.start_s < len(GREETING) / 16_000


def test_silence_is_nothing(vosk: VoskEngine) -> None:
    assert decode(vosk.open_recogniser(), 0.0, Expecting.LISTENING, bytes(32_000)) is None


def test_the_vocabulary_can_be_asked(vosk: VoskEngine) -> None:
    assert vosk.knows("녹음")
    assert not vosk.knows("opnemen")


def test_it_hears_a_stream(vosk: VoskEngine) -> None:
    stream = silence(0.5) + encode_mulaw(GREETING) + silence(1)
    assert [type(event) for event in hear(vosk, stream)][:1] == [SpeechHeard]


@pytest.mark.parametrize(
    "missing", ["am/final.mdl", "conf/mfcc.conf", "graph/HCLr.fst", "graph/phones/word_boundary.int"]
)
def test_a_damaged_folder_is_an_error_and_no_crash(korean_folder: Path, tmp_path: Path, missing: str) -> None:
    folder = tmp_path / "model"
    shutil.copytree(korean_folder, folder, copy_function=os.symlink)
    (folder / missing).unlink()
    with pytest.raises(ModelError, match="missing or empty"):
        VoskEngine(folder)


def test_a_model_of_another_language_is_named_as_such(korean_folder: Path) -> None:
    with pytest.raises(ModelError, match=r"lacks .* such as aan.*: it is of another language"):
        VoskEngine(korean_folder)


def test_a_model_that_cannot_resample_gets_sound_at_its_own_rate(korean_folder: Path, tmp_path: Path) -> None:
    """Kaldi ends the process when 8 000 Hz reaches a model without the flag."""
    folder = tmp_path / "model"
    shutil.copytree(korean_folder, folder, copy_function=os.symlink)
    conf = (korean_folder / "conf" / "mfcc.conf").read_text()
    (folder / "conf" / "mfcc.conf").unlink()
    (folder / "conf" / "mfcc.conf").write_text(conf.replace("--allow-upsample=true\n", ""))
    engine = VoskEngine(folder, VoskSettings(korean.SPOTTING, korean.ANSWERS))
    heard = decode(engine.open_recogniser(), 0.0, Expecting.LISTENING, synthesise(korean.ANNOUNCEMENTS[0], voice="ko"))
    assert heard is not None


def test_no_folder_and_a_broken_model(korean_folder: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no such model folder"):
        VoskEngine(tmp_path / "none")
    folder = tmp_path / "model"
    shutil.copytree(korean_folder, folder, copy_function=os.symlink)
    (folder / "am" / "final.mdl").unlink()
    (folder / "am" / "final.mdl").write_bytes(b"no model")
    with pytest.raises(ModelError, match="cannot load this model"):
        VoskEngine(folder)


def test_dutch_where_it_is_installed() -> None:
    model_dir = Path(os.environ.get("SPELREGEL_MODEL_DIR", "models"))
    if models.check(models.VOSK, model_dir).state is not ModelState.GOOD:
        pytest.skip(f"{models.VOSK} is not installed: Dutch with Vosk is not tested (`spelregel models install`)")
    engine = VoskEngine(model_dir / models.VOSK)
    assert engine.knows("opnemen")
    assert labels(hear(engine, silence(0.5) + spoken("Ik neem dit gesprek op.") + silence(1))) == ["request"]
