"""What a call is found by follows its dialogue, move by move."""

from ivr.dialogue.events import Heard, ObjectionRaised, ObjectionWithdrawn, ThirdPersonPresent
from storage.records import CallFacts, CallFilter
from tests.builders import CALLER, NUMBER, House


def facts(house: House) -> CallFacts:
    with house.wiring.database.reading() as unit:
        (found,) = unit.search.find(CallFilter(agencies=("example",)), 9)
    return found


def test_a_new_call_is_there_with_its_line_and_nobody_who_answered(house: House) -> None:
    house.dial_in()
    call = house.call
    assert call.line == NUMBER
    assert facts(house) == CallFacts(
        call.call_id, "example", call.opened_at, NUMBER, "greeting", "none", "none", "", "", third_person=False
    )


def test_each_move_shows(house: House) -> None:
    house.together()
    assert (facts(house).state, facts(house).employee) == ("talking", "client:medewerker")
    house.hears(Heard.REQUEST, "ik neem dit gesprek op")
    assert facts(house).caller_recording == "announced"
    house.announced(3)
    house.hears(Heard.YES, "ja")
    house.announced(4)
    assert (facts(house).caller_recording, facts(house).agency_recording) == ("confirmed", "started")
    house.happens(ThirdPersonPresent("een tolk", "employee"))
    assert facts(house).third_person
    house.happens(ObjectionRaised("privacy", "verslag"))
    assert (facts(house).caller_recording, facts(house).reason) == ("objected", "privacy")
    house.happens(ObjectionWithdrawn())
    assert facts(house).reason == ""
    house.post("/voice/status", {"CallSid": house.call.call_sid, "CallStatus": "completed"})
    assert (facts(house).state, facts(house).employee) == ("ended", "client:medewerker")


def test_what_comes_twice_or_changes_nothing_writes_nothing(house: House) -> None:
    house.together()
    before = facts(house)
    house.room("participant-join", 2, "CA" + "2" * 32)
    assert facts(house) == before


def test_a_caller_is_found_by_the_hash_of_their_number_only(house: House) -> None:
    house.dial_in()
    numbers = house.wiring.numbers
    wanted = CallFilter(agencies=("example",), number_hash=numbers.hash_of(CALLER))
    assert list(house.wiring.supervision.walk(wanted, 9)) == [house.call.call_id]
    with house.wiring.database.snapshot() as connection:
        tables = ("calls", "call_facts", "call_words", "told_texts", "log_entries", "jobs")
        stored = [connection.exec_driver_sql(f"SELECT * FROM {table}").all() for table in tables]  # noqa: S608
    assert CALLER not in repr(stored)
