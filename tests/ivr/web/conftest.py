"""What a caller says, as sound."""

import pytest

from ivr.emulator.voice import synthesise
from speech.audio import encode_mulaw
from tests.ivr.web.media_line import SILENCE, WISH


@pytest.fixture(scope="module")
def speech() -> bytes:
    """Somebody says their wish, as the telephone carries it, with silence around."""
    return SILENCE + encode_mulaw(synthesise(f"Goedemiddag, {WISH}.")) + SILENCE
