"""The evaluation in the console: of one's own agencies, over a period that makes sense."""

import csv
import io
from collections.abc import Iterator
from datetime import date

import pytest
from playwright.sync_api import Browser

from config.policy import Role
from ivr.web.console.evaluation import last_year
from tests.browser import check_page, check_shown, chromium, served
from tests.builders import House
from tests.ivr.reporting.filling import write_year
from tests.ivr.web.signed_in import Colleague, sign_in

FORM = "/console/evaluatie"
YEAR = "organisatie=example&van=2026-01&tot=2026-12"


@pytest.fixture
def mia(house: House) -> Colleague:
    return sign_in(house, Role.SUPERVISOR)


def test_the_form_offers_ones_own_agencies_and_the_year_that_was(house: House, mia: Colleague) -> None:
    page = mia.get(FORM).text
    assert 'value="example" selected' in page
    assert 'value="2025-11"' in page
    assert 'value="2026-10"' in page
    assert "Immigratie" not in page
    both = sign_in(house, Role.PRIVACY_OFFICER, agencies=["example", "ind"]).get(FORM).text
    assert "al mijn organisaties" in both


def test_the_report_is_a_document_with_its_own_style_and_no_script(house: House, mia: Colleague) -> None:
    write_year(house)
    answer = mia.get(f"{FORM}/verslag?{YEAR}")
    assert answer.status_code == 200
    assert "Opnemen van gesprekken in 2026" in answer.text
    policy = answer.headers["Content-Security-Policy"]
    assert "'sha256-" in policy
    assert "unsafe" not in policy
    assert "<script" not in answer.text
    assert "Recording of conversations in 2026" in mia.get(f"{FORM}/verslag?{YEAR}&taal=en").text


def test_the_figures_are_a_file(house: House, mia: Colleague) -> None:
    write_year(house)
    answer = mia.get(f"{FORM}/cijfers.csv?{YEAR}")
    assert answer.headers["Content-Disposition"] == "attachment; filename=evaluatie-example-2026-01-01-2026-12-31.csv"
    rows = list(csv.reader(io.StringIO(answer.text, newline="")))
    assert rows[0] == ["agency", "channel", "month", "measure", "detail", "value"]
    assert {row[0] for row in rows[1:]} == {"example"}


def test_all_of_ones_own_agencies_together_are_no_others(house: House) -> None:
    write_year(house)
    both = sign_in(house, Role.AUDITOR, agencies=["example", "cak"])
    rows = list(csv.reader(io.StringIO(both.get(f"{FORM}/cijfers.csv?organisatie=alle&van=2026-01&tot=2026-12").text)))
    assert {row[0] for row in rows[1:]} == {"example", "cak"}


@pytest.mark.parametrize("path", ["verslag", "cijfers.csv"])
@pytest.mark.parametrize(
    ("agency", "first", "last", "field", "told"),
    [
        ("", "2026-01", "2026-12", "organisatie", "Kies een organisatie."),
        ("ind", "2026-01", "2026-12", "organisatie", "Kies een organisatie."),
        ("nergens", "2026-01", "2026-12", "organisatie", "Kies een organisatie."),
        ("example", "", "2026-12", "van", "Vul een maand in, zoals 2026-03."),
        ("example", "2026-01", "2026-13", "tot", "Vul een maand in, zoals 2026-03."),
        ("example", "<script>", "2026-12", "van", "Vul een maand in, zoals 2026-03."),
        ("example", "2026-12", "2026-01", "tot", "De laatste maand ligt voor de eerste maand."),
        ("example", "2016-01", "2026-01", "tot", "Een periode heeft hooguit 60 maanden."),
    ],
)
def test_what_makes_no_sense_comes_back_with_the_fault_at_its_field(
    mia: Colleague, path: str, agency: str, first: str, last: str, field: str, told: str
) -> None:
    answer = mia.get(f"{FORM}/{path}?organisatie={agency}&van={first}&tot={last}")
    assert answer.status_code == 422
    assert f'id="{field}-fault"' in answer.text
    assert answer.text.count(told) == 2  # in the summary too
    assert "<script>" not in answer.text
    if field != "van":
        assert f'value="{first}"' in answer.text


def test_several_faults_are_told_at_once(mia: Colleague) -> None:
    answer = mia.get(f"{FORM}/verslag")
    assert all(f'id="{field}-fault"' in answer.text for field in ("organisatie", "van", "tot"))


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.COMMITTEE, Role.ADMINISTRATOR])
def test_it_is_for_who_may_see_it(house: House, role: Role) -> None:
    other = sign_in(house, role)
    for path in (FORM, f"{FORM}/verslag?{YEAR}", f"{FORM}/cijfers.csv?{YEAR}"):
        assert other.get(path).status_code == 403


def test_who_has_no_agency_is_told_so(house: House) -> None:
    page = sign_in(house, Role.AUDITOR, agencies=["opgeheven"]).get(FORM).text
    assert "U werkt voor geen organisatie die hier gesprekken heeft." in page


@pytest.mark.parametrize(
    ("today", "months"),
    [
        (date(2026, 11, 3), ("2025-11", "2026-10")),
        (date(2027, 1, 31), ("2026-01", "2026-12")),
        (date(2024, 3, 31), ("2023-03", "2024-02")),
    ],
)
def test_the_year_that_was_ends_with_last_month(today: date, months: tuple[str, str]) -> None:
    assert last_year(today) == months


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.mark.slow
def test_form_faults_and_report_are_accessible(house: House, mia: Colleague, browser: Browser) -> None:
    write_year(house)
    with served(house.app) as address:
        context = browser.new_context(locale="nl-NL")
        context.add_cookies([{"name": house.wiring.sessions.cookie, "value": mia.cookie, "url": address}])
        page = context.new_page()
        check_page(page, address + FORM)
        page.select_option("#organisatie", "")
        with page.expect_navigation():
            page.get_by_role("button", name="Bekijk het verslag").click()
        check_shown(page)
        page.close()
        report = context.new_page()
        check_page(report, f"{address}{FORM}/verslag?{YEAR}")
        colour = report.evaluate("getComputedStyle(document.querySelector('.bar')).fill")
        assert colour != "rgb(0, 0, 0)", "its style was not applied"
        context.close()
