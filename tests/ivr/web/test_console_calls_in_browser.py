"""Searching for calls in a real browser, by keyboard alone; every state of the page is accessible."""

import csv
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from config.policy import Role
from tests.browser import check_page, chromium, served
from tests.builders import House
from tests.ivr.web.signed_in import sign_in

pytestmark = pytest.mark.slow


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str) -> Iterator[House]:
    house = House(tmp_path, sqlite_url)
    house.stopped()
    yield house
    house.close()


def test_a_call_is_found_kept_and_fetched_by_keyboard(house: House, tmp_path: Path) -> None:
    mia = sign_in(house, Role.SUPERVISOR)
    with served(house.app) as address, chromium() as browser:
        context = browser.new_context(locale="nl-NL", reduced_motion="reduce")
        context.add_cookies([{"name": house.wiring.sessions.cookie, "value": mia.cookie, "url": address}])
        page = context.new_page()
        page.goto(f"{address}/console/gesprekken")
        page.get_by_label("Woorden").focus()
        page.keyboard.type("opnemen")
        page.keyboard.press("Enter")
        page.wait_for_url("**woorden=opnemen**")
        expect(page.get_by_role("status").filter(has_text="1 gesprek gevonden.")).to_be_visible()
        page.get_by_label("Bewaar deze zoekopdracht als").focus()
        page.keyboard.type("Over opnemen")
        page.keyboard.press("Enter")
        page.get_by_role("status").filter(has_text="Het is bewaard.").wait_for()
        expect(page.get_by_role("link", name="Over opnemen")).to_be_visible()
        page.get_by_label("Soort bestand").focus()
        page.keyboard.press("Tab")
        with page.expect_download() as download:
            page.keyboard.press("Enter")
        file = tmp_path / "calls.csv"
        download.value.save_as(file)
        with file.open(newline="", encoding="utf-8") as lines:
            assert [row["call_id"] for row in csv.DictReader(lines)] == [house.call.call_id]
        page.close()
        for state in ("", "?woorden=kamerplant&derde=nee", "?van=2026-11-05&tot=2026-11-01&opname=x"):
            page = context.new_page()
            check_page(page, f"{address}/console/gesprekken{state}")
            page.close()
