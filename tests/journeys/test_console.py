"""One call from two browser tabs to the last proof: an objection meanwhile, search, listening, export, the copy."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from config.policy import Role
from ivr.accounts.demo import add_demo_users
from ivr.carrier.links import token_digest
from ivr.demo.household import Household
from ivr.wiring import Wiring
from tests.browser import chromium
from tests.journeys.phone_tabs import CALL_MS, EMPLOYEE, FAKE_MICROPHONE, sign_in, speak_into, wait_for_entry

pytestmark = pytest.mark.slow

CODE = re.compile(r"\b[0-9]{6}\b")
MOBILE = "+31612345678"
MOST_MS = 20_000
PACE_MS = 100
TALKING_MS = 14_000
"""So much is recorded before the employee objects, which ends the agency's recording."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    silence = speak_into(tmp_path_factory.mktemp("microphone") / "silence.wav", [1.0])
    with chromium(*FAKE_MICROPHONE, f"--use-file-for-fake-audio-capture={silence}") as browser:
        yield browser


def someone(browser: Browser) -> BrowserContext:
    """A person at a computer of their own."""
    return browser.new_context(locale="nl-NL", reduced_motion="reduce")


@dataclass
class Finished:
    """A call that was recorded: its page in the console and the link in the caller's SMS."""

    service: Household
    call_id: str
    copy: str

    @property
    def url(self) -> str:
        return self.service.settings.public_url


@pytest.fixture(scope="module")
def finished(running_service: Household, browser: Browser) -> Finished:
    """Caller and employee each in a tab; the employee objects from the console and takes it back; a copy is wanted."""
    url = running_service.settings.public_url
    desk = someone(browser)
    telephone = desk.new_page()
    telephone.goto(f"{url}/bel?rol={EMPLOYEE}")
    expect(telephone.locator("#state")).to_have_text("U bent bereikbaar. Wacht op een beller.")
    caller = someone(browser).new_page()
    caller.goto(f"{url}/bel")
    caller.get_by_role("button", name="Bel", exact=True).click()
    expect(caller.locator("#captions")).to_contain_text("Welkom bij", timeout=CALL_MS)
    caller.locator('[data-digit="1"]').click()
    expect(caller.locator("#captions")).to_contain_text("toets kiezen", timeout=CALL_MS)
    caller.locator('[data-digit="1"]').click()
    expect(telephone.locator("#state")).to_have_text("U wordt gebeld.", timeout=CALL_MS)
    telephone.get_by_role("button", name="Opnemen").click()
    wait_for_entry(caller, "recording:started")
    caller.wait_for_timeout(TALKING_MS)
    object_and_withdraw(desk, running_service, url)
    wait_for_entry(caller, "objection:withdrawn")
    telephone.get_by_role("button", name="Ophangen").click()
    expect(caller.locator("#captions")).to_contain_text("kopie van onze opname", timeout=CALL_MS)
    caller.locator('[data-digit="1"]').click()
    wait_for_entry(caller, "copy:sent")
    wait_for_entry(caller, "recording:stored")
    copy = caller.locator("#copy a").get_attribute("href")
    assert copy is not None
    wiring = Wiring(running_service.settings)
    with wiring.database.reading() as unit:
        ticket = unit.copies.find_by_digest(token_digest(copy.rsplit("/", 1)[1]))
    wiring.database.close()
    assert ticket is not None
    return Finished(running_service, ticket.call_id, copy)


def object_and_withdraw(desk: BrowserContext, service: Household, url: str) -> None:
    sign_in(desk, service, Role.EMPLOYEE)
    page = desk.new_page()
    page.goto(f"{url}/console/nu")
    page.get_by_role("main").get_by_role("link", name=re.compile("Gesprek van|[0-9]{1,2}[.:][0-9]{2}")).last.click()
    page.get_by_text("Bezwaar maken").click()
    page.get_by_label("Er is iemand anders bij het gesprek").check()
    page.get_by_label("De beller krijgt een schriftelijk verslag").check()
    page.get_by_role("button", name="Bezwaar vastleggen").click()
    page.get_by_role("button", name="Bezwaar intrekken").click(timeout=MOST_MS)
    expect(page.get_by_role("button", name="Bezwaar intrekken")).to_be_hidden(timeout=MOST_MS)


def position(page: Page) -> float:
    return float(page.locator("audio").evaluate("audio => audio.currentTime"))


def wait_for_sound(page: Page, second: float) -> None:
    """Until so much was played. Asked from outside: the page's own policy forbids to evaluate a text."""
    for _ in range(MOST_MS // PACE_MS):
        if position(page) > second:
            return
        page.wait_for_timeout(PACE_MS)
    raise AssertionError(f"at {position(page)} s")


def test_a_supervisor_finds_the_call_listens_proves_and_exports(finished: Finished, browser: Browser) -> None:
    wiring = Wiring(finished.service.settings)
    add_demo_users(wiring.users, ["example"])
    wiring.database.close()
    page = someone(browser).new_page()
    page.goto(f"{finished.url}/console")
    page.get_by_role("button", name="Verder als leidinggevende").click()
    page.get_by_role("link", name="Gesprekken", exact=True).click()
    page.get_by_label("Woorden").fill("vanaf nu neemt ook gemeente Voorbeeld dit gesprek op")
    page.get_by_role("button", name="Zoeken", exact=True).click()
    page.locator(f'a[href*="{finished.call_id}"]').click()
    expect(page.get_by_text("De medewerker heeft bezwaar").first).to_be_visible()

    page.get_by_label("De beller vraagt iets over het gesprek").check()
    page.get_by_role("button", name="Open de speler").click()
    expect(page.locator("audio")).to_be_visible()
    page.locator("audio").evaluate("audio => audio.play()")
    wait_for_sound(page, 1)
    page.get_by_role("button", name="10 seconden vooruit").click()
    wait_for_sound(page, 11)
    page.get_by_role("button", name="10 seconden terug").click()
    assert position(page) < 11

    page.get_by_role("button", name="Controleer nu").click()
    expect(page.locator("#uitslag")).to_contain_text(
        "De bewaarde opname is precies wat er is opgeslagen", timeout=MOST_MS
    )

    page.get_by_role("link", name="Gesprekken", exact=True).first.click()
    with page.expect_download() as started:
        page.get_by_role("button", name="Ophalen").click()
    assert finished.call_id in Path(started.value.path()).read_text(encoding="utf-8-sig")

    wiring = Wiring(finished.service.settings)
    with wiring.database.reading() as unit:
        looked = {line.action for line in unit.trail.list_object(finished.call_id, 100)}
        tags = [entry.tag for entry in unit.log.list_call(finished.call_id)]
    wiring.database.close()
    assert {"call", "listen"} <= looked
    assert "recording:played" in tags


def test_the_caller_gets_the_copy_with_the_code_and_not_with_a_wrong_one(finished: Finished, browser: Browser) -> None:
    page = someone(browser).new_page()
    page.goto(finished.copy)
    expect(page.locator("audio")).to_have_count(0)
    page.get_by_role("button", name="Stuur mij een code").click()
    code = code_of(finished.service)
    page.get_by_label("Uw code van 6 cijfers").fill(f"{(int(code) + 1) % 1_000_000:06}")
    page.get_by_role("button", name="Open en luister meteen").click()
    expect(page.get_by_role("main")).to_contain_text("Deze code klopt niet")
    expect(page.locator("audio")).to_have_count(0)
    page.get_by_label("Uw code van 6 cijfers").fill(code)
    page.get_by_role("button", name="Open en luister meteen").click()
    expect(page.locator("audio")).to_be_visible()
    page.locator("audio").evaluate("audio => audio.play()")
    wait_for_sound(page, 0.5)
    another = someone(browser).new_page()
    another.goto(finished.copy)
    expect(another.locator("audio")).to_have_count(0)


def code_of(service: Household) -> str:
    """The last code that the carrier was asked to send."""
    seen = 0
    for _ in range(30):
        events = service.events(seen, wait_s=1)
        seen += len(events)
        codes = [CODE.search(event["body"]) for event in events if event["kind"] == "sms" and event["to"] == MOBILE]
        if codes and codes[-1] is not None:
            return codes[-1][0]
    raise AssertionError("no SMS with a code")


def test_another_agency_and_an_ended_session_see_nothing(finished: Finished, browser: Browser) -> None:
    stranger = someone(browser)
    sign_in(stranger, finished.service, Role.SUPERVISOR, agency="uwv")
    page = stranger.new_page()
    answer = page.goto(f"{finished.url}/console/gesprekken/{finished.call_id}")
    assert answer is not None
    assert answer.status == 404
    page.get_by_role("button", name="Uitloggen").click()
    page.goto(f"{finished.url}/console/gesprekken/{finished.call_id}")
    expect(page.get_by_role("heading", name="Inloggen", exact=True)).to_be_visible()
