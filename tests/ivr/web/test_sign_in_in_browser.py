"""Signing in, accounts and users in a real browser: accessible, under the pages' own policy, and usable."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from config.policy import Role
from ivr.accounts import codes
from tests.browser import check_page, chromium, served
from tests.builders import House
from tests.ivr.web.visiting import PASSWORD, Visitor, invited, secret_in, with_account

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def site(house: House) -> Iterator[str]:
    with served(house.client.application) as address:
        yield address


def sign_in_by_hand(page: Page, site: str, mia: Visitor) -> None:
    """By keyboard alone; the code is pasted."""
    page.goto(f"{site}/console/account")
    page.get_by_label("Naam").focus()
    page.keyboard.type(mia.name)
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Tab")
    page.keyboard.insert_text(mia.code())
    page.keyboard.press("Enter")
    page.wait_for_url(f"{site}/console/account")


def test_somebody_sets_an_account_up_and_uses_it(house: House, browser: Browser, site: str) -> None:
    mia, path = invited(house, "m.jansen", Role.ADMINISTRATOR)
    page = browser.new_page()
    check_page(page, site + path)
    mia.secret = secret_in(page.content())
    page.get_by_label("Wachtwoord", exact=True).fill(PASSWORD)
    page.get_by_label("Hetzelfde wachtwoord").fill("iets anders")
    page.get_by_label("De code").fill(mia.code())
    page.get_by_role("button", name="Instellen").click()
    page.get_by_role("alert").get_by_role("link").click()
    expect(page.locator("#wachtwoord-nogmaals")).to_be_focused()
    page.get_by_label("Wachtwoord", exact=True).fill(PASSWORD)
    page.get_by_label("Hetzelfde wachtwoord").fill(PASSWORD)
    page.get_by_label("De code").fill(codes.code_at(mia.secret, house.clock.now()))
    page.get_by_role("button", name="Instellen").click()
    expect(page.get_by_role("heading", name="Uw herstelcodes")).to_be_visible()
    page.get_by_role("link", name="Verder").click()
    page.wait_for_url(f"{site}/console")
    page.get_by_role("button", name="Uitloggen").click()
    page.wait_for_url(f"{site}/console/inloggen")
    sign_in_by_hand(page, site, mia)
    page.close()


def test_the_pages_are_for_everybody(house: House, browser: Browser, site: str) -> None:
    mia = with_account(house, "m.jansen", Role.ADMINISTRATOR)
    page = browser.new_page()
    check_page(page, f"{site}/console/inloggen")
    sign_in_by_hand(page, site, mia)
    house.wiring.users.introduce(
        "a.bakker-met-een-heel-lange-naam.die-niet-past", Role.EMPLOYEE, ["example"], "m.jansen"
    )
    house.wiring.users.introduce("u.uit", Role.COMMITTEE, ["example"], "m.jansen")
    house.wiring.users.disable("u.uit")
    for path in (
        "/account",
        "/gebruikers",
        "/gebruikers/nieuw",
        "/gebruikers/u.uit",
        "/gebruikers/a.bakker-met-een-heel-lange-naam.die-niet-past",
    ):
        check_page(page, f"{site}/console{path}")
    page.close()


def test_a_session_that_ends_while_a_form_is_open_loses_nothing(
    house: House, browser: Browser, site: str, tmp_path: Path
) -> None:
    mia = with_account(house, "m.jansen", Role.ADMINISTRATOR)
    page = browser.new_page()
    sign_in_by_hand(page, site, mia)
    page.goto(f"{site}/console/gebruikers/nieuw")
    page.get_by_label("Naam").fill("a.bakker")
    page.get_by_label("Rol").select_option("leidinggevende")
    house.clock.pass_s(3600)
    page.get_by_role("button", name="Toevoegen").click()
    page.get_by_label("Naam").fill(mia.name)
    page.get_by_label("Wachtwoord").fill(PASSWORD)
    page.get_by_label("Code").fill(mia.code())
    page.get_by_role("button", name="Inloggen").click()
    expect(page.get_by_role("cell", name="a.bakker")).to_be_visible()
    page.get_by_role("button", name="Versturen", exact=True).click()
    expect(page.get_by_role("heading", name="Uitnodiging voor a.bakker")).to_be_visible()
    found = house.wiring.users.find("a.bakker")
    assert found is not None
    assert found.role == "leidinggevende"
    page.close()
