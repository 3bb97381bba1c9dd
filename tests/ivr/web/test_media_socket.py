"""Streams over a real WebSocket, from the handshake to the last word; recognition is scripted but for one slow test."""

import asyncio
import os
from collections import deque

import aiohttp
import pytest
from aiohttp import WSServerHandshakeError
from twilio.request_validator import RequestValidator

from config import settings
from ivr.dialogue.states import CallerRecording, State
from ivr.web.media_socket import LONGEST_WAIT_BYTES, Patience
from speech.engines.select import load_engine
from tests.builders import AUTH_TOKEN, CALL_SID, House
from tests.fakes import ScriptedEngine
from tests.ivr.web.media_line import SIGNATURE, SILENCE, WISH, Line, heard, play, stream_of

# ---------------------------------------------------------------- what a caller says reaches the call


def test_a_wish_is_heard_and_the_stream_ends_with_the_call(house: House, speech: bytes) -> None:
    house.together()

    async def story(line: Line) -> None:
        async with line.socket() as talk:
            await talk.start()
            await talk.hear(speech)
            house.carrier.status = "completed"
            await talk.stop()

    play(house, story, ScriptedEngine(deque([WISH])))
    assert house.entry("request:heard").personal["words"] == WISH
    assert house.dialogue.state is State.ENDED
    stream = stream_of(house)
    assert stream is not None
    assert stream.ended_at is not None


def test_words_that_mean_nothing_here_leave_no_trace(house: House, speech: bytes) -> None:
    house.together()

    async def story(line: Line) -> None:
        async with line.socket() as talk:
            await talk.start()
            await talk.hear(speech)
            await talk.stop()

    before = house.tags
    play(house, story, ScriptedEngine(deque(["ik bel over mijn paspoort"])))
    assert house.tags == [*before, "stream:lost"]
    assert "paspoort" not in str(house.entries)


@pytest.mark.parametrize("frame_bytes", [1, 7, 160, 8000])
def test_frames_may_have_any_size(house: House, speech: bytes, frame_bytes: int) -> None:
    house.together()

    async def story(line: Line) -> None:
        async with line.socket() as talk:
            await talk.start()
            await talk.hear(speech, frame_bytes)
            await talk.stop()

    play(house, story, ScriptedEngine(deque([WISH])))
    assert house.tags.count("request:heard") == 1


def test_an_engine_that_fails_once_goes_on_listening(
    house: House, speech: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    house.together()

    async def story(line: Line) -> None:
        async with line.socket() as talk:
            await talk.start()
            await talk.hear(speech)
            while "an utterance was lost" not in caplog.text:
                await asyncio.sleep(0)
            await talk.hear(speech)
            await talk.stop()

    play(house, story, ScriptedEngine(deque([RuntimeError("a bug in native code"), WISH])))
    assert house.tags.count("request:heard") == 1


def test_readers_see_what_is_heard(house: House, speech: bytes) -> None:
    house.together()
    captions: list[dict[str, object]] = []

    async def story(line: Line) -> None:
        async with line.client.ws_connect("/captions") as reader, line.socket() as talk:
            await talk.start()
            await talk.hear(speech)
            await talk.stop()
            captions.extend([await reader.receive_json(timeout=20), await reader.receive_json(timeout=20)])

    play(house, story, ScriptedEngine(deque([WISH])))
    assert [caption["type"] for caption in captions] == ["speech", "intent"]
    assert captions[1]["label"] == "request"


def test_a_pause_reaches_the_call_and_ends_nothing(house: House, speech: bytes) -> None:
    """`classify` calls it a stop, which would withdraw the consent."""
    house.recorded()
    captions: list[dict[str, object]] = []

    async def story(line: Line) -> None:
        async with line.client.ws_connect("/captions") as reader, line.socket() as talk:
            await talk.start()
            await talk.hear(speech)
            await talk.stop()
            captions.extend([await reader.receive_json(timeout=20), await reader.receive_json(timeout=20)])

    play(house, story, ScriptedEngine(deque(["ik wil de opname even pauzeren"])))
    assert house.dialogue.caller_recording is CallerRecording.CONFIRMED
    assert captions[1]["label"] == "pause"


@pytest.mark.slow
def test_a_real_engine_hears_the_wish(house: House, speech: bytes) -> None:
    house.together()
    engine = load_engine("whisper", settings.model_dir(os.environ))

    async def story(line: Line) -> None:
        async with line.socket() as talk:
            await talk.start()
            await talk.hear(speech)
            await talk.stop()

    play(house, story, engine)
    assert "dit gesprek" in house.entry("request:heard").personal["words"]


# ---------------------------------------------------------------- who may stream


@pytest.mark.parametrize("signature", [None, "", "x", SIGNATURE.lower()])
def test_a_handshake_that_is_not_signed_is_refused(house: House, signature: str | None) -> None:
    async def story(line: Line) -> None:
        with pytest.raises(WSServerHandshakeError) as refused:
            async with line.socket(signature):
                pass
        assert refused.value.status == 403

    play(house, story)


def test_a_handshake_signed_with_a_slash_is_the_carriers_too(house: House) -> None:
    async def story(line: Line) -> None:
        async with line.socket(RequestValidator(AUTH_TOKEN).compute_signature("wss://spelregel.test/media/", {})):
            pass

    play(house, story)


def test_a_stream_for_no_call_or_one_that_is_over(house: House) -> None:
    house.together()

    async def story(line: Line) -> None:
        async with line.socket() as talk:
            await talk.start(call_sid="CA-unknown")
            assert await talk.closed() == aiohttp.WSCloseCode.POLICY_VIOLATION
        house.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"})
        async with line.socket() as talk:
            await talk.start()
            assert await talk.closed() == aiohttp.WSCloseCode.POLICY_VIOLATION
            assert "no such call, or it is over" in talk.reason

    play(house, story)
    assert stream_of(house) is None


def test_without_a_database_the_carrier_may_come_back(house: House) -> None:
    house.together()

    async def story(line: Line) -> None:
        house.wiring.database.close()
        for file in house.folder.glob("spelregel.db*"):
            file.unlink()
        (house.folder / "spelregel.db").mkdir()
        async with line.socket() as talk:
            await talk.start()
            assert await talk.closed() == aiohttp.WSCloseCode.TRY_AGAIN_LATER

    play(house, story)


def test_a_socket_that_never_starts(house: House) -> None:
    async def story(line: Line) -> None:
        async with line.socket() as talk:
            await talk.send({"event": "connected"})
            assert await talk.closed() == aiohttp.WSCloseCode.POLICY_VIOLATION
            assert talk.reason == "no start message came"
        async with line.socket() as talk:
            await talk.stop()
            assert talk.reason == "the stream ended before it began"

    play(house, story, patience=Patience(start_s=0.2))


# ---------------------------------------------------------------- how streams end


def test_a_stream_that_breaks_off_is_asked_for_again(house: House) -> None:
    house.together()

    async def story(line: Line) -> None:
        async with line.socket() as talk:
            await talk.start()
            await talk.hear(SILENCE)

    house.carrier.take()
    play(house, story)
    assert house.carrier.verbs() == ["call_status", "start_stream"]
    assert house.tags[-1] == "stream:lost"
    house.post(f"/voice/stream/{house.call.call_id}", {"StreamEvent": "stream-error", "StreamSid": "MZ1"})
    assert house.tags.count("stream:lost") == 1, "the carrier's own word of it comes second"


def test_a_stream_that_falls_silent_is_closed_and_asked_for_again(house: House) -> None:
    house.together()

    async def story(line: Line) -> None:
        async with line.socket() as talk:
            await talk.start()
            assert await talk.closed() == aiohttp.WSCloseCode.GOING_AWAY
            assert talk.reason == "no audio came"

    play(house, story, patience=Patience(silence_s=0.2))
    assert house.carrier.verbs()[-1] == "start_stream"


def test_only_the_newest_stream_of_a_call_counts(house: House, speech: bytes) -> None:
    """Both hear the wish; one request. The older one's end changes nothing."""
    house.together()

    async def story(line: Line) -> None:
        async with line.socket() as older, line.socket() as newer:
            await older.start("MZ1")
            await heard(house, "MZ1")
            house.clock.pass_s(1)
            await newer.start("MZ2")
            await heard(house, "MZ2")
            await older.hear(speech)
            await older.stop()
            assert "request:heard" not in house.tags
            assert "start_stream" not in house.carrier.verbs()
            await newer.hear(speech)
            house.carrier.status = "completed"
            await newer.stop()

    play(house, story, ScriptedEngine(deque([WISH, WISH])))
    assert house.tags.count("request:heard") == 1
    assert "stream:lost" not in house.tags


def test_an_older_stream_is_closed_when_it_next_gives_a_sign(house: House, speech: bytes) -> None:
    house.together()
    engine = ScriptedEngine(deque())

    async def story(line: Line) -> None:
        async with line.socket() as older, line.socket() as newer:
            await older.start("MZ1")
            await older.hear(speech)
            while not engine.heard_bytes:
                await asyncio.sleep(0)
            house.clock.pass_s(1)
            await newer.start("MZ2")
            await heard(house, "MZ2")
            house.clock.pass_s(6)
            await older.hear(SILENCE)
            assert await older.closed() == aiohttp.WSCloseCode.GOING_AWAY
            assert older.reason == "the call has a newer stream"
            house.carrier.status = "completed"
            await newer.stop()

    play(house, story, engine)


def test_a_process_that_is_shut_down_says_so_and_its_streams_are_asked_for_again(house: House) -> None:
    house.together()
    codes: list[int | None] = []

    async def story(line: Line) -> None:
        talking = line.socket()
        talk = await talking.__aenter__()
        await talk.start()
        await heard(house, "MZ1")
        closing = asyncio.create_task(line.runner.cleanup())
        codes.append(await talk.closed())
        await closing

    house.carrier.take()
    play(house, story)
    assert codes == [aiohttp.WSCloseCode.SERVICE_RESTART]
    assert house.carrier.verbs() == ["call_status", "start_stream"]


def test_who_cannot_keep_up_loses_the_oldest_audio_and_says_so(
    house: House, speech: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    house.together()
    engine = ScriptedEngine(deque())
    engine.may_hear.clear()

    async def story(line: Line) -> None:
        async with line.socket() as talk:
            await talk.start()
            await talk.hear(speech)
            await talk.hear(speech * 10, 8000)
            while "audio lost" not in caplog.text:
                await asyncio.sleep(0)
            await talk.send({"event": "stop"})
            engine.may_hear.set()
            await talk.closed()

    play(house, story, engine)
    assert len(speech) * 10 > LONGEST_WAIT_BYTES
    assert engine.heard_bytes <= 2 * (len(speech) + LONGEST_WAIT_BYTES + 8000)
    assert caplog.text.count("audio lost: this process cannot keep up") == 1


def test_health(house: House) -> None:
    house.together()

    async def story(line: Line) -> None:
        async with line.socket() as talk:
            await talk.start()
            await heard(house, "MZ1")
            for path in ("/healthz", "/readyz"):
                async with line.client.get(path) as answer:
                    assert (answer.status, await answer.json()) == (200, {"status": "ok", "streams": 1})

    play(house, story)
