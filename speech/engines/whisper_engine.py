"""Whisper base through CTranslate2: an utterance is collected, and decoded while the silence after it is awaited.

The encoder's 30 s window is nearly all of Whisper's time, so the features are cut to what the utterance needs.
A prompt with the phrases we look for makes phone audio much better understood, and makes Whisper invent them on noise;
so every word's confidence is its probability *without* the prompt.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from types import MappingProxyType

import numpy as np
from ctranslate2 import StorageView
from faster_whisper import WhisperModel
from faster_whisper.tokenizer import Tokenizer
from faster_whisper.transcribe import get_suppressed_tokens

from speech.audio import PCM16_BYTES, TELEPHONE_RATE_HZ, Resampler, level_dbfs
from speech.errors import ModelError
from speech.events import IntentHeard
from speech.hypothesis import FinalHypothesis, Word
from speech.intent import Expecting, Label

_MODEL_RATE_HZ = 16_000
_FRAMES_PER_S = 100
_LEVEL_DBFS = -20.0
_MARGIN_S = 0.2
_SHORTEST_S = 0.1
_TOKENS_PER_S = 12
_TOKENS_AT_LEAST = 16
_LEAST_CONFIDENCE = {  # on noise: up to 0.16 with the prompt for listening, up to 0.04 with the one for answers
    Expecting.LISTENING: 0.17,
    Expecting.CONFIRMING: 0.1,
    Expecting.RECORDING: 0.2,
    Expecting.AFTER: 0.2,
}

_ECHO_WORDS = 4
_ECHO_ALIKE = 0.85  # "geluidopname" for "geluidsopname" is still the prompt's own
_ECHO_BELOW = 0.25  # sentences of the prompt that nobody said: 0.17 to 0.19; said: 0.3 and more

_PROMPTS = {
    Expecting.LISTENING: "Goedemiddag, mag ik dit gesprek opnemen? Ik neem dit gesprek op. Ik wil een geluidsopname "
    "maken van ons gesprek. Ik laat een recorder meelopen. De opname loopt al.",
    Expecting.CONFIRMING: "Klopt dat? Ja. Nee. Ja, graag. Nee, dank u. Ja hoor. Nee hoor. Dat klopt niet. Dat klopt.",
    Expecting.RECORDING: "gesprek opnemen, gesprek opneem, neem ik op, geluidsopname, kopie van de opname, stop, "
    "ja, nee, klopt niet, ja hoor, nee hoor, ja graag",
    Expecting.AFTER: "Telefoongesprek met een medewerker. gesprek opnemen, gesprek opneem, neem ik op, geluidsopname, "
    "kopie van de opname, stop de opname. Ja, graag. Nee, hoor.",
}


@dataclass(frozen=True, slots=True)
class WhisperSettings:
    """`workers` utterances are decoded at the same time, each by `threads`.

    `window_s` is the least that the encoder sees; shorter ones cost words. `early_ms` of silence start the decoding
    before the endpoint is certain; `early_ms=None` waits for it.
    """

    workers: int = 2
    threads: int = 1
    window_s: float = 10.0
    early_ms: int | None = 240


class WhisperEngine:
    """The model, loaded once per process. CTranslate2's workers do not survive a fork: load it after forking."""

    name = "whisper"
    least_confidence: Mapping[Label, float] = MappingProxyType({Label.REQUEST: 0.2, Label.YES: 0.25, Label.NO: 0.35})
    """Other talk came out as "ja" with up to 0.11, and four people at once as "nee hoor nee" with up to 0.33; a real
    "ja" had 0.27 and more, "nee, dat klopt niet" 0.48 and more."""

    def __init__(self, model_folder: Path, settings: WhisperSettings | None = None) -> None:
        self.settings = settings or WhisperSettings()
        try:
            self._whisper = WhisperModel(
                str(model_folder),
                device="cpu",
                compute_type="int8",
                cpu_threads=self.settings.threads,
                num_workers=self.settings.workers,
                local_files_only=True,
            )
        except (RuntimeError, ValueError, OSError) as error:
            raise ModelError(
                f"{model_folder}: Whisper cannot be loaded ({error}); run `spelregel models install`"
            ) from error
        self._process = os.getpid()
        self._tokens = Tokenizer(self._whisper.hf_tokenizer, multilingual=True, task="transcribe", language="nl")
        self._suppressed = get_suppressed_tokens(self._tokens, [-1])
        self._prompts = {
            expecting: [self._tokens.sot_prev, *self._tokens.encode(f" {text}")] for expecting, text in _PROMPTS.items()
        }

    def open_recogniser(self) -> "WhisperRecogniser":
        return WhisperRecogniser(self)

    def decode(self, pcm: bytes, expecting: Expecting) -> list[Word]:
        """The words of one utterance (16-bit PCM, 8 000 Hz); times in seconds from its beginning."""
        if os.getpid() != self._process:
            raise ModelError("Whisper was loaded before the process forked; load it in each process")
        tokens = self._tokens
        duration_s = len(pcm) / PCM16_BYTES / TELEPHONE_RATE_HZ
        if duration_s < _SHORTEST_S:
            return []
        encoded = self._encode(pcm)
        start = [*tokens.sot_sequence, tokens.no_timestamps]
        prompt = [*self._prompts[expecting], *start]
        result = self._whisper.model.generate(
            encoded,
            [prompt],
            beam_size=1,
            max_length=len(prompt) + _TOKENS_AT_LEAST + int(duration_s * _TOKENS_PER_S),
            suppress_tokens=self._suppressed,
        )[0]
        text_tokens = [token for token in result.sequences_ids[0] if token < tokens.eot]
        frames = int((duration_s + 2 * _MARGIN_S) * _FRAMES_PER_S)
        found = self._whisper.find_alignment(tokens, [text_tokens], encoded, frames)

        def inside(second: float) -> float:
            return min(max(0.0, float(second) - _MARGIN_S), duration_s)

        words = [
            Word(text, inside(item["start"]), inside(item["end"]), float(item["probability"]))
            for item in (found[0] if found else [])
            for text in plain_words(item["word"])
        ]
        return without_echo(without_loops(words), _PROMPTS[expecting])

    def _encode(self, pcm: bytes) -> StorageView:
        level = level_dbfs(pcm)
        gain = 10 ** ((_LEVEL_DBFS - level) / 20) if np.isfinite(level) else 1.0
        margin = np.zeros(int(_MARGIN_S * TELEPHONE_RATE_HZ), np.float32)
        samples = np.concatenate((margin, np.frombuffer(pcm, "<i2") * np.float32(gain), margin))
        resampler = Resampler(TELEPHONE_RATE_HZ, _MODEL_RATE_HZ)
        wide = np.concatenate((resampler.feed(samples), resampler.finish()))
        features = self._whisper.feature_extractor(wide / np.float32(32_768))
        window = max(int(self.settings.window_s * _FRAMES_PER_S), features.shape[1])
        window += window % 2
        padded = np.zeros((1, features.shape[0], window), np.float32)
        padded[0, :, : features.shape[1]] = features
        return self._whisper.model.encode(StorageView.from_array(padded))


class WhisperRecogniser:
    """Collects an utterance and has it decoded once the caller seems to have finished."""

    def __init__(self, engine: WhisperEngine) -> None:
        self._engine = engine
        self._early_bytes = (
            None
            if engine.settings.early_ms is None
            else engine.settings.early_ms * TELEPHONE_RATE_HZ // 1_000 * PCM16_BYTES
        )
        self._pcm = bytearray()
        self._has_voice = False
        self._silent_bytes = 0
        self._early: list[Word] | None = None
        self._start_s = 0.0
        self._expecting = Expecting.LISTENING

    def begin(self, start_s: float, expecting: Expecting) -> None:
        self._pcm.clear()
        self._has_voice, self._silent_bytes, self._early = False, 0, None
        self._start_s, self._expecting = start_s, expecting

    def accept(self, pcm: bytes, voiced: bool) -> None:
        self._pcm += pcm
        if voiced:
            self._has_voice, self._silent_bytes, self._early = True, 0, None
        if voiced or not self._has_voice:
            return
        self._silent_bytes += len(pcm)
        if self._early is None and self._early_bytes is not None and self._silent_bytes >= self._early_bytes:
            self._early = self._decode()

    def peek(self) -> FinalHypothesis | None:
        """Nothing: an utterance that is decoded from `early_ms` on is ready at the endpoint, and hardly before it."""
        return None

    def finish(self) -> FinalHypothesis | None:
        words = self._decode() if self._early is None else self._early
        self._pcm.clear()
        self._early = None
        heard = FinalHypothesis.of(
            tuple(
                Word(word.text, self._start_s + word.start_s, self._start_s + word.end_s, word.confidence)
                for word in words
            )
        )
        return None if heard is None or heard.confidence < _LEAST_CONFIDENCE[self._expecting] else heard

    def confirms(self, _meant: IntentHeard, /) -> bool:
        """There is no second engine here."""
        return True

    def close(self) -> None:
        self._pcm.clear()

    def _decode(self) -> list[Word]:
        return self._engine.decode(bytes(self._pcm), self._expecting)


def plain_words(text: str) -> list[str]:
    """Lower case, without punctuation: `" Auto's,"` gives `["autos"]`."""
    return re.findall(r"\w+", text.lower().replace("'", "").replace("’", ""))


def without_loops(words: list[Word]) -> list[Word]:
    """Two words or more said again at once are mostly Whisper going round in circles: the first round stays.

    The later rounds would also pass for well heard, because each makes the next more probable.
    """
    kept: list[Word] = []
    for word in words:
        kept.append(word)
        for length in range(2, len(kept) // 2 + 1):
            if _text(kept[-length:]) == _text(kept[-2 * length : -length]):
                del kept[-length:]
                break
    for tail in range(len(kept) // 2, 1, -1):  # the round in which the decoder was stopped
        if any(_text(kept[at:-tail]).startswith(_text(kept[-tail:])) for at in range(len(kept) - 2 * tail + 1)):
            return kept[:-tail]
    return kept


def _text(words: list[Word]) -> str:
    return " ".join(word.text for word in words)


def without_echo(words: list[Word], prompt: str) -> list[Word]:
    """Drop a sentence of the prompt at the end that the sound alone hardly supports: nobody said it."""
    for sentence in re.split(r"[.?,]", prompt):
        own = plain_words(sentence)
        tail = words[-len(own) :]
        alike = SequenceMatcher(None, _text(tail), " ".join(own), autojunk=False).ratio() >= _ECHO_ALIKE
        if (
            len(words) > len(own) >= _ECHO_WORDS
            and alike
            and sum(word.confidence for word in tail) < _ECHO_BELOW * len(tail)
        ):
            return words[: -len(tail)]
    return words
