"""What every `ConsentLog` keeps to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone

import pytest

from ivr.ports import Database
from storage.records import LoggedEntry, NewEntry
from storage.session import SqlDatabase
from tests.contracts.rolling_back import roll_back

NOON = datetime(2026, 11, 22, 12, 0, 0, 123456, UTC)
ENTRY = NewEntry(
    call_id="call-1",
    event_id="event-1",
    tag="answer:yes",
    occurred_at=NOON,
    facts={"confidence": 0.92, "channel": "speech", "words": ["ja", "hoor"], "key": None},
    personal={"heard": "ja hoor, dat is goed"},
)


@pytest.fixture
def log_db(database: SqlDatabase) -> Database:
    return database


def append(log_db: Database, entry: NewEntry = ENTRY) -> LoggedEntry:
    with log_db.transaction() as unit:
        return unit.log.append(entry)


def test_an_entry_comes_back_as_it_was_logged(log_db: Database) -> None:
    logged = append(log_db)
    assert (logged.number, logged.call_number, logged.tag, logged.occurred_at) == (0, 0, "answer:yes", NOON)
    assert (logged.facts, logged.personal) == (ENTRY.facts, ENTRY.personal)
    assert len(bytes.fromhex(logged.entry_hash)) == 32
    with log_db.transaction() as unit:
        assert unit.log.list_call("call-1") == [logged]


def test_numbers_count_over_all_calls_and_within_each(log_db: Database) -> None:
    calls = ["call-1", "call-2", "call-1", "call-2", "call-1"]
    logged = [append(log_db, replace(ENTRY, call_id=call, event_id=f"e{n}")) for n, call in enumerate(calls)]
    assert [entry.number for entry in logged] == [0, 1, 2, 3, 4]
    assert [entry.call_number for entry in logged] == [0, 0, 1, 1, 2]
    with log_db.transaction() as unit:
        assert unit.log.list_call("call-1") == [logged[0], logged[2], logged[4]]


def test_the_same_event_again_gives_the_entry_that_is_there(log_db: Database) -> None:
    first = append(log_db)
    assert append(log_db, replace(ENTRY, tag="answer:no", personal={"heard": "nee"})) == first
    assert append(log_db, replace(ENTRY, event_id="event-2")).number == 1


def test_several_entries_in_one_transaction(log_db: Database) -> None:
    with log_db.transaction() as unit:
        numbers = [unit.log.append(replace(ENTRY, event_id=f"e{n}")).number for n in range(9)]
        assert len(unit.log.list_call("call-1")) == 9
    assert numbers == list(range(9))


def test_a_roll_back_leaves_no_gap(log_db: Database) -> None:
    append(log_db)
    roll_back(log_db, lambda unit: unit.log.append(replace(ENTRY, event_id="event-2")))
    assert append(log_db, replace(ENTRY, event_id="event-3")).number == 1


def test_text_is_kept_in_one_unicode_form(log_db: Database) -> None:
    logged = append(log_db, replace(ENTRY, facts={"reden": "privacy\u0308"}, personal={"naam": "Zoe\u0308"}))
    assert logged.personal == {"naam": "Zo\u00eb"}
    with log_db.transaction() as unit:
        assert unit.log.list_call("call-1") == [logged]


def test_times_are_kept_in_utc(log_db: Database) -> None:
    logged = append(log_db, replace(ENTRY, occurred_at=NOON.astimezone(timezone(timedelta(hours=1)))))
    assert logged.occurred_at.isoformat() == "2026-11-22T12:00:00.123456+00:00"


@pytest.mark.parametrize(
    "change",
    [
        {"tag": "recording:copy:sent"},
        {"tag": ""},
        {"occurred_at": NOON.replace(tzinfo=None)},
        {"facts": {"bytes": 2**53}},
        {"facts": {"score": float("nan")}},
        {"facts": {"score": 2.0**53}},
        {"facts": {"e\u0301": 1, "\u00e9": 2}},
        {"personal": {"heard": "ja\x00"}},
        {"personal": {"heard": "\ud800"}},
    ],
)
def test_what_the_log_cannot_keep_exactly_is_refused_and_nothing_is_written(
    log_db: Database, change: dict[str, object]
) -> None:
    with pytest.raises(ValueError), log_db.transaction() as unit:  # noqa: PT011  each has its own message
        unit.log.append(replace(ENTRY, **change))  # type: ignore[arg-type]  # wrong on purpose
    assert append(log_db).number == 0
