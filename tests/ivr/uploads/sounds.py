"""Short real files of each kind that phones and computers record in, made by the codecs themselves."""

import io
from fractions import Fraction

import av
import numpy as np

RATE_HZ = 48_000


def encoded(container: str, codec: str, *, rate_hz: int = RATE_HZ, seconds: float = 0.5) -> bytes:
    """A tone."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as out:
        stream = out.add_stream(codec, rate=rate_hz)
        assert isinstance(stream, av.AudioStream)
        stream.layout = "mono"
        times = np.arange(round(seconds * rate_hz)) / rate_hz
        tone = (np.sin(2 * np.pi * 440 * times) * 8000).astype("<i2")
        frame = av.AudioFrame.from_ndarray(tone.reshape(1, -1), format="s16", layout="mono")
        frame.sample_rate = rate_hz
        frame.pts, frame.time_base = 0, Fraction(1, rate_hz)
        resampler = av.AudioResampler(format=stream.format, layout="mono", rate=rate_hz, frame_size=stream.frame_size)
        for piece in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return file.getvalue()


def film() -> bytes:
    """An MP4 with pictures and no sound."""
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as out:
        stream = out.add_stream("mpeg4", rate=10)
        assert isinstance(stream, av.VideoStream)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        for _ in range(3):
            frame = av.VideoFrame.from_ndarray(np.zeros((64, 64, 3), dtype=np.uint8), format="rgb24")
            out.mux(stream.encode(frame.reformat(format="yuv420p")))
        out.mux(stream.encode(None))
    return file.getvalue()
