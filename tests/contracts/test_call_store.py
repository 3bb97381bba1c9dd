"""What every `CallStore` keeps to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.ports import Database
from storage.errors import DuplicateCall, UnknownCall, VersionConflict
from storage.records import CallRecord
from storage.session import SqlDatabase
from tests.contracts.rolling_back import roll_back

NOON = datetime(2026, 11, 22, 12, 0, 0, 123456, UTC)
CALL = CallRecord("call-1", "CA1", "ind", "digest", NOON, '{"state":"listening"}')


@pytest.fixture
def calls_db(database: SqlDatabase) -> Database:
    return database


def test_a_call_comes_back_as_it_was_stored(calls_db: Database) -> None:
    with calls_db.transaction() as unit:
        unit.calls.insert(CALL)
    with calls_db.transaction() as unit:
        assert unit.calls.get("call-1") == CALL
        assert unit.calls.find_by_sid("CA1") == CALL
        assert unit.calls.find_by_sid("CA2") is None


def test_who_only_reads_sees_what_is_committed_and_waits_for_no_writer(calls_db: Database) -> None:
    with calls_db.transaction() as unit:
        unit.calls.insert(CALL)
    with calls_db.transaction() as writing:
        writing.calls.save(replace(CALL, dialogue="{}"))
        with calls_db.reading() as unit:
            assert unit.calls.get("call-1") == CALL


def test_the_same_call_sid_is_refused_and_the_transaction_goes_on(calls_db: Database) -> None:
    with calls_db.transaction() as unit:
        unit.calls.insert(CALL)
    with calls_db.transaction() as unit:
        with pytest.raises(DuplicateCall):
            unit.calls.insert(replace(CALL, call_id="call-2"))
        assert unit.calls.find_by_sid("CA1") == CALL


def test_an_unknown_call_is_an_error(calls_db: Database) -> None:
    with calls_db.transaction() as unit:
        with pytest.raises(UnknownCall):
            unit.calls.get("call-1")
        with pytest.raises(UnknownCall):
            unit.calls.save(CALL)


def test_saving_moves_the_version(calls_db: Database) -> None:
    moved = replace(CALL, dialogue="{}", conference_sid="CF1", recording_sid="RE1", closed_at=NOON)
    with calls_db.transaction() as unit:
        unit.calls.insert(CALL)
        assert unit.calls.save(moved) == replace(moved, version=1)
    with calls_db.transaction() as unit:
        assert unit.calls.get("call-1") == replace(moved, version=1)


def test_who_read_an_older_version_cannot_save(calls_db: Database) -> None:
    with calls_db.transaction() as unit:
        unit.calls.insert(CALL)
        unit.calls.save(CALL)
    with calls_db.transaction() as unit, pytest.raises(VersionConflict):
        unit.calls.save(CALL)


def test_what_a_call_was_opened_with_never_changes(calls_db: Database) -> None:
    with calls_db.transaction() as unit:
        unit.calls.insert(CALL)
        unit.calls.save(replace(CALL, agency="uwv", policy_digest="other", opened_at=NOON + timedelta(days=1)))
        assert unit.calls.get("call-1") == replace(CALL, version=1)


def test_open_calls_are_listed_oldest_first(calls_db: Database) -> None:
    later = replace(CALL, call_id="call-2", call_sid="CA2", opened_at=NOON + timedelta(seconds=1))
    closed = replace(CALL, call_id="call-3", call_sid="CA3", closed_at=NOON)
    with calls_db.transaction() as unit:
        for call in (later, closed, CALL):
            unit.calls.insert(call)
        assert unit.calls.list_open() == [CALL, later]


def test_an_exception_rolls_everything_back(calls_db: Database) -> None:
    roll_back(calls_db, lambda unit: unit.calls.insert(CALL))
    with calls_db.transaction() as unit:
        assert unit.calls.find_by_sid("CA1") is None


def test_the_caller_number_stands_apart(calls_db: Database) -> None:
    with calls_db.transaction() as unit:
        unit.calls.insert(CALL)
        assert unit.calls.find_caller_number("call-1") is None
        unit.calls.set_caller_number("call-1", "+31201234567")
        unit.calls.set_caller_number("call-1", "+31207654321")
    with calls_db.transaction() as unit:
        assert unit.calls.find_caller_number("call-1") == "+31207654321"


def test_times_without_a_zone_are_refused(calls_db: Database) -> None:
    naive = replace(CALL, opened_at=NOON.replace(tzinfo=None))
    with pytest.raises(ValueError, match="without a zone"), calls_db.transaction() as unit:
        unit.calls.insert(naive)


def test_all_calls_are_walked_page_by_page(calls_db: Database) -> None:
    made = [replace(CALL, call_id=f"call-{number}", call_sid=f"CA{number}", line="+31201234567") for number in range(5)]
    with calls_db.transaction() as unit:
        for call in made:
            unit.calls.insert(call)
        assert unit.calls.list_after("", 2) == made[:2]
        assert unit.calls.list_after("call-1", 9) == made[2:]
        assert unit.calls.list_after("call-4", 9) == []
