"""Roles and permissions: every role is spoken of, and nobody may more than is said."""

from datetime import timedelta

import pytest
from werkzeug.exceptions import Unauthorized

from config.policy import Role
from ivr.accounts.users import TOKEN_LASTS
from ivr.web.access import PERMISSIONS, Permission, User
from tests.builders import House

CHANGING = {
    Permission.ACT_ON_CALLS,
    Permission.WRITE_NOTES,
    Permission.WITHDRAW_COPIES,
    Permission.ACT_ON_CASES,
    Permission.HOLD,
    Permission.ANSWER_DATA_SUBJECTS,
    Permission.MANAGE_USERS,
}
PERSONAL = {Permission.LISTEN, Permission.SEE_PERSONAL, Permission.EXPORT_CALLS}


def test_every_role_is_spoken_of() -> None:
    assert set(PERMISSIONS) == set(Role)


def test_every_permission_is_somebodys() -> None:
    assert set().union(*PERMISSIONS.values()) == set(Permission) - {Permission.BE_SIGNED_IN}
    assert all(User("x", role, frozenset()).may(Permission.BE_SIGNED_IN) for role in Role)


def test_who_only_checks_changes_nothing_and_sees_no_personal_values() -> None:
    assert PERMISSIONS[Role.AUDITOR].isdisjoint(CHANGING | PERSONAL)


def test_who_runs_the_machine_sees_nothing_of_citizens() -> None:
    seeing = {Permission.SEE_CALLS, Permission.FIND_CALLS, Permission.SEE_CASES, Permission.SEE_EVALUATION}
    assert PERMISSIONS[Role.ADMINISTRATOR].isdisjoint(PERSONAL | seeing)


def test_a_token_opens_the_api_until_its_end(house: House) -> None:
    token = house.wiring.users.add("c.visser", Role.COMMITTEE, ["example"], "a test")
    header = f"Bearer {token}"
    house.clock.pass_s((TOKEN_LASTS - timedelta(seconds=1)).total_seconds())
    assert house.wiring.access.find_user(header, None).name == "c.visser"
    house.clock.pass_s(1)
    with pytest.raises(Unauthorized):
        house.wiring.access.find_user(header, None)
    fresh, ends_at = house.wiring.users.new_token("c.visser")
    assert ends_at == house.clock.now() + TOKEN_LASTS
    assert house.wiring.access.find_user(f"Bearer {fresh}", None).name == "c.visser"
    with pytest.raises(Unauthorized):
        house.wiring.access.find_user(header, None)


def test_who_has_no_token_cannot_use_the_api(house: House) -> None:
    house.wiring.users.introduce("a.bakker", Role.EMPLOYEE, ["example"], "a test")
    for token in ("", "None", "null", "a.bakker"):
        with pytest.raises(Unauthorized):
            house.wiring.access.find_user(f"Bearer {token}", None)
