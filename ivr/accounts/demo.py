"""One user a role for the demo, as whom anybody at the machine may come in; never beside a real carrier."""

from collections.abc import Sequence

from config.policy import Role
from ivr.accounts.users import NameRefused, UserService
from storage.records import UserRecord

ADDED_BY = "spelregel demo"
"""By this, and nothing else, the demo's users are known; a real user is added by a person or a sign-in service."""


def add_demo_users(users: UserService, agencies: Sequence[str]) -> None:
    """Those that are there already stay."""
    for role in Role:
        try:
            users.introduce(f"demo.{role}", role, agencies, ADDED_BY)
        except NameRefused:
            continue


def list_demo_users(users: UserService) -> Sequence[UserRecord]:
    return [user for user in users.list() if user.added_by == ADDED_BY and user.disabled_at is None]
