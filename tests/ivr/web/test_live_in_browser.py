"""The live pages in a real browser: they follow the call by themselves, by keyboard alone, and take nothing away."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from config.policy import Role
from ivr.dialogue.events import Heard
from tests.browser import SMALL, check_page, check_shown, chromium, served
from tests.builders import CALL_SID, House
from tests.ivr.web.signed_in import sign_in

pytestmark = pytest.mark.slow

TOO_MANY = 60
FOCUSED = "document.activeElement.innerText || document.activeElement.labels?.[0]?.innerText || ''"


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def base(house: House) -> Iterator[str]:
    with served(house.app) as address:
        yield address


@pytest.fixture
def context(house: House, browser: Browser, base: str) -> Iterator[BrowserContext]:
    """An employee's, signed in, on a small screen."""
    context = browser.new_context(locale="nl-NL", viewport=SMALL)
    cookie = sign_in(house, Role.EMPLOYEE, ["example", "ind"]).cookie
    context.add_cookies([{"name": house.wiring.sessions.cookie, "value": cookie, "url": base}])
    yield context
    context.close()


def tab_to(page: Page, name: str) -> None:
    """As somebody without a mouse would."""
    for _ in range(TOO_MANY):
        page.keyboard.press("Tab")
        if name in page.evaluate(FOCUSED):
            return
    raise AssertionError(f"the focus never came to {name}")


def test_from_the_list_to_an_objection_by_keyboard_alone(house: House, context: BrowserContext, base: str) -> None:
    """The list fills itself, the call's page follows the call, and the form that is being filled in stays."""
    page = context.new_page()
    page.goto(f"{base}/console/nu")
    expect(page.locator("#stand")).to_contain_text("Er is nu niemand aan de lijn.")
    house.together()
    expect(page.locator("#stand")).to_contain_text("Gesprek van 14.05 uur")
    tab_to(page, "Gesprek van 14.05 uur")
    house.hears(Heard.REQUEST, "ik neem dit gesprek op")
    expect(page.locator("#nieuws")).to_contain_text("wil de beller opnemen")
    expect(page.get_by_role("link", name="Gesprek van 14.05 uur")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Gesprek van 14.05 uur")
    tab_to(page, "Bezwaar maken")
    page.keyboard.press("Enter")
    tab_to(page, "Er is iemand anders bij het gesprek")
    page.keyboard.press("ArrowUp")  # round to the last: another reason
    tab_to(page, "De andere reden")
    page.keyboard.type("er zit een kind bij")
    house.announced(3)
    house.hears(Heard.YES, "ja")
    expect(page.locator("#nieuws")).to_contain_text("Aankondiging")
    expect(page.get_by_label("De andere reden")).to_be_focused()
    expect(page.get_by_label("De andere reden")).to_have_value("er zit een kind bij")
    expect(page.get_by_role("button", name="Opname stoppen")).to_be_visible()
    tab_to(page, "De beller krijgt een schriftelijk verslag")
    page.keyboard.press("Space")
    tab_to(page, "Bezwaar vastleggen")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Uw bezwaar is vastgelegd.")).to_be_visible()
    raised = house.entry("objection:raised")
    assert raised.personal["reason_text"] == "er zit een kind bij"
    assert raised.facts["alternative"] == "verslag"


def test_a_call_that_ends_while_the_form_is_open(house: House, context: BrowserContext, base: str) -> None:
    house.recorded()
    page = context.new_page()
    page.goto(f"{base}/console/nu/{house.call.call_id}")
    page.get_by_text("Bezwaar maken").click()
    page.get_by_label("Een andere reden").check()
    page.get_by_label("De andere reden").fill("er zit een kind bij")
    house.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"})
    expect(page.locator("#kan-niet")).to_contain_text("Het gesprek is afgelopen. Uw tekst blijft staan.")
    expect(page.get_by_role("button", name="Opname stoppen")).to_be_hidden()
    page.get_by_role("button", name="Bezwaar vastleggen").click()
    expect(page.get_by_role("alert")).to_contain_text("Dat kan niet meer. Het gesprek is afgelopen.")
    expect(page.get_by_label("De andere reden")).to_have_value("er zit een kind bij")


def test_a_page_that_hears_nothing_says_so(house: House, context: BrowserContext, base: str) -> None:
    house.together()
    page = context.new_page()
    page.goto(f"{base}/console/nu/{house.call.call_id}")
    context.set_offline(True)
    expect(page.locator("#stil")).to_contain_text("Deze pagina wordt nu niet bijgewerkt.")
    context.set_offline(False)
    expect(page.locator("#stil")).to_be_empty()
    expect(page.get_by_role("heading", name="Hoe het gesprek ervoor staat")).to_be_visible()


def test_a_session_that_ends_is_told_once_and_nothing_is_lost(house: House, context: BrowserContext, base: str) -> None:
    house.recorded()
    page = context.new_page()
    page.goto(f"{base}/console/nu/{house.call.call_id}")
    page.get_by_text("Bezwaar maken").click()
    page.get_by_label("De andere reden").fill("er zit een kind bij")
    cookies = context.cookies()
    context.clear_cookies()
    expect(page.locator("#sessie")).to_contain_text("Uw sessie is afgelopen.")
    page.evaluate("new MutationObserver(() => (window.saidAgain = true)).observe(sessie, {childList: true})")
    page.wait_for_timeout(2000)
    assert page.evaluate("window.saidAgain") is None
    context.add_cookies([{"name": one["name"], "value": one["value"], "url": base} for one in cookies])
    expect(page.locator("#sessie")).to_be_empty()
    expect(page.get_by_label("De andere reden")).to_have_value("er zit een kind bij")


def test_every_state_is_good_for_everybody(house: House, context: BrowserContext, base: str) -> None:
    page = context.new_page()
    check_page(page, f"{base}/console/nu")
    house.recorded()
    house.dial_in(CallSid="CA" + "7" * 32)
    check_page(page, f"{base}/console")
    check_page(page, f"{base}/console/nu")
    call = f"{base}/console/nu/{house.call.call_id}"
    check_page(page, call)
    page.get_by_text("Bezwaar maken").click()
    page.get_by_role("button", name="Bezwaar vastleggen").click()
    expect(page.get_by_role("alert")).to_contain_text("Kies een reden.")
    check_shown(page)
    house.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"})
    check_page(page, call)
