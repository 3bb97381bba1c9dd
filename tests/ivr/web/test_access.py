"""Roles and permissions: every role is spoken of, and nobody may more than is said."""

from config.policy import Role
from ivr.web.access import PERMISSIONS, Permission, User


def test_every_role_is_spoken_of() -> None:
    assert set(PERMISSIONS) == set(Role)


def test_every_permission_is_somebodys() -> None:
    assert set().union(*PERMISSIONS.values()) == set(Permission)


def test_who_only_checks_changes_nothing_and_sees_no_personal_values() -> None:
    auditor = User("x", Role.AUDITOR, frozenset())
    assert [permission for permission in Permission if auditor.may(permission)] == ["see-calls", "see-cases"]


def test_who_runs_the_machine_sees_nothing_of_citizens() -> None:
    assert PERMISSIONS[Role.ADMINISTRATOR] == frozenset()
