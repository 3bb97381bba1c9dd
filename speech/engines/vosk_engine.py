"""Vosk: the model, loaded once, and the decodings that are made of it: free, of the spotter, of the second witness."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import vosk

from speech.audio import TELEPHONE_RATE_HZ
from speech.engines.vosk_decoding import Decoding
from speech.engines.vosk_grammar import make_grammar
from speech.engines.vosk_recogniser import VoskRecogniser
from speech.errors import ModelError
from speech.intent import Label
from speech.spotting import DUTCH_ANSWERS, DUTCH_SPOTTING, AnswerWords, SpottingWords

_MODEL_RATE_HZ = 16_000
_NEEDED = ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf", "graph/phones/word_boundary.int")
_GRAPHS = (("graph/HCLG.fst",), ("graph/HCLr.fst", "graph/Gr.fst"))
_LEAST_KNOWN = 0.5
"""Of the grammars' words: an English model has a few Dutch ones, a Dutch model lacks some compounds."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class VoskSettings:
    """`spotting=None` decodes every utterance freely, `answers=None` leaves out the second witness of an answer.

    A spotter grows by 4 MB for each minute it decodes, so a new one is made after `recycle_s` of sound. A candidate is
    decoded from its beginning, at most `kept_s` back.
    """

    spotting: SpottingWords | None = DUTCH_SPOTTING
    answers: AnswerWords | None = DUTCH_ANSWERS
    recycle_s: float = 30.0
    kept_s: float = 16.0


class VoskEngine:
    """The model; it may be loaded before forking, and is shared by all threads."""

    name = "vosk"
    least_confidence: Mapping[Label, float] = MappingProxyType({Label.REQUEST: 0.0, Label.YES: 0.6, Label.NO: 0.6})

    def __init__(self, model_folder: Path, settings: VoskSettings | None = None) -> None:
        self.settings = settings or VoskSettings()
        _check_folder(model_folder)
        vosk.SetLogLevel(-1)
        try:
            self._model = vosk.Model(str(model_folder))
        except Exception as error:  # vosk raises nothing more exact
            raise ModelError(f"{model_folder}: Vosk cannot load this model; run `spelregel models install`") from error
        self._rate_hz = TELEPHONE_RATE_HZ if _resamples(model_folder) else _MODEL_RATE_HZ
        self._check_language(model_folder)
        if not (model_folder / _GRAPHS[1][0]).is_file():
            log.warning("this model ignores grammars, so the spotter saves nothing: take a small model")
        spotting, answers = self.settings.spotting, self.settings.answers
        self._spotter_grammar = None if spotting is None else make_grammar(spotting.words, self.knows)
        self._witness_grammar = None if answers is None else make_grammar(answers.words, self.knows)

    def knows(self, word: str) -> bool:
        """Whether the model's vocabulary has the word."""
        return bool(self._model.vosk_model_find_word(word) >= 0)

    def open_recogniser(self) -> VoskRecogniser:
        return VoskRecogniser(self)

    def new_free_decoding(self) -> Decoding:
        """Any word; 60 to 120 ms of CPU."""
        return self._decoding(vosk.KaldiRecognizer(self._model, self._rate_hz))

    def new_spotter(self) -> Decoding | None:
        """The words of announcements; 0.4 ms."""
        return self._closed_decoding(self._spotter_grammar)

    def new_witness(self) -> Decoding | None:
        """The words of answers; 0.4 ms."""
        return self._closed_decoding(self._witness_grammar)

    def _closed_decoding(self, grammar: str | None) -> Decoding | None:
        return None if grammar is None else self._decoding(vosk.KaldiRecognizer(self._model, self._rate_hz, grammar))

    def _decoding(self, recogniser: vosk.KaldiRecognizer) -> Decoding:
        recogniser.SetWords(True)
        return Decoding(recogniser, self._rate_hz)

    def _check_language(self, folder: Path) -> None:
        """Raises `ModelError` for a model of another language; says once which words this one lacks."""
        words = {word for closed in (self.settings.spotting, self.settings.answers) if closed for word in closed.words}
        lacking = sorted(word for word in words if not self.knows(word))
        if len(lacking) > (1 - _LEAST_KNOWN) * len(words):
            raise ModelError(
                f"{folder}: this model lacks {len(lacking)} of the {len(words)} words that are listened for, "
                f"such as {', '.join(lacking[:3])}: it is of another language; run `spelregel models install`"
            )
        if lacking:
            log.warning("the model lacks %d words, which are left out: %s", len(lacking), " ".join(lacking))


def _check_folder(folder: Path) -> None:
    """Native code would abort, or decode nonsense, where one of these is missing."""
    if not folder.is_dir():
        raise ModelError(f"{folder}: no such model folder; run `spelregel models install`")
    missing = [name for name in _NEEDED if not _is_filled(folder / name)]
    if not any(all(_is_filled(folder / name) for name in graph) for graph in _GRAPHS):
        missing.append(" and ".join(_GRAPHS[1]))
    if missing:
        raise ModelError(f"{folder}: {', '.join(missing)} missing or empty; run `spelregel models install`")


def _is_filled(path: Path) -> bool:
    return path.is_file() and path.stat().st_size > 0


def _resamples(folder: Path) -> bool:
    """Whether the model takes telephone sound as it is; one that does not would end the process (vosk-api issue 18)."""
    return "--allow-upsample=true" in (folder / "conf" / "mfcc.conf").read_text(encoding="utf-8").split()
