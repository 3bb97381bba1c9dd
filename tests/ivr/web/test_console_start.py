"""The first page of the console: what waits for somebody stands on it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from config.policy import Role
from ivr.cases.acts import ComplaintReceived
from ivr.cases.case import Who
from ivr.cases.service import Actor
from tests.builders import House
from tests.ivr.web.signed_in import sign_in


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str) -> Iterator[House]:
    house = House(tmp_path, sqlite_url)
    yield house
    house.close()


def test_a_case_that_waits_for_ones_role_stands_on_the_first_page(house: House) -> None:
    complaint = ComplaintReceived("De uitleg klopte niet.")
    case = house.wiring.cases.open(complaint, "example", Actor("mia", Who.SUPERVISOR))
    page = sign_in(house, Role.COMMITTEE).get("/console").text
    assert f'<a href="/console/zaken/{case.case_id}">Klacht</a>' in page
    assert case.case_id not in sign_in(house, Role.COMMITTEE, ("ind",), name="kim").get("/console").text
