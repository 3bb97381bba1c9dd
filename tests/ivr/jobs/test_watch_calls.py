"""Calls that nobody reports on any more."""

from ivr.dialogue.states import State
from ivr.errors import CarrierBusy, CarrierRefused
from tests.builders import House


def watch(house: House, seconds: float) -> list[str]:
    house.clock.pass_s(seconds)
    house.carrier.take()
    house.wiring.watch.look_after_all()
    return [asked.verb for asked in house.carrier.take()]


def stream_seen(house: House, stream_sid: str = "MZ1") -> None:
    call_id, now = house.call.call_id, house.clock.now()
    with house.wiring.database.transaction() as unit:
        unit.streams.opened(stream_sid, call_id, now)
        unit.streams.seen(stream_sid, now)


def test_a_call_that_ended_without_a_word_is_closed(house: House) -> None:
    house.recorded()
    house.carrier.status = "completed"
    assert watch(house, 16)[0] == "call_status"
    assert house.dialogue.state is State.ENDED
    assert house.entry("call:ended").facts["reason"] == "found ended"
    assert house.entry("recording:stopped").facts["reason"] == "the call ended"
    assert watch(house, 16) == []


def test_a_call_that_the_carrier_forgot_is_closed(house: House) -> None:
    house.together()
    house.carrier.fail("call_status", CarrierRefused("20404", 404))
    watch(house, 16)
    assert house.dialogue.state is State.ENDED


def test_a_stream_that_gives_signs_of_life_is_left_alone(house: House) -> None:
    house.together()
    for _ in range(5):
        assert watch(house, 14) == []
        stream_seen(house)


def test_a_stream_that_fell_silent_is_asked_for_again_at_a_pace(house: House) -> None:
    """Each time is an entry in the consent log: not one every five seconds."""
    house.together()
    stream_seen(house)
    assert watch(house, 16) == ["call_status", "start_stream"]
    for _ in range(8):
        assert watch(house, 5) == ["call_status"]
    assert watch(house, 5) == ["call_status", "start_stream"]
    assert house.tags.count("stream:lost") == 2
    stream_seen(house, "MZ2")
    assert watch(house, 14) == []
    assert watch(house, 2) == ["call_status", "start_stream"]


def test_a_call_whose_stream_never_began(house: House) -> None:
    house.together()
    assert watch(house, 16) == ["call_status", "start_stream"]


def test_a_carrier_that_does_not_answer_leaves_the_call_open(house: House) -> None:
    house.together()
    for fault in (CarrierBusy("503"), CarrierRefused("401", 401)):
        house.carrier.fail("call_status", fault)
        assert watch(house, 16) == ["call_status"]
        assert house.dialogue.state is State.TALKING
