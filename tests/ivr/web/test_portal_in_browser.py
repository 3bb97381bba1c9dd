"""The caller's way in, the receipt and the way back, in a real browser."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from ivr.calls.jobs import JobKind
from ivr.cases.case import State
from tests.browser import check_page, chromium, served
from tests.builders import House, wav_of
from tests.fakes import RECORDING_SID
from tests.ivr.uploads.asking import PAGE, Sender, asked_house, case_record, uploads
from tests.ivr.uploads.comparing import compare, handed_in, hollow
from tests.ivr.web.test_portal_refused import refused

pytestmark = pytest.mark.slow

SOUND = wav_of(300)
"""9.6 MB: three pieces of the page's script."""

PLAYS = """() => new Promise(resolve => {
    const audio = document.querySelector("audio")
    audio.addEventListener("timeupdate", () => audio.currentTime > 0 && resolve(audio.currentTime))
})"""


@dataclass
class Site:
    house: House
    url: str

    @property
    def link(self) -> str:
        return f"{self.url}/kopie/{self.house.wiring.links.copy_token(self.house.call.call_id)}"

    def visit(self, page: Page) -> None:
        sender = Sender(self.house)
        cookie = self.house.wiring.copy_visits.cookie
        page.context.add_cookies([{"name": cookie, "value": sender.visit.token, "url": self.url}])


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    page = browser.new_page()
    page.set_default_timeout(20_000)
    yield page
    page.close()


@pytest.fixture
def site(tmp_path: Path, sqlite_url: str) -> Iterator[Site]:
    """A caller who wanted our copy and was asked for theirs."""
    house = asked_house(tmp_path, sqlite_url, wants_copy=True)
    house.carrier.files[RECORDING_SID] = wav_of(20)
    house.recording("completed", RECORDING_SID)
    house.run_jobs()
    with served(house.app) as url:
        yield Site(house, url)
    house.close()


def code_of(house: House) -> str:
    """As it stands in the SMS."""
    house.run_jobs(JobKind.SEND_CODE)
    text = next(asked.arguments[1] for asked in reversed(house.carrier.asked) if asked.verb == "send_sms")
    return next(word for word in text.replace(".", " ").split() if word.isdigit() and len(word) == 6)


def test_three_clicks_from_the_sms_to_the_sound(page: Page, site: Site) -> None:
    """Also accessible at each step, and nothing comes from elsewhere."""
    elsewhere: list[str] = []
    page.on("request", lambda request: None if request.url.startswith(site.url) else elsewhere.append(request.url))
    check_page(page, site.link)  # the first click was on the link in the SMS
    page.get_by_role("button", name="Stuur mij een code", exact=True).click()
    field = page.get_by_label("Uw code van 6 cijfers")
    expect(field).to_be_visible()
    check_page(page, page.url)
    field.fill("000 00")
    page.get_by_role("button", name="Open de pagina").click()
    expect(page).to_have_title(re.compile("^Fout:"))
    expect(field).to_be_focused()
    field.fill(code_of(site.house))
    page.get_by_role("button", name="Open en luister meteen").click()
    expect(page.locator("audio")).to_be_visible()
    assert page.evaluate(PLAYS) > 0
    cookies = {cookie["name"] for cookie in page.context.cookies()}
    assert cookies == {site.house.wiring.copy_visits.cookie}
    assert elsewhere == []


def test_receipt_upload_page_and_end_are_accessible(page: Page, site: Site) -> None:
    site.visit(page)
    for path in ("/kopie/opname", "/kopie/opname/bewijs", "/kopie/opname/bewijs?taal=en", PAGE):
        check_page(page, f"{site.url}{path}")
    page.goto(f"{site.url}/kopie/opname")
    page.get_by_role("button", name="Pagina sluiten").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("U heeft de pagina gesloten")
    check_page(page, f"{site.url}{PAGE}")  # nobody is there any more


def test_every_state_of_the_way_back_is_accessible(page: Page, site: Site) -> None:
    sender = Sender(site.house)
    site.visit(page)
    sender.send(b"%PDF-1.7" + bytes(500))
    check_page(page, f"{site.url}{PAGE}")
    expect(page.get_by_text("Wij kijken nu")).to_be_visible()
    site.house.run_jobs(JobKind.CHECK_UPLOAD)
    check_page(page, f"{site.url}{PAGE}")
    expect(page.get_by_text("Wij kunnen uw vorige bestand niet gebruiken.")).to_be_visible()
    site.house.clock.pass_s(60)
    sender.send(wav_of(2))
    site.house.run_jobs(JobKind.CHECK_UPLOAD)
    check_page(page, f"{site.url}{PAGE}")
    expect(page.get_by_text("Wij hebben uw opname ontvangen.")).to_be_visible()
    check_page(page, f"{site.url}/kopie/opname")


@pytest.fixture
def refused_site(tmp_path: Path, sqlite_url: str) -> Iterator[Site]:
    """A caller whose wish to record was refused."""
    house = House(tmp_path, sqlite_url)
    refused(house)
    with served(house.app) as url:
        yield Site(house, url)
    house.close()


def test_who_was_refused_comes_from_the_sms_to_the_receipt_accessibly(page: Page, refused_site: Site) -> None:
    link = f"{refused_site.url}/kopie/{refused_site.house.wiring.links.receipt_token(refused_site.house.call.call_id)}"
    for path in (f"{link}?taal=en", f"{refused_site.url}/kopie", link):
        check_page(page, path)
    page.get_by_role("button", name="Stuur mij een code").click()
    page.get_by_label("Uw code van 6 cijfers").fill(code_of(refused_site.house))
    page.get_by_role("button", name="Open de pagina").click()
    expect(page.get_by_role("heading", name="Waarom u niet mocht opnemen")).to_be_visible()
    check_page(page, page.url)
    check_page(page, f"{refused_site.url}/kopie/opname/downloaden")
    page.get_by_role("link", name="Bekijk het bewijs").click()
    refused_site.house.wiring.copies.withdraw(refused_site.house.call.call_id, "m.jansen")
    check_page(page, link)
    page.goto(f"{refused_site.url}/kopie/opname/bewijs")
    expect(page.get_by_role("heading", level=1)).to_have_text("Uw link werkt niet meer")


def test_where_a_file_could_not_be_read_the_page_for_another_is_accessible(page: Page, site: Site) -> None:
    site.visit(page)
    handed_in(site.house, hollow())
    check_page(page, f"{site.url}{PAGE}")
    expect(page.get_by_text("Kijk straks nog eens op deze pagina.")).to_be_visible()
    compare(site.house)
    check_page(page, f"{site.url}{PAGE}")
    expect(page.get_by_text("Wij kunnen geen geluid uit het bestand halen.")).to_be_visible()
    expect(page.get_by_label("Kies het bestand met uw opname")).to_be_visible()
    check_page(page, f"{site.url}/kopie/opname")


def test_too_many_codes_are_told_accessibly(page: Page, site: Site) -> None:
    for _ in range(5):
        site.house.client.post(site.link.removeprefix(site.url) + "/code/aanvragen")
        site.house.clock.pass_s(60)
    page.goto(site.link)
    page.get_by_role("button", name="Stuur mij een code", exact=True).click()
    assert "vandaag al 5 codes" in page.get_by_role("alert").inner_text()
    check_page(page, site.link)


def test_a_recording_is_sent_in_pieces_over_a_line_that_breaks(page: Page, site: Site, tmp_path: Path) -> None:
    file = tmp_path / "gesprek.wav"
    file.write_bytes(SOUND)
    pieces: list[int] = []

    def break_the_second(route: Route) -> None:
        if route.request.method == "PATCH":
            pieces.append(int(route.request.headers["upload-offset"]))
        if len(pieces) == 2 and route.request.method == "PATCH":
            route.abort("connectionreset")
        else:
            route.continue_()

    page.route("**/bestanden/*", break_the_second)
    site.visit(page)
    page.goto(f"{site.url}{PAGE}")
    page.get_by_label("Kies het bestand met uw opname").set_input_files(file)
    page.get_by_role("button", name="Verstuur mijn opname").click()
    expect(page.get_by_text("Wij kijken nu")).to_be_visible()
    assert pieces == [0, 4_194_304, 4_194_304, 8_388_608]
    [row] = uploads(site.house)
    assert (row.state, row.received_bytes) == ("complete", len(SOUND))
    site.house.run_jobs(JobKind.CHECK_UPLOAD)
    assert case_record(site.house).state == State.RECEIVED


def test_a_file_is_sent_without_a_script_too(browser: Browser, site: Site, tmp_path: Path) -> None:
    file = tmp_path / "gesprek.wav"
    file.write_bytes(wav_of(5))
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    site.visit(page)
    page.goto(f"{site.url}{PAGE}")
    page.get_by_label("Kies het bestand met uw opname").set_input_files(file)
    page.get_by_role("button", name="Verstuur mijn opname").click()
    expect(page.get_by_text("Wij kijken nu")).to_be_visible()
    context.close()
    assert uploads(site.house)[0].size_bytes == len(wav_of(5))
