"""The carrier's media streams: frames to the listener, utterances to the call.

One event loop reads all sockets, in turns. Recognition runs in a small pool of threads, one batch of audio per stream
at a time; what is asked of the database and the carrier in another one, so that a slow carrier makes nobody deaf. Audio
waits in a bounded buffer: who cannot keep up loses the oldest audio, says so in the log, and never falls behind without
end. New calls are then not listened to until the process keeps up again (docs/adr/0011).

A call may have two streams for a moment, when one was asked for again. The newest is listened to; an older one changes
nothing any more and is closed.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from statistics import fmean
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
from ivr.dialogue.events import CallEnded, ListeningRestored, ListeningUnavailable
from ivr.dialogue.states import Dialogue
from ivr.errors import CarrierError
from ivr.ports import Carrier, Clock, Database, Unit
from ivr.web.captions import Captions
from ivr.web.listening import Capacity
from ivr.web.media_figures import ProcessFigures
from ivr.web.turns import Turns
from speech.audio import TELEPHONE_RATE_HZ
from speech.events import IntentHeard, MatterHeard, SpeechEvent
from speech.listener import Listener, ListenerSettings
from speech.recogniser import Engine
from speech.understanding import UnderstandingSettings
from storage.errors import StorageError

LONGEST_MESSAGE_BYTES = 64 * 1024
LONGEST_WAIT_BYTES = 10 * TELEPHONE_RATE_HZ
"""Ten seconds of audio that waits for a thread: more is not kept."""

MALFORMED_LIMIT = 5
SEEN_EVERY = timedelta(seconds=5)
MOVING_THREADS = 8
LISTENER_SETTINGS = ListenerSettings(understanding=UnderstandingSettings(matters=True))

P = ParamSpec("P")
T = TypeVar("T")

log = logging.getLogger(__name__)


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
        figures: ProcessFigures,
        *,
        threads: int,
        with_captions: bool,
        patience: Patience | None = None,
        capacity: Capacity | None = None,
    ) -> None:
        self.driver = driver
        self.database = database
        self.carrier = carrier
        self.clock = clock
        self.signatures = signatures
        self.engine = engine
        self.figures = figures
        self.patience = patience or Patience()
        self.listening = ThreadPoolExecutor(threads, thread_name_prefix="listen")
        self.moving = ThreadPoolExecutor(MOVING_THREADS, thread_name_prefix="move")
        self.captions = Captions() if with_captions else None
        self.sockets: set[web.WebSocketResponse] = set()
        self.turns = Turns()
        self.capacity = capacity or Capacity()
        self.heard: set[Listening] = set()
        self.unheard: deque[Listening] = deque()
        """Calls that are not listened to for now, in the order in which they came."""

    def make_app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/media", self.stream)
        app.router.add_get("/healthz", self.health)
        app.router.add_get("/readyz", self.health)
        app.router.add_get("/metrics", self.metrics)
        if self.captions is not None:
            app.router.add_get("/captions", self.read_along)
        app.cleanup_ctx.append(self._keep_going)
        app.on_shutdown.append(self._hang_up)
        app.on_cleanup.append(self._close_pools)
        log.info("listening", extra={"engine": self.engine.name})
        return app

    async def _keep_going(self, _: web.Application) -> AsyncIterator[None]:
        """What runs beside the streams for as long as there may be any."""
        self._tell(0.0)
        tasks = [asyncio.create_task(self.turns.go_round()), asyncio.create_task(self._watch())]
        yield
        for task in tasks:
            task.cancel()

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(self.capacity.settings.look_every_s)
            try:
                await self._look_around()
            except Exception:  # the outermost loop of the watch: it looks again
                log.exception("a call could not be listened to again")

    async def _look_around(self) -> None:
        """See whether this process keeps up. Where it does, a call that is not listened to gets its ear back: one at a
        time, so that the next look tells what that costs."""
        now = asyncio.get_running_loop().time()
        lag_s = fmean(listening.lag_s(now) for listening in self.heard) if self.heard else 0.0
        if self.capacity.follow(lag_s, now):
            if self.capacity.is_short:
                log.error("this process cannot keep up: new calls are not listened to", extra={"lag_s": lag_s})
            else:
                log.warning("this process keeps up again: calls are listened to", extra={"lag_s": lag_s})
        if self.unheard and not self.capacity.is_short:
            next_one = self.unheard[0]
            self.unheard.rotate(-1)  # where it fails, somebody else is next
            await next_one.restore()
        self._tell(lag_s)

    def _tell(self, lag_s: float) -> None:
        self.figures.tell(
            listens=not self.capacity.is_short, heard=len(self.heard), unheard=len(self.unheard), lag_s=lag_s
        )

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

    async def metrics(self, _: web.Request) -> web.Response:
        """Prometheus text format, of all media processes that were forked together. Counts only."""
        return web.Response(text=self.figures.shared.as_text(), headers={"Content-Type": "text/plain; version=0.0.4"})

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
            await Stream(self, socket, request.transport).run()
        finally:
            self.sockets.discard(socket)
        return socket


class Refused(Exception):
    """The stream cannot go on; carries the close code and what to tell the other side."""

    def __init__(self, code: int, why: str) -> None:
        super().__init__(why)
        self.code = code


class Gone(Refused):
    """The other side is not there any more."""

    def __init__(self) -> None:
        super().__init__(WSCloseCode.GOING_AWAY, "the connection ended before the stream")


class Stream:
    """One socket of the carrier."""

    def __init__(self, server: MediaServer, socket: web.WebSocketResponse, transport: asyncio.Transport | None) -> None:
        self._server = server
        self._socket = socket
        self._transport = transport
        self._malformed = 0

    async def run(self) -> None:
        try:
            async with asyncio.timeout(self._server.patience.start_s):
                started = await self._read_start()
        except TimeoutError:
            await self._close(Refused(WSCloseCode.POLICY_VIOLATION, "no start message came"))
            return
        except Refused as why:
            await self._close(why)
            return
        try:
            is_heard = not self._server.capacity.is_short
            call_id = await self._server.move(self._register, started, is_heard)
            listening = Listening(self._server, self._socket, started, call_id, is_heard)
            try:
                await self._read_frames(listening)
            finally:
                await listening.end()
        except TimeoutError:
            await self._close(Refused(WSCloseCode.GOING_AWAY, "no audio came"))
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
        """Until the stream stops. Raises `TimeoutError` where nothing comes any more."""
        if self._transport is None:
            raise Gone
        turns, silence_s = self._server.turns, self._server.patience.silence_s
        turns.join(self._transport)
        try:
            async with asyncio.timeout_at(turns.due_at + silence_s) as waiting:
                read_at = turns.due_at
                while True:
                    message = await self._receive()
                    if turns.due_at > read_at:  # another turn: what is left of this one costs no new timer
                        read_at = turns.due_at
                        waiting.reschedule(read_at + silence_s)
                    if isinstance(message, StreamStopped):
                        return
                    if isinstance(message, AudioFrame):
                        listening.take(message.payload, read_at)
        finally:
            turns.leave(self._transport)

    async def _receive(self) -> StreamStarted | AudioFrame | StreamStopped | None:
        """The next message; raises `Refused` where the stream cannot go on."""
        message = await self._socket.receive()
        if message.type in (WSMsgType.CLOSE, WSMsgType.CLOSING, WSMsgType.CLOSED, WSMsgType.ERROR):
            raise Gone
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

    def _register(self, started: StreamStarted, is_heard: bool) -> str:
        """Gives the call's id. The call is told where listening begins or ends for it with this stream."""
        try:
            with self._server.database.transaction() as unit:
                call = unit.calls.find_by_sid(started.call_sid)
                if call is None or call.closed_at is not None:
                    raise Refused(WSCloseCode.POLICY_VIOLATION, "there is no such call, or it is over")
                unit.streams.opened(started.stream_sid, call.call_id, self._server.clock.now())
            if is_heard is not Dialogue.from_json(call.dialogue).listening:
                event = ListeningRestored() if is_heard else ListeningUnavailable()
                self._server.driver.handle(call.call_id, event)
        except StorageError as fault:
            raise Refused(WSCloseCode.TRY_AGAIN_LATER, "the database does not answer") from fault
        return call.call_id


class Listening:
    """What is heard on one stream, from its start to its end. Made and used in the event loop."""

    def __init__(
        self,
        server: MediaServer,
        socket: web.WebSocketResponse,
        started: StreamStarted,
        call_id: str,
        is_heard: bool,
    ) -> None:
        self._server = server
        self._socket = socket
        self._started = started
        self._call_id = call_id
        self._ear = Ear(server.driver, call_id)
        self._listener: Listener | None = None
        self._waiting = bytearray()
        self._waiting_since = self._in_hand_since = 0.0
        self._is_in_hand = False
        self._lost_bytes = 0
        self._has_audio = asyncio.Event()
        self._over = False
        self._seen_at = server.clock.now()
        if is_heard:
            self._open_ear()
        else:
            log.warning("a call is not listened to", extra={"call_id": call_id})
            server.unheard.append(self)
        self._working = asyncio.create_task(self._work())

    def _open_ear(self) -> None:
        self._listener = Listener(self._server.engine, expecting=self._ear.expecting, settings=LISTENER_SETTINGS)
        self._server.heard.add(self)

    async def restore(self) -> None:
        """Listen from now on."""
        await self._server.move(self._server.driver.handle, self._call_id, ListeningRestored())
        if not self._over:
            self._server.unheard.remove(self)
            self._open_ear()

    def lag_s(self, now: float) -> float:
        """Since when the oldest audio waits that was not heard yet."""
        if self._is_in_hand:
            return now - self._in_hand_since
        return now - self._waiting_since if self._waiting else 0.0

    def take(self, audio: bytes, read_at: float) -> None:
        """The next audio; it had come by `read_at`, on the event loop's clock."""
        if not self._waiting:
            self._waiting_since = read_at
        self._waiting += audio
        surplus = len(self._waiting) - LONGEST_WAIT_BYTES
        if surplus > 0:
            if not self._lost_bytes:
                log.error("audio lost: this process cannot keep up", extra={"call_id": self._call_id})
            self._lost_bytes += surplus
            self._server.figures.count_lost(surplus / TELEPHONE_RATE_HZ)
            del self._waiting[:surplus]
            self._waiting_since += surplus / TELEPHONE_RATE_HZ
        self._has_audio.set()

    async def end(self) -> None:
        """Hear out what waits, then report the end of the stream."""
        self._over = True
        self._has_audio.set()
        await self._working
        if self._listener is None:
            self._server.unheard.remove(self)
        else:
            self._server.heard.discard(self)
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
            audio, self._in_hand_since = bytes(self._waiting), self._waiting_since
            self._waiting.clear()
            try:
                await self._listen(audio, over)
            except Exception:  # the outermost loop of a call's listening: one utterance is lost, not the caller's ear
                log.exception("an utterance was lost", extra={"call_id": self._call_id})

    async def _listen(self, audio: bytes, over: bool) -> None:
        server = self._server
        for event in [] if self._listener is None else await self._recognise(self._listener, audio, over):
            if isinstance(event, IntentHeard | MatterHeard):
                await server.move(self._hear, event)
            if server.captions is not None:
                await server.captions.tell(self._started.call_sid, event)
        if server.clock.now() - self._seen_at > SEEN_EVERY:
            self._seen_at = server.clock.now()
            if not await server.move(self._give_sign):
                await self._socket.close(code=WSCloseCode.GOING_AWAY, message=b"the call has a newer stream")

    async def _recognise(self, listener: Listener, audio: bytes, over: bool) -> list[SpeechEvent]:
        self._is_in_hand = True
        try:
            events = await self._server.listen(listener.feed, audio)
        finally:
            self._is_in_hand = False
        if audio:
            self._server.figures.count_batch(asyncio.get_running_loop().time() - self._in_hand_since)
        return events + await self._server.listen(listener.finish) if over else events

    # ------------------------------------------------------------ in the threads that move calls

    def _hear(self, event: IntentHeard | MatterHeard) -> None:
        with self._server.database.transaction() as unit:
            if not self._is_newest(unit):
                return
        meaning = event.label if isinstance(event, IntentHeard) else event.matter
        self._ear.hear(meaning, event.text, event.confidence, event.evidence)

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
