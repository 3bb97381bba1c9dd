"""Dutch speech for callers, employees and prompts: espeak-ng through ctypes, brought down to the telephone band."""

import _ctypes
import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from xml.sax.saxutils import escape

import espeakng_loader
import numpy as np

from ivr.emulator.audio import resample

_SYNCHRONOUS = 2  # espeak_AUDIO_OUTPUT: hand the samples to the callback before espeak_Synth returns
_POSITION_CHARACTER = 1
_CHARS_UTF8 = 1
_SSML = 0x10
_RATE, _PITCH, _RANGE = 1, 3, 4  # espeak_PARAMETER

_TELEPHONE_LOW_HZ = 250.0
_TELEPHONE_HIGH_HZ = 3600.0

_Callback = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.c_void_p)


class VoiceUnavailable(RuntimeError):
    """espeak-ng does not load, or does not know the voice."""


class _Espeak:
    """One text at a time.

    The library keeps state in globals that colours the next text and that only unloading resets; it is loaded anew for
    each, in a millisecond, so that a text sounds the same whatever was said before.
    """

    def __init__(self) -> None:
        path = espeakng_loader.get_library_path()
        if path is None:
            raise VoiceUnavailable("libespeak-ng is missing; reinstall espeakng-loader")
        self._path: str = path
        self._data_path: bytes = espeakng_loader.get_data_path().encode()
        self._lock = threading.Lock()
        self._chunks: list[bytes] = []
        self._callback = _Callback(self._collect)

    def _collect(self, samples: "ctypes._Pointer[ctypes.c_short]", count: int, _events: int | None) -> int:
        if count > 0:
            self._chunks.append(ctypes.string_at(samples, count * 2))
        return 0

    def speak(self, markup: str, voice: str, words_per_minute: int, pitch: int, pitch_range: int) -> tuple[int, bytes]:
        """The rate in Hz, and 16-bit samples at it."""
        with self._lock, self._loaded() as (library, rate_hz):
            if library.espeak_SetVoiceByName(voice.encode()) != 0:
                raise VoiceUnavailable(f"espeak-ng has no voice {voice!r}")
            for parameter, value in ((_RATE, words_per_minute), (_PITCH, pitch), (_RANGE, pitch_range)):
                library.espeak_SetParameter(parameter, value, 0)
            self._chunks = []
            data = markup.encode()
            text, flags = ctypes.create_string_buffer(data), _CHARS_UTF8 | _SSML
            if library.espeak_Synth(text, len(data) + 1, 0, _POSITION_CHARACTER, 0, flags, None, None) != 0:
                raise VoiceUnavailable("espeak-ng could not speak the text")
            return rate_hz, b"".join(self._chunks)

    @contextmanager
    def _loaded(self) -> Iterator[tuple[ctypes.CDLL, int]]:
        try:
            library = ctypes.CDLL(self._path)
        except OSError as error:
            raise VoiceUnavailable(f"libespeak-ng does not load ({error}); reinstall espeakng-loader") from error
        try:
            rate_hz: int = library.espeak_Initialize(_SYNCHRONOUS, 0, self._data_path, 0)
            if rate_hz <= 0:
                raise VoiceUnavailable(f"espeak-ng finds no data in {self._data_path.decode()}")
            library.espeak_SetSynthCallback(self._callback)
            yield library, rate_hz
        finally:
            library.espeak_Terminate()
            _ctypes.dlclose(library._handle)


@lru_cache(maxsize=1)
def _espeak() -> _Espeak:
    return _Espeak()


_load_lock = threading.Lock()


@lru_cache(maxsize=512)
def _speak_markup(
    markup: str, voice: str, rate_hz: int, words_per_minute: int, pitch: int, pitch_range: int, level: float
) -> bytes:
    with _load_lock:
        espeak = _espeak()
    spoken_hz, spoken = espeak.speak(markup, voice, words_per_minute, pitch, pitch_range)
    raw = np.frombuffer(spoken, dtype=np.int16)
    if raw.size == 0:
        return b""
    high_hz = _TELEPHONE_HIGH_HZ if rate_hz >= 2 * _TELEPHONE_HIGH_HZ else None
    samples = resample(raw, spoken_hz, rate_hz, _TELEPHONE_LOW_HZ, high_hz).astype(np.float64)
    peak = np.abs(samples).max()
    scaled = samples * (level * 32767 / peak) if peak > 0 else samples
    return np.round(scaled).astype("<i2").tobytes()


def synthesise(
    text: str,
    voice: str = "nl",
    rate_hz: int = 8000,
    words_per_minute: int = 150,
    pitch: int = 50,
    pitch_range: int = 50,
    level: float = 0.5,
) -> bytes:
    """Speak plain text.

    Takes    text without markup; an espeak voice with an optional variant, such as `nl`, `nl+m3`, `nl+f2`;
             speed 80-450 words a minute; pitch and its range 0-99; the peak as a part of full scale.
    Returns  signed 16-bit little-endian mono at `rate_hz`, 250-3600 Hz kept; always the same.
    Raises   VoiceUnavailable.
    Threads  may call it at will; espeak-ng itself speaks one text at a time. Results are cached.
    """
    return synthesise_ssml(escape(text), voice, rate_hz, words_per_minute, pitch, pitch_range, level)


def synthesise_ssml(
    markup: str,
    voice: str = "nl",
    rate_hz: int = 8000,
    words_per_minute: int = 150,
    pitch: int = 50,
    pitch_range: int = 50,
    level: float = 0.5,
) -> bytes:
    """As `synthesise`, for text that carries SSML elements such as `<break time="300ms"/>`."""
    if not markup.strip():
        return b""
    return _speak_markup(f"<speak>{markup}</speak>", voice, rate_hz, words_per_minute, pitch, pitch_range, level)
