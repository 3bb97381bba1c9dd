"""What every `SavedFilters` keeps to."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from ivr.ports import Database
from storage.errors import ConstraintBroken
from storage.records import SavedFilter, UserRecord
from storage.session import SqlDatabase

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SAVED = SavedFilter("mia", "bezwaren", "beller=objected", NOON)


@pytest.fixture
def filters_db(database: SqlDatabase) -> Database:
    with database.transaction() as unit:
        for name in ("mia", "bo"):
            unit.users.add(UserRecord(name, "leidinggevende", ("ind",), f"digest of {name}", NOON, "test"))
    return database


def test_each_user_has_their_own_by_name(filters_db: Database) -> None:
    other = replace(SAVED, user_name="bo")
    later = replace(SAVED, name="alles", query="")
    with filters_db.transaction() as unit:
        for saved in (SAVED, other, later):
            unit.saved_filters.save(saved)
        assert unit.saved_filters.list("mia") == [later, SAVED]
        assert unit.saved_filters.list("bo") == [other]
        assert unit.saved_filters.list("nobody") == []


def test_a_name_that_is_there_gets_the_new_search(filters_db: Database) -> None:
    newer = replace(SAVED, query="beller=withdrawn", saved_at=NOON.replace(hour=13))
    with filters_db.transaction() as unit:
        unit.saved_filters.save(SAVED)
        unit.saved_filters.save(newer)
        assert unit.saved_filters.list("mia") == [newer]


def test_renaming_takes_nothing_from_another_one(filters_db: Database) -> None:
    other = replace(SAVED, name="andere")
    with filters_db.transaction() as unit:
        unit.saved_filters.save(SAVED)
        unit.saved_filters.save(other)
        unit.saved_filters.save(replace(SAVED, user_name="bo", name="van bo"))
        assert not unit.saved_filters.rename("mia", "bezwaren", "andere")
        assert not unit.saved_filters.rename("mia", "weg", "nieuw")
        assert not unit.saved_filters.rename("mia", "van bo", "nieuw")
        assert unit.saved_filters.list("mia") == [other, SAVED]
        assert unit.saved_filters.rename("mia", "bezwaren", "van bo")
        assert unit.saved_filters.list("mia") == [other, replace(SAVED, name="van bo")]


def test_deleting_is_for_ones_own_and_may_come_twice(filters_db: Database) -> None:
    with filters_db.transaction() as unit:
        unit.saved_filters.save(SAVED)
        unit.saved_filters.delete("bo", "bezwaren")
        assert unit.saved_filters.list("mia") == [SAVED]
        unit.saved_filters.delete("mia", "bezwaren")
        unit.saved_filters.delete("mia", "bezwaren")
        assert unit.saved_filters.list("mia") == []


def test_nobody_keeps_a_search(filters_db: Database) -> None:
    with pytest.raises(ConstraintBroken), filters_db.transaction() as unit:
        unit.saved_filters.save(replace(SAVED, user_name="nobody"))
