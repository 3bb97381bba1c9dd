"""The public pages in a real browser: accessible in each language, and on paper what they promise to be."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser import check_page, chromium, served
from tests.ivr.web.public_house import PROFILES, public_app

pytestmark = pytest.mark.slow

SLUGS = sorted(path.stem for path in PROFILES.glob("*.toml"))
LANGUAGES = ("nl", "en")
PDF_PAGE = re.compile(rb"/Type\s*/Page\b")
CUT_OFF = """[...document.querySelectorAll(".panel")]
    .filter(panel => panel.scrollHeight > panel.clientHeight || panel.scrollWidth > panel.clientWidth)
    .map(panel => panel.className)"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with served(public_app(PROFILES)) as url:
        yield f"{url}/spelregels"


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.set_default_timeout(10_000)
    yield page
    page.close()


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["", "/example", "/example/folder", "/example/werkinstructie"])
def test_a_page_is_accessible_in_each_language(page: Page, url: str, path: str, language: str) -> None:
    check_page(page, f"{url}{path}?taal={language}")


def test_by_keyboard_alone_to_the_other_language(page: Page, url: str) -> None:
    page.goto(f"{url}/example")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "English"
    page.keyboard.press("Enter")
    page.wait_for_url("**/example?taal=en")
    assert page.locator("html").get_attribute("lang") == "en"


def test_the_contents_lead_to_every_heading(page: Page, url: str) -> None:
    page.goto(f"{url}/example")
    leading = page.locator(".contents a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert len(leading) >= 10
    for target in leading:
        expect(page.locator(f"h2{target}")).to_have_count(1)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", SLUGS)
def test_the_leaflet_is_one_sheet_and_nothing_is_cut_off(page: Page, url: str, slug: str, language: str) -> None:
    page.goto(f"{url}/{slug}/folder?taal={language}")
    page.emulate_media(media="print", color_scheme="dark")
    assert len(PDF_PAGE.findall(page.pdf(prefer_css_page_size=True))) == 2
    assert page.evaluate(CUT_OFF) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("slug", SLUGS)
def test_the_work_instruction_is_one_page(page: Page, url: str, slug: str, language: str) -> None:
    page.goto(f"{url}/{slug}/werkinstructie?taal={language}")
    page.emulate_media(media="print")
    assert len(PDF_PAGE.findall(page.pdf(prefer_css_page_size=True))) == 1
