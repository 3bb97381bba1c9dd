"""The carrier's media streams: frames to the listener, utterances to the call.

One event loop reads all sockets; recognition and the calls' transactions run in a small pool of threads, one batch of
audio per stream at a time. Audio waits in a bounded buffer: who cannot keep up loses the oldest audio, says so in the
log, and never falls behind without end.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

import orjson
from aiohttp import WSCloseCode, WSMsgType, web

from ivr.calls.driver import CallDriver
from ivr.calls.hearing import Ear
from ivr.carrier.media_stream import AudioFrame, MalformedMessage, StreamStarted, StreamStopped, read_message
from ivr.carrier.signature import SignatureCheck
from ivr.dialogue.events import CallEnded, StreamLost
from ivr.dialogue.states import State
from ivr.errors import CarrierError, SpelregelError
from ivr.ports import Carrier, Clock, Database
from speech.events import IntentHeard
from speech.listener import Listener, SpeechEvent
from speech.recogniser import Engine
from storage.errors import StorageError, UnknownCall

LONGEST_MESSAGE_BYTES = 64 * 1024
LONGEST_WAIT_BYTES = 10 * 8000
"""Ten seconds of audio that waits for a thread: more is not kept."""

BATCH_BYTES = 800
"""100 ms: small against an answer, large against the cost of handing work to a thread."""

MALFORMED_LIMIT = 5
START_WITHIN_S = 10.0
SEEN_EVERY = timedelta(seconds=5)
SILENT_AFTER_S = 30.0

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Captions:
    """Who wants to read along. For the browser phone beside the local carrier only; nothing of it is kept."""

    readers: set[web.WebSocketResponse] = field(default_factory=set)

    async def tell(self, call_sid: str, event: SpeechEvent) -> None:
        if not self.readers:
            return
        caption = {"call_sid": call_sid, "text": event.text, "confidence": event.confidence}
        if isinstance(event, IntentHeard):
            caption |= {"type": "intent", "label": event.label, "at_s": event.at_s}
        else:
            caption |= {"type": "speech", "at_s": event.end_s}
        for reader in list(self.readers):
            try:
                await reader.send_str(json.dumps(caption))
            except ConnectionError:
                self.readers.discard(reader)


class MediaServer:
    """Everything that the streams of one process share."""

    def __init__(
        self,
        driver: CallDriver,
        database: Database,
        carrier: Carrier,
        clock: Clock,
        signatures: SignatureCheck,
        load_engine: Callable[[], Engine],
        *,
        threads: int,
        with_captions: bool,
    ) -> None:
        self.driver = driver
        self.database = database
        self.carrier = carrier
        self.clock = clock
        self.signatures = signatures
        self.engine: Engine | None = None
        self._load_engine = load_engine
        self.pool = ThreadPoolExecutor(threads, thread_name_prefix="listen")
        self.captions = Captions() if with_captions else None
        self.sockets: set[web.WebSocketResponse] = set()

    def make_app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/media", self.stream)
        app.router.add_get("/healthz", self.health)
        app.router.add_get("/readyz", self.ready)
        if self.captions is not None:
            app.router.add_get("/captions", self.read_along)
        app.on_startup.append(self._start)
        app.on_shutdown.append(self._stop)
        return app

    async def _start(self, _: web.Application) -> None:
        # In a thread: the socket is open at once and the health check answers while the model loads.
        self.engine = await asyncio.get_running_loop().run_in_executor(self.pool, self._load_engine)
        log.info("listening", extra={"engine": self.engine.name})

    async def _stop(self, _: web.Application) -> None:
        """Streams do not survive the process: closed so that the carrier's side sees it, and asked for again."""
        for socket in list(self.sockets):
            await socket.close(code=WSCloseCode.SERVICE_RESTART, message=b"restarting")
        self.pool.shutdown(wait=False, cancel_futures=True)

    async def health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok", "streams": len(self.sockets)})

    async def ready(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok" if self.engine else "loading"}, status=200 if self.engine else 503)

    async def read_along(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse(max_msg_size=1024, heartbeat=25)
        await socket.prepare(request)
        if self.captions is not None:
            self.captions.readers.add(socket)
            async for _ in socket:
                pass
            self.captions.readers.discard(socket)
        return socket

    async def stream(self, request: web.Request) -> web.StreamResponse:
        if not self.signatures.is_handshake_genuine(request.headers.get("X-Twilio-Signature", "")):
            log.warning("stream with a wrong signature")
            return web.Response(status=403, text="wrong signature\n")
        if self.engine is None:
            return web.Response(status=503, text="still loading\n")
        socket = web.WebSocketResponse(max_msg_size=LONGEST_MESSAGE_BYTES, heartbeat=25, compress=False)
        await socket.prepare(request)
        self.sockets.add(socket)
        try:
            await Stream(self, socket, self.engine).run()
        finally:
            self.sockets.discard(socket)
        return socket


class Refused(Exception):
    """The stream cannot be served; carries the close code and what to tell the other side."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


class Stream:
    """One caller's audio, from `start` to `stop`."""

    def __init__(self, server: MediaServer, socket: web.WebSocketResponse, engine: Engine) -> None:
        self._server = server
        self._socket = socket
        self._engine = engine
        self._waiting = bytearray()
        self._has_audio = asyncio.Event()
        self._done = False
        self._malformed = 0

    async def run(self) -> None:
        try:
            started = await self._read_start()
        except Refused as why:
            await self._refuse(why)
            return
        loop, server = asyncio.get_running_loop(), self._server
        try:
            call_id = await loop.run_in_executor(server.pool, self._register, started)
        except Refused as why:
            await self._refuse(why)
            return
        ear = Ear(server.driver, call_id)
        listener = Listener(self._engine, expecting=ear.expecting)
        working = asyncio.create_task(self._listen(listener, ear, started))
        try:
            await self._read_frames()
        except Refused as why:
            await self._refuse(why)
        finally:
            self._done = True
            self._has_audio.set()
            await working
            await loop.run_in_executor(server.pool, self._sign_off, started, call_id)

    async def _refuse(self, why: Refused) -> None:
        log.warning("stream refused", extra={"reason": str(why)})
        await self._socket.close(code=why.code, message=str(why).encode()[:120])

    # ------------------------------------------------------------ reading

    async def _read_start(self) -> StreamStarted:
        while True:
            message = await self._receive(START_WITHIN_S)
            if isinstance(message, StreamStarted):
                return message
            if isinstance(message, StreamStopped):
                raise Refused(WSCloseCode.POLICY_VIOLATION, "the stream ended before it began")

    async def _read_frames(self) -> None:
        while True:
            message = await self._receive(SILENT_AFTER_S)
            if isinstance(message, StreamStopped):
                return
            if isinstance(message, AudioFrame):
                self._waiting += message.payload
                if len(self._waiting) > LONGEST_WAIT_BYTES:
                    del self._waiting[: len(self._waiting) - LONGEST_WAIT_BYTES]
                    log.error("audio lost: this process cannot keep up")
                if len(self._waiting) >= BATCH_BYTES:
                    self._has_audio.set()

    async def _receive(self, within_s: float) -> StreamStarted | AudioFrame | StreamStopped | None:
        """The next message; raises `Refused` where the stream cannot go on."""
        try:
            message = await self._socket.receive(timeout=within_s)
        except TimeoutError:
            raise Refused(WSCloseCode.GOING_AWAY, "no audio came") from None
        if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
            raise Refused(WSCloseCode.GOING_AWAY, "the carrier closed the stream")
        try:
            if message.type is not WSMsgType.TEXT:
                raise MalformedMessage("a message is text")
            return read_message(orjson.loads(message.data))
        except (MalformedMessage, orjson.JSONDecodeError) as fault:
            self._malformed += 1
            log.warning("malformed stream message", extra={"error": str(fault)})
            if self._malformed >= MALFORMED_LIMIT or "we take" in str(fault):
                raise Refused(WSCloseCode.UNSUPPORTED_DATA, str(fault)) from None
            return None

    # ------------------------------------------------------------ working, in the pool's threads

    def _register(self, started: StreamStarted) -> str:
        try:
            with self._server.database.transaction() as unit:
                call = unit.calls.find_by_sid(started.call_sid)
                if call is None or call.closed_at is not None:
                    raise Refused(WSCloseCode.POLICY_VIOLATION, "there is no such call, or it is over")
                unit.streams.opened(started.stream_sid, call.call_id, self._server.clock.now())
        except StorageError as fault:
            raise Refused(WSCloseCode.TRY_AGAIN_LATER, "the database does not answer") from fault
        return call.call_id

    async def _listen(self, listener: Listener, ear: Ear, started: StreamStarted) -> None:
        """Give the listener what has come, in order, until the stream is over."""
        loop, server = asyncio.get_running_loop(), self._server
        seen_at = server.clock.now()
        while True:
            await self._has_audio.wait()
            self._has_audio.clear()
            over = self._done
            audio = bytes(self._waiting)
            self._waiting.clear()
            try:
                events = await loop.run_in_executor(server.pool, listener.feed, audio)
                if over:
                    events += await loop.run_in_executor(server.pool, listener.finish)
                for event in events:
                    await self._pass_on(event, ear, started)
                if server.clock.now() - seen_at > SEEN_EVERY:
                    seen_at = server.clock.now()
                    await loop.run_in_executor(server.pool, self._seen, started.stream_sid)
            except (StorageError, SpelregelError) as fault:
                log.exception("an utterance was lost", extra={"error": str(fault)})
            if over:
                listener.close()
                return

    async def _pass_on(self, event: SpeechEvent, ear: Ear, started: StreamStarted) -> None:
        if isinstance(event, IntentHeard):
            await asyncio.get_running_loop().run_in_executor(
                self._server.pool, ear.hear, event.label, event.text, event.confidence, event.evidence
            )
        if self._server.captions is not None:
            await self._server.captions.tell(started.call_sid, event)

    def _seen(self, stream_sid: str) -> None:
        with self._server.database.transaction() as unit:
            unit.streams.seen(stream_sid, self._server.clock.now())

    def _sign_off(self, started: StreamStarted, call_id: str) -> None:
        """The stream is over: with its call, or before it. The carrier knows which."""
        server = self._server
        try:
            with server.database.transaction() as unit:
                unit.streams.ended(started.stream_sid, server.clock.now())
            _, dialogue = server.driver.look(call_id)
            if dialogue.state is State.ENDED:
                return
            if server.carrier.call_status(started.call_sid) == "in-progress":
                server.driver.handle(call_id, StreamLost())
            else:
                server.driver.handle(call_id, CallEnded())
        except (StorageError, CarrierError, UnknownCall) as fault:
            # The watch over running calls looks again.
            log.warning("a stream's end could not be dealt with", extra={"call_id": call_id, "error": str(fault)})
