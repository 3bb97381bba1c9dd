"""Whether credentials made with a certificate can be read again, tried on a second of silence."""

import io
import wave

from config.certificate import Certificate
from ivr.copying.credentials import State, read_credentials
from ivr.copying.files import Form
from ivr.copying.signing import Signer, SigningFailed

RATE_HZ = 8000


def try_out(certificate: Certificate) -> None:
    """Raises `SigningFailed` for one that readers of credentials do not take."""
    silence = io.BytesIO()
    with wave.open(silence, "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE_HZ)
        wav.writeframes(bytes(2 * RATE_HZ))
    silence.seek(0)
    signed = Signer(certificate).sign(Form.WAV, silence, "proef", {"agency": certificate.organisation})
    found = read_credentials(Form.WAV, signed)
    if found.state is not State.VALID:
        raise SigningFailed(f"credentials made with this certificate are {found.state}: {', '.join(found.faults)}")
