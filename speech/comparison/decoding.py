"""Files of sound as phones, computers and telephone systems make them, as `Sound`; FFmpeg decodes them, through PyAV.

Strangers make these files. Only formats and codecs of sound are opened, nothing that a file names is ever fetched, and
what does not fit is refused before it fills the memory. A file can still crash a decoder, so the service decodes in a
process of its own: `__main__.py`.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import av
import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet
from numpy.typing import NDArray

from speech.comparison.report import Damage
from speech.comparison.sound import RATE_HZ, Sound
from speech.errors import TooLong, UnusableAudio

MOST_S = 3 * 3600
"""What lasts longer is refused: 3 hours of two channels take 700 MB."""

FORMATS = "wav,w64,mp3,mov,mp4,m4a,3gp,ogg,flac,amr,aac"
CODECS = (
    "pcm_u8,pcm_s16le,pcm_s24le,pcm_s32le,pcm_f32le,pcm_f64le,pcm_mulaw,pcm_alaw,pcm_s16be,adpcm_ms,adpcm_ima_wav,"
    "gsm_ms,mp3,mp3float,aac,aac_fixed,alac,opus,libopus,vorbis,flac,amrnb,amrwb,libopencore_amrnb,libopencore_amrwb,"
    "speex,libspeex"
)
"""No playlists, no pictures: a film's sound is compared, and its pictures are never decoded."""

OWN_NOISE = {"amrnb": "libopencore_amrnb", "amrwb": "libopencore_amrwb"}
MOST_STREAMS = 32
MOST_CHANNELS = 16
GAP_S = 0.06
"""Between one frame's end and the next one's time: recorders that follow a clock jitter by less."""

SHORTER_S = 0.5
"""A file that ends so much earlier than its header says was cut short."""

SAYS_ITS_LENGTH = frozenset({"w64", "flac", "mov,mp4,m4a,3gp,3g2,mj2"})
LENGTH_UNKNOWN = frozenset({0, 0xFFFFFFFF})
RIFF_HEAD = 8
LOUDEST = 16.0
"""Times full scale: what is louder is no sound, and would drown the rest."""


@dataclass(frozen=True, slots=True)
class Decoded:
    """A file's sound, of one or two channels, and what of the file was damaged."""

    sound: Sound
    damaged: tuple[Damage, ...]


def decode(path: Path) -> Decoded:
    """All of a file, at 8 kHz.

    Raises `UnusableAudio` for what is no sound, holds none, lasts more than `MOST_S`, or cannot be read at all.
    """
    try:
        with path.open("rb") as file:
            missing = _missing_of_riff(file)
            with av.open(_Source(file), mode="r", options=_options(), metadata_errors="ignore") as container:
                return _decode(container, path, missing)
    except (av.FFmpegError, OSError, ValueError, IndexError) as fault:
        if isinstance(fault, OSError) and not isinstance(fault, av.FFmpegError):
            why = f"cannot be read ({fault.strerror}); check the name and your rights"
        else:
            why = "is not a sound file that can be read; give a WAV, MP3, M4A, OGG, FLAC or AMR file"
        raise UnusableAudio(f"{path}: {why}") from fault


class _Source:
    """A file whose impossible places FFmpeg is told of: PyAV would write a traceback to stderr instead."""

    def __init__(self, file: BinaryIO) -> None:
        self.read = file.read
        self.tell = file.tell
        self._seek = file.seek

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        try:
            return self._seek(offset, whence)
        except (OSError, ValueError, OverflowError):
            return -1


def _options() -> dict[str, str]:
    return {
        "format_whitelist": FORMATS,
        "codec_whitelist": CODECS,
        "protocol_whitelist": "none",
        "max_streams": str(MOST_STREAMS),
    }


def _missing_of_riff(file: BinaryIO) -> float:
    """How much longer a WAV says it is than it is, as a part of what is there: FFmpeg does not tell. Leaves the file at
    its beginning."""
    head = file.read(RIFF_HEAD)
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    said = int.from_bytes(head[4:], "little")
    if head[:4] != b"RIFF" or said in LENGTH_UNKNOWN:
        return 0.0
    return max(0, said + RIFF_HEAD - size) / size


def _decode(container: InputContainer, path: Path, missing: float) -> Decoded:
    streams = container.streams.audio
    if not streams:
        raise UnusableAudio(f"{path}: holds no sound; give a recording")
    stream = streams[0]
    context: AudioCodecContext | None = stream.codec_context  # the library's types do not know that there may be none
    if context is None:
        raise UnusableAudio(f"{path}: has sound of an unknown kind; give a WAV, MP3, M4A, OGG, FLAC or AMR file")
    if context.channels > MOST_CHANNELS:
        raise UnusableAudio(f"{path}: has {context.channels} channels; give a recording of one or two")
    context.thread_count = 1
    decoder = _decoder(context)
    channels = 1 if context.channels <= 1 else 2
    taken = _Taken(channels)
    for frames in _frames(container, stream, decoder, taken):
        for frame in frames:
            taken.take(frame)
            if taken.seconds > MOST_S:
                raise TooLong(f"{path}: lasts more than {MOST_S // 3600} hours; give the part with the call")
    sound = taken.finish()
    if sound.shape[1] == 0:
        raise UnusableAudio(f"{path}: holds no sound; give a recording")
    lasts_s = sound.shape[1] / RATE_HZ
    said_s = lasts_s * (1 + missing)
    if container.format.name in SAYS_ITS_LENGTH and container.duration is not None:
        said_s = container.duration / av.time_base
    said_s = min(said_s, MOST_S)
    if said_s - lasts_s > SHORTER_S:
        taken.damaged.append(Damage(lasts_s, said_s))
    return Decoded(Sound(sound), _merged(taken.damaged))


def _decoder(context: AudioCodecContext) -> AudioCodecContext:
    """Where nobody speaks AMR may have frames of comfort noise alone (3GPP TS 26.092), which FFmpeg's own decoder takes
    for damage."""
    name = OWN_NOISE.get(context.name, "")
    decoder = av.CodecContext.create(name, "r") if name in av.codecs_available else None
    if not isinstance(decoder, AudioCodecContext):
        return context
    decoder.sample_rate, decoder.layout, decoder.thread_count = context.sample_rate, context.layout, 1
    return decoder


def _frames(
    container: InputContainer, stream: AudioStream, decoder: AudioCodecContext, taken: "_Taken"
) -> Iterator[list[AudioFrame]]:
    """Packet by packet; one that cannot be read costs its own sound and not the file's."""
    packets = container.demux(stream)
    while True:
        try:
            packet = next(packets, None)
        except av.FFmpegError:  # the container itself breaks off here
            taken.lost()
            return
        if packet is None:
            return
        yield _read(packet, decoder, taken)


def _read(packet: "Packet[AudioStream]", decoder: AudioCodecContext, taken: "_Taken") -> list[AudioFrame]:
    try:
        return decoder.decode(packet)
    except av.EOFError:
        return []
    except av.FFmpegError:
        taken.lost()
        return []


@dataclass
class _Taken:
    """What was decoded so far, in pieces at 8 kHz."""

    channels: int
    pieces: list[NDArray[np.float32]] = field(default_factory=list)
    damaged: list[Damage] = field(default_factory=list)
    samples: int = 0
    _resampler: AudioResampler | None = None
    _shape: tuple[str, str, int] | None = None
    _next_s: Fraction | None = None
    _broken: bool = False

    @property
    def seconds(self) -> float:
        return self.samples / RATE_HZ

    def lost(self) -> None:
        """Something could not be read; how much, the time of the next frame tells."""
        self._broken = True

    def take(self, frame: AudioFrame) -> None:
        at_s = None if frame.pts is None or frame.time_base is None else frame.pts * frame.time_base
        gap_s = 0.0 if at_s is None or self._next_s is None else float(at_s - self._next_s)
        if gap_s < GAP_S:
            gap_s = 0.0
        if gap_s or self._broken:
            self._flush()
            self.damaged.append(Damage(self.seconds, self.seconds + gap_s))
            self._add(np.zeros((self.channels, round(min(gap_s, MOST_S) * RATE_HZ)), np.float32))
            self._broken = False
        if at_s is not None:
            self._next_s = at_s + Fraction(frame.samples, frame.sample_rate)
        shape = (frame.format.name, frame.layout.name, frame.sample_rate)
        if shape != self._shape:  # some files change their rate on the way
            self._flush()
            self._shape = shape
        if self._resampler is None:
            layout = "mono" if self.channels == 1 else "stereo"
            self._resampler = AudioResampler(format="fltp", layout=layout, rate=RATE_HZ)
        frame.pts = None  # the resampler would make up for gaps in its own way
        for resampled in self._resampler.resample(frame):
            self._add(_array(resampled))

    def finish(self) -> NDArray[np.float32]:
        self._flush()
        if self._broken:
            self.damaged.append(Damage(self.seconds, self.seconds))
        whole = np.empty((self.channels, self.samples), np.float32)
        at = 0
        self.pieces.reverse()
        while self.pieces:  # each piece goes when it is copied: never twice in memory
            piece = self.pieces.pop()
            whole[:, at : at + piece.shape[1]] = piece
            at += piece.shape[1]
        return whole

    def _flush(self) -> None:
        if self._resampler is not None:
            for resampled in self._resampler.resample(None):
                self._add(_array(resampled))
            self._resampler = None

    def _add(self, piece: NDArray[np.float32]) -> None:
        if not np.isfinite(piece).all():
            self.damaged.append(Damage(self.seconds, self.seconds + piece.shape[1] / RATE_HZ))
            piece = np.nan_to_num(piece, nan=0.0, posinf=0.0, neginf=0.0)
        self.pieces.append(np.clip(piece, -LOUDEST, LOUDEST))
        self.samples += piece.shape[1]


def _array(frame: AudioFrame) -> NDArray[np.float32]:
    """Planar floats as the library holds them, [channels, n]."""
    return np.asarray(frame.to_ndarray(), np.float32)


def _merged(damaged: list[Damage]) -> tuple[Damage, ...]:
    """In order, with those that touch as one."""
    merged: list[Damage] = []
    for one in sorted(damaged, key=lambda one: one.start_s):
        if merged and one.start_s - merged[-1].end_s < GAP_S:
            merged[-1] = Damage(merged[-1].start_s, max(merged[-1].end_s, one.end_s))
        else:
            merged.append(one)
    return tuple(merged)
