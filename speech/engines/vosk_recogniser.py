"""One call's decoding with Vosk: a cheap spotter hears every utterance, and only a candidate is decoded freely.

A spotter costs a tenth of free decoding, and next to nothing to make. A free decoding takes 60 to 120 ms to make and
up to 100 MB a minute, so it is made for one utterance, given all of it from its beginning, and let go.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from speech.audio import PCM16_BYTES, TELEPHONE_PCM_BYTES_PER_S, TELEPHONE_RATE_HZ
from speech.engines.native_memory import give_back
from speech.engines.vosk_decoding import Decoding
from speech.events import IntentHeard
from speech.hypothesis import FinalHypothesis, Word
from speech.intent import ANSWERING, Expecting

if TYPE_CHECKING:
    from speech.engines.vosk_engine import VoskEngine

_AT_ONCE_BYTES = int(0.1 * TELEPHONE_RATE_HZ) * PCM16_BYTES
"""Each piece costs a resampling and a call into Vosk, however short it is."""
_LOOK_EVERY_S = 0.2
_LEAD_S = 0.2
"""Sound from before the gate opened again, after a pause that was left out."""


class VoskRecogniser:
    """Where no answer is awaited, an utterance that is no candidate is not heard at all."""

    def __init__(self, engine: "VoskEngine") -> None:
        self._engine = engine
        self._spotting = engine.settings.spotting
        self._answers = engine.settings.answers
        self._kept_bytes = int(engine.settings.kept_s * TELEPHONE_PCM_BYTES_PER_S)
        self._sound = bytearray()
        self._undecoded = bytearray()
        self._words: tuple[Word, ...] = ()
        self._now_s = 0.0
        self._look_at_s = 0.0
        self._is_settled = False
        self._spotter: Decoding | None = None
        self._free: Decoding | None = None
        self._witness: Decoding | None = None

    def begin(self, start_s: float, expecting: Expecting) -> None:
        self._sound.clear()
        self._undecoded.clear()
        self._words = ()
        self._now_s = start_s
        self._look_at_s = start_s + _LOOK_EVERY_S
        self._is_settled = False
        self._free = None
        is_answer = expecting in ANSWERING
        self._witness = self._engine.new_witness() if is_answer else None
        if is_answer or self._spotting is None:
            self._decode_freely()
        elif self._spotter is None or self._spotter.decoded_s >= self._engine.settings.recycle_s:
            self._spotter = self._engine.new_spotter()
        for decoding in (self._spotter, self._witness):
            if decoding is not None:
                decoding.begin(start_s)

    def accept(self, pcm: bytes, voiced: bool) -> None:
        self._sound += pcm
        del self._sound[: -self._kept_bytes]
        self._now_s += len(pcm) / TELEPHONE_PCM_BYTES_PER_S
        if self._is_settled:
            if not voiced:
                return
            pcm = self._go_on(len(pcm))
        self._undecoded += pcm
        if len(self._undecoded) >= _AT_ONCE_BYTES:
            self._decode()
        if self._now_s >= self._look_at_s:
            self._look_at_s = self._now_s + _LOOK_EVERY_S
            if self._spotter is not None and self._is_candidate(self._spotter.look()):
                self._decode_freely()

    def peek(self) -> FinalHypothesis | None:
        """In a pause: settles what was said up to here, and decodes no more until the caller goes on."""
        return FinalHypothesis.of(self._settle())

    def finish(self) -> FinalHypothesis | None:
        words = self._settle()
        witness = None
        if self._witness is not None and self._answers is not None:
            witness = self._answers.testify(self._witness.settle())
        self._witness = None
        if self._free is not None:
            self._free = None
            give_back()
        self._sound.clear()
        return FinalHypothesis.of(words, witness)

    def confirms(self, _meant: IntentHeard, /) -> bool:
        """There is no second engine here."""
        return True

    def close(self) -> None:
        self._spotter = self._free = self._witness = None
        self._sound.clear()
        give_back()

    def _decode(self) -> None:
        pcm = bytes(self._undecoded)
        self._undecoded.clear()
        for decoding in (self._spotter, self._free, self._witness):
            if decoding is not None and pcm:
                decoding.accept(pcm)

    def _settle(self) -> tuple[Word, ...]:
        if not self._is_settled:
            self._is_settled = True
            self._decode()
            if self._spotter is not None and self._is_candidate(word.text for word in self._spotter.settle()):
                self._decode_freely()
            self._words = () if self._free is None else self._free.settle()
        return self._words

    def _is_candidate(self, words: Iterable[str]) -> bool:
        return self._spotting is not None and self._spotting.is_candidate(words)

    def _go_on(self, new_bytes: int) -> bytes:
        """The caller speaks again after a pause: the new sound, and a little from before it."""
        self._is_settled = False
        pcm = bytes(self._sound[-new_bytes - int(_LEAD_S * TELEPHONE_RATE_HZ) * PCM16_BYTES :])
        for decoding in (self._spotter, self._free):
            if decoding is not None:
                decoding.go_on(self._now_s - len(pcm) / TELEPHONE_PCM_BYTES_PER_S)
        return pcm

    def _decode_freely(self) -> None:
        """All that was kept of the utterance, and what follows; the spotter has done its work."""
        self._spotter = None
        self._undecoded.clear()
        self._free = self._engine.new_free_decoding()
        self._free.begin(self._now_s - len(self._sound) / TELEPHONE_PCM_BYTES_PER_S)
        if self._sound:
            self._free.accept(bytes(self._sound))
