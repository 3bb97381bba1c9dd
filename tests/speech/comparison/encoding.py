"""Sound as files of the kinds that citizens hand in, made by the codecs themselves."""

import io
from fractions import Fraction

import av
import numpy as np
from numpy.typing import NDArray

KINDS: dict[str, tuple[str, str, int]] = {
    "wav": ("wav", "pcm_s16le", 8_000),
    "wav-u8": ("wav", "pcm_u8", 11_025),
    "wav-24": ("wav", "pcm_s24le", 44_100),
    "wav-32": ("wav", "pcm_s32le", 48_000),
    "wav-float": ("wav", "pcm_f32le", 22_050),
    "wav-mulaw": ("wav", "pcm_mulaw", 8_000),
    "wav-alaw": ("wav", "pcm_alaw", 16_000),
    "wav-adpcm": ("wav", "adpcm_ms", 8_000),
    "mp3": ("mp3", "libmp3lame", 44_100),
    "mp3-16k": ("mp3", "libmp3lame", 16_000),
    "m4a": ("ipod", "aac", 44_100),
    "m4a-alac": ("ipod", "alac", 44_100),
    "aac": ("adts", "aac", 48_000),
    "ogg-opus": ("ogg", "libopus", 48_000),
    "ogg-flac": ("ogg", "flac", 48_000),
    "flac": ("flac", "flac", 44_100),
    "flac-8k": ("flac", "flac", 8_000),
    "amr": ("amr", "libopencore_amrnb", 8_000),
    "3gp": ("3gp", "libopencore_amrnb", 8_000),
}
"""By name: container, codec, rate."""

PIECE = 80_000
"""Samples at a time."""


def encode(
    samples: NDArray[np.float32], kind: str, bit_rate: int | None = None, options: dict[str, str] | None = None
) -> bytes:
    """Samples at 8 kHz as [channels, n] or [n], 1.0 full scale, as such a file; `options` are the codec's."""
    container, codec, rate_hz = KINDS[kind]
    sound = np.atleast_2d(samples)
    layout = "mono" if len(sound) == 1 else "stereo"
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate_hz, options=options)
        assert isinstance(stream, av.AudioStream)
        stream.layout = layout
        if bit_rate is not None:
            stream.bit_rate = bit_rate
        stream.codec_context.open()
        resampler = av.AudioResampler(
            format=stream.format, layout=layout, rate=rate_hz, frame_size=stream.frame_size or 1024
        )
        for at in range(0, sound.shape[1], PIECE):
            pcm = np.clip(np.rint(sound[:, at : at + PIECE] * 32_768), -32_768, 32_767).astype("<i2")
            frame = av.AudioFrame.from_ndarray(pcm.T.reshape(1, -1).copy(), format="s16", layout=layout)
            frame.sample_rate = 8_000
            frame.pts, frame.time_base = at, Fraction(1, 8_000)
            for piece in resampler.resample(frame):
                out.mux(stream.encode(piece))
        for piece in resampler.resample(None):
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return file.getvalue()
