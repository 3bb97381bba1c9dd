"""Staff withdraw a caller's copy in the console."""

import pytest

from config.policy import Role
from ivr.dialogue.events import EmployeeLeft, Heard
from ivr.web.access import PERMISSIONS, Permission
from tests.builders import House
from tests.ivr.web.signed_in import sign_in

MAY = [role for role in Role if Permission.WITHDRAW_COPIES in PERMISSIONS[role]]


@pytest.fixture
def address(house: House) -> str:
    house.recorded()
    house.happens(EmployeeLeft())
    house.hears(Heard.YES, "ja graag")
    return f"/console/gesprekken/{house.call.call_id}/kopie-intrekken"


@pytest.mark.parametrize("role", MAY)
def test_who_may_withdraws_and_the_log_and_the_trail_say_who(house: House, address: str, role: Role) -> None:
    colleague = sign_in(house, role)
    for _ in range(2):
        answer = colleague.post(address)
        assert (answer.status_code, answer.location) == (303, address.removesuffix("/kopie-intrekken"))
    assert house.tags.count("copy:withdrawn") == 1
    assert house.entry("copy:withdrawn").personal == {"by": role.value}
    with house.wiring.database.reading() as unit:
        lines = unit.trail.list_object(house.call.call_id, 10)
    assert {(line.action, line.actor, line.agency) for line in lines} == {("withdraw_copies", role.value, "example")}


@pytest.mark.parametrize("role", [role for role in Role if role not in MAY])
def test_others_may_not(house: House, address: str, role: Role) -> None:
    assert sign_in(house, role).post(address).status_code == 403
    assert "copy:withdrawn" not in house.tags


def test_a_call_of_another_agency_does_not_exist(house: House, address: str) -> None:
    assert sign_in(house, Role.SUPERVISOR, ("ind",)).post(address).status_code == 404
    assert "copy:withdrawn" not in house.tags


def test_a_form_of_elsewhere_is_refused(house: House, address: str) -> None:
    colleague = sign_in(house, Role.SUPERVISOR)
    assert colleague.post(address, {"csrf": "a" * 64}).status_code == 403
    assert colleague.get(address).status_code == 405
    assert "copy:withdrawn" not in house.tags


def test_an_unknown_call_is_not_found(house: House) -> None:
    colleague = sign_in(house, Role.SUPERVISOR)
    assert colleague.post("/console/gesprekken/niets/kopie-intrekken").status_code == 404
