"""The carrier's end of a media process: sockets, messages, and a server of their own beside a house."""

import asyncio
import base64
import json
from collections import deque
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
from aiohttp import ClientWebSocketResponse, WSMsgType, web
from twilio.request_validator import RequestValidator

from ivr.web.listening import Capacity
from ivr.web.media_figures import SharedFigures
from ivr.web.media_socket import MediaServer, Patience
from speech.recogniser import Engine
from storage.records import StreamRow
from tests.builders import AUTH_TOKEN, CALL_SID, House
from tests.fakes import ScriptedEngine

SIGNATURE = RequestValidator(AUTH_TOKEN).compute_signature("wss://spelregel.test/media", {})
FRAME_BYTES = 160
SILENCE = b"\xff" * 8000
"""One second."""

WISH = "ik wil dit gesprek graag opnemen"


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


def play(
    house: House,
    story: Story,
    engine: Engine | None = None,
    patience: Patience | None = None,
    capacity: Capacity | None = None,
) -> None:
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
            SharedFigures(processes=1).claim(),
            threads=2,
            with_captions=True,
            patience=patience,
            capacity=capacity,
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


async def heard(house: House, stream_sid: str) -> None:
    """Until the service knows the stream."""
    while (stream := stream_of(house)) is None or stream.stream_sid != stream_sid:
        await asyncio.sleep(0)
