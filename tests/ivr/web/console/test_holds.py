"""The pages of a legal hold: who may, two people, faults in place, and what a stranger gets."""

import pytest

from config.policy import Role
from tests.builders import House
from tests.ivr.web.signed_in import Colleague, sign_in

SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def path(house: House) -> str:
    house.stopped(5)
    return f"/console/gesprekken/{house.call.call_id}/bewaren"


@pytest.fixture
def lies(house: House) -> Colleague:
    return sign_in(house, Role.SUPERVISOR, name="l.smit")


@pytest.fixture
def piet(house: House) -> Colleague:
    return sign_in(house, Role.PRIVACY_OFFICER, name="p.groen")


def test_a_hold_is_placed_and_released_by_two_people(house: House, path: str, lies: Colleague, piet: Colleague) -> None:
    assert "Er geldt geen bewaarplicht" in lies.get(path).text
    placed = lies.post(path, {"reden": f"klacht {SCRIPT}"})
    assert placed.status_code == 303
    page = lies.get(placed.location).text
    assert "De bewaarplicht is opgelegd" in page
    assert 'role="status"' in page
    assert "Van dit gesprek wordt niets vernietigd" in page
    assert SCRIPT not in page
    assert "klacht &lt;script&gt;" in page

    assert lies.post(f"{path}/opheffen", {"reden": SCRIPT}).status_code == 303
    assert "Opheffing bevestigen" not in lies.get(path).text
    refused = lies.post(f"{path}/opheffen/bevestigen")
    assert refused.status_code == 409
    assert "Iemand anders moet die bevestigen" in refused.text
    assert "Opheffing bevestigen" in piet.get(path).text
    assert SCRIPT not in piet.get(path).text
    assert piet.post(f"{path}/opheffen/bevestigen").status_code == 303
    assert "Eerdere bewaarplichten" in piet.get(path).text
    assert house.wiring.holds.of_call(house.call.call_id).active is None


def test_a_request_to_release_can_be_taken_back(house: House, path: str, lies: Colleague, piet: Colleague) -> None:
    lies.post(path, {"reden": "klacht"})
    lies.post(f"{path}/opheffen", {"reden": "klaar"})
    assert "Verzoek intrekken" in lies.get(path).text
    assert lies.post(f"{path}/opheffen/afwijzen").status_code == 303
    assert piet.post(f"{path}/opheffen/bevestigen").status_code == 409
    assert piet.post(f"{path}/opheffen/afwijzen").status_code == 409
    assert house.wiring.holds.of_call(house.call.call_id).active is not None


def test_a_fault_stands_at_its_field_and_what_was_typed_stays(house: House, path: str, lies: Colleague) -> None:
    empty = lies.post(path, {"reden": "  "})
    assert empty.status_code == 422
    assert '<a href="#bewaren-reden">Vul de reden in.' in empty.text
    assert 'aria-invalid="true"' in empty.text
    long = lies.post(path, {"reden": "lang " * 201})
    assert long.status_code == 422
    assert "lang lang" in long.text
    assert house.wiring.holds.of_call(house.call.call_id).active is None


def test_a_form_that_comes_twice_or_late_changes_nothing(path: str, lies: Colleague) -> None:
    assert lies.post(f"{path}/opheffen", {"reden": "klaar"}).status_code == 409
    assert lies.post(path, {"reden": "klacht"}).status_code == 303
    again = lies.post(path, {"reden": "klacht"})
    assert again.status_code == 409
    assert "geldt al een bewaarplicht" in again.text


def test_others_get_nothing(house: House, path: str, lies: Colleague) -> None:
    stranger = sign_in(house, Role.SUPERVISOR, ["ind"], name="s.vreemd")
    assert stranger.get(path).status_code == 404
    assert stranger.post(path, {"reden": "klacht"}).status_code == 404
    for role in (Role.EMPLOYEE, Role.AUDITOR, Role.ADMINISTRATOR, Role.COMMITTEE):
        assert sign_in(house, role).post(path, {"reden": "klacht"}).status_code == 403
    assert lies.post(path, {"reden": "klacht", "csrf": "0"}).status_code == 403
    assert house.wiring.holds.of_call(house.call.call_id).active is None


def test_acts_stand_in_the_trail_of_the_agency(house: House, path: str, lies: Colleague) -> None:
    lies.post(path, {"reden": "klacht"})
    with house.wiring.database.reading() as unit:
        (line,) = unit.trail.list_object(house.call.call_id, 10)
    assert (line.actor, line.action, line.agency, line.result) == ("l.smit", "hold", "example", 303)
