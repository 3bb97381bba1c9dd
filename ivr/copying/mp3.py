"""The recording as MP3: small, and played by every phone.

16 000 Hz, the lowest rate of the standard itself (ISO/IEC 13818-3; 8 000 Hz is only in an extension that not every
player has), 64 kbit/s constant, two channels that share nothing, so that caller and employee stay apart. The same sound
gives the same bytes.
"""

import io
from collections.abc import Iterator
from fractions import Fraction
from typing import BinaryIO

import av
import numpy as np

from ivr.copying.broadcast_wave import NotCopied
from storage.recordings.sound import SoundPlace

RATE_HZ = 16_000
BITS_PER_CHANNEL = 32_000
LAYOUTS = {1: "mono", 2: "stereo"}
SAMPLE_BYTES = 2
PIECE_FRAMES = 16_384
ENCODER = {"joint_stereo": "0", "compression_level": "5"}
CONTAINER = {"id3v2_version": "4", "fflags": "+bitexact"}


def encode_mp3(file: BinaryIO, place: SoundPlace, title: str) -> io.BytesIO:
    """The whole file, in memory: 8 kB a second. Raises `NotCopied` for other sound than 16-bit mono or stereo."""
    if place.channels not in LAYOUTS or place.frame_bytes != SAMPLE_BYTES * place.channels:
        raise NotCopied("only recordings of one or two channels and 16 bits become an MP3")
    layout = LAYOUTS[place.channels]
    mp3 = io.BytesIO()
    resampler = av.AudioResampler(format="s16p", layout=layout, rate=RATE_HZ)
    with av.open(mp3, "w", format="mp3", options=CONTAINER) as container:
        container.metadata["title"] = title
        stream = container.add_stream("libmp3lame", rate=RATE_HZ, options=ENCODER)
        stream.codec_context.layout = layout
        stream.codec_context.bit_rate = BITS_PER_CHANNEL * place.channels
        stream.codec_context.flags |= av.codec.context.Flags.bitexact
        for frame in _frames(file, place, layout):
            for resampled in resampler.resample(frame):
                container.mux(stream.encode(resampled))
        for resampled in resampler.resample(None):
            container.mux(stream.encode(resampled))
        container.mux(stream.encode(None))
    mp3.seek(0)
    return mp3


def _frames(file: BinaryIO, place: SoundPlace, layout: str) -> Iterator[av.AudioFrame]:
    file.seek(place.start)
    at, left = 0, place.sound_bytes
    while left:
        raw = file.read(min(left, PIECE_FRAMES * place.frame_bytes))
        if not raw:
            raise NotCopied("the recording ends before its sound does")
        frame = av.AudioFrame.from_ndarray(np.frombuffer(raw, "<i2").reshape(1, -1), format="s16", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = place.sample_rate_hz, at, Fraction(1, place.sample_rate_hz)
        yield frame
        at += len(raw) // place.frame_bytes
        left -= len(raw)
