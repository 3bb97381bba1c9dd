"""What every store keeps to when personal values go and the log stays whole."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.ports import Database
from storage.consent_log.checkpoint import NoteSigner
from storage.consent_log.export import verify_log
from storage.records import CallRecord, NewEntry
from storage.session import SqlDatabase
from tests.contracts.rolling_back import roll_back

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CALL = CallRecord("call-1", "CA1", "ind", "digest-1", NOON, "{}")
ENTRY = NewEntry("call-1", "event-1", "request:heard", NOON, {"x": 1}, {"words": "ik neem dit op"})


@pytest.fixture
def erasing_db(database: SqlDatabase) -> Database:
    return database


def test_personal_values_go_and_the_chain_stays_whole(erasing_db: Database, database: SqlDatabase) -> None:
    with erasing_db.transaction() as unit:
        first = unit.log.append(ENTRY)
        second = unit.log.append(replace(ENTRY, event_id="event-2"))
        assert unit.log.erase_personal([first.number]) == 1
        assert unit.log.erase_personal([first.number]) == 0
        assert unit.log.erase_personal([]) == 0
        assert unit.log.list_call("call-1") == [replace(first, personal={}), second]
    key = NoteSigner.from_seed("spelregel.test/log", bytes(32)).key
    assert verify_log(database, [key], []).whole


def test_residue_is_cleared_again_and_again_and_nothing_else_goes(erasing_db: Database, database: SqlDatabase) -> None:
    with erasing_db.transaction() as unit:
        first = unit.log.append(ENTRY)
        second = unit.log.append(replace(ENTRY, call_id="call-2", event_id="event-2"))
        unit.log.erase_personal([first.number])
    database.clear_residue()
    database.clear_residue()
    with erasing_db.reading() as unit:
        assert unit.log.list_call("call-1") == [replace(first, personal={})]
        assert unit.log.list_call("call-2") == [second]
    key = NoteSigner.from_seed("spelregel.test/log", bytes(32)).key
    assert verify_log(database, [key], []).whole


def test_postgresql_has_no_erased_rows_in_its_tables_and_indexes_after_clearing(postgres_url: str) -> None:
    """By its own account: VACUUM was here, its indexes too, and no dead row is left."""
    database = SqlDatabase(postgres_url)
    with database.transaction() as unit:
        numbers = [unit.log.append(replace(ENTRY, event_id=f"event-{number}")).number for number in range(50)]
    with database.transaction() as unit:
        unit.log.erase_personal(numbers[:40])
    database.clear_residue()
    with database.snapshot() as connection:
        told = "SELECT vacuum_count, n_dead_tup FROM pg_stat_user_tables WHERE relname = %s"
        for table in ("log_personal", "call_words", "caller_numbers"):
            vacuums, dead = connection.exec_driver_sql(told, (table,)).one()
            assert vacuums == 1
            assert dead == 0
        untouched = connection.exec_driver_sql(told, ("log_entries",)).one()
    assert untouched.vacuum_count == 0
    database.close()


def test_a_role_that_may_not_vacuum_is_no_fault(postgres_url: str) -> None:
    """PostgreSQL passes its tables over with a warning."""
    owner = SqlDatabase(postgres_url)
    with owner.transaction() as unit:
        unit.log._connection.exec_driver_sql("CREATE ROLE clerk LOGIN")
        unit.log._connection.exec_driver_sql("GRANT SELECT ON ALL TABLES IN SCHEMA public TO clerk")
    clerk = SqlDatabase(postgres_url.replace("postgres@", "clerk@"))
    clerk.clear_residue()
    clerk.close()
    with owner.transaction() as unit:
        unit.log._connection.exec_driver_sql("DROP OWNED BY clerk")
        unit.log._connection.exec_driver_sql("DROP ROLE clerk")
    owner.close()


def test_an_entry_is_found_by_the_id_of_its_event(erasing_db: Database) -> None:
    with erasing_db.transaction() as unit:
        entry = unit.log.append(ENTRY)
    with erasing_db.reading() as unit:
        assert unit.log.find_event("event-1") == entry
        assert unit.log.find_event("event-2") is None


def test_numbers_of_calls_that_ended_are_listed_by_profile_until_they_are_forgotten(erasing_db: Database) -> None:
    ended = replace(CALL, call_id="ended", call_sid="CA2", closed_at=NOON)
    later = replace(CALL, call_id="later", call_sid="CA3", closed_at=NOON + DAY)
    other = replace(CALL, call_id="other", call_sid="CA4", closed_at=NOON, policy_digest="digest-2", agency="uwv")
    with erasing_db.transaction() as unit:
        assert unit.calls.list_profiles_with_numbers() == []
        for call in (CALL, later, ended, other):
            unit.calls.insert(call)
            unit.calls.set_caller_number(call.call_id, "+31612345678")
    with erasing_db.transaction() as unit:
        assert unit.calls.list_profiles_with_numbers() == [("ind", "digest-1"), ("uwv", "digest-2")]
        assert unit.calls.list_ended_with_number("digest-1", NOON) == [ended]
        assert unit.calls.list_ended_with_number("digest-1", NOON + DAY) == [ended, later]
        unit.calls.forget_caller_number("ended")
        unit.calls.forget_caller_number("ended")
        assert unit.calls.find_caller_number("ended") is None
        assert unit.calls.list_ended_with_number("digest-1", NOON) == []
    roll_back(erasing_db, lambda unit: unit.calls.forget_caller_number("other"))
    with erasing_db.reading() as unit:
        assert unit.calls.find_caller_number("other") == "+31612345678"


def test_calls_that_ended_are_remembered_until_they_are_forgotten(erasing_db: Database) -> None:
    ended = replace(CALL, call_id="ended", call_sid="CA2", closed_at=NOON)
    later = replace(CALL, call_id="later", call_sid="CA3", closed_at=NOON + DAY)
    other = replace(CALL, call_id="other", call_sid="CA4", closed_at=NOON, policy_digest="digest-2")
    with erasing_db.transaction() as unit:
        for call in (CALL, later, ended, other):
            unit.calls.insert(call)
        assert unit.calls.list_ended_remembered("digest-1", NOON - DAY) == []
        assert unit.calls.list_ended_remembered("digest-1", NOON) == [ended]
        assert unit.calls.list_ended_remembered("digest-1", NOON + DAY) == [ended, later]
        assert unit.calls.list_ended_remembered("digest-1", NOON + DAY, held=True) == []
        unit.calls.mark_forgotten("ended", NOON + DAY)
        assert unit.calls.get("ended") == replace(ended, forgotten_at=NOON + DAY)
        assert unit.calls.list_ended_remembered("digest-1", NOON + DAY) == [later]


def test_profiles_are_listed_by_agency(erasing_db: Database) -> None:
    with erasing_db.transaction() as unit:
        for slug, digest in (("uwv", "digest-2"), ("ind", "digest-1"), ("ind", "digest-3")):
            unit.policies.keep(digest, slug, "1", "", NOON)
        assert unit.policies.list_profiles() == [("ind", "digest-1"), ("ind", "digest-3"), ("uwv", "digest-2")]
