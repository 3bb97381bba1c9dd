"""The gate of the console: who comes in, whose form it is, and the line in the trail."""

from datetime import timedelta

from config.policy import Role
from tests.builders import BEGAN, House
from tests.ivr.web.signed_in import sign_in


def test_who_is_not_signed_in_gets_the_sign_in_page(house: House) -> None:
    answer = house.client.get("/console", base_url="http://localhost")
    assert answer.status_code == 303
    assert answer.location == "/console/inloggen?verder=/console"


def test_who_is_signed_in_gets_the_page_and_leaves_a_line(house: House) -> None:
    mia = sign_in(house, Role.SUPERVISOR)
    assert mia.get("/console").status_code == 200
    with house.wiring.database.reading() as unit:
        (line,) = unit.trail.list_object("", 10)
    assert (line.actor, line.action, line.result, line.at) == ("leidinggevende", "start", 200, BEGAN)


def test_a_session_ends_when_nobody_uses_it(house: House) -> None:
    mia = sign_in(house, Role.SUPERVISOR)
    for _ in range(3):
        house.clock.pass_s(timedelta(minutes=20).total_seconds())
        assert mia.get("/console").status_code == 200
    house.clock.pass_s(timedelta(minutes=31).total_seconds())
    assert mia.get("/console").status_code == 303


def test_signing_out_takes_a_form_of_ones_own(house: House) -> None:
    mia = sign_in(house, Role.SUPERVISOR)
    assert mia.post("/console/uitloggen", {"csrf": "0" * 64}).status_code == 403
    assert mia.get("/console").status_code == 200
    assert mia.post("/console/uitloggen", Origin="https://elsewhere.example").status_code == 403
    assert mia.post("/console/uitloggen").status_code == 303
    assert mia.get("/console").status_code == 303
