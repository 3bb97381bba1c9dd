"""Calls through the browser phone, with the browser's own microphone path, against the whole running service."""

from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.sync_api import Page, expect

from config.policy import Role
from ivr.demo.household import Household
from ivr.wiring import Wiring
from tests.browser import accessibility_faults, chromium, scrolls_sideways
from tests.journeys.phone_tabs import (
    CALL_MS,
    EMPLOYEE,
    FAKE_MICROPHONE,
    entries_of,
    microphone_from,
    sign_in,
    speak_into,
    wait_for_entry,
)

pytestmark = pytest.mark.slow

CALLER = "+31612345678"

LOOKS: tuple[tuple[Literal["light", "dark"], int], ...] = (("light", 1280), ("dark", 1280), ("light", 360))

Script = list[dict[str, Any]]

EMPLOYEE_SCRIPT: Script = [
    {"say": "Goedemiddag, u spreekt met de gemeente. Zegt u het maar.", "voice": "nl+f2"},
    {"wait_heard": "neemt ook .* op", "timeout_s": 120},
    {"wait_s": 1},
    {"say": "Dat is goed. U krijgt de brief voor vrijdag.", "voice": "nl+f2"},
    {"wait_s": 60},
]
CALLER_WORDS: list[float | str] = [
    20.0,
    "Ik wil dit gesprek opnemen.",
    7.0,
    "Ja, dat klopt.",
    9.0,
    "Ja, dat klopt.",
    30.0,
]
"""The fake microphone cannot wait for the question: the second yes is for a machine that was slow to ask."""

PATIENT_CALLER: Script = [
    {"wait_heard": "verbinden u door"},
    {"wait_s": 6},
    {"say": "Ik wil dit gesprek opnemen.", "voice": "nl", "words_per_minute": 130},
    {"wait_heard": "Klopt dat"},
    {"say": "Ja, dat klopt.", "voice": "nl", "words_per_minute": 130},
    {"wait_s": 60},
]


def check_looks(page: Page, folder: Path, name: str) -> None:
    """Axe, no sideways scrolling, and a picture for people: light, dark and on a small screen."""
    for scheme, width in LOOKS:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # no colours halfway
        page.set_viewport_size({"width": width, "height": 900})
        page.screenshot(path=folder / f"{name}-{scheme}-{width}.png", full_page=True)
        assert accessibility_faults(page) == [], (name, scheme, width)
        assert not scrolls_sideways(page), (name, scheme, width)


def test_a_person_calls_from_the_browser_and_records(running_service: Household, tmp_path: Path) -> None:
    """Request and yes go through microphone, worklet, socket, carrier and stream to the bot, and into the log."""
    running_service.register(EMPLOYEE, EMPLOYEE_SCRIPT)
    words = speak_into(tmp_path / "caller.wav", CALLER_WORDS)
    with chromium(*FAKE_MICROPHONE, microphone_from(words)) as browser:
        page = browser.new_page(locale="nl-NL")
        page.goto(f"{running_service.settings.public_url}/bel")
        expect(page.locator("#state")).to_have_text("U kunt bellen.")
        check_looks(page, tmp_path, "caller-idle")
        page.get_by_role("button", name="Bel", exact=True).focus()
        page.keyboard.press("Enter")
        expect(page.locator("#state")).to_have_text("U bent in gesprek.", timeout=CALL_MS)
        expect(page.locator("#captions")).to_contain_text("Welkom bij")
        wait_for_entry(page, "recording:started")
        check_looks(page, tmp_path, "caller-recording")
        expect(page.locator("#captions .heard").first).to_contain_text("opnemen")
        expect(page.locator("#captions")).to_contain_text("Begrepen: wil opnemen")
        page.get_by_role("button", name="Ophangen").focus()
        page.keyboard.press("Enter")
        expect(page.locator("#state")).to_have_text("Het gesprek is afgelopen.", timeout=CALL_MS)
        wait_for_entry(page, "recording:stored")
        tags = entries_of(page)
    assert tags.index("consent:given") < tags.index("recording:announced") < tags.index("recording:started")


def test_an_employee_answers_in_the_browser_and_objects(running_service: Household, tmp_path: Path) -> None:
    """Ringing, answering and hold in the employee's tab; objection and its withdrawal in the console beside it."""
    with chromium(
        *FAKE_MICROPHONE, f"--use-file-for-fake-audio-capture={speak_into(tmp_path / 'q.wav', [1.0])}"
    ) as browser:
        context = browser.new_context(locale="nl-NL")
        page = context.new_page()
        page.goto(f"{running_service.settings.public_url}/bel?rol=medewerker")
        expect(page.locator("#state")).to_have_text("U bent bereikbaar. Wacht op een beller.")
        check_looks(page, tmp_path, "employee-idle")
        call_sid = running_service.call(CALLER, PATIENT_CALLER)
        expect(page.locator("#state")).to_have_text("U wordt gebeld.", timeout=CALL_MS)
        page.get_by_role("button", name="Opnemen").click()
        expect(page.locator("#state")).to_have_text("U bent in gesprek.", timeout=CALL_MS)
        wait_for_entry(page, "recording:started")
        page.get_by_role("button", name="In de wacht").click()
        wait_for_entry(page, "recording:paused")
        page.get_by_role("button", name="Uit de wacht").click()
        wait_for_entry(page, "recording:resumed")
        check_looks(page, tmp_path, "employee-recording")
        sign_in(context, running_service, Role.EMPLOYEE)
        with context.expect_page() as opened:
            page.get_by_role("link", name="Open dit gesprek in het werkscherm").click()
        desk = opened.value
        desk.get_by_text("Bezwaar maken").click()
        desk.get_by_label("Er is iemand anders bij het gesprek").check()
        desk.get_by_label("De beller krijgt een schriftelijk verslag").check()
        desk.get_by_role("button", name="Bezwaar vastleggen").click()
        wait_for_entry(page, "objection:raised")
        desk.get_by_role("button", name="Bezwaar intrekken").click()
        wait_for_entry(page, "objection:withdrawn")
        page.get_by_role("button", name="Ophangen").click()
        wait_for_entry(page, "employee:left")
    wiring = Wiring(running_service.settings)
    call = wiring.driver.find(call_sid)
    assert call is not None
    with wiring.database.transaction() as unit:
        raised = [entry for entry in unit.log.list_call(call.call_id) if entry.tag == "objection:raised"]
    wiring.database.close()
    assert len(raised) == 1
    assert raised[0].facts["reason"]
    assert raised[0].facts["alternative"]


def test_without_a_microphone_the_keys_still_work(running_service: Household, tmp_path: Path) -> None:
    """The browser refuses the microphone: the person hears the bot and records with key 1."""
    running_service.register(EMPLOYEE, EMPLOYEE_SCRIPT)
    with chromium() as browser:
        page = browser.new_page(locale="nl-NL")
        page.goto(f"{running_service.settings.public_url}/bel")
        expect(page.locator("#state")).to_have_text("U kunt bellen.")
        page.get_by_role("button", name="Bel", exact=True).click()
        expect(page.get_by_role("alert")).to_contain_text("geen microfoon", timeout=CALL_MS)
        expect(page.locator("#state")).to_have_text("U bent in gesprek.", timeout=CALL_MS)
        page.locator("#hang-up").focus()
        page.keyboard.press("1")
        wait_for_entry(page, "request:keyed")
        expect(page.locator("#pressed")).to_have_text("1")
        page.get_by_role("button", name="Ophangen").click()
        wait_for_entry(page, "call:ended")
