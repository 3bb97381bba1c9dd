"""Case files in a real browser: every state accessible, by keyboard alone, and sound that plays and can be wound."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from config.policy import Role
from ivr.cases.acts import (
    CopyAsked,
    EmployeeAnswered,
    ListeningNeeded,
    MessageSent,
    MisuseReported,
    RequestRegistered,
    TrainingAsked,
)
from ivr.cases.case import Case, Complaint, Misuse
from tests.browser import SMALL, accessibility_faults, check_page, check_shown, chromium, scrolls_sideways, served
from tests.builders import BEGAN, House
from tests.ivr.web.console_cases import COMPLAINT, COVERT, Office, record_call
from tests.ivr.web.signed_in import Colleague, sign_in

pytestmark = pytest.mark.slow

PLAYS_FROM = """second => new Promise(resolve => {
    const audio = document.querySelector("audio")
    audio.muted = true
    audio.addEventListener("seeked", () =>
        audio.addEventListener("timeupdate", () => resolve(audio.currentTime)), { once: true })
    audio.addEventListener("playing", () => { audio.currentTime = second }, { once: true })
    audio.play()
})"""
"""Plays, winds on, and gives where it plays then. The page's own policy forbids Playwright's polling."""

OPEN_ALL = "document.querySelectorAll('details').forEach(part => { part.open = true })"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory, migrated_sqlite_file: Path) -> Iterator[Office]:
    folder = tmp_path_factory.mktemp("cases")
    (folder / "spelregel.db").write_bytes(migrated_sqlite_file.read_bytes())
    house = House(folder, f"sqlite:///{folder / 'spelregel.db'}")
    record_call(house)
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
        yield context
        context.close()


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    page = context.new_page()
    yield page
    page.close()


def sign_in_as(page: Page, office: Office, who: Colleague) -> None:
    page.context.clear_cookies()
    cookie = {"name": office.house.wiring.sessions.cookie, "value": who.cookie, "domain": "127.0.0.1", "path": "/"}
    page.context.add_cookies([cookie])  # type: ignore[list-item]


@pytest.fixture(scope="module")
def of_all(office: Office) -> Colleague:
    """Leads people at three agencies, of which one asks for copies and one learns from recordings."""
    return sign_in(office.house, Role.SUPERVISOR, ["example", "ind", "uwv"], "drie.petten")


@pytest.fixture(scope="module")
def one_of_each(office: Office, of_all: Colleague) -> list[Case]:
    """A case of every kind, most of them with something that can be done."""
    cases, actor = office.house.wiring.cases, of_all.signed_in.user.actor
    training = cases.open(TrainingAsked(caller_agreed=True), "uwv", actor)
    return [
        office.did(office.opened(COVERT), MessageSent("met een brief"), Role.SUPERVISOR),
        office.promised(),
        office.listening("drie.petten"),
        office.opened(MisuseReported(Misuse.CUTTING, "er mist een stuk")),
        office.opened(RequestRegistered("balie", BEGAN, "gewoon", third_persons=True)),
        cases.open(CopyAsked(), "ind", actor),
        training,
    ]


def check_small_and_dark(page: Page, address: str) -> None:
    """With all parts of the page opened; the other looks are those of the same building blocks."""
    answer = page.goto(address)
    assert answer is not None
    assert answer.status == 200, address
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    page.set_viewport_size(SMALL)
    page.evaluate(OPEN_ALL)
    assert accessibility_faults(page) == [], address
    assert not scrolls_sideways(page), address


def test_an_empty_list_is_accessible(page: Page, office: Office) -> None:
    sign_in_as(page, office, sign_in(office.house, Role.SUPERVISOR, ["cjib"], "nog.niets"))
    check_page(page, "/console/zaken")
    expect(page.get_by_text("Er lopen nu geen zaken.")).to_be_visible()


def test_a_list_and_cases_of_every_kind_are_accessible(
    page: Page, office: Office, of_all: Colleague, one_of_each: list[Case]
) -> None:
    sign_in_as(page, office, of_all)
    check_page(page, "/console/zaken")
    check_page(page, f"/console/zaken/{one_of_each[0].case_id}")
    for case in one_of_each[1:]:
        check_small_and_dark(page, f"/console/zaken/{case.case_id}")
    check_small_and_dark(page, "/console/zaken/nieuw/covert?organisatie=example")
    check_small_and_dark(page, "/console/zaken/nieuw/complaint")


def test_a_form_that_comes_back_is_accessible_and_leads_to_its_faults(page: Page, office: Office) -> None:
    complaint = office.opened(COMPLAINT, call=True)
    for act in (ListeningNeeded("nodig"), EmployeeAnswered(objects=False)):
        office.did(complaint, act, Role.COMMITTEE)
    sign_in_as(page, office, office[Role.COMMITTEE])
    page.goto(f"/console/zaken/{complaint.case_id}")
    page.locator("summary", has_text="Luisteren toestaan").click()
    page.get_by_label("Wie mogen luisteren?").fill("niemand.hier")
    page.get_by_role("button", name="Luisteren toestaan").click()
    summary = page.locator(".utrecht-alert--error")
    expect(summary).to_contain_text("Controleer wat u heeft ingevuld")
    expect(summary).to_be_focused()
    check_shown(page)
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#access-granted-people")).to_be_focused()
    expect(page.get_by_label("Wie mogen luisteren?")).to_have_value("niemand.hier")
    expect(summary.get_by_role("link")).to_have_count(3)
    page.goto("/console/zaken/nieuw/channel-request")
    page.get_by_role("button", name="Vastleggen").click()
    expect(summary).to_be_focused()
    check_shown(page)


def test_a_promise_is_delivered_by_keyboard_alone(page: Page, office: Office) -> None:
    promise = office.promised("nieuwe-afspraak")
    sign_in_as(page, office, office[Role.EMPLOYEE])
    page.goto("/console/zaken?soort=refusal")
    page.locator(f'a.deliver[href*="{promise.case_id}"]').focus()
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/{promise.case_id}#doen-delivered")
    page.locator("#doen-delivered summary").focus()
    page.keyboard.press("Tab")
    page.keyboard.type("op vrijdag om tien uur")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**?gedaan=*")
    expect(page.locator(".utrecht-alert.notice")).to_be_visible()
    assert office.now(promise.case_id).closed_at is not None


def test_a_recording_plays_and_can_be_wound(
    page: Page, office: Office, of_all: Colleague, one_of_each: list[Case]
) -> None:
    (case,) = [case for case in one_of_each if isinstance(case.about, Complaint)]
    sign_in_as(page, office, of_all)
    page.goto(f"/console/zaken/{case.case_id}")
    assert not [tag for tag in office.tags(case) if tag == "complaint:played"]
    assert page.evaluate(PLAYS_FROM, 12) >= 12
    assert [tag for tag in office.tags(case) if tag == "complaint:played"] == ["complaint:played"]
