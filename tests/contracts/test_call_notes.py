"""What every `CallNotes` keeps to."""

from datetime import UTC, datetime, timedelta

import pytest

from ivr.ports import Database
from storage.errors import ConstraintBroken
from storage.records import CallNote, CallRecord
from storage.session import SqlDatabase

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
FIRST = CallNote("n-1", "call-1", NOON, "m.jansen", "De beller vroeg om een <b>verslag</b>.")
LATER = CallNote("n-0", "call-1", NOON + timedelta(minutes=5), "a.bakker", "Nagebeld.")
OTHER = CallNote("n-2", "call-2", NOON, "m.jansen", "Iets anders.")


@pytest.fixture
def noted(database: SqlDatabase) -> Database:
    with database.transaction() as unit:
        for number in (1, 2):
            unit.calls.insert(CallRecord(f"call-{number}", f"CA{number}", "ind", "digest", NOON, "{}"))
        assert all(unit.notes.add(note) for note in (LATER, FIRST, OTHER))
    return database


def test_notes_on_a_call_are_listed_oldest_first(noted: Database) -> None:
    with noted.reading() as unit:
        assert unit.notes.list_call("call-1") == [FIRST, LATER]
        assert unit.notes.list_call("call-3") == []


def test_the_same_note_twice_is_one_note(noted: Database) -> None:
    with noted.transaction() as unit:
        assert not unit.notes.add(CallNote("n-1", "call-1", NOON, "m.jansen", "something else"))
        assert unit.notes.list_call("call-1") == [FIRST, LATER]


def test_all_notes_on_a_call_go_together_and_others_stay(noted: Database) -> None:
    with noted.transaction() as unit:
        assert unit.notes.erase_call("call-1") == 2
        assert unit.notes.erase_call("call-1") == 0
    with noted.reading() as unit:
        assert unit.notes.list_call("call-1") == []
        assert unit.notes.list_call("call-2") == [OTHER]


def test_a_note_belongs_to_a_call(noted: Database) -> None:
    with pytest.raises(ConstraintBroken), noted.transaction() as unit:
        unit.notes.add(CallNote("n-3", "no-call", NOON, "m.jansen", "Nergens bij."))
