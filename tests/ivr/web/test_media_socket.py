"""Streams over a real WebSocket, from the handshake to the last word; recognition is scripted but for one slow test."""

import asyncio
import base64
import json
import os
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from aiohttp import ClientWebSocketResponse, WSMsgType, WSServerHandshakeError, web
from twilio.request_validator import RequestValidator

from config import settings
from ivr.dialogue.states import State
from ivr.emulator.voice import synthesise
from ivr.web.media_socket import LONGEST_MESSAGE_BYTES, LONGEST_WAIT_BYTES, MALFORMED_LIMIT, MediaServer, Patience
from speech.audio import encode_mulaw
from speech.engines.select import load_engine
from speech.recogniser import Engine
from storage.records import StreamRow
from tests.builders import AUTH_TOKEN, CALL_SID, House
from tests.fakes import ScriptedEngine

SIGNATURE = RequestValidator(AUTH_TOKEN).compute_signature("wss://spelregel.test/media", {})
FRAME_BYTES = 160
SILENCE = b"\xff" * 8000
"""One second."""

WISH = "ik wil dit gesprek graag opnemen"


@pytest.fixture(scope="module")
def speech() -> bytes:
    """Somebody says their wish, as the telephone carries it, with silence around."""
    return SILENCE + encode_mulaw(synthesise(f"Goedemiddag, {WISH}.")) + SILENCE


class Line:
    """The carrier's end of one media process."""

    def __init__(self, client: aiohttp.ClientSession, runner: web.AppRunner) -> None:
        self.client = client
        self.runner = runner

    @asynccontextmanager
    async def socket(self, signature: str | None = SIGNATURE) -> AsyncIterator["Talk"]:
        headers = {} if signature is None else {"X-Twilio-Signature": signature}
        async with self.client.ws_connect("/media", headers=headers) as socket:
            yield Talk(socket)


class Talk:
    """One stream, from the carrier's side."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket = socket
        self._sid = ""

    async def send(self, message: object) -> None:
        await self.socket.send_str(json.dumps(message))

    async def start(
        self, stream_sid: str = "MZ1", call_sid: str = CALL_SID, wrong: Mapping[str, object] | None = None
    ) -> None:
        self._sid = stream_sid
        await self.send({"event": "connected", "protocol": "Call", "version": "1.0.0"})
        shape = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1, **(wrong or {})}
        start = {"streamSid": stream_sid, "callSid": call_sid, "tracks": ["inbound"], "mediaFormat": shape}
        await self.send({"event": "start", "sequenceNumber": "1", "streamSid": stream_sid, "start": start})

    async def hear(self, sound: bytes, frame_bytes: int = FRAME_BYTES) -> None:
        for at in range(0, len(sound), frame_bytes):
            payload = base64.b64encode(sound[at : at + frame_bytes]).decode()
            part = {"track": "inbound", "chunk": "1", "timestamp": str(at // 8), "payload": payload}
            await self.send({"event": "media", "sequenceNumber": "2", "streamSid": self._sid, "media": part})

    async def stop(self) -> int | None:
        """Gives the close code when the service is done with the stream."""
        await self.send({"event": "stop", "streamSid": self._sid, "stop": {"callSid": CALL_SID}})
        return await self.closed()

    async def closed(self) -> int | None:
        message = await self.socket.receive(timeout=20)
        assert message.type in (WSMsgType.CLOSE, WSMsgType.CLOSED), message
        self.reason = str(message.extra or "")
        return self.socket.close_code


Story = Callable[[Line], Coroutine[Any, Any, None]]


def play(house: House, story: Story, engine: Engine | None = None, patience: Patience | None = None) -> None:
    """Run a story against a media process of its own, beside the house."""

    async def run() -> None:
        w = house.wiring
        server = MediaServer(
            w.driver,
            w.database,
            house.carrier,
            house.clock,
            w.signatures,
            engine or ScriptedEngine(deque()),
            threads=2,
            with_captions=True,
            patience=patience,
        )
        runner = web.AppRunner(server.make_app(), access_log=None, shutdown_timeout=20)  # as gunicorn's worker does
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            async with aiohttp.ClientSession(f"http://127.0.0.1:{runner.addresses[0][1]}") as client:
                await story(Line(client, runner))
        finally:
            await runner.cleanup()

    asyncio.run(run())


def stream_of(house: House) -> StreamRow | None:
    call_id = house.call.call_id
    with house.wiring.database.transaction() as unit:
        return unit.streams.find_latest(call_id)


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


# ---------------------------------------------------------------- messages that are none

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


async def heard(house: House, stream_sid: str) -> None:
    """Until the service knows the stream."""
    while (stream := stream_of(house)) is None or stream.stream_sid != stream_sid:
        await asyncio.sleep(0)


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
