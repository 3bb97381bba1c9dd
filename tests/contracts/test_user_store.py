"""What every `UserStore` keeps to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.ports import Database
from storage.errors import DuplicateUser, UnknownUser
from storage.records import UserRecord
from storage.session import SqlDatabase

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
USER = UserRecord("c.visser", "klachtencommissie", ("ind", "uwv"), "a" * 64, NOON, "beheer")


@pytest.fixture
def users_db(database: SqlDatabase) -> Database:
    with database.transaction() as unit:
        unit.users.add(USER)
    return database


def test_a_user_is_found_by_the_digest_of_the_token_alone(users_db: Database) -> None:
    with users_db.reading() as unit:
        assert unit.users.find_by_digest("a" * 64) == USER
        assert unit.users.find_by_digest("A" * 64) is None
        assert unit.users.find_by_digest("") is None


@pytest.mark.parametrize("changes", [{"token_digest": "b" * 64}, {"name": "a.bakker"}])
def test_a_name_or_token_is_somebodys_once(users_db: Database, changes: dict[str, str]) -> None:
    with users_db.transaction() as unit:
        with pytest.raises(DuplicateUser):
            unit.users.add(replace(USER, **changes))  # type: ignore[arg-type]
        assert unit.users.list() == [USER]


def test_users_are_listed_by_name(users_db: Database) -> None:
    other = replace(USER, name="a.bakker", token_digest="b" * 64, agencies=())
    with users_db.transaction() as unit:
        unit.users.add(other)
    with users_db.reading() as unit:
        assert unit.users.list() == [other, USER]


def test_who_is_disabled_is_so_since_the_first_time_and_stays_listed(users_db: Database) -> None:
    with users_db.transaction() as unit:
        unit.users.disable("c.visser", NOON)
        unit.users.disable("c.visser", NOON + timedelta(days=1))
        assert unit.users.list() == [replace(USER, disabled_at=NOON)]
        assert unit.users.find_by_digest("a" * 64) == replace(USER, disabled_at=NOON)
        with pytest.raises(UnknownUser):
            unit.users.disable("nobody", NOON)
