"""What every `LogReader` keeps to."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from ivr.ports import Database
from storage.errors import LogBroken
from storage.records import CallRecord, CaseRecord, ChainRecord, NewEntry
from storage.session import SqlDatabase
from storage.tables import log_entries

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CALL = CallRecord("call-1", "CA1", "ind", "digest", NOON, "{}")
CASE = CaseRecord("case-1", "covert", "ind", "digest", None, "told", "medewerker", NOON, None, None, None, "{}")


@pytest.fixture
def filled(database: SqlDatabase) -> SqlDatabase:
    """Calls on three days, an agency beside them, a case of the first call that is opened late, a case of none."""
    with database.transaction() as unit:
        for number in (1, 2, 3):
            at = NOON + (number - 1) * DAY
            unit.calls.insert(replace(CALL, call_id=f"call-{number}", call_sid=f"CA{number}", opened_at=at))
        unit.calls.insert(replace(CALL, call_id="other", call_sid="CA9", agency="uwv"))
        unit.cases.insert(replace(CASE, opened_at=NOON + DAY))
        unit.cases.insert(replace(CASE, case_id="case-2", call_id="call-1", opened_at=NOON + 2 * DAY))
        for n, chain in enumerate(("call-1", "case-1", "call-2", "call-1", "other", "call-1")):
            unit.log.append(NewEntry(chain, f"event-{n}", "answer:yes", NOON + 9 * DAY, {"n": n}, {"answer": "ja"}))
    return database


def read(db: Database, since: datetime, until: datetime, *agencies: str) -> list[ChainRecord]:
    with db.reading() as unit:
        return list(unit.chains.stream_chains(agencies or ("ind",), since, until))


def names(db: Database, since: datetime, until: datetime, *agencies: str) -> list[str]:
    return [record.chain for record in read(db, since, until, *agencies)]


def test_a_chain_has_everything_until_now_in_order_and_nothing_personal(filled: SqlDatabase) -> None:
    first = read(filled, NOON, NOON + DAY)[0]
    assert (first.chain, first.agency, first.call_opened_at) == ("call-1", "ind", NOON)
    assert [entry.facts["n"] for entry in first.entries] == [0, 3, 5]
    assert [case.case_id for case in first.cases] == ["case-2"]
    assert not any(entry.personal for entry in first.entries)


def test_a_period_has_its_first_moment_and_not_its_last(filled: SqlDatabase) -> None:
    assert names(filled, NOON, NOON + DAY) == ["call-1"]
    assert names(filled, NOON + timedelta(microseconds=1), NOON + DAY) == []
    assert names(filled, NOON + DAY, NOON + 2 * DAY) == ["call-2", "case-1"]
    assert names(filled, NOON, NOON) == []


def test_a_case_that_was_opened_in_the_period_brings_its_earlier_call(filled: SqlDatabase) -> None:
    assert names(filled, NOON + 2 * DAY, NOON + 3 * DAY) == ["call-1", "call-3"]


def test_only_the_agencies_that_are_asked_for(filled: SqlDatabase) -> None:
    assert names(filled, NOON, NOON + 9 * DAY, "uwv") == ["other"]
    assert names(filled, NOON, NOON + 9 * DAY, "uwv", "ind") == ["call-1", "call-2", "call-3", "case-1", "other"]
    assert names(filled, NOON, NOON + 9 * DAY, "cak") == []


def test_a_case_of_no_call_has_no_time_of_a_call(filled: SqlDatabase) -> None:
    case = read(filled, NOON + DAY, NOON + 2 * DAY)[1]
    assert (case.chain, case.agency, case.call_opened_at) == ("case-1", "ind", None)


def test_more_chains_than_are_read_at_once(database: SqlDatabase) -> None:
    made = [f"call-{n:04}" for n in range(1201)]
    with database.transaction() as unit:
        for name in made:
            unit.calls.insert(replace(CALL, call_id=name, call_sid=name))
        unit.log.append(NewEntry(made[-1], "event", "call:opened", NOON))
    found = read(database, NOON, NOON + DAY)
    assert [record.chain for record in found] == made
    assert len(found[-1].entries) == 1


def test_a_harmed_entry_is_named(filled: SqlDatabase) -> None:
    with filled._own().engine.begin() as connection:
        connection.execute(update(log_entries).where(log_entries.c.number == 3).values(body="{"))
    with pytest.raises(LogBroken, match="entry 3"):
        read(filled, NOON, NOON + DAY)
