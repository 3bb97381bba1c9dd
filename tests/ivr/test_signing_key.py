"""The signing key stays with the worker: whoever only verifies has the public half alone."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from config import settings
from config.policy import Role
from config.settings import SettingsError
from ivr.calls.jobs import JobKind
from ivr.calls.receipts import ReceiptService
from ivr.records.asked_seal import AskedSeal
from ivr.serving import work
from ivr.wiring import Wiring
from storage.consent_log.checkpoint import NoteSigner
from tests.builders import House, environment
from tests.ivr.test_cli import complaint, spelregel
from tests.ivr.uploads.asking import Sender
from tests.ivr.web.receipts import OUTSIDER, PAGE, RULES, finish
from tests.ivr.web.signed_in import sign_in

ORIGIN = "spelregel.test/log"
PUBLIC = NoteSigner.from_seed(ORIGIN, bytes(range(32))).key.vkey()
OTHER = NoteSigner.from_seed(ORIGIN, bytes(32)).key.vkey()


def variables(folder: Path, database_url: str, **changes: str) -> Mapping[str, str]:
    return environment(folder, DATABASE_URL=database_url, **changes)


@pytest.fixture
def web_house(tmp_path: Path, sqlite_url: str) -> Iterator[House]:
    """As a web process has it."""
    house = House(tmp_path, sqlite_url, variables={"SPELREGEL_SIGNING_KEY": "", "SPELREGEL_LOG_KEY": PUBLIC})
    yield house
    house.close()


def test_the_pages_check_and_show_the_log_without_the_signing_key(
    web_house: House, tmp_path: Path, sqlite_url: str
) -> None:
    web_house.stopped(5)
    worker = Wiring(settings.load(variables(tmp_path, sqlite_url)))
    worker.seal_log()
    worker.database.close()
    assert web_house.wiring.settings.signing_key is None
    assert not web_house.wiring.log_watch.look().broken
    page = sign_in(web_house, Role.AUDITOR, name="a.controle").get("/console/logboek").text
    assert PUBLIC.replace("+", "&#43;") in page or PUBLIC in page
    web_house.wiring.log_watch.ask("a.controle")
    web_house.run_jobs(JobKind.VERIFY_LOG)
    last = web_house.wiring.log_watch.look().last_ended
    assert last is not None
    assert last.verdict is not None
    assert last.verdict.whole
    assert last.verdict.sealed_size == len(web_house.entries)


def test_without_it_nothing_is_signed(web_house: House, capsys: pytest.CaptureFixture[str]) -> None:
    web_house.stopped(5)
    with pytest.raises(SettingsError, match="SPELREGEL_SIGNING_KEY is missing"):
        web_house.wiring.seal_log()
    with pytest.raises(SettingsError, match="SPELREGEL_SIGNING_KEY is missing"):
        work(web_house.wiring)
    assert capsys.readouterr().out == ""
    with web_house.wiring.database.reading() as unit:
        assert unit.checks.state().sealed_size == 0


def test_a_public_key_that_does_not_belong_to_the_signing_key_is_said(
    tmp_path: Path, sqlite_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, value in variables(tmp_path, sqlite_url, SPELREGEL_LOG_KEY=OTHER).items():
        monkeypatch.setenv(name, value)
    assert spelregel("witness", "send") == 2
    assert "SPELREGEL_LOG_KEY is not the public half of SPELREGEL_SIGNING_KEY" in complaint(capsys)


def test_the_key_of_another_log_is_said(tmp_path: Path, sqlite_url: str) -> None:
    key = NoteSigner.from_seed("elsewhere.test/log", bytes(range(32))).key.vkey()
    wiring = Wiring(settings.load(variables(tmp_path, sqlite_url, SPELREGEL_LOG_KEY=key, SPELREGEL_SIGNING_KEY="")))
    with pytest.raises(SettingsError, match=r"of another log than spelregel\.test/log"):
        _ = wiring.log_keys


def test_one_of_the_two_is_needed(tmp_path: Path, sqlite_url: str) -> None:
    with pytest.raises(SettingsError, match="SPELREGEL_SIGNING_KEY is missing"):
        settings.load(variables(tmp_path, sqlite_url, SPELREGEL_SIGNING_KEY=""))
    for wrong in ("rubbish", f"{PUBLIC} {OTHER}", PUBLIC[:-4], PUBLIC.replace("test", "best")):
        with pytest.raises(SettingsError, match="SPELREGEL_LOG_KEY"):
            settings.load(variables(tmp_path, sqlite_url, SPELREGEL_LOG_KEY=wrong))


# ------------------------------------------------------------ receipts, which are signed at once


def receipts_of(house: House, worker: Callable[[], None], patience_s: float) -> ReceiptService:
    wiring = house.wiring
    asked = AskedSeal(wiring.database, house.clock, worker, patience_s)
    return ReceiptService(wiring.database, wiring.copies, wiring.agencies, house.clock, asked.seal, wiring.log_keys)


def test_the_worker_signs_what_a_page_needs(web_house: House, tmp_path: Path, sqlite_url: str) -> None:
    web_house.stopped(5)
    worker = Wiring(settings.load(variables(tmp_path, sqlite_url)))

    def work_once() -> None:
        worker.runner.run_due([JobKind.SEAL_LOG])

    receipts = receipts_of(web_house, work_once, patience_s=60)
    given = receipts.for_staff(web_house.call, "m.jansen", "nl", RULES).as_file()
    assert OUTSIDER.check_receipt(given, PUBLIC)
    worker.database.close()


def test_without_the_worker_the_page_says_so_and_the_next_try_gives_that_receipt(
    web_house: House, tmp_path: Path, sqlite_url: str
) -> None:
    web_house.recorded()
    finish(web_house)
    vars(web_house.wiring).update(receipts=receipts_of(web_house, lambda: None, patience_s=0))
    caller = Sender(web_house).client
    away = caller.get(PAGE)
    assert (away.status_code, away.headers["Retry-After"]) == (503, "30")
    worker = Wiring(settings.load(variables(tmp_path, sqlite_url)))
    assert worker.runner.run_due([JobKind.SEAL_LOG]) == 1
    worker.database.close()
    assert OUTSIDER.check_receipt(caller.get(f"{PAGE}.json").data, PUBLIC)
    assert web_house.tags.count("copy:receipt") == 1
