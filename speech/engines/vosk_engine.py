"""Vosk: words are decoded while they are spoken, with a free vocabulary or with a grammar of a few phrases."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import vosk

from speech.audio import PCM16_BYTES, TELEPHONE_RATE_HZ, Resampler
from speech.errors import ModelError
from speech.hypothesis import FinalHypothesis, Word
from speech.intent import Expecting

_MODEL_RATE_HZ = 16_000
_UNKNOWN = "[unk]"
_NEEDED = ("am/final.mdl", "conf/mfcc.conf", "conf/model.conf", "graph/phones/word_boundary.int")
_GRAPHS = (("graph/HCLG.fst",), ("graph/HCLr.fst", "graph/Gr.fst"))


@dataclass(frozen=True, slots=True)
class VoskSettings:
    """`grammars` gives the phrases to listen for where any word at all is not wanted; it costs a sixth of the time.

    A recogniser grows by megabytes for each minute it decodes, so a new one is made after `recycle_s` of sound.
    """

    grammars: Mapping[Expecting, Sequence[str]] = field(default_factory=dict)
    recycle_s: float = 30.0


class VoskEngine:
    """The model, loaded once; it may be loaded before forking, and shared by all threads."""

    name = "vosk"
    least_answer_confidence = 0.6

    def __init__(self, model_folder: Path, settings: VoskSettings | None = None) -> None:
        self.settings = settings or VoskSettings()
        _check_folder(model_folder)
        vosk.SetLogLevel(-1)
        try:
            self._model = vosk.Model(str(model_folder))
        except Exception as error:  # vosk raises nothing more exact
            raise ModelError(f"{model_folder}: Vosk cannot load this model; run `spelregel models install`") from error
        self._grammars = {
            expecting: self._grammar(phrases) for expecting, phrases in self.settings.grammars.items() if phrases
        }

    def knows(self, word: str) -> bool:
        """Whether the model's vocabulary has the word."""
        return bool(self._model.vosk_model_find_word(word) >= 0)

    def open_recogniser(self) -> "VoskRecogniser":
        return VoskRecogniser(self)

    def new_decoder(self, expecting: Expecting) -> vosk.KaldiRecognizer:
        """Vosk's own recogniser; about 0.1 s of CPU without a grammar, next to nothing with one."""
        grammar = self._grammars.get(expecting)
        if grammar is None:
            decoder = vosk.KaldiRecognizer(self._model, _MODEL_RATE_HZ)
        else:
            decoder = vosk.KaldiRecognizer(self._model, _MODEL_RATE_HZ, grammar)
        decoder.SetWords(True)
        return decoder

    def has_grammar(self, expecting: Expecting) -> bool:
        return expecting in self._grammars

    def _grammar(self, phrases: Sequence[str]) -> str:
        """Vosk's form of the phrases. A word that the model lacks would be skipped in silence, so it is refused."""
        unknown = sorted({word for phrase in phrases for word in phrase.split() if not self.knows(word)})
        if unknown:
            raise ModelError(f"the model does not know {', '.join(unknown)}; take other words into the grammar")
        if self.knows(_UNKNOWN):
            phrases = [*phrases, _UNKNOWN]
        return json.dumps(list(phrases), ensure_ascii=False)


class VoskRecogniser:
    """One call's decoding; Vosk's recogniser is made at the first utterance, so a silent call costs nothing."""

    def __init__(self, engine: VoskEngine) -> None:
        self._engine = engine
        self._decoder: vosk.KaldiRecognizer | None = None
        self._decodes_for = Expecting.LISTENING
        self._decoded_s = 0.0
        self._resampler = Resampler(TELEPHONE_RATE_HZ, _MODEL_RATE_HZ)
        self._shift_s = 0.0
        self._words: list[Word] = []

    def begin(self, start_s: float, expecting: Expecting) -> None:
        same_words = expecting is self._decodes_for or not (
            self._engine.has_grammar(expecting) or self._engine.has_grammar(self._decodes_for)
        )
        if self._decoder is None or not same_words or self._decoded_s >= self._engine.settings.recycle_s:
            self._decoder = self._engine.new_decoder(expecting)
            self._decoded_s = 0.0
        self._decodes_for = expecting
        self._resampler = Resampler(TELEPHONE_RATE_HZ, _MODEL_RATE_HZ)
        self._shift_s = start_s - self._decoded_s
        self._words = []

    def accept(self, pcm: bytes, voiced: bool) -> None:  # noqa: ARG002  Vosk hears silence for itself
        self._decode(self._resampler.feed(np.frombuffer(pcm, "<i2")).tobytes())

    def finish(self) -> FinalHypothesis | None:
        self._decode(self._resampler.finish().tobytes())
        if self._decoder is not None:
            self._collect(self._decoder.FinalResult())
        words = tuple(self._words)
        if not words:
            return None
        return FinalHypothesis(
            text=" ".join(word.text for word in words),
            start_s=words[0].start_s,
            end_s=words[-1].end_s,
            confidence=sum(word.confidence for word in words) / len(words),
            words=words,
        )

    def close(self) -> None:
        self._decoder = None

    def _decode(self, pcm: bytes) -> None:
        if self._decoder is None or not pcm:
            return
        self._decoded_s += len(pcm) / PCM16_BYTES / _MODEL_RATE_HZ
        if self._decoder.AcceptWaveform(pcm):  # Vosk's own endpoint: its words are lost if they are not taken now
            self._collect(self._decoder.Result())

    def _collect(self, result: str) -> None:
        for word in json.loads(result).get("result", ()):
            self._words.append(
                Word(word["word"], self._shift_s + word["start"], self._shift_s + word["end"], min(1.0, word["conf"]))
            )


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
