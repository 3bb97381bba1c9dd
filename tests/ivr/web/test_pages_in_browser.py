"""The pages as people meet them: in a real browser, light and dark, on a small screen, by keyboard."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import abort
from playwright.sync_api import Browser, Page, expect

from ivr.dialogue.states import AgencyRecording
from tests.browser import accessibility_faults, check_page, chromium, served
from tests.builders import BEGAN
from tests.ivr.web.house import CALL_ID, CopyHouse, ready_house

pytestmark = pytest.mark.slow

TROUBLE = {403: "/nee-403", 404: "/nergens", 429: "/nee-429", 500: "/nee-500", 503: "/nee-503"}
PLAYS_FROM = """second => new Promise(resolve => {
    const audio = document.querySelector("audio")
    audio.currentTime = second
    audio.addEventListener("seeked", () =>
        audio.addEventListener("timeupdate", () => resolve(audio.currentTime), { once: true }), { once: true })
})"""
"""Seeks, and gives where it plays then. The page's own policy forbids Playwright's polling."""


@dataclass
class Site:
    """The pages of a house, served on loopback."""

    house: CopyHouse
    url: str


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


def serve(house: CopyHouse) -> Iterator[Site]:
    app = house.app()
    for code in TROUBLE:
        app.add_url_rule(f"/nee-{code}", f"trouble-{code}", lambda code=code: abort(code))
    with served(app) as url:
        yield Site(house, url)
    house.database.close()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    yield from serve(ready_house(tmp_path_factory.mktemp("ready")))


@pytest.fixture(params=["expired", "revoked", "not-ready", "failed", "destroyed", "incomplete"])
def odd_site(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Site]:
    """A house in which something is the matter with the copy."""
    house = CopyHouse(tmp_path)
    states = {"not-ready": AgencyRecording.STOPPED, "failed": AgencyRecording.FAILED}
    house.add_call(states.get(request.param, AgencyRecording.STORED))
    if request.param == "incomplete":
        house.add_recording("degraded")
    house.add_tickets(revoked_at=BEGAN if request.param == "revoked" else None)
    if request.param == "expired":
        house.clock.at = BEGAN.replace(year=2027)
    yield from serve(house)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.set_default_timeout(10_000)
    yield page
    page.close()


def visit(page: Page, site: Site) -> None:
    """The caller has shown who they are."""
    token = site.house.visits.begin(f"{CALL_ID}:sms").token
    page.context.add_cookies([{"name": site.house.visits.cookie, "value": token, "url": site.url}])


@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_copy_page_is_accessible(page: Page, site: Site, language: str) -> None:
    visit(page, site)
    check_page(page, f"{site.url}/kopie/opname?taal={language}")


def test_the_code_form_is_accessible(page: Page, site: Site) -> None:
    check_page(page, f"{site.url}/kopie")


def test_the_page_for_an_unknown_link_is_accessible(page: Page, site: Site) -> None:
    check_page(page, f"{site.url}/kopie/onbekend")


@pytest.mark.parametrize("code", TROUBLE)
def test_error_pages_are_accessible(page: Page, site: Site, code: int) -> None:
    check_page(page, site.url + TROUBLE[code])


def test_every_odd_state_is_accessible(page: Page, odd_site: Site) -> None:
    visit(page, odd_site)
    check_page(page, f"{odd_site.url}/kopie/opname")


def test_a_wrong_code_is_told_accessibly(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/kopie")
    page.get_by_label("Uw code van 12 cijfers").fill("123")
    page.get_by_role("button", name="Ophalen").click()
    field = page.get_by_label("Uw code van 12 cijfers")
    described_by = field.get_attribute("aria-describedby") or ""
    assert page.locator(f"#{described_by.split()[-1]}").inner_text().startswith("Fout:")
    expect(page).to_have_title(re.compile("^Fout:"))
    expect(field).to_be_focused()
    assert accessibility_faults(page) == []


def test_by_keyboard_alone_from_the_code_to_the_download(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/kopie")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Naar de inhoud"
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.type(site.house.code)
    page.keyboard.press("Enter")
    page.wait_for_url("**/kopie/opname")
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(
            page.evaluate("document.activeElement.tagName + ' ' + document.activeElement.textContent.trim()")
        )
        if "Opname bewaren" in reached[-1]:
            break
    assert any(name.startswith("AUDIO") for name in reached), reached
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    kept = Path(download.value.path()).read_bytes()
    assert kept == site.house.file()
    assert kept.endswith(site.house.sound[44:])
    assert download.value.suggested_filename == "gesprek-example-2026-11-03-1405.wav"


def test_focus_can_be_seen(page: Page, site: Site) -> None:
    page.goto(f"{site.url}/kopie")
    for _ in range(3):
        page.keyboard.press("Tab")
        width = page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)")
        assert width >= 2


def test_the_recording_plays_and_can_be_rewound(page: Page, site: Site) -> None:
    visit(page, site)
    page.goto(f"{site.url}/kopie/opname")
    audio = "document.querySelector('audio')"
    assert page.evaluate(f"{audio}.networkState") == page.evaluate("HTMLMediaElement.NETWORK_IDLE")
    before = site.house.uses()
    page.evaluate(f"{audio}.muted = true, {audio}.play()")
    for second in (11, 1):
        assert page.evaluate(PLAYS_FROM, second) == pytest.approx(second, abs=1)
    assert page.evaluate(f"{audio}.duration") == pytest.approx(12.5, abs=0.01)
    assert site.house.uses() == before + 1


def test_the_pages_work_without_javascript(browser: Browser, site: Site) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site.url}/kopie")
    page.get_by_label("Uw code van 12 cijfers").fill(site.house.code)
    page.get_by_role("button", name="Ophalen").click()
    assert "Uw kopie van het gesprek" in page.get_by_role("heading", level=1).inner_text()
    context.close()
