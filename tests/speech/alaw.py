"""The other half of what the service reads: G.711 A-law as a telephone exchange writes it (ITU-T G.711)."""

import numpy as np

EVEN_BITS = 0x55
"""Inverted on the line."""


def encode_alaw(pcm: bytes) -> bytes:
    """Compress 2n bytes of signed 16-bit little-endian PCM to n bytes of G.711 A-law."""
    sample = np.frombuffer(pcm, "<i2").astype(np.int32)
    magnitude = np.where(sample < 0, ~sample, sample) >> 3
    exponent = np.maximum(np.frexp(magnitude)[1] - 5, 0)
    mantissa = (magnitude >> np.maximum(exponent, 1)) & 0x0F
    code = np.where(sample < 0, 0, 0x80) | (exponent << 4) | mantissa
    return bytes((code ^ EVEN_BITS).astype(np.uint8).data)
