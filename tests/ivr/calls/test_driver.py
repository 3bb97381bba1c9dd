"""Moving calls: once per event, all of a move or nothing, and nothing lost between the database and the carrier."""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ivr.calls.jobs import JobKind
from ivr.dialogue.events import EmployeeJoined, EmployeeLeft, Heard, HoldStarted, UtteranceHeard
from ivr.dialogue.states import AgencyRecording, State
from ivr.errors import CarrierBusy, CarrierRefused
from storage.consent_log.export import verify_log
from storage.errors import ConstraintBroken, UnknownCall
from tests.builders import CALL_SID, EMPLOYEE_SID, House


def is_whole(house: House) -> bool:
    return verify_log(house.wiring.database, house.wiring.log_keys, []).whole


@pytest.fixture(params=["sqlite", "postgresql"])
def any_house(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[House]:
    url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    house = House(tmp_path, url)
    yield house
    house.close()


# ---------------------------------------------------------------- one event moves a call once


def at_once(house: House, *deeds: Callable[[], object]) -> list[BaseException]:
    """Do all of them at the same moment, each in a thread; gives what went wrong."""
    faults: list[BaseException] = []
    gate = threading.Barrier(len(deeds))

    def do(deed: Callable[[], object]) -> None:
        gate.wait()
        try:
            deed()
        except Exception as fault:  # noqa: BLE001 - whatever it is, the test names it
            faults.append(fault)

    threads = [threading.Thread(target=do, args=(deed,)) for deed in deeds]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


def test_threads_that_move_one_call_lose_nothing(any_house: House) -> None:
    """Twelve events from twelve threads: each is applied once, on a version that nobody else has moved."""
    house = any_house
    house.recorded()
    version = house.call.version
    call_id = house.call.call_id
    handle = house.wiring.driver.handle
    wish = UtteranceHeard(Heard.COPY, "ik wil een kopie", 0.9)
    deeds = [lambda n=n: handle(call_id, HoldStarted() if n == 0 else wish, key=f"event-{n}") for n in range(12)]
    assert at_once(house, *deeds) == []
    assert house.tags.count("hold:started") == 1
    assert house.tags.count("copy:wanted") == 1
    assert house.call.version == version + 2, "what was ignored moved nothing"
    assert is_whole(house)


def test_one_event_that_comes_in_twelve_threads_counts_once(any_house: House) -> None:
    house = any_house
    house.dial_in()
    house.leg(1)
    house.room("participant-join", 1, CALL_SID)
    call_id = house.call.call_id
    deeds = [lambda: house.wiring.driver.handle(call_id, EmployeeJoined(), key="joined")] * 12
    assert at_once(house, *deeds) == []
    assert house.tags.count("employee:joined") == 1


def test_a_call_that_is_opened_in_eight_threads_is_one_call(any_house: House) -> None:
    house = any_house
    opened = [lambda: house.wiring.driver.open(CALL_SID, "+31201234567", "+31612345678")] * 8
    assert at_once(house, *opened) == []
    assert house.tags == ["call:opened"]


def test_an_unknown_call_is_not_moved(house: House) -> None:
    with pytest.raises(UnknownCall):
        house.wiring.driver.handle("nobody", EmployeeLeft())


# ---------------------------------------------------------------- all of a move, or nothing


def test_a_move_whose_last_write_fails_leaves_nothing(house: House) -> None:
    """The yes is written, its entry too, and then the database refuses a timer: as if nobody had said anything."""
    house.together()
    house.hears(Heard.REQUEST, "ik neem op")
    house.announced(3)
    before = (house.dialogue, house.tags, house.call.version, house.waiting())
    refuse_timers(house, "BEFORE INSERT ON jobs BEGIN SELECT RAISE(ABORT, 'no more jobs'); END")
    house.carrier.take()
    with pytest.raises(ConstraintBroken):
        house.hears(Heard.YES, "ja")
    assert (house.dialogue, house.tags, house.call.version, house.waiting()) == before
    assert house.carrier.asked == [], "nothing is asked before everything is durable"
    assert is_whole(house)


def refuse_timers(house: House, trigger: str) -> None:
    """Harm the database as a full disk or a bad migration would: one table takes nothing."""
    with sqlite3.connect(house.folder / "spelregel.db") as connection:
        connection.execute(f"CREATE TRIGGER harm {trigger}")
    connection.close()


# ---------------------------------------------------------------- between the database and the carrier


def crash_at(house: House, verb: str, deed: Callable[[], object]) -> None:
    """Our process ends right after the carrier was asked, before the answer is dealt with."""
    house.carrier.fail(verb, SystemExit("kill -9"))
    with pytest.raises(SystemExit):
        deed()
    house.carrier.take()


def later(house: House, seconds: float) -> list[str]:
    """What a worker that starts after the crash asks the carrier."""
    house.clock.pass_s(seconds)
    house.run_jobs()
    return [asked.verb for asked in house.carrier.take()]


def test_a_lost_announcement_counts_as_not_played(house: House) -> None:
    """Crash before it was asked for: its timer blocks the recording, and both are told."""
    house.together()
    house.hears(Heard.REQUEST, "ik neem op")
    house.announced(3)
    crash_at(house, "announce", lambda: house.hears(Heard.YES, "ja"))
    assert house.tags[-1] == "consent:given"
    assert later(house, 60) == ["announce"]
    assert house.entry("recording:blocked").facts["reason"] == "its end was not reported"
    assert is_whole(house)


def test_a_lost_start_is_asked_for_again(house: House) -> None:
    house.confirmed()
    crash_at(house, "start_recording", lambda: house.announced(4))
    assert later(house, 11) == ["start_recording"]
    assert house.dialogue.state is State.RECORDING


def test_a_lost_stop_is_made_good(house: House) -> None:
    """The worst window: the caller withdrew, and the carrier was never told."""
    house.recorded()
    crash_at(house, "stop_recording", lambda: house.hears(Heard.STOP, "stop de opname"))
    assert house.entry("recording:stopped").facts["reason"] == "withdrawn"
    assert "stop_recording" in later(house, 11)


def test_a_lost_move_is_made_good(house: House) -> None:
    """The employee left: the caller must not wait alone in an empty room."""
    house.recorded()
    crash_at(house, "move_caller", lambda: house.room("participant-leave", 5, EMPLOYEE_SID))
    assert later(house, 11) == ["move_caller"]
    assert house.dialogue.state is State.OFFERING


def test_a_lost_ring_is_made_good_unless_the_employee_has_come(house: House) -> None:
    house.dial_in()
    house.leg(1)
    crash_at(house, "ring_employee", lambda: house.room("participant-join", 1, CALL_SID))
    assert later(house, 11) == ["ring_employee"]
    assert later(house, 11) == []


def test_a_ring_that_was_lost_only_for_us_is_not_repeated(house: House) -> None:
    house.dial_in()
    house.leg(1)
    crash_at(house, "ring_employee", lambda: house.room("participant-join", 1, CALL_SID))
    house.room("participant-join", 2, EMPLOYEE_SID)
    assert later(house, 11) == []


def test_what_was_obeyed_leaves_no_order(house: House) -> None:
    house.recorded()
    house.happens(HoldStarted())
    assert "pause_recording" in house.carrier.verbs()
    with house.wiring.database.transaction() as unit:
        assert unit.outbox.claim([JobKind.CARRIER_ORDER], house.clock.now().replace(year=2030), 1.0) is None


def test_a_pause_that_the_carrier_is_too_busy_for_waits(house: House) -> None:
    house.recorded()
    house.carrier.fail("pause_recording", CarrierBusy("429"), CarrierBusy("429"))
    house.happens(HoldStarted())
    house.carrier.take()
    assert "pause_recording" in later(house, 11)
    assert "pause_recording" in later(house, 3)
    assert "pause_recording" not in later(house, 3)


def test_a_pause_that_waits_is_forgotten_when_the_caller_withdraws(house: House) -> None:
    """What waits is not "pause" but "as the dialogue says": by then that is a stop."""
    house.recorded()
    house.carrier.fail("pause_recording", CarrierBusy("429"))
    house.carrier.fail("stop_recording", CarrierBusy("429"))
    house.happens(HoldStarted())
    house.hears(Heard.STOP, "stop de opname")
    house.carrier.take()
    verbs = later(house, 11)
    assert "stop_recording" in verbs
    assert "pause_recording" not in verbs


def test_a_command_that_is_refused_is_not_repeated(house: House) -> None:
    """The recording ended with its call: there is nothing left to command."""
    house.recorded()
    house.carrier.fail("pause_recording", CarrierRefused("21220", 404))
    house.happens(HoldStarted())
    house.carrier.take()
    assert "pause_recording" not in later(house, 11)
    assert house.waiting()["parked"] == 0


def test_orders_that_overtake_each_other_end_with_the_newest(house: House) -> None:
    """While the pause is on its way the caller withdraws: the one who paused stops it too."""
    house.recorded()
    call_id = house.call.call_id

    def withdraw_meanwhile(asked: object) -> None:
        if getattr(asked, "verb", "") == "pause_recording":
            house.carrier.watch = lambda _: None
            house.wiring.driver.handle(call_id, UtteranceHeard(Heard.STOP, "stop de opname", 0.9))

    house.carrier.watch = withdraw_meanwhile
    house.carrier.take()
    house.happens(HoldStarted())
    commands = [verb for verb in house.carrier.verbs() if verb.endswith("_recording")]
    assert commands[0] == "pause_recording"
    assert commands[-1] == "stop_recording"


@pytest.mark.parametrize("verb", ["move_caller", "start_stream", "end_conference"])
def test_a_carrier_that_is_away_costs_a_delay(house: House, verb: str) -> None:
    house.recorded()
    house.carrier.fail(verb, CarrierBusy("503"))
    if verb == "start_stream":
        call_id = house.call.call_id
        with house.wiring.database.transaction() as unit:
            unit.streams.opened("MZ1", call_id, house.clock.now())
        house.wiring.driver.lose_stream(call_id, "MZ1")
    elif verb == "move_caller":
        house.room("participant-leave", 5, EMPLOYEE_SID)
    else:
        house.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"})
    house.carrier.take()
    assert verb in later(house, 11)


def test_after_the_end_only_the_room_and_the_recording_are_seen_to(house: House) -> None:
    house.recorded()
    house.carrier.fail("move_caller", CarrierBusy("503"))
    house.room("participant-leave", 5, EMPLOYEE_SID)
    house.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"})
    house.carrier.take()
    assert "move_caller" not in later(house, 11)


def test_an_employee_who_cannot_be_rung_is_unreachable(house: House) -> None:
    house.dial_in()
    house.leg(1)
    house.carrier.fail("ring_employee", CarrierRefused("no such number", 400))
    house.room("participant-join", 1, CALL_SID)
    assert house.dialogue.state is State.CLOSING
    assert house.carrier.verbs() == ["ring_employee", "move_caller"]


def test_a_recording_that_is_refused_is_told(house: House) -> None:
    house.confirmed()
    house.carrier.fail("start_recording", CarrierRefused("not eligible", 400))
    house.announced(4)
    assert house.entry("recording:failed").facts["reason"] == "not eligible"
    assert house.dialogue.agency_recording is AgencyRecording.FAILED
    assert house.carrier.verbs()[-1] == "announce"


def test_an_announcement_that_is_refused_blocks_the_recording(house: House) -> None:
    house.together()
    house.hears(Heard.REQUEST, "ik neem op")
    house.announced(3)
    house.carrier.fail("announce", CarrierBusy("503"))
    house.hears(Heard.YES, "ja")
    assert "recording:blocked" in house.tags
    assert "start_recording" not in house.carrier.verbs()


# ---------------------------------------------------------------- what stands in the log


def test_an_entry_about_a_prompt_holds_its_words_but_not_the_code(house: House) -> None:
    house.dial_in(From="+31201111111")
    house.leg(1)
    assert "U mag dit gesprek opnemen" in str(house.entry("prompt:played").facts["text"])
    house.room("participant-join", 1, CALL_SID)
    house.room("participant-join", 2, EMPLOYEE_SID)
    house.hears(Heard.REQUEST, "ik neem op")
    house.announced(3)
    house.hears(Heard.YES, "ja")
    house.announced(4)
    house.room("participant-leave", 5, EMPLOYEE_SID)
    offer = house.dialogue.speaking
    assert offer is not None
    answer = house.leg(offer.prompt_id, Digits="1").get_data(as_text=True)
    code = house.wiring.links.copy_code(house.call.call_id)
    assert ", ".join(" ".join(code[at : at + 3]) for at in range(0, 12, 3)) in answer
    told = house.dialogue.speaking
    assert told is not None
    house.leg(told.prompt_id)
    assert "0 0 0" in str(house.entry("prompt:played").facts["text"])


def test_what_permits_names_the_profile(house: House) -> None:
    house.confirmed()
    policy = house.wiring.agencies.now("example")
    for tag in ("call:opened", "consent:given"):
        facts = house.entry(tag).facts
        assert (facts["profile_version"], facts["profile_digest"]) == (policy.version, policy.digest)
