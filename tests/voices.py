"""Recorded prompts for tests: a folder with synthesised voices and their index."""

import io
import json
import wave
from collections.abc import Mapping
from pathlib import Path

from ivr.emulator.voice import synthesise

RATE_HZ = 8000


def voice_wav(text: str, rate_hz: int = RATE_HZ) -> bytes:
    """Somebody says the text: mono, 16 bit."""
    return pcm_wav(synthesise(text, "nl+f2", rate_hz=rate_hz), rate_hz)


def pcm_wav(samples: bytes, rate_hz: int = RATE_HZ, channels: int = 1) -> bytes:
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(channels)
        wav.setsampwidth(2)
        wav.setframerate(rate_hz)
        wav.writeframes(samples)
    return file.getvalue()


def write_audio(folder: Path, sounds: Mapping[str, bytes]) -> None:
    """A folder as SPELREGEL_PROMPT_AUDIO names it, with a sound for each text."""
    folder.mkdir(exist_ok=True)
    entries = []
    for number, (text, sound) in enumerate(sounds.items(), start=1):
        (folder / f"{number}.wav").write_bytes(sound)
        entries.append(f'[[audio]]\ntext = {json.dumps(text, ensure_ascii=False)}\nfile = "{number}.wav"\n')
    (folder / "index.toml").write_text("\n".join(entries), encoding="utf-8")
