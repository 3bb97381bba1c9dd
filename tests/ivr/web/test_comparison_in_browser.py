"""The comparison in a real browser: accessible in every look, and from the table to both places by keyboard alone."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from config.policy import Role
from ivr.calls.jobs import JobKind
from speech.comparison.result import EditKind
from tests.browser import check_page, check_shown, chromium, served
from tests.ivr.uploads.asking import asked_house, case_record
from tests.ivr.uploads.comparing import EDIT, REPORT, SetComparer, collected, handed_in
from tests.ivr.web.console_cases import Office

pytestmark = pytest.mark.slow

PLACES = """async id => {
    const audio = document.getElementById(id)
    audio.muted = true
    if (audio.seeking || audio.readyState < 2)
        await new Promise(resolve => audio.addEventListener("seeked", resolve, { once: true }))
    audio.pause()
    return audio.currentTime
}"""
INSERTED = replace(EDIT, kind=EditKind.INSERT, agency_start_s=12, agency_end_s=12, copy_start_s=8.5, copy_end_s=9.25)
REPLACED = replace(EDIT, kind=EditKind.REPLACE, agency_start_s=15, agency_end_s=16, copy_start_s=12.2, copy_end_s=13.2)


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite_file: Path) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("comparison")
    (folder / "spelregel.db").write_bytes(migrated_sqlite_file.read_bytes())
    house = asked_house(folder, f"sqlite:///{folder / 'spelregel.db'}")
    found = replace(REPORT.comparison, edits=(EDIT, INSERTED, REPLACED))
    outlines = tuple(range(0, 100, 2)) * 4, tuple(range(100, 0, -2)) * 4
    sides = [
        replace(side, outline=outline) for side, outline in zip((REPORT.agency, REPORT.copy), outlines, strict=True)
    ]
    vars(house.wiring).update(comparer=SetComparer(replace(REPORT, comparison=found, agency=sides[0], copy=sides[1])))
    collected(house)
    handed_in(house)
    house.run_jobs(JobKind.COMPARE_COPY)
    yield Office(house)
    house.close()


@pytest.fixture(scope="module")
def context(office: Office) -> Iterator[BrowserContext]:
    with (
        chromium("--autoplay-policy=no-user-gesture-required") as browser,
        served(office.house.app) as url,
    ):
        context = browser.new_context(base_url=url)
        context.set_default_timeout(10_000)
        name, value = office.house.wiring.sessions.cookie, office[Role.SUPERVISOR].cookie
        context.add_cookies([{"name": name, "value": value, "domain": "127.0.0.1", "path": "/"}])
        yield context
        context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    yield page
    page.close()


def test_the_comparison_is_accessible_without_and_with_its_players(page: Page, office: Office) -> None:
    address = f"/console/zaken/{case_record(office.house).case_id}"
    check_page(page, address)
    expect(page.get_by_role("img", name="De kopie mist een stuk")).to_be_visible()
    page.get_by_role("button", name="Open de spelers").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**#spelers")
    check_shown(page)


def test_from_the_table_to_both_places_by_keyboard(page: Page, office: Office) -> None:
    page.goto(f"/console/zaken/{case_record(office.house).case_id}")
    if page.get_by_role("button", name="Open de spelers").count():
        page.get_by_role("button", name="Open de spelers").click()
    page.get_by_role("button", name="Onze opname bij 3").focus()
    page.keyboard.press("Enter")
    assert page.evaluate(PLACES, "speler-opname") >= 13
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="De kopie bij 3")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate(PLACES, "speler-kopie") >= 10.2
    assert page.evaluate("document.getElementById('speler-opname').paused")
