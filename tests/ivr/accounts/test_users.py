"""Users: the token is told once, names are never given again, and wrong use is explained."""

import pytest

from config.policy import Role
from ivr.accounts.users import UserError
from ivr.carrier.links import token_digest
from tests.builders import BEGAN, House


def test_of_a_token_only_the_digest_is_kept(house: House) -> None:
    token = house.wiring.users.add("c.visser", Role.COMMITTEE, ["example", "example"], "beheer")
    (user,) = house.wiring.users.list()
    assert user.token_digest == token_digest(token)
    assert token not in str(user)
    assert (user.role, user.agencies) == ("klachtencommissie", ("example",))
    assert (user.added_at, user.added_by) == (BEGAN, "beheer")
    assert token != house.wiring.users.add("a.bakker", Role.COMMITTEE, ["example"], "beheer")


def test_a_disabled_user_stays_known_and_the_name_taken(house: House) -> None:
    house.wiring.users.add("c.visser", Role.COMMITTEE, ["example"], "beheer")
    house.wiring.users.disable("c.visser")
    house.wiring.users.disable("c.visser")
    assert house.wiring.users.list()[0].disabled_at == BEGAN
    with pytest.raises(UserError, match="not given again"):
        house.wiring.users.add("c.visser", Role.EMPLOYEE, ["example"], "beheer")


@pytest.mark.parametrize("name", ["", "C.Visser", "c visser", "c..visser", "-", "x" * 61, "c.visser\n", "é", "a,b"])
def test_a_name_is_one_that_access_can_be_granted_to(house: House, name: str) -> None:
    with pytest.raises(UserError, match="small letters"):
        house.wiring.users.add(name, Role.EMPLOYEE, ["example"], "beheer")


@pytest.mark.parametrize("agencies", [[], ["elders"], ["example", "elders"]])
def test_an_agency_is_one_that_is_served(house: House, agencies: list[str]) -> None:
    with pytest.raises(UserError, match="there are: "):
        house.wiring.users.add("c.visser", Role.EMPLOYEE, agencies, "beheer")
    assert house.wiring.users.list() == []


def test_nobody_is_disabled_by_mistake(house: House) -> None:
    with pytest.raises(UserError, match=r"nobody is called c\.visser"):
        house.wiring.users.disable("c.visser")
