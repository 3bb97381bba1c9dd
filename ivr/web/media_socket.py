"""The carrier's media streams: frames to the listener, utterances to the call.

One event loop reads all sockets. Recognition runs in a small pool of threads, one batch of audio per stream at a time;
what is asked of the database and the carrier in another one, so that a slow carrier makes nobody deaf. Audio waits in a
bounded buffer: who cannot keep up loses the oldest audio, says so in the log, and never falls behind without end.

A call may have two streams for a moment, when one was asked for again. The newest is listened to; an older one changes
nothing any more and is closed.
"""

import asyncio
import json
import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import ParamSpec, TypeVar

import orjson
from aiohttp import WSCloseCode, WSMsgType, web

from ivr.calls.driver import CallDriver
from ivr.calls.hearing import Ear
from ivr.carrier.call_status import OVER
from ivr.carrier.media_stream import (
    AudioFrame,
    MalformedMessage,
    StreamStarted,
    StreamStopped,
    WrongFormat,
    read_message,
)
from ivr.carrier.signature import SignatureCheck
from ivr.dialogue.events import CallEnded
from ivr.errors import CarrierError
from ivr.ports import Carrier, Clock, Database, Unit
from speech.events import IntentHeard
from speech.listener import Listener, SpeechEvent
from speech.recogniser import Engine
from storage.errors import StorageError

LONGEST_MESSAGE_BYTES = 64 * 1024
LONGEST_WAIT_BYTES = 10 * 8000
"""Ten seconds of audio that waits for a thread: more is not kept."""

BATCH_BYTES = 800
"""100 ms: small against an answer, large against the cost of handing work to a thread."""

MALFORMED_LIMIT = 5
SEEN_EVERY = timedelta(seconds=5)
MOVING_THREADS = 8

P = ParamSpec("P")
T = TypeVar("T")

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


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds: until a new socket has told which stream it is, and between two messages of a stream."""

    start_s: float = 10.0
    silence_s: float = 30.0


class MediaServer:
    """Everything that the streams of one process share."""

    def __init__(
        self,
        driver: CallDriver,
        database: Database,
        carrier: Carrier,
        clock: Clock,
        signatures: SignatureCheck,
        engine: Engine,
        *,
        threads: int,
        with_captions: bool,
        patience: Patience | None = None,
    ) -> None:
        self.driver = driver
        self.database = database
        self.carrier = carrier
        self.clock = clock
        self.signatures = signatures
        self.engine = engine
        self.patience = patience or Patience()
        self.listening = ThreadPoolExecutor(threads, thread_name_prefix="listen")
        self.moving = ThreadPoolExecutor(MOVING_THREADS, thread_name_prefix="move")
        self.captions = Captions() if with_captions else None
        self.sockets: set[web.WebSocketResponse] = set()

    def make_app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/media", self.stream)
        app.router.add_get("/healthz", self.health)
        app.router.add_get("/readyz", self.health)
        if self.captions is not None:
            app.router.add_get("/captions", self.read_along)
        app.on_shutdown.append(self._hang_up)
        app.on_cleanup.append(self._close_pools)
        log.info("listening", extra={"engine": self.engine.name})
        return app

    async def _hang_up(self, _: web.Application) -> None:
        """Streams do not survive the process: closed so that the carrier's side sees it, and asked for again."""
        await asyncio.gather(
            *(socket.close(code=WSCloseCode.SERVICE_RESTART, message=b"restarting") for socket in self.sockets)
        )

    async def _close_pools(self, _: web.Application) -> None:
        self.listening.shutdown(wait=False, cancel_futures=True)
        self.moving.shutdown(wait=False, cancel_futures=True)

    async def health(self, _: web.Request) -> web.Response:
        """The model was loaded before the first request, so who answers is ready."""
        return web.json_response({"status": "ok", "streams": len(self.sockets)})

    async def listen(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do it in a thread that listens."""
        return await asyncio.get_running_loop().run_in_executor(self.listening, partial(work, *args, **kwargs))

    async def move(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do it in a thread that moves calls."""
        return await asyncio.get_running_loop().run_in_executor(self.moving, partial(work, *args, **kwargs))

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
        socket = web.WebSocketResponse(max_msg_size=LONGEST_MESSAGE_BYTES, heartbeat=25, compress=False)
        await socket.prepare(request)
        self.sockets.add(socket)
        try:
            await Stream(self, socket).run()
        finally:
            self.sockets.discard(socket)
        return socket


class Refused(Exception):
    """The stream cannot go on; carries the close code and what to tell the other side."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


class Stream:
    """One socket of the carrier."""

    def __init__(self, server: MediaServer, socket: web.WebSocketResponse) -> None:
        self._server = server
        self._socket = socket
        self._malformed = 0

    async def run(self) -> None:
        try:
            async with asyncio.timeout(self._server.patience.start_s):
                started = await self._read_start()
            call_id = await self._server.move(self._register, started)
            listening = Listening(self._server, self._socket, started, call_id)
            try:
                await self._read_frames(listening)
            finally:
                await listening.end()
        except TimeoutError:
            await self._close(Refused(WSCloseCode.POLICY_VIOLATION, "no start message came"))
        except Refused as why:
            await self._close(why)

    async def _close(self, why: Refused) -> None:
        log.warning("stream closed", extra={"reason": str(why)})
        await self._socket.close(code=why.code, message=str(why).encode()[:120])

    async def _read_start(self) -> StreamStarted:
        while True:
            message = await self._receive()
            if isinstance(message, StreamStarted):
                return message
            if isinstance(message, StreamStopped):
                raise Refused(WSCloseCode.POLICY_VIOLATION, "the stream ended before it began")

    async def _read_frames(self, listening: "Listening") -> None:
        while True:
            message = await self._receive()
            if isinstance(message, StreamStopped):
                return
            if isinstance(message, AudioFrame):
                listening.take(message.payload)

    async def _receive(self) -> StreamStarted | AudioFrame | StreamStopped | None:
        """The next message; raises `Refused` where the stream cannot go on."""
        try:
            message = await self._socket.receive(timeout=self._server.patience.silence_s)
        except TimeoutError:
            raise Refused(WSCloseCode.GOING_AWAY, "no audio came") from None
        if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
            raise Refused(WSCloseCode.GOING_AWAY, "the connection ended before the stream")
        try:
            if message.type is not WSMsgType.TEXT:
                raise MalformedMessage("a message is text")
            return read_message(orjson.loads(message.data))
        except WrongFormat as fault:
            raise Refused(WSCloseCode.UNSUPPORTED_DATA, str(fault)) from None
        except (MalformedMessage, orjson.JSONDecodeError) as fault:
            self._malformed += 1
            log.warning("malformed stream message", extra={"error": str(fault)})
            if self._malformed > MALFORMED_LIMIT:
                raise Refused(WSCloseCode.UNSUPPORTED_DATA, "too many malformed messages") from None
            return None

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


class Listening:
    """What is heard on one stream, from its start to its end. Made and used in the event loop."""

    def __init__(
        self, server: MediaServer, socket: web.WebSocketResponse, started: StreamStarted, call_id: str
    ) -> None:
        self._server = server
        self._socket = socket
        self._started = started
        self._call_id = call_id
        self._ear = Ear(server.driver, call_id)
        self._listener = Listener(server.engine, expecting=self._ear.expecting)
        self._waiting = bytearray()
        self._lost_bytes = 0
        self._has_audio = asyncio.Event()
        self._over = False
        self._seen_at = server.clock.now()
        self._working = asyncio.create_task(self._work())

    def take(self, audio: bytes) -> None:
        self._waiting += audio
        surplus = len(self._waiting) - LONGEST_WAIT_BYTES
        if surplus > 0:
            if not self._lost_bytes:
                log.error("audio lost: this process cannot keep up", extra={"call_id": self._call_id})
            self._lost_bytes += surplus
            del self._waiting[:surplus]
        if len(self._waiting) >= BATCH_BYTES:
            self._has_audio.set()

    async def end(self) -> None:
        """Hear out what waits, then report the end of the stream."""
        self._over = True
        self._has_audio.set()
        await self._working
        self._listener.close()
        if self._lost_bytes:
            log.error("audio was lost: %d bytes", self._lost_bytes, extra={"call_id": self._call_id})
        await self._server.move(self._sign_off)

    async def _work(self) -> None:
        """Give the listener what has come, in order, until the stream is over."""
        over = False
        while not over:
            await self._has_audio.wait()
            self._has_audio.clear()
            over = self._over
            audio = bytes(self._waiting)
            self._waiting.clear()
            try:
                await self._listen(audio, over)
            except Exception:  # the outermost loop of a call's listening: one utterance is lost, not the caller's ear
                log.exception("an utterance was lost", extra={"call_id": self._call_id})

    async def _listen(self, audio: bytes, over: bool) -> None:
        server = self._server
        events = await server.listen(self._listener.feed, audio)
        if over:
            events += await server.listen(self._listener.finish)
        for event in events:
            if isinstance(event, IntentHeard):
                await server.move(self._hear, event)
            if server.captions is not None:
                await server.captions.tell(self._started.call_sid, event)
        if server.clock.now() - self._seen_at > SEEN_EVERY:
            self._seen_at = server.clock.now()
            if not await server.move(self._give_sign):
                await self._socket.close(code=WSCloseCode.GOING_AWAY, message=b"the call has a newer stream")

    # ------------------------------------------------------------ in the threads that move calls

    def _hear(self, event: IntentHeard) -> None:
        with self._server.database.transaction() as unit:
            if not self._is_newest(unit):
                return
        self._ear.hear(event.label, event.text, event.confidence, event.evidence)

    def _give_sign(self) -> bool:
        """False where the call has a newer stream."""
        with self._server.database.transaction() as unit:
            unit.streams.seen(self._started.stream_sid, self._server.clock.now())
            return self._is_newest(unit)

    def _is_newest(self, unit: Unit) -> bool:
        newest = unit.streams.find_latest(self._call_id)
        return newest is not None and newest.stream_sid == self._started.stream_sid

    def _sign_off(self) -> None:
        """The stream is over: with its call, or before it. The carrier knows which."""
        server = self._server
        try:
            with server.database.transaction() as unit:
                unit.streams.ended(self._started.stream_sid, server.clock.now())
                if unit.calls.get(self._call_id).closed_at is not None or not self._is_newest(unit):
                    return
            if server.carrier.call_status(self._started.call_sid) in OVER:
                server.driver.handle(self._call_id, CallEnded())
            else:
                server.driver.lose_stream(self._call_id, self._started.stream_sid)
        except (StorageError, CarrierError) as fault:
            # The watch over running calls looks again.
            about = {"call_id": self._call_id, "error": str(fault)}
            log.warning("a stream's end could not be dealt with", extra=about)
