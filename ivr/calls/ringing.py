"""PURE. The tone that the caller hears while the employee's phone rings."""

import io
import math
import struct
import wave

RATE_HZ = 8000
TONE_HZ = 425
TONE_S = 1
PAUSE_S = 4
AMPLITUDE = 4000


def ringing_wav() -> bytes:
    """One period of the Dutch ringing tone as a WAV file (ITU-T E.180: 425 Hz, 1 s on, 4 s off)."""
    tone = (round(AMPLITUDE * math.sin(2 * math.pi * TONE_HZ * n / RATE_HZ)) for n in range(TONE_S * RATE_HZ))
    samples = b"".join(struct.pack("<h", sample) for sample in tone) + bytes(2 * PAUSE_S * RATE_HZ)
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE_HZ)
        wav.writeframes(samples)
    return file.getvalue()
