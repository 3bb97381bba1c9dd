"""The browser phone in tests: a microphone that plays a file, the entries of the panel, signing in beside it."""

import wave
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import BrowserContext, Page, expect

from config.policy import Role
from ivr.demo.household import Household
from ivr.emulator.voice import synthesise
from ivr.wiring import Wiring
from storage.records import UserRecord

RATE_HZ = 16000
CALL_MS = 90_000
EMPLOYEE = "medewerker"
FAKE_MICROPHONE = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")


def speak_into(path: Path, parts: Sequence[float | str]) -> Path:
    """A WAV for the fake microphone: seconds of silence and Dutch sentences."""

    def sound_of(part: float | str) -> bytes:
        if isinstance(part, str):
            return synthesise(part, rate_hz=RATE_HZ, words_per_minute=130)
        return bytes(2 * round(part * RATE_HZ))

    with wave.open(str(path), "wb") as wav:
        wav.setnchannels(1)
        wav.setsampwidth(2)
        wav.setframerate(RATE_HZ)
        wav.writeframes(b"".join(map(sound_of, parts)))
    return path


def microphone_from(path: Path) -> str:
    return f"--use-file-for-fake-audio-capture={path}%noloop"


def entries_of(page: Page) -> list[str]:
    return page.locator("#log code").all_inner_texts()


def wait_for_entry(page: Page, tag: str) -> None:
    expect(page.locator("#log code", has_text=tag).first).to_be_visible(timeout=CALL_MS)


def sign_in(context: BrowserContext, service: Household, role: Role, agency: str = "example") -> str:
    """As a new user of that role; gives the session's token."""
    wiring = Wiring(service.settings)
    with wiring.database.transaction() as unit:
        name = f"{role}-{len(unit.users.list())}"
        unit.users.add(UserRecord(name, role, (agency,), f"no token of {name}", wiring.clock.now(), "test"))
    token = wiring.sessions.begin(name)
    context.add_cookies([{"name": wiring.sessions.cookie, "value": token, "url": service.settings.public_url}])
    wiring.database.close()
    return token
