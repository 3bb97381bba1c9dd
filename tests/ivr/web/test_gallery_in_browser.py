"""Every building block in every state, in a real browser: accessible, within its policy, whole on paper; htmx too."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from config.policy import Role
from tests.browser import accessibility_faults, check_page, chromium, served
from tests.builders import House
from tests.ivr.web.gallery import gallery_app
from tests.ivr.web.signed_in import sign_in

pytestmark = pytest.mark.slow

HIDDEN_ON_PAPER = ".utrecht-nav-bar, .help, .account form, .utrecht-pagination, .nl-skip-link"


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite_file: Path) -> Iterator[BrowserContext]:
    folder = tmp_path_factory.mktemp("gallery")
    (folder / "spelregel.db").write_bytes(migrated_sqlite_file.read_bytes())
    house = House(folder, f"sqlite:///{folder / 'spelregel.db'}")
    mia = sign_in(house, Role.SUPERVISOR)
    with chromium() as browser, served(gallery_app(house.wiring)) as url:
        context = browser.new_context(base_url=url)
        context.set_default_timeout(10_000)
        context.add_cookies([{"name": house.wiring.sessions.cookie, "value": mia.cookie, "url": url}])
        yield context
        context.close()
    house.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    yield page
    page.close()


def test_every_building_block_is_accessible_in_every_look(page: Page) -> None:
    check_page(page, "/console/galerij")


def test_every_building_block_is_accessible_in_forced_colours(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    page.goto("/console/galerij")
    assert accessibility_faults(page) == []


def test_trouble_keeps_the_frame_of_who_is_signed_in(page: Page) -> None:
    check_page(page, "/console/galerij/nee-404")
    expect(page.get_by_role("navigation", name="Hoofdmenu")).to_be_visible()
    assert page.get_by_role("heading", level=1).inner_text() == "Deze pagina bestaat niet"


def test_a_form_leads_on_to_a_notice_that_has_the_focus(page: Page) -> None:
    page.goto("/console/galerij")
    page.get_by_role("button", name="Versturen").click()
    page.wait_for_url("**/galerij?gedaan=*")
    notice = page.locator(".utrecht-alert.notice")
    assert notice.inner_text() == "Het is bewaard."
    expect(notice.get_by_role("status")).to_be_visible()


def test_focus_goes_to_the_summary_of_faults_and_from_there_to_the_field(page: Page) -> None:
    page.goto("/console/galerij")
    assert "Controleer wat u heeft ingevuld" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#naam-fout")).to_be_focused()


def border(page: Page, field: str) -> str:
    return str(page.locator(field).evaluate("field => getComputedStyle(field).borderColor"))


EMPTY_AND_REQUIRED = pytest.mark.parametrize("field", ["#leeg", "#leeg-veld", "#leeg-keus"])


@EMPTY_AND_REQUIRED
def test_a_required_field_looks_ordinary_before_anybody_typed(page: Page, field: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto("/console/galerij")
    assert border(page, field) == border(page, "#naam") != border(page, "#naam-fout")
    page.focus(field)
    focused = border(page, field)
    page.focus("#naam")
    assert focused == border(page, "#naam")


@pytest.mark.parametrize("field", ["#leeg", "#leeg-veld"])
def test_a_required_field_looks_wrong_once_somebody_emptied_it(page: Page, field: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.goto("/console/galerij")
    page.locator(field).press_sequentially("x")
    page.keyboard.press("Backspace")
    page.keyboard.press("Tab")
    assert border(page, field) == border(page, "#naam-fout")


def test_htmx_loads_parts_with_the_token_and_without_a_breach_of_the_policy(page: Page) -> None:
    breaches: list[str] = []
    page.on("console", lambda message: breaches.append(message.text) if "Policy" in message.text else None)
    page.goto("/console/galerij")
    page.get_by_text("Geladen met het kenmerk.").wait_for()
    assert breaches == []


def test_on_paper_there_is_no_menu_and_tables_are_whole(page: Page) -> None:
    page.goto("/console/galerij")
    page.emulate_media(media="print", color_scheme="dark")
    assert not page.locator(HIDDEN_ON_PAPER).evaluate_all("all => all.some(one => one.checkVisibility())")
    assert page.locator(".table-frame").evaluate("frame => getComputedStyle(frame).overflowX") == "visible"
    assert page.locator("details p").evaluate("one => one.checkVisibility({ contentVisibilityAuto: true })")
    assert page.locator("body").evaluate("body => getComputedStyle(body).color") == "rgb(26, 39, 51)"


def test_what_cannot_be_done_now_looks_the_same_whatever_it_would_do(page: Page) -> None:
    page.goto("/console/galerij")
    colours = page.locator(".nl-button:disabled").evaluate_all(
        "all => all.map(one => getComputedStyle(one).backgroundColor)"
    )
    assert len(colours) == 2
    assert len(set(colours)) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_has_the_focus_can_be_read(page: Page, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.goto("/console/galerij")
    page.keyboard.press("Tab")  # from here on the focus is shown
    colours = page.locator(".nl-button:enabled, a.nl-button").evaluate_all(
        """all => all.map(one => { one.focus(); const style = getComputedStyle(one)
            return style.color + " on " + style.backgroundColor + " in " + style.outlineStyle })"""
    )
    seen = {
        "light": "rgb(26, 39, 51) on rgb(255, 213, 74) in solid",
        "dark": "rgb(230, 237, 243) on rgb(16, 24, 31) in solid",
    }
    assert set(colours) == {seen[scheme]}


def test_targets_are_large_enough(page: Page) -> None:
    """WCAG 2.2, 2.5.8: 24 by 24 CSS pixels, links within a sentence excepted."""
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/console/galerij")
    small = page.locator(
        "button, a.nl-button, .menu a, summary, input:not([type=hidden]), select, textarea"
    ).evaluate_all(
        """all => all.map(one => [one.textContent.trim() || one.id, one.getBoundingClientRect()])
            .filter(([, box]) => box.width < 24 || box.height < 24).map(([name]) => name)"""
    )
    assert small == []
