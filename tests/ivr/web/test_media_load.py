"""More calls than a process can listen to, and what is left of a call when it is over."""

import asyncio
import gc
from collections import deque

import pytest

from ivr.web.listening import Capacity, CapacitySettings
from ivr.web.media_socket import Listening, Stream
from speech.listener import Listener
from tests.builders import CALL_SID, House
from tests.fakes import ScriptedEngine, ScriptedRecogniser
from tests.ivr.web.media_line import SILENCE, WISH, Line, heard, play

SECOND_SID = "CA" + "9" * 32
HASTY = CapacitySettings(behind_lag_s=0.2, behind_for_s=0, caught_up_lag_s=0.2, caught_up_for_s=0, look_every_s=0.01)
STREAMS, AT_ONCE = 100, 20


def tags_of(house: House, call_sid: str) -> list[str]:
    call = house.wiring.driver.find(call_sid)
    assert call is not None
    with house.wiring.database.reading() as unit:
        return [entry.tag for entry in unit.log.list_call(call.call_id)]


async def metrics(line: Line) -> str:
    async with line.client.get("/metrics") as answer:
        assert answer.content_type == "text/plain"
        return await answer.text()


async def until_told(line: Line, what: str) -> None:
    while what not in await metrics(line):
        await asyncio.sleep(0.01)


def test_who_cannot_keep_up_does_not_listen_to_new_calls_until_it_can(
    house: House, speech: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    """The first call is listened to throughout; the second has the keys, and then is listened to as well."""
    house.together()
    house.dial_in(CallSid=SECOND_SID)
    engine = ScriptedEngine(deque([WISH, WISH]))
    engine.may_hear.clear()

    async def story(line: Line) -> None:
        async with line.socket() as first, line.socket() as second:
            await first.start("MZ1")
            await first.hear(speech)
            await until_told(line, 'spelregel_media_listens{process="0"} 0')
            await second.start("MZ2", SECOND_SID)
            await second.hear(speech)
            await until_told(line, 'spelregel_media_streams{process="0",heard="no"} 1')
            assert tags_of(house, SECOND_SID)[-1] == "listening:unavailable"
            engine.may_hear.set()
            await until_told(line, 'spelregel_media_streams{process="0",heard="yes"} 2')
            assert tags_of(house, SECOND_SID)[-1] == "listening:restored"
            await second.hear(speech)
            await second.stop()
            await first.stop()

    try:
        play(house, story, engine, capacity=Capacity(HASTY))
    finally:
        engine.may_hear.set()
    assert "request:heard" in tags_of(house, CALL_SID)
    assert not {tag for tag in tags_of(house, CALL_SID) if tag.startswith("listening:")}
    assert tags_of(house, SECOND_SID).count("request:heard") == 1, "nobody heard it the first time"
    assert "this process cannot keep up: new calls are not listened to" in caplog.text
    assert "this process keeps up again" in caplog.text


def test_a_call_that_nobody_listened_to_is_listened_to_on_its_next_stream(house: House) -> None:
    """As after a restart: the call remembers that nobody listened, whoever finds out that somebody does."""
    house.together()
    capacity = Capacity()
    capacity.is_short = True

    async def unheard(line: Line) -> None:
        async with line.socket() as talk:
            await talk.start("MZ1")
            await heard(house, "MZ1")
            await talk.stop()

    play(house, unheard, capacity=capacity)
    assert "listening:unavailable" in house.tags
    assert not house.dialogue.listening

    async def story(line: Line) -> None:
        async with line.socket() as talk:
            house.clock.pass_s(1)
            await talk.start("MZ2")
            await talk.hear(SILENCE)
            await talk.stop()

    play(house, story)
    assert house.dialogue.listening
    assert house.tags.count("listening:restored") == 1


def alive() -> dict[str, int]:
    """What belongs to one stream and is still there (aiohttp keeps a closed socket until its next heartbeat)."""
    gc.collect()
    kinds = (Stream, Listening, Listener, ScriptedRecogniser)
    found = [type(thing) for thing in gc.get_objects()]
    return {kind.__name__: found.count(kind) for kind in kinds if kind in found}


def test_of_a_hundred_streams_nothing_is_left(house: House, speech: bytes) -> None:
    house.together()
    left: list[dict[str, int]] = []

    async def story(line: Line) -> None:
        numbers = iter(range(STREAMS))

        async def lines() -> None:
            for number in numbers:
                async with line.socket() as talk:
                    await talk.start(f"MZ{number}")
                    await talk.hear(speech)
                    await talk.stop()

        await asyncio.gather(*(lines() for _ in range(AT_ONCE)))
        await until_told(line, 'spelregel_media_streams{process="0",heard="yes"} 0')
        left.append(alive())

    before = alive()
    play(house, story)
    assert left == [before]
