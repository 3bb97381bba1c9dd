"""A call's page in a real browser: the sound plays and seeks, by keyboard alone; every state is accessible."""

import io
import wave
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response
from sqlalchemy import update

from config.policy import Role
from ivr.dialogue.events import ObjectionRaised
from storage.tables import checkpoints
from tests.browser import check_page, check_shown, chromium, served
from tests.builders import RATE_HZ, House
from tests.ivr.web.receipts import hang_up, refused_on_a_landline
from tests.ivr.web.recorded import page_of, stored_call
from tests.ivr.web.signed_in import Colleague, sign_in

pytestmark = pytest.mark.slow

LENGTH_S = 600.0
"""Long enough that a player does not fetch all of it at once."""

HALF_BYTES = round(LENGTH_S * RATE_HZ * 4 / 2)
JUMP = "Luister vanaf 9:56"

KEY = "0" * 32


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@dataclass
class Desk:
    """Somebody's browser on the console of a house."""

    address: str
    context: BrowserContext

    def open(self, path: str) -> Page:
        page = self.context.new_page()
        page.goto(self.address + path)
        return page


@pytest.fixture
def desk(house: House, browser: Browser) -> Iterator[Desk]:
    with served(house.app) as address:
        context = browser.new_context(locale="nl-NL", reduced_motion="reduce")
        yield Desk(address, context)
        context.close()


def sit_down(desk: Desk, house: House, colleague: Colleague) -> None:
    desk.context.add_cookies([{"name": house.wiring.sessions.cookie, "value": colleague.cookie, "url": desk.address}])


PLAYS_PAST = """second => new Promise(resolve => {
    const audio = document.querySelector("audio")
    const told = () => { if (audio.currentTime > second && !audio.seeking) resolve(audio.currentTime) }
    audio.addEventListener("timeupdate", told)
    told()
})"""
"""Gives where it plays, once that is past the second. The page's own policy forbids Playwright's polling."""


def long_sound() -> bytes:
    """Silence in two channels."""
    file = io.BytesIO()
    with wave.open(file, "wb") as wav:
        wav.setnchannels(2)
        wav.setsampwidth(2)
        wav.setframerate(RATE_HZ)
        wav.writeframes(bytes(4 * RATE_HZ * round(LENGTH_S)))
    return file.getvalue()


def reach(page: Page, text: str) -> None:
    """By Tab alone, from where the focus is."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if text in str(page.evaluate("document.activeElement.innerText || document.activeElement.name")):
            return
    raise AssertionError(f"the keyboard does not reach {text!r}")


def test_the_sound_plays_and_seeks_by_keyboard_alone(house: House, desk: Desk) -> None:
    stored_call(house, long_sound(), LENGTH_S)
    sit_down(desk, house, sign_in(house, Role.SUPERVISOR))
    page = desk.open(page_of(house))
    answers: list[Response] = []
    page.on("response", lambda response: answers.append(response) if "/geluid" in response.url else None)
    reach(page, "purpose")
    page.keyboard.press("Space")
    reach(page, "Open de speler")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    reach(page, JUMP)
    page.keyboard.press("Enter")
    at = page.evaluate(PLAYS_PAST, LENGTH_S - 4)
    assert page.evaluate("document.activeElement.innerText") == JUMP
    assert {response.status for response in answers} == {206}
    asked = [response.request.headers["range"] for response in answers]
    assert asked[0] == "bytes=0-"
    assert any(int(one.removeprefix("bytes=").partition("-")[0]) > HALF_BYTES for one in asked), asked

    page.focus("[data-move='-10']")
    page.keyboard.press("Enter")
    back = page.evaluate(PLAYS_PAST, 0)
    assert at - 11 < back < at - 6
    page.select_option("#speed", "2")
    page.select_option("#side", "0")  # through the sound graph from here on
    assert page.evaluate("document.querySelector('audio').playbackRate") == 2
    assert page.evaluate(PLAYS_PAST, back + 1) > back + 1
    page.close()


def test_checking_swaps_in_the_result_and_keeps_the_focus(house: House, desk: Desk) -> None:
    stored_call(house)
    sit_down(desk, house, sign_in(house, Role.AUDITOR))
    page = desk.open(page_of(house))
    reach(page, "Controleer nu")
    page.keyboard.press("Enter")
    page.wait_for_selector("#uitslag [role=status]")
    assert page.locator("#uitslag").inner_text().startswith("Alles klopt.")
    assert page.url.endswith(page_of(house))
    assert page.evaluate("document.activeElement.innerText") == "Controleer nu"
    page.close()


def test_the_page_is_accessible_while_somebody_listens(house: House, desk: Desk) -> None:
    stored_call(house)
    mia = sign_in(house, Role.SUPERVISOR)
    sit_down(desk, house, mia)
    mia.post(page_of(house, "/notities"), {"note": "Nagebeld.", "key": KEY})
    mia.post(page_of(house, "/luisteren"), {"purpose": "rules-kept"})
    house.wiring.holds.place(house.call.call_id, "Een rechtszaak.", "jurist")
    page = desk.context.new_page()
    check_page(page, desk.address + page_of(house))
    page.close()


def test_a_refused_call_without_a_recording_is_accessible(house: House, desk: Desk) -> None:
    house.recorded()
    policy = house.wiring.agencies.now("example")
    reason, instead = policy.objection_reasons[0].code, policy.alternatives[0].code
    house.happens(ObjectionRaised(reason, instead, False, employee="Jan"))
    sit_down(desk, house, sign_in(house, Role.SUPERVISOR))
    page = desk.context.new_page()
    check_page(page, desk.address + page_of(house))
    page.close()


def test_what_is_said_of_a_receipt_that_is_lacking_is_accessible(house: House, desk: Desk) -> None:
    refused_on_a_landline(house)
    sit_down(desk, house, sign_in(house, Role.SUPERVISOR))
    page = desk.context.new_page()
    check_page(page, f"{desk.address}/console/nu/{house.call.call_id}")
    hang_up(house)
    check_page(page, f"{desk.address}/console/nu/{house.call.call_id}")
    page.get_by_role("link", name="Naar het bewijs voor de beller").click()
    page.wait_for_url("**#bewijs-beller")
    check_shown(page)
    page.close()


def test_a_form_that_came_back_is_accessible(house: House, desk: Desk) -> None:
    stored_call(house)
    sit_down(desk, house, sign_in(house, Role.SUPERVISOR))
    page = desk.open(page_of(house))
    with page.expect_navigation():
        page.get_by_role("button", name="Open de speler").click()
    assert page.get_by_role("alert").inner_text().endswith("Kies waarom u wilt luisteren.")
    check_shown(page)
    page.close()


def test_the_reason_for_a_hold_looks_wrong_only_once_it_was_sent_empty(house: House, desk: Desk) -> None:
    stored_call(house)
    sit_down(desk, house, sign_in(house, Role.SUPERVISOR))
    page = desk.open(page_of(house))

    def border(field: str) -> str:
        return str(page.locator(field).evaluate("field => getComputedStyle(field).borderColor"))

    assert border("#bewaren-reden") == border("[name=note]")
    page.get_by_role("button", name="Bewaarplicht opleggen").click()
    page.focus("[name=note]")
    assert border("#bewaren-reden") == "rgb(168, 20, 29)"
    check_shown(page)
    assert page.url.endswith(page_of(house))
    page.close()


def test_a_broken_call_is_accessible(house: House, desk: Desk) -> None:
    stored_call(house)
    with house.wiring.database.transaction() as unit:
        unit.log._connection.execute(update(checkpoints).values(note="niets"))
    sit_down(desk, house, sign_in(house, Role.SUPERVISOR))
    page = desk.open(page_of(house))
    page.get_by_role("button", name="Controleer nu").click()
    page.wait_for_selector("#uitslag [role=alert]")
    check_shown(page)
    page.close()
