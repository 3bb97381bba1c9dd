"""Messages that are late, doubled, out of order, cut, huge or forged: none ends the process, few end the stream."""

import base64
from collections import deque

import aiohttp
import pytest

from ivr.web.media_socket import LONGEST_MESSAGE_BYTES, MALFORMED_LIMIT
from speech.intent import Expecting
from speech.listener import Listener
from tests.builders import House
from tests.fakes import ScriptedEngine
from tests.ivr.web.media_line import FRAME_BYTES, SILENCE, WISH, Line, heard, play, stream_of

GARBAGE = ["", "{", "[]", "1", '{"event": "media"}', '{"event": "media", "media": {"payload": "!"}}', "\u0000"]


@pytest.mark.parametrize("garbage", GARBAGE)
def test_some_garbage_is_tolerated_and_then_it_is_enough(house: House, garbage: str, speech: bytes) -> None:
    house.together()

    async def story(line: Line) -> None:
        async with line.socket() as talk:
            await talk.start()
            for _ in range(MALFORMED_LIMIT):
                await talk.socket.send_str(garbage)
            await talk.hear(speech)
            await talk.socket.send_str(garbage)
            assert await talk.closed() == aiohttp.WSCloseCode.UNSUPPORTED_DATA

    play(house, story, ScriptedEngine(deque([WISH])))
    assert "request:heard" in house.tags, "what came in between was heard"


def test_bytes_are_garbage(house: House) -> None:
    house.together()

    async def story(line: Line) -> None:
        async with line.socket() as talk:
            await talk.start()
            for _ in range(MALFORMED_LIMIT + 1):
                await talk.socket.send_bytes(b"\xff" * 160)
            assert await talk.closed() == aiohttp.WSCloseCode.UNSUPPORTED_DATA

    play(house, story)


def test_a_message_that_is_too_large(house: House) -> None:
    house.together()

    async def story(line: Line) -> None:
        async with line.socket() as talk:
            await talk.start()
            await talk.hear(b"\xff" * LONGEST_MESSAGE_BYTES, LONGEST_MESSAGE_BYTES)
            assert await talk.closed() == aiohttp.WSCloseCode.MESSAGE_TOO_BIG

    play(house, story)
    assert house.carrier.verbs()[-2:] == ["call_status", "start_stream"]


@pytest.mark.parametrize("wrong", [{"encoding": "audio/x-alaw"}, {"sampleRate": 16000}, {"channels": 2}])
def test_other_audio_is_refused_with_the_reason(house: House, wrong: dict[str, object]) -> None:
    house.together()

    async def story(line: Line) -> None:
        async with line.socket() as talk:
            await talk.start(wrong=wrong)
            assert await talk.closed() == aiohttp.WSCloseCode.UNSUPPORTED_DATA
            assert talk.reason == "the audio must be audio/x-mulaw, 8000 Hz, 1 channel"

    play(house, story)


# ---------------------------------------------------------------- order and time


def media(payload: object, **fields: object) -> dict[str, object]:
    return {"event": "media", "sequenceNumber": "2", "media": {"track": "inbound", "payload": payload, **fields}}


def frames(sound: bytes) -> list[str]:
    return [base64.b64encode(sound[at : at + FRAME_BYTES]).decode() for at in range(0, len(sound), FRAME_BYTES)]


NUMBERS = ["0", "-20", "99999999999999999999", "20", "20", None]


@pytest.mark.parametrize("timestamps", [NUMBERS, [str(at) for at in range(200, 0, -1)], ["0"]])
def test_numbers_of_frames_mean_nothing(house: House, speech: bytes, timestamps: list[str | None]) -> None:
    """The carrier promises nothing about `chunk` and `timestamp`: sound is heard in the order in which it comes."""
    house.together()

    async def story(line: Line) -> None:
        async with line.socket() as talk:
            await talk.start()
            for number, payload in enumerate(frames(speech)):
                at = timestamps[number % len(timestamps)]
                fields = {"chunk": at, "timestamp": at} if at is not None else {}
                await talk.send(media(payload, **fields))
            await talk.stop()

    play(house, story, ScriptedEngine(deque([WISH])))
    assert house.tags.count("request:heard") == 1


def test_a_start_that_comes_twice_changes_nothing(house: House, speech: bytes) -> None:
    house.together()

    async def story(line: Line) -> None:
        async with line.socket() as talk:
            await talk.start()
            await talk.start("MZ-forged", call_sid="CA-of-somebody-else")
            await talk.hear(speech)
            await talk.stop()

    play(house, story, ScriptedEngine(deque([WISH])))
    assert house.tags.count("request:heard") == 1
    stream = stream_of(house)
    assert stream is not None
    assert stream.stream_sid == "MZ1"


def test_frames_before_the_start_are_nobodys(house: House, speech: bytes) -> None:
    house.together()
    engine = ScriptedEngine(deque([WISH]))

    async def story(line: Line) -> None:
        async with line.socket() as talk:
            await talk.hear(speech)
            await talk.start()
            await talk.stop()

    play(house, story, engine)
    assert engine.heard_bytes == 0


def test_messages_after_the_stop_change_nothing(house: House, speech: bytes) -> None:
    house.together()
    house.carrier.status = "completed"

    async def story(line: Line) -> None:
        async with line.socket() as talk:
            await talk.start()
            await talk.send({"event": "stop", "streamSid": "MZ1"})
            await talk.hear(speech)
            await talk.stop()

    play(house, story, ScriptedEngine(deque([WISH])))
    assert "request:heard" not in house.tags


# ---------------------------------------------------------------- frames that are none

NO_FRAMES = [
    media(None),
    media(float("nan")),
    media(""),
    media("A"),  # cut in the middle of a group of base64
    media("AAAA" * 7 + "="),
    media("\u0661\u0662"),
    media("AAAA", timestamp="NaN"),
    media("AAAA", timestamp=float("inf")),
    media("AAAA", timestamp="9" * 5000),
    media("AAAA", timestamp=[1]),
    media({"nested": "AAAA"}),
    {"event": "media", "media": "AAAA"},
    {"event": "media", "media": {"payload": "AAAA", "track": {}}},
    {"event": ["media"]},
    {"event": "start", "start": None},
    {"event": "dtmf", "dtmf": {"digit": "1"}},
]


def test_each_of_them_passes_and_the_stream_goes_on(house: House, speech: bytes) -> None:
    """One on each socket; no more than that is asked of a carrier that is mistaken."""
    house.together()

    async def story(line: Line) -> None:
        for number, wrong in enumerate(NO_FRAMES):
            async with line.socket() as talk:
                await talk.start(f"MZ{number}")
                await heard(house, f"MZ{number}")
                house.clock.pass_s(1)
                await talk.send(wrong)
                await talk.hear(SILENCE)
                await talk.stop()
                assert talk.socket.close_code == aiohttp.WSCloseCode.OK, wrong

    play(house, story)


@pytest.mark.parametrize("frame_bytes", [1, 159, 161, 12_001])
def test_odd_lengths_lose_no_sample(house: House, speech: bytes, frame_bytes: int) -> None:
    house.together()
    engine = ScriptedEngine(deque([WISH]))

    async def story(line: Line) -> None:
        async with line.socket() as talk:
            await talk.start()
            await talk.hear(speech, frame_bytes)
            await talk.stop()

    play(house, story, engine)
    whole = ScriptedEngine(deque([WISH]))
    listener = Listener(whole, expecting=lambda: Expecting.LISTENING)
    listener.feed(speech)
    listener.finish()
    assert engine.heard_bytes == whole.heard_bytes > 0


@pytest.mark.parametrize("sound", [b"\x00", b"\x80", b"\x00\x80", bytes(range(256))])
def test_sound_that_nobody_makes_is_no_wish(house: House, sound: bytes) -> None:
    """Full scale, a square wave, and every sample there is; a real recogniser may get it, and the stream goes on."""
    house.together()

    async def story(line: Line) -> None:
        async with line.socket() as talk:
            await talk.start()
            await talk.hear(sound * (16_000 // len(sound)))
            await talk.stop()

    play(house, story)
    assert "request:heard" not in house.tags


def test_a_deep_nest_is_one_malformed_message(house: House) -> None:
    house.together()

    async def story(line: Line) -> None:
        async with line.socket() as talk:
            await talk.start()
            await talk.socket.send_str("[" * 30_000)
            await talk.hear(SILENCE)
            await talk.stop()
            assert talk.socket.close_code == aiohttp.WSCloseCode.OK

    play(house, story)


def test_a_frame_of_the_protocol_that_is_broken(house: House) -> None:
    """Text that is no UTF-8: RFC 6455, 8.1."""
    house.together()

    async def story(line: Line) -> None:
        async with line.socket() as talk:
            await talk.start()
            await talk.socket.send_frame(b"\xff\xfe", aiohttp.WSMsgType.TEXT)
            assert await talk.closed() == aiohttp.WSCloseCode.INVALID_TEXT

    play(house, story)
    assert house.carrier.verbs()[-1] == "start_stream"
