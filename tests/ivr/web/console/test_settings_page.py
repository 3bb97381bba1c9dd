"""`/console/instellingen`: complaints, jobs that were given up, no secrets, and only for administrators."""

import pytest

from config.policy import Role
from ivr.calls.jobs import JobKind
from ivr.doctor import Trouble
from ivr.web.console.settings_page import JOBS, TROUBLES
from tests.builders import AUTH_TOKEN, House
from tests.ivr.web.signed_in import Colleague, sign_in

PATH = "/console/instellingen"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def bea(house: House) -> Colleague:
    return sign_in(house, Role.ADMINISTRATOR, name="b.heer")


def park(house: House) -> int:
    with house.wiring.database.transaction() as unit:
        unit.outbox.put(JobKind.SEAL_LOG, f"log {SCRIPT}", {}, house.clock.now())
        job = unit.outbox.claim([JobKind.SEAL_LOG], house.clock.now(), 60)
        assert job is not None
        unit.outbox.park(job, f"broken {SCRIPT}")
        return job.job_id


def test_what_the_doctor_says_is_told_in_plain_words(house: House, bea: Colleague) -> None:
    page = bea.get(PATH).text
    assert "Dit is een demo" in page
    assert "telefoonnummer" in page
    assert "%(" not in page


def test_no_secret_is_shown(house: House, bea: Colleague) -> None:
    page = bea.get(PATH).text
    settings = house.wiring.settings
    for secret in (settings.secret_key, AUTH_TOKEN, str(house.folder)):
        assert secret not in page


def test_a_job_that_was_given_up_is_tried_again(house: House, bea: Colleague) -> None:
    job_id = park(house)
    page = bea.get(PATH).text
    assert "logboek ondertekenen" in page
    assert SCRIPT not in page
    assert "op u wachten: 1." in page
    assert "opnieuw geprobeerd" in bea.get(bea.post(f"{PATH}/taken/{job_id}").location).text
    assert "wachtte niet meer op u" in bea.get(bea.post(f"{PATH}/taken/{job_id}").location).text
    assert house.run_jobs(JobKind.SEAL_LOG) == 1
    with house.wiring.database.reading() as unit:
        (first, *_) = unit.trail.list_object(str(job_id), 9)
    assert (first.actor, first.action) == ("b.heer", "retry_job")


@pytest.mark.parametrize("job_id", ["0", "x", "1" * 30, "-1"])
def test_a_job_that_is_not_there_is_told(bea: Colleague, job_id: str) -> None:
    assert "wachtte niet meer op u" in bea.get(bea.post(f"{PATH}/taken/{job_id}").location).text


def test_a_worker_that_does_not_work_and_a_broken_log_are_noticed(house: House, bea: Colleague) -> None:
    house.stopped(5)
    house.clock.pass_s(400)
    page = bea.get(PATH).text
    assert "Taken wachten al sinds" in page
    assert "twee dagen niet gecontroleerd" in page
    house.run_jobs()
    with house.wiring.database.transaction() as unit:
        unit.log._connection.exec_driver_sql("UPDATE log_head SET size = size - 1")
    page = bea.get(PATH).text
    assert "klopt niet" in page
    assert "Taken wachten al sinds" not in page


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_administrators_see_it(house: House, role: Role) -> None:
    somebody = sign_in(house, role)
    assert somebody.get(PATH).status_code == 403
    assert somebody.post(f"{PATH}/taken/{park(house)}").status_code == 403
    assert house.waiting()["parked"] == 1


def test_every_kind_of_job_and_trouble_has_words() -> None:
    assert set(JOBS) == set(JobKind)
    assert set(TROUBLES) == set(Trouble)
