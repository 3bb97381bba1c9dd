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
from speech.second_opinion import SecondOpinion, TwoEngines


def load_engine(name: str, model_dir: Path, *, spotter: bool = True, second_opinion: str = "off") -> Engine:
    """Load `auto`, `vosk` or `whisper` from `model_dir`, with or without Vosk's spotter.

    A `second_opinion` of `confirm` or `either` is Whisper's, beside Vosk. Raises `ModelError`.
    """
    return prepare_engine(name, model_dir, spotter=spotter, second_opinion=second_opinion)()


def prepare_engine(
    name: str, model_dir: Path, *, spotter: bool = True, second_opinion: str = "off"
) -> Callable[[], Engine]:
    """What can be done before a process forks; the rest is done by calling what it gives, in each fork.

    Vosk's model is loaded, once for all of them, since they only read it. Whisper's is only looked for: CTranslate2's
    threads do not survive a fork. Raises `ModelError`.
    """
    first, *second = (_prepare(*found, spotter=spotter) for found in find_models(name, model_dir, second_opinion))
    return (lambda: TwoEngines(first(), second[0](), SecondOpinion(second_opinion))) if second else first


def _prepare(name: str, folder: Path, *, spotter: bool) -> Callable[[], Engine]:
    if name != "vosk":
        return partial(open_engine, name, folder)
    engine = open_engine(name, folder, spotter=spotter)
    return lambda: engine


def find_models(name: str, model_dir: Path, second_opinion: str = "off") -> list[tuple[str, Path]]:
    """The engines that are meant and their checked models, the one that listens first. Raises `ModelError`."""
    first = _find_model(name, model_dir)
    if second_opinion == "off":
        return [first]
    if first[0] != "vosk":
        raise ModelError(
            "a second opinion needs both engines, and the Dutch Vosk model is not installed; "
            "run `spelregel models install`, or set SPELREGEL_SECOND_OPINION to off"
        )
    return [first, _find_model("whisper", model_dir)]


def _find_model(name: str, model_dir: Path) -> tuple[str, Path]:
    """`auto` is Vosk where its Dutch model is good, else Whisper, whose model is assembled on first use."""
    if name == "auto":
        name = "vosk" if models.check(models.VOSK, model_dir).state is ModelState.GOOD else "whisper"
    if name == "vosk":
        return name, models.get_folder(models.VOSK, model_dir)
    if name == "whisper":
        return name, models.install(models.WHISPER, model_dir).folder
    raise ModelError(f"{name!r} is no speech engine; set SPELREGEL_SPEECH_ENGINE to auto, vosk or whisper")


def open_engine(name: str, folder: Path, *, spotter: bool = True) -> Engine:
    """Load an engine with the model in `folder`, unchecked. The native libraries are imported only where used."""
    if name == "vosk":
        from speech.engines.vosk_engine import VoskEngine, VoskSettings

        return VoskEngine(folder, VoskSettings() if spotter else VoskSettings(spotting=None))
    from speech.engines.whisper_engine import WhisperEngine

    return WhisperEngine(folder)


def main(folder: str) -> None:
    """Load a Vosk model and let it decode a second of silence: what a damaged one does not survive."""
    from speech.engines.vosk_engine import VoskEngine, VoskSettings

    recogniser = VoskEngine(Path(folder), VoskSettings(spotting=None, answers=None)).open_recogniser()
    recogniser.begin(0.0, Expecting.LISTENING)
    recogniser.accept(bytes(2 * TELEPHONE_RATE_HZ), voiced=True)
    recogniser.finish()


if __name__ == "__main__":
    try:
        main(sys.argv[1])
    except SpeechError as error:
        sys.exit(str(error))
