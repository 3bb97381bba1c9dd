"""WAV files as telephone systems, recorders and editors write them; read in pieces, so that an hour costs no memory."""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

import numpy as np
from numpy.typing import NDArray

from speech.audio import Resampler, Samples, decode_alaw, decode_mulaw
from speech.errors import UnusableAudio

_PCM, _FLOAT, _ALAW, _MULAW, _EXTENSIBLE = 1, 3, 6, 7, 0xFFFE
_LENGTH_UNKNOWN = {0, 0xFFFF_FFFF}  # what a recorder leaves behind that could not go back to the header
_RATES_HZ = range(1_000, 400_000)
_BLOCK_FRAMES = 16_384
_HELP = "give a WAV file with PCM, A-law or mu-law sound"

Decoder = Callable[[bytes], NDArray[np.generic]]


def _signed_24(raw: bytes) -> NDArray[np.generic]:
    padded = np.zeros((len(raw) // 3, 4), np.uint8)
    padded[:, 1:] = np.frombuffer(raw, np.uint8).reshape(-1, 3)
    return padded.view("<i4").ravel() / np.float32(65_536)


def _floating(kind: str) -> Decoder:
    return lambda raw: np.frombuffer(raw, kind) * np.float32(32_768)


# (format, bits) -> interleaved samples in the scale of int16
_DECODERS: dict[tuple[int, int], Decoder] = {
    (_PCM, 8): lambda raw: (np.frombuffer(raw, np.uint8).astype(np.int16) - 128) * np.int16(256),
    (_PCM, 16): lambda raw: np.frombuffer(raw, "<i2"),
    (_PCM, 24): _signed_24,
    (_PCM, 32): lambda raw: np.frombuffer(raw, "<i4") / np.float32(65_536),
    (_FLOAT, 32): _floating("<f4"),
    (_FLOAT, 64): _floating("<f8"),
    (_ALAW, 8): lambda raw: np.frombuffer(decode_alaw(raw), "<i2"),
    (_MULAW, 8): lambda raw: np.frombuffer(decode_mulaw(raw), "<i2"),
}


@dataclass(frozen=True, slots=True)
class _Layout:
    """What the `fmt ` and `data` chunks say."""

    channels: int
    rate_hz: int
    frame_bytes: int
    frames: int
    decode: Decoder


class WavFile:
    """An open WAV file: its layout, and the samples of one channel at a rate of your choice.

    Raises `UnusableAudio` on opening when it is not a whole WAV file, while reading when a float sample is no number.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._file: BinaryIO = path.open("rb")
        except OSError as error:
            raise UnusableAudio(f"{path}: cannot be read ({error.strerror}); check the name and your rights") from error
        try:
            self._layout = self._read_layout()
        except BaseException:
            self._file.close()
            raise

    @property
    def channels(self) -> int:
        return self._layout.channels

    @property
    def rate_hz(self) -> int:
        return self._layout.rate_hz

    @property
    def duration_s(self) -> float:
        return self._layout.frames / self._layout.rate_hz

    def read(self, channel: int, rate_hz: int) -> Iterator[Samples]:
        """The samples of one channel (0 is the first) at `rate_hz`, in pieces of at most a few seconds."""
        if not 0 <= channel < self.channels:
            raise UnusableAudio(f"{self.path}: has no channel {channel}; choose one of 0 to {self.channels - 1}")
        resampler = Resampler(self.rate_hz, rate_hz)
        for block in self._blocks():
            yield resampler.feed(block[channel :: self.channels])
        yield resampler.finish()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def _blocks(self) -> Iterator[NDArray[np.generic]]:
        left = self._layout.frames
        while left:
            frames = min(left, _BLOCK_FRAMES)
            raw = self._file.read(frames * self._layout.frame_bytes)
            if len(raw) < frames * self._layout.frame_bytes:
                raise self._refuse("became shorter while it was read; give it again when it is complete")
            block = self._layout.decode(raw)
            if not np.isfinite(block).all():
                raise self._refuse("holds samples that are no numbers; export it again as 16-bit PCM")
            yield block
            left -= frames

    def _read_layout(self) -> _Layout:
        size = self._file.seek(0, 2)
        self._file.seek(0)
        if size == 0:
            raise self._refuse(f"is empty; {_HELP}")
        head = self._file.read(12)
        if head[:4] != b"RIFF" or head[8:12] != b"WAVE":
            raise self._refuse(f"is not a WAV file; {_HELP}")
        fmt = b""
        while len(header := self._file.read(8)) == 8:
            name, length = header[:4], int.from_bytes(header[4:], "little")
            if name == b"data":
                return self._lay_out(fmt, length, size - self._file.tell())
            if name == b"fmt ":
                fmt = self._file.read(min(length, 64))
                length -= len(fmt)
            self._file.seek(length + header[4] % 2, 1)
        raise self._refuse("ends before its sound begins; give the complete file")

    def _lay_out(self, fmt: bytes, length: int, present: int) -> _Layout:
        if len(fmt) < 16:
            raise self._refuse(f"does not say what its sound is; {_HELP}")
        code, channels, rate_hz, _, frame_bytes, bits = struct.unpack_from("<HHIIHH", fmt)
        if code == _EXTENSIBLE and len(fmt) >= 26:
            code = int.from_bytes(fmt[24:26], "little")
        decode = _DECODERS.get((code, bits))
        if decode is None:
            raise self._refuse(f"has sound of format {code} with {bits} bits, which is not supported; {_HELP}")
        if rate_hz not in _RATES_HZ or channels == 0 or frame_bytes != channels * bits // 8:
            raise self._refuse(f"has a damaged header; {_HELP}")
        if length in _LENGTH_UNKNOWN:
            length = present - present % frame_bytes
        if length > present:
            raise self._refuse(f"is cut short: {length} bytes of sound announced, {present} there; give the whole file")
        if length < frame_bytes:
            raise self._refuse(f"holds no sound; {_HELP}")
        return _Layout(channels, rate_hz, frame_bytes, length // frame_bytes, decode)

    def _refuse(self, why: str) -> UnusableAudio:
        return UnusableAudio(f"{self.path}: {why}")
