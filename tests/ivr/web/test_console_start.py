"""The page where everybody begins: what waits for each role."""

import pytest

from config.policy import Role
from ivr.cases.acts import ComplaintReceived, MisuseReported
from ivr.cases.case import Misuse, Who
from ivr.cases.service import Actor
from ivr.dialogue.events import Heard
from tests.builders import House
from tests.ivr.web.signed_in import sign_in


def start(house: House, role: Role, *agencies: str) -> str:
    answer = sign_in(house, role, agencies or ("example",)).get("/console")
    assert answer.status_code == 200
    return answer.text


@pytest.mark.parametrize("role", list(Role))
def test_with_nothing_to_do_everybody_gets_a_friendly_page(house: House, role: Role) -> None:
    page = start(house, role)
    assert "gemeente Voorbeeld" in page
    assert "Te laat" not in page
    assert ("Er is nu niemand aan de lijn." in page) == (role not in (Role.COMMITTEE, Role.ADMINISTRATOR))
    assert ("Er wacht nu niets op u." in page) == (role is not Role.ADMINISTRATOR)


def test_the_calls_of_now_are_counted(house: House) -> None:
    house.together()
    house.hears(Heard.REQUEST, "ik neem dit gesprek op")
    page = start(house, Role.EMPLOYEE)
    assert "Er is nu 1 gesprek." in page
    assert "Een beller wil opnemen" in page
    assert "Er is nu niemand aan de lijn." in start(house, Role.SUPERVISOR, "ind")


def test_a_case_that_waits_for_ones_role_stands_on_the_first_page(house: House) -> None:
    complaint = ComplaintReceived("De uitleg klopte niet.")
    case = house.wiring.cases.open(complaint, "example", Actor("mia", Who.SUPERVISOR))
    assert f'<a href="/console/zaken/{case.case_id}">Klacht</a>' in start(house, Role.COMMITTEE)
    assert case.case_id not in sign_in(house, Role.COMMITTEE, ("ind",), name="kim").get("/console").text


def test_what_my_role_has_to_do_stands_there_and_what_is_late_says_so(house: House) -> None:
    employee = sign_in(house, Role.EMPLOYEE, name="bo")
    reported = MisuseReported(Misuse.PUBLICATION, "Het staat op internet.")
    house.wiring.cases.open(reported, "example", employee.signed_in.user.actor)
    assert "Misbruik van een opname" not in start(house, Role.EMPLOYEE)
    house.clock.pass_s(3 * 24 * 3600)
    page = start(house, Role.SUPERVISOR)
    assert "Misbruik van een opname" in page
    assert "Te laat" in page
    assert "Misbruik van een opname" not in start(house, Role.AUDITOR)


def test_who_watches_the_log_sees_when_it_was_sealed(house: House) -> None:
    assert "Er is nog niets vastgelegd." in start(house, Role.AUDITOR)
    house.dial_in()
    supervisor = sign_in(house, Role.SUPERVISOR)
    assert "Nog niet verzegeld." in supervisor.get("/console").text
    house.wiring.seal_log()
    assert "Voor het laatst verzegeld op 3 november 2026, 14.05 uur." in supervisor.get("/console").text
    assert "verzegeld op" not in start(house, Role.EMPLOYEE)
