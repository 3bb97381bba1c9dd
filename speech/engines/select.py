"""Which engine listens: the one that was asked for, or the best one whose model is installed."""

import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

from speech import models
from speech.audio import TELEPHONE_RATE_HZ
from speech.errors import ModelError, SpeechError
from speech.intent import Expecting
from speech.models import ModelState
from speech.recogniser import Engine


def load_engine(name: str, model_dir: Path) -> Engine:
    """Load `auto`, `vosk` or `whisper` from `model_dir`. Raises `ModelError`."""
    return prepare_engine(name, model_dir)()


def prepare_engine(name: str, model_dir: Path) -> Callable[[], Engine]:
    """What can be done before a process forks; the rest is done by calling what it gives, in each fork.

    Vosk's model is loaded, once for all of them, since they only read it. Whisper's is only looked for: CTranslate2's
    threads do not survive a fork. Raises `ModelError`.
    """
    name, folder = find_model(name, model_dir)
    if name != "vosk":
        return partial(open_engine, name, folder)
    engine = open_engine(name, folder)
    return lambda: engine


def find_model(name: str, model_dir: Path) -> tuple[str, Path]:
    """The engine that is meant, and its checked model; `auto` is Vosk where its Dutch model is good, else Whisper.

    Whisper's model is assembled from its packages on first use. Raises `ModelError`.
    """
    if name == "auto":
        name = "vosk" if models.check(models.VOSK, model_dir).state is ModelState.GOOD else "whisper"
    if name == "vosk":
        return name, models.get_folder(models.VOSK, model_dir)
    if name == "whisper":
        return name, models.install(models.WHISPER, model_dir).folder
    raise ModelError(f"{name!r} is no speech engine; set SPELREGEL_SPEECH_ENGINE to auto, vosk or whisper")


def open_engine(name: str, folder: Path) -> Engine:
    """Load an engine with the model in `folder`, unchecked. The native libraries are imported only where used."""
    if name == "vosk":
        from speech.engines.vosk_engine import VoskEngine

        return VoskEngine(folder)
    from speech.engines.whisper_engine import WhisperEngine

    return WhisperEngine(folder)


def main(name: str, folder: str) -> None:
    """Load a model and let it decode a second of silence: what a damaged one does not survive."""
    recogniser = open_engine(name, Path(folder)).open_recogniser()
    recogniser.begin(0.0, Expecting.LISTENING)
    recogniser.accept(bytes(2 * TELEPHONE_RATE_HZ), voiced=True)
    recogniser.finish()


if __name__ == "__main__":
    try:
        main(sys.argv[1], sys.argv[2])
    except SpeechError as error:
        sys.exit(str(error))
