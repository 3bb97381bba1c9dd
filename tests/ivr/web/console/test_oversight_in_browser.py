"""The pages of those who watch over the records, in a browser: light and dark, wide and small, and by keyboard."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from config.policy import Role
from ivr.app import create_app
from ivr.calls.jobs import JobKind
from ivr.records.data_subject import Kind
from storage.consent_log.checkpoint import Checkpoint
from tests.browser import check_page, chromium, served
from tests.builders import CALLER, House, wav_of
from tests.fakes import RECORDING_SID
from tests.ivr.web.signed_in import Colleague, sign_in


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def filled(house: House) -> House:
    """A call with a hold that is to be released, a checked log, an old profile, a parked job."""
    house.stopped(5)
    house.carrier.files[RECORDING_SID] = wav_of(5)
    house.recording("completed", RECORDING_SID)
    house.run_jobs()
    wiring, call_id, now = house.wiring, house.call.call_id, house.clock.now()
    wiring.holds.place(call_id, "Rechtszaak over deze opname", "l.smit")
    wiring.holds.ask_release(call_id, "uitspraak gedaan", "l.smit")
    document = wiring.agencies.now("example").document
    with wiring.database.transaction() as unit:
        unit.policies.keep("d1", "example", "oud", document.replace("recording_days = 30", "recording_days = 60"), now)
        unit.outbox.put(JobKind.SEND_COPY, call_id, {}, now)
        job = unit.outbox.claim([JobKind.SEND_COPY], now, 60)
        assert job is not None
        unit.outbox.park(job, "number is barred")
    wiring.log_watch.ask("a.controle")
    house.run_jobs(JobKind.VERIFY_LOG)
    return house


def open_page(browser: Browser, house: House, base: str, who: Colleague) -> Page:
    context = browser.new_context(locale="nl-NL")
    context.add_cookies([{"name": house.wiring.sessions.cookie, "value": who.cookie, "url": base}])
    return context.new_page()


@pytest.mark.slow
def test_everybody_can_read_them(filled: House, browser: Browser) -> None:
    wiring, call_id = filled.wiring, filled.call.call_id
    piet, bea = (
        sign_in(filled, Role.PRIVACY_OFFICER, name="p.groen"),
        sign_in(filled, Role.ADMINISTRATOR, name="b.heer"),
    )
    request = wiring.data_subjects.register("example", Kind.ERASURE, [call_id], "belde", filled.clock.now(), "p.groen")
    digest = wiring.agencies.now("example").digest
    with served(create_app(wiring)) as base:
        page = open_page(browser, filled, base, piet)
        for path in (
            "/inzage?van=gisteren",
            "/inzage",
            f"/gesprekken/{call_id}/bewaren",
            "/bewaren?maand=2026-12",
            "/logboek",
            "/betrokkene",
            f"/betrokkene/{request.request_id}",
            f"/profielen/example?versie={digest}&met=d1",
        ):
            check_page(page, f"{base}/console{path}")
        with wiring.database.transaction() as unit:
            unit.log._connection.exec_driver_sql("UPDATE log_head SET size = size - 1")
        check_page(page, f"{base}/console/logboek")
        page.context.close()
        page = open_page(browser, filled, base, bea)
        check_page(page, f"{base}/console/instellingen")
        page.context.close()


@pytest.mark.slow
def test_everybody_can_read_how_the_witnesses_do(tmp_path: Path, sqlite_url: str, browser: Browser) -> None:
    """One that contradicts the log, one that is away, and one that has its checkpoint."""
    good, away, other = tmp_path / "good", tmp_path / "away", tmp_path / "other"
    good.mkdir()
    other.mkdir()
    addresses = " ".join(f"file://{folder}" for folder in (good, away, other))
    house = House(tmp_path, sqlite_url, variables={"SPELREGEL_WITNESSES": addresses})
    house.stopped(5)
    wiring = house.wiring
    seen = Checkpoint(wiring.log_origin, 99, bytes(32))
    (other / "checkpoint-000000000099.txt").write_text(wiring.signer.sign(seen.text()))
    house.run_jobs()
    states = [(one.last is not None, one.contradiction is not None) for one in wiring.witnessing.look()]
    assert states == [(True, False), (False, False), (False, True)]
    ans = sign_in(house, Role.AUDITOR, name="a.controle")
    with served(create_app(wiring)) as base:
        page = open_page(browser, house, base, ans)
        check_page(page, f"{base}/console/logboek")
        page.context.close()
    house.close()


@pytest.mark.slow
def test_a_request_is_registered_by_keyboard_alone(filled: House, browser: Browser) -> None:
    piet = sign_in(filled, Role.PRIVACY_OFFICER, name="p.groen")
    with served(create_app(filled.wiring)) as base:
        page = open_page(browser, filled, base, piet)
        page.goto(f"{base}/console/betrokkene")
        page.get_by_label("Telefoonnummer, nummer van het gesprek").focus()
        page.keyboard.type(CALLER)
        page.keyboard.press("Enter")
        page.get_by_role("heading", name="Gesprekken van de beller").wait_for()
        assert CALLER not in page.url
        page.get_by_role("checkbox").first.focus()
        page.keyboard.press("Space")
        page.get_by_role("radio").first.focus()
        page.keyboard.press("Space")
        page.get_by_label("Hoe weet u wie dit vraagt?").focus()
        page.keyboard.type("belde vanaf dit nummer")
        page.get_by_role("button", name="Verzoek vastleggen").focus()
        page.keyboard.press("Enter")
        page.get_by_text("Het verzoek is vastgelegd.").wait_for()
        with page.expect_download() as download:
            page.get_by_role("button", name="Maak en download het pakket").press("Enter")
        assert download.value.suggested_filename.endswith(".zip")
        page.context.close()
