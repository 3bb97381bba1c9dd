"""`/console/logboek`: what it says of a whole log and of a broken one, checks, and checkpoints to take along."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.policy import Role
from ivr.calls.jobs import JobKind
from storage.consent_log.checkpoint import Checkpoint, open_checkpoint, parse_vkey
from storage.records import NewEntry
from tests.builders import House
from tests.ivr.web.signed_in import Colleague, sign_in

PATH = "/console/logboek"
CHECK = f"{PATH}/controle"
DAY_S = 86_400


@pytest.fixture
def ans(house: House) -> Colleague:
    return sign_in(house, Role.AUDITOR, name="a.controle")


def harm(house: House, statement: str) -> None:
    with house.wiring.database.transaction() as unit:
        unit.log._connection.exec_driver_sql(statement)


def test_an_empty_log_has_nothing_to_state(ans: Colleague) -> None:
    page = ans.get(PATH).text
    assert "Nog niet gecontroleerd." in page
    assert "Er is nog geen controle om over te verklaren." in page


def test_a_check_is_asked_runs_and_is_stated_with_date_checkpoint_and_name(house: House, ans: Colleague) -> None:
    house.stopped(5)
    note = house.wiring.seal_log()
    assert "begint zo" in ans.get(ans.post(CHECK).location).text
    page = ans.get(PATH).text
    assert "Kijk of de controle klaar is" in page
    assert "loopt al een controle" in ans.get(ans.post(CHECK).location).text
    house.run_jobs(JobKind.VERIFY_LOG)
    page = ans.get(PATH).text
    assert "Het logboek klopt." in page
    assert "geen afwijkingen" in page
    assert "3 november 2026, 14.05 uur" in page
    assert "a.controle" in page
    assert f">{len(house.entries)}<" in page
    assert note.splitlines()[2] in page
    assert "spelregel log verify --since ijkpunt.txt" in page


def test_a_checkpoint_can_be_taken_along_and_checked_elsewhere(house: House, ans: Colleague) -> None:
    house.stopped(5)
    house.wiring.seal_log()
    size = len(house.entries)
    file = ans.get(f"{PATH}/ijkpunten/{size}")
    assert file.headers["Content-Disposition"] == f"attachment; filename=ijkpunt-{size}.txt"
    vkey = ans.get(PATH).text.partition(">spelregel.test/log+")[2].partition("<")[0].replace("&#43;", "+")
    key = parse_vkey(f"spelregel.test/log+{vkey}")
    assert open_checkpoint(file.text, [key]).size == size


@pytest.mark.parametrize("size", ["0", "99", "-1", "x", "1" * 30, "%2e%2e", "٣"])
def test_a_checkpoint_that_is_not_there_is_not_found(ans: Colleague, size: str) -> None:
    assert ans.get(f"{PATH}/ijkpunten/{size}").status_code == 404


def test_checkpoints_are_paged(house: House, ans: Colleague) -> None:
    house.stopped(5)
    house.wiring.seal_log()
    size = len(house.entries)
    assert f"ijkpunt-{size}.txt" in ans.get(f"{PATH}/ijkpunten").text
    assert "Er zijn geen ijkpunten meer." in ans.get(f"{PATH}/ijkpunten?onder={size}").text
    assert f"ijkpunt-{size}.txt" in ans.get(f"{PATH}/ijkpunten?onder=x").text


def test_a_broken_log_is_told_plainly_with_the_first_entry_and_what_to_do(house: House, ans: Colleague) -> None:
    house.stopped(5)
    house.wiring.seal_log()
    harm(house, "UPDATE log_entries SET body = replace(body, 'prompt', 'promp<b>') WHERE number = 1")
    ans.post(CHECK)
    house.run_jobs(JobKind.VERIFY_LOG)
    page = ans.get(PATH).text
    assert "Het logboek klopt niet." in page
    assert 'role="alert"' in page
    assert "entry 1:" in page
    assert "kopie van de database" in page
    assert "afwijkingen gevonden" in page
    assert "Het logboek klopt.<" not in page


def test_a_log_that_was_cut_short_is_told_without_a_check(house: House, ans: Colleague) -> None:
    house.stopped(5)
    house.wiring.seal_log()
    harm(house, "UPDATE log_head SET size = size - 1")
    page = ans.get(PATH).text
    assert "Het logboek klopt niet." in page
    assert "signed before, are gone" in page


def test_it_warns_of_what_is_late(house: House, ans: Colleague) -> None:
    house.stopped(5)
    ans.post(CHECK)
    house.run_jobs(JobKind.VERIFY_LOG)
    house.clock.pass_s(2 * DAY_S)
    page = sign_in(house, Role.AUDITOR, name="b.controle").get(PATH).text
    assert "De controle is te laat." in page
    assert "Een ijkpunt is te laat." in page


def test_a_check_that_was_given_up_is_told_so(house: House, ans: Colleague) -> None:
    ans.post(CHECK)
    house.clock.pass_s(DAY_S)
    assert "niet afgerond" in sign_in(house, Role.AUDITOR, name="b.controle").get(PATH).text


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.SUPERVISOR, 200),
        (Role.PRIVACY_OFFICER, 200),
        (Role.ADMINISTRATOR, 200),
        (Role.EMPLOYEE, 403),
        (Role.COMMITTEE, 403),
    ],
)
def test_who_may_look(house: House, role: Role, status: int) -> None:
    somebody = sign_in(house, role)
    assert somebody.get(PATH).status_code == status
    assert somebody.get(f"{PATH}/ijkpunten").status_code == status
    assert somebody.post(CHECK, {"csrf": "0"}).status_code == 403
    assert somebody.post(CHECK).status_code == (303 if status == 200 else 403)


# ---------------------------------------------------------------- witnesses


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    folder = tmp_path / "kept"
    folder.mkdir()
    return folder


@pytest.fixture
def witnessed(tmp_path: Path, sqlite_url: str, kept: Path) -> Iterator[House]:
    """With a folder on another disk as its witness, and a call."""
    house = House(tmp_path, sqlite_url, variables={"SPELREGEL_WITNESSES": f"file://{kept}"})
    house.stopped(5)
    house.wiring.witnessing.seal()
    yield house
    house.close()


def page_of(house: House) -> str:
    """As somebody who signs in now sees it."""
    return sign_in(house, Role.AUDITOR, name=f"controle.{uuid.uuid4().hex}").get(PATH).text


def test_without_witnesses_the_page_says_what_that_means(ans: Colleague) -> None:
    assert "Niemand buiten dit systeem krijgt onze ijkpunten." in ans.get(PATH).text


def test_each_witness_is_told_with_its_last_statement(witnessed: House, kept: Path) -> None:
    page = page_of(witnessed)
    assert f"file://{kept}" in page
    assert "krijgt zo een ijkpunt" in page
    assert "Mist wat sinds 3 november 2026, 14.05 uur is ondertekend." in page
    witnessed.run_jobs(JobKind.SEND_CHECKPOINT)
    page = page_of(witnessed)
    assert "bewaart het ijkpunt" in page
    assert "is bij" in page
    assert f'<td class="number">{len(witnessed.entries)}</td>' in page


def test_a_witness_that_is_behind_is_told_with_the_reason_and_when_it_is_tried_again(
    witnessed: House, kept: Path
) -> None:
    kept.rmdir()
    witnessed.run_jobs(JobKind.SEND_CHECKPOINT)
    page = page_of(witnessed)
    assert "loopt achter" in page
    assert "Wij proberen het opnieuw vanaf 3 november 2026, 14.05 uur." in page
    assert "cannot be written: No such file or directory" in page
    witnessed.clock.pass_s(2 * DAY_S)
    page = page_of(witnessed)
    assert "te laat" in page
    assert "Mist wat sinds 3 november 2026, 14.05 uur is ondertekend." in page
    kept.mkdir()
    (kept / "checkpoint-000000000001.txt").write_text("rubbish")
    witnessed.run_jobs(JobKind.SEND_CHECKPOINT)
    page = page_of(witnessed)
    assert "te laat" in page
    assert "is not a checkpoint of ours" in page
    assert "Wij blijven het proberen." in page


def test_beside_what_a_witness_claims_stands_whether_it_took_our_log_before(witnessed: House, kept: Path) -> None:
    wiring = witnessed.wiring
    witnessed.run_jobs(JobKind.SEND_CHECKPOINT)
    size = len(witnessed.entries)
    seen = Checkpoint(wiring.log_origin, 99, bytes(32))
    (kept / "checkpoint-000000000099.txt").write_text(wiring.signer.sign(seen.text()))
    with wiring.database.transaction() as unit:
        unit.log.append(NewEntry("test", "test:more", "prompt:played", witnessed.clock.now()))
    wiring.witnessing.seal()
    witnessed.clock.pass_s(DAY_S)
    witnessed.run_jobs(JobKind.SEND_CHECKPOINT)
    page = page_of(witnessed)
    assert f"De eerste {size} regels, die deze getuige eerder heeft aangenomen, kloppen wel met ons logboek." in page
    with wiring.database.transaction() as unit:
        unit.log._connection.exec_driver_sql("DELETE FROM checkpoints")
    assert f"Ook de eerste {size} regels, die deze getuige eerder heeft aangenomen, kloppen niet meer" in page_of(
        witnessed
    )


def test_a_witness_that_saw_another_log_is_an_alarm_with_what_to_do(witnessed: House, kept: Path) -> None:
    wiring = witnessed.wiring
    seen = Checkpoint(wiring.log_origin, 99, bytes(32))
    (kept / "checkpoint-000000000099.txt").write_text(wiring.signer.sign(seen.text()))
    size = len(witnessed.entries)
    witnessed.run_jobs(JobKind.SEND_CHECKPOINT)
    page = page_of(witnessed)
    assert "Een getuige spreekt het logboek tegen." in page
    assert f"De getuige had een ijkpunt van 99 regels. Dat van ons had er {size}." in page
    assert "is het niet eens met ons logboek" in page
    assert "Deze getuige heeft nog nooit een ijkpunt aangenomen." in page
    assert page.count("Laat de beheerder meteen een kopie van de database maken.") == 1
    witnessed.run_jobs(JobKind.VERIFY_LOG)
    assert "Het logboek klopt." not in page_of(witnessed)
    page = sign_in(witnessed, Role.ADMINISTRATOR, name="c.beheer").get("/console/instellingen").text
    assert "heeft een ander logboek gezien dan dit. Kijk meteen bij Logboek." in page
