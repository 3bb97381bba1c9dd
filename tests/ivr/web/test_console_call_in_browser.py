"""A call's page in a real browser: the sound plays and seeks, by keyboard alone; every state is accessible."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response
from sqlalchemy import update

from config.policy import Role
from ivr.app import create_app
from ivr.dialogue.events import ObjectionRaised
from storage.tables import checkpoints
from tests.browser import check_page, chromium, served
from tests.builders import House, wav_of
from tests.ivr.web.recorded import page_of, stored_call
from tests.ivr.web.signed_in import Colleague, sign_in

pytestmark = pytest.mark.slow

LENGTH_S = 120.0
"""Long enough that a player does not fetch all of it at once."""

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
    with served(create_app(house.wiring)) as address:
        context = browser.new_context(locale="nl-NL", reduced_motion="reduce")
        yield Desk(address, context)
        context.close()


def sit_down(desk: Desk, house: House, colleague: Colleague) -> None:
    desk.context.add_cookies([{"name": house.wiring.sessions.cookie, "value": colleague.cookie, "url": desk.address}])


def playing_at(page: Page) -> float:
    at = page.evaluate("document.querySelector('audio').currentTime")
    assert isinstance(at, int | float)
    return float(at)


def reach(page: Page, text: str) -> None:
    """By Tab alone, from where the focus is."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if text in str(page.evaluate("document.activeElement.innerText || document.activeElement.name")):
            return
    raise AssertionError(f"the keyboard does not reach {text!r}")


def test_the_sound_plays_and_seeks_by_keyboard_alone(house: House, desk: Desk) -> None:
    stored_call(house, wav_of(LENGTH_S), LENGTH_S)
    sit_down(desk, house, sign_in(house, Role.SUPERVISOR))
    page = desk.open(page_of(house))
    reach(page, "purpose")
    page.keyboard.press("Space")
    reach(page, "Open de speler")
    page.keyboard.press("Enter")
    page.wait_for_selector("audio")
    ranges: list[tuple[str, int]] = []
    page.on("response", lambda response: ranges.append(range_of(response)) if "/geluid" in response.url else None)

    reach(page, "Luister vanaf 1:56")
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('audio').currentTime > 116.5")
    assert "Luister vanaf 1:56" in page.evaluate("document.activeElement.innerText"), "the focus was lost"
    assert any(start > 0 and status == 206 for start, status in parsed(ranges)), ranges

    page.evaluate("document.querySelector('audio').pause()")
    before = playing_at(page)
    page.focus("[data-move='-10']")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "before => Math.abs(document.querySelector('audio').currentTime - before + 10) < 0.5", arg=before
    )
    page.select_option("#speed", "2")
    page.select_option("#side", "0")
    assert page.evaluate("document.querySelector('audio').playbackRate") == 2
    page.evaluate("document.querySelector('audio').play()")
    page.wait_for_function("before => document.querySelector('audio').currentTime > before - 9", arg=before)
    page.close()


def range_of(response: Response) -> tuple[str, int]:
    return response.request.headers.get("range", ""), response.status


def parsed(ranges: list[tuple[str, int]]) -> list[tuple[int, int]]:
    return [(int(asked.removeprefix("bytes=").split("-")[0]), status) for asked, status in ranges if asked]


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


@pytest.mark.parametrize("state", ["listening", "no recording", "broken", "fault"])
def test_each_state_is_accessible(house: House, desk: Desk, state: str) -> None:
    mia = sign_in(house, Role.SUPERVISOR)
    sit_down(desk, house, mia)
    if state == "no recording":
        house.recorded()
        policy = house.wiring.agencies.now("example")
        house.happens(
            ObjectionRaised(policy.objection_reasons[0].code, policy.alternatives[0].code, False, employee="J")
        )
    else:
        stored_call(house)
    mia.post(page_of(house, "/notities"), {"note": "Nagebeld.", "key": KEY})
    page = desk.context.new_page()
    if state == "listening":
        mia.post(page_of(house, "/luisteren"), {"purpose": "rules-kept"})
    if state == "broken":
        with house.wiring.database.transaction() as unit:
            unit.log._connection.execute(update(checkpoints).values(note="niets"))
        post_on_arrival(page, "Controleer nu")
    if state == "fault":
        post_on_arrival(page, "Open de speler")
    check_page(page, desk.address + page_of(house))
    page.close()


def post_on_arrival(page: Page, button: str) -> None:
    """The state that is looked at is that after the button was pressed."""
    page.once("load", lambda: page.get_by_role("button", name=button).click())
