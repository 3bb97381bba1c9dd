"""The evaluation's page in a real browser: light and dark, wide and small, Dutch and English, full and empty."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Literal
from xml.etree import ElementTree

import pytest
from playwright.sync_api import Browser, Request, ViewportSize

from ivr.reporting.evaluation import Evaluation
from ivr.reporting.page import render_page
from ivr.reporting.period import parse_period
from tests.browser import accessibility_faults, chromium, scrolls_sideways
from tests.builders import House
from tests.ivr.reporting.filling import write_year

YEAR = parse_period("2026-01", "2026-12")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def full(house: House) -> Evaluation:
    write_year(house)
    return house.wiring.evaluations.evaluate(["example", "ind"], YEAR)


def page_of(house: House, evaluation: Evaluation, language: str = "nl") -> str:
    policies = house.wiring.agencies.policies.by_slug
    return render_page(evaluation, policies, house.wiring.translations, language, house.clock.now())


@pytest.mark.slow
@pytest.mark.parametrize("language", ["nl", "en"])
@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 360)])
def test_everybody_can_read_it(
    house: House,
    full: Evaluation,
    browser: Browser,
    tmp_path: Path,
    language: str,
    scheme: Literal["light", "dark"],
    width: int,
) -> None:
    path = tmp_path / "evaluation.html"
    path.write_text(page_of(house, full, language), encoding="utf-8")
    page = browser.new_page(viewport=ViewportSize(width=width, height=800), color_scheme=scheme)
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request))
    page.goto(path.as_uri())
    assert accessibility_faults(page) == []
    assert not scrolls_sideways(page)
    assert [request.url for request in asked] == [path.as_uri()]
    page.close()


def test_every_chart_has_a_title_and_its_numbers_in_a_table_of_its_section(house: House, full: Evaluation) -> None:
    root = parsed(page_of(house, full))
    pictures = list(root.iter("svg"))
    assert len(pictures) == 6
    assert all(picture.findtext("title") and picture.findtext("desc") for picture in pictures)
    tables = list(root.iter("table"))
    assert all(table.findtext("caption") for table in tables)
    assert all(cell.get("scope") for table in tables for cell in table.iter("th"))
    assert len({table.findtext("caption") for table in tables}) == len(tables)


def test_the_first_words_say_how_many_wanted_to_record(house: House, full: Evaluation) -> None:
    text = text_of(page_of(house, full))
    assert "In 2026 waren er 690 telefoongesprekken. Bellers wilden 216 keer opnemen." in text
    assert "Het is 150 keer bevestigd en toegestaan. Het is 30 keer geweigerd." in text
    english = text_of(page_of(house, full, "en"))
    assert "In 2026 there were 690 phone calls. Callers wanted to record 216 times." in english


def test_codes_are_told_in_the_agencys_words(house: House, full: Evaluation) -> None:
    dutch, english = (text_of(page_of(house, full, language)) for language in ("nl", "en"))
    assert "Reden: De opname raakt de privacy van iemand die bij het gesprek betrokken is." in dutch
    assert "Reason: The recording affects the privacy of somebody who is involved in the conversation." in english
    assert "Aan de balie" in dutch
    assert "At the counter" in english


def test_an_english_page_has_no_dutch_and_each_says_its_language(house: House, full: Evaluation) -> None:
    english = page_of(house, full, "en")
    assert '<html lang="en">' in english
    assert '<html lang="nl">' in page_of(house, full)
    assert not re.findall(r"\b(opname|keer|gesprek|maand|kopie|niet|Samen)\b", text_of(english))


def test_a_period_that_is_no_year_is_named_by_its_days(house: House) -> None:
    found = house.wiring.evaluations.evaluate(["example"], parse_period("2026-03", "2026-04-15"))
    text = text_of(page_of(house, found))
    assert "Opnemen van gesprekken van 1 maart 2026 tot en met 15 april 2026" in text


@pytest.mark.slow
def test_without_calls_the_page_says_so(house: House, browser: Browser, tmp_path: Path) -> None:
    found = house.wiring.evaluations.evaluate(["example"], YEAR)
    page = page_of(house, found)
    assert "In 2026: er is in deze periode niets vastgelegd." in text_of(page)
    assert "<table" not in page
    path = tmp_path / "empty.html"
    path.write_text(page, encoding="utf-8")
    opened = browser.new_page()
    opened.goto(path.as_uri())
    assert accessibility_faults(opened) == []
    opened.close()


def test_nothing_runs_on_the_page_and_nothing_that_was_said_stands_there(house: House, full: Evaluation) -> None:
    page = page_of(house, full)
    assert "<script" not in page
    assert "geheim" not in page
    assert "default-src 'none'" in page


def parsed(page: str) -> ElementTree.Element:
    """The body: the template closes all its elements."""
    body = page[page.index("<body>") : page.index("</body>") + len("</body>")]
    return ElementTree.fromstring(body)  # noqa: S314 - our own page


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", " ".join(parsed(page).itertext()))
