"""The MP3 of the copy: the same sound, two voices apart, the same bytes each time."""

import io
from typing import Any

import av
import numpy as np
import pytest
from av.container import InputContainer
from numpy.typing import NDArray

from ivr.copying.broadcast_wave import NotCopied
from ivr.copying.mp3 import RATE_HZ, encode_mp3
from storage.recordings.sound import SoundPlace, find_sound
from tests.builders import wav_of
from tests.ivr.web.house import two_channel_wav

TITLE = "Gesprek met gemeente ’s-Gravenhage, 2026-11-03 14:05"


def encoded(sound: bytes) -> bytes:
    file = io.BytesIO(sound)
    return encode_mp3(file, find_sound(file), TITLE).getvalue()


def decoded(mp3: bytes) -> tuple[NDArray[Any], InputContainer]:
    container = av.open(io.BytesIO(mp3), "r")
    return np.concatenate([frame.to_ndarray() for frame in container.decode(audio=0)], axis=1), container


def strength_at(samples: NDArray[Any], hertz: int) -> float:
    spectrum = np.abs(np.fft.rfft(samples))
    return float(spectrum[round(hertz * len(samples) / RATE_HZ)])


def test_caller_and_employee_stay_apart() -> None:
    """440 Hz is the caller's alone, 220 Hz the employee's."""
    (caller, employee), _ = decoded(encoded(two_channel_wav(3)))
    assert strength_at(caller, 440) > 1000 * strength_at(caller, 220)
    assert strength_at(employee, 220) > 1000 * strength_at(employee, 440)


def test_it_is_as_long_as_the_recording_and_as_small_as_promised() -> None:
    mp3 = encoded(two_channel_wav(12.5))
    samples, container = decoded(mp3)
    assert samples.shape == (2, 12.5 * RATE_HZ)
    assert container.streams.audio[0].codec_context.sample_rate == RATE_HZ
    assert len(mp3) < 12.5 * 8000 + 2000


def test_the_same_sound_gives_the_same_bytes() -> None:
    assert encoded(two_channel_wav(2)) == encoded(two_channel_wav(2))


def test_its_title_is_all_that_its_tag_tells() -> None:
    _, container = decoded(encoded(two_channel_wav(1)))
    assert container.metadata == {"title": TITLE}


def test_one_channel_is_enough() -> None:
    samples, _ = decoded(encoded(wav_of(1, channels=1)))
    assert samples.shape == (1, RATE_HZ)


def test_other_sound_is_refused_in_words() -> None:
    with pytest.raises(NotCopied, match="16 bits"):
        encode_mp3(io.BytesIO(bytes(100)), SoundPlace(0, 96, 2, 8000, 6, 0), TITLE)
    with pytest.raises(NotCopied, match="one or two channels"):
        encode_mp3(io.BytesIO(bytes(100)), SoundPlace(0, 96, 3, 8000, 6, 0), TITLE)
    with pytest.raises(NotCopied, match="ends before"):
        encode_mp3(io.BytesIO(bytes(100)), SoundPlace(44, 4000, 2, 8000, 4, 0), TITLE)
