"""What every `HoldStore` keeps to, and what the other stores do with what is held."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from ivr.ports import Database
from storage.errors import ConstraintBroken, UnknownCall
from storage.oversight import HoldRecord
from storage.records import CallRecord, CaseRecord, RecordingRow
from storage.session import SqlDatabase
from tests.contracts.rolling_back import roll_back

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
CALL = CallRecord("call-1", "CA1", "ind", "digest-1", NOON, "{}", closed_at=NOON)
HOLD = HoldRecord("hold-1", "call-1", "ind", "klacht", NOON, "l.smit")


@pytest.fixture
def holds_db(database: SqlDatabase) -> Database:
    with database.transaction() as unit:
        for number in (1, 2, 3):
            unit.calls.insert(replace(CALL, call_id=f"call-{number}", call_sid=f"CA{number}"))
    return database


def test_a_call_has_one_active_hold(holds_db: Database) -> None:
    with holds_db.transaction() as unit:
        assert unit.holds.add(HOLD)
        assert not unit.holds.add(replace(HOLD, hold_id="hold-2"))
        assert unit.holds.find_active("call-1") == HOLD
        assert unit.holds.find_active("call-2") is None
        assert unit.holds.ask_release("hold-1", NOON, "l.smit", "klaar")
        assert unit.holds.release("hold-1", NOON + DAY, "p.groen")
        assert unit.holds.find_active("call-1") is None
        assert unit.holds.add(replace(HOLD, hold_id="hold-2", placed_at=NOON + DAY))
        assert [one.hold_id for one in unit.holds.list_call("call-1")] == ["hold-1", "hold-2"]
    with pytest.raises(ConstraintBroken), holds_db.transaction() as unit:
        unit.holds.add(replace(HOLD, hold_id="hold-3", call_id="nothing"))


def test_a_release_is_asked_once_and_confirmed_by_somebody_else(holds_db: Database) -> None:
    with holds_db.transaction() as unit:
        unit.holds.add(HOLD)
        assert not unit.holds.release("hold-1", NOON, "p.groen")
        assert not unit.holds.refuse_release("hold-1")
        assert unit.holds.ask_release("hold-1", NOON, "l.smit", "klaar")
        assert not unit.holds.ask_release("hold-1", NOON, "p.groen", "klaar")
        assert not unit.holds.release("hold-1", NOON, "l.smit")
        assert unit.holds.refuse_release("hold-1")
        assert unit.holds.find_active("call-1") == HOLD
        assert unit.holds.ask_release("hold-1", NOON, "p.groen", "klaar")
        assert unit.holds.release("hold-1", NOON + DAY, "l.smit")
        assert not unit.holds.release("hold-1", NOON + DAY, "x.ander")
        assert not unit.holds.ask_release("hold-1", NOON, "l.smit", "klaar")
    roll_back(holds_db, lambda unit: unit.holds.add(replace(HOLD, hold_id="hold-2")))
    with holds_db.reading() as unit:
        (released,) = unit.holds.list_call("call-1")
    assert (released.release_asked_by, released.released_by, released.released_at) == ("p.groen", "l.smit", NOON + DAY)


def test_active_holds_are_listed_by_age_and_agency(holds_db: Database) -> None:
    with holds_db.transaction() as unit:
        for number in (3, 1, 2):
            at = NOON + number * DAY
            unit.holds.add(replace(HOLD, hold_id=f"hold-{number}", call_id=f"call-{number}", placed_at=at))
        assert [one.hold_id for one in unit.holds.list_active(["ind", "uwv"], 2)] == ["hold-1", "hold-2"]
        assert [one.hold_id for one in unit.holds.list_active(["ind"], 2, "hold-2")] == ["hold-3"]
        assert unit.holds.list_active(["uwv"], 2) == []
        assert unit.holds.list_active(["ind"], 2, "nothing") == []


def test_a_call_is_locked_where_it_is_there(holds_db: Database) -> None:
    with holds_db.transaction() as unit:
        unit.calls.lock("call-1")
        with pytest.raises(UnknownCall):
            unit.calls.lock("nothing")


def test_what_is_due_is_listed_apart_from_what_is_held(holds_db: Database) -> None:
    recording = RecordingRow("r-1", "call-1", "RE1", "key", "ok", 9, "d", 2, 8000, 1, 1.0, NOON, NOON)
    case = CaseRecord("case-1", "covert", "ind", "d", "call-1", "closed", "x", NOON, None, NOON, NOON, "{}")
    with holds_db.transaction() as unit:
        for number in (1, 2):
            call_id = f"call-{number}"
            row = replace(recording, recording_id=f"r-{number}", recording_sid=f"RE{number}", call_id=call_id)
            unit.recordings.add(row)
            unit.cases.insert(replace(case, case_id=f"case-{number}", call_id=call_id))
            unit.calls.set_caller_number(call_id, "+31612345678")
        unit.cases.insert(replace(case, case_id="case-0", call_id=None))
        unit.holds.add(HOLD)
    with holds_db.reading() as unit:
        assert [row.call_id for row in unit.recordings.list_due(NOON)] == ["call-2"]
        assert [row.call_id for row in unit.recordings.list_due(NOON, held=True)] == ["call-1"]
        assert [row.case_id for row in unit.cases.list_due(NOON)] == ["case-0", "case-2"]
        assert [row.case_id for row in unit.cases.list_due(NOON, held=True)] == ["case-1"]
        assert [call.call_id for call in unit.calls.list_ended_with_number("digest-1", NOON)] == ["call-2"]
        assert [call.call_id for call in unit.calls.list_ended_with_number("digest-1", NOON, held=True)] == ["call-1"]
