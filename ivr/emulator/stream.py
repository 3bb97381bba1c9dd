"""Media Streams: a leg's sound, forked to the customer's WebSocket in frames of 20 ms mu-law."""

import asyncio
import base64
import json
from collections import deque
from dataclasses import dataclass, field
from socket import SHUT_RDWR

import aiohttp

from ivr.emulator.audio import FRAME_MS, Samples, encode_mulaw
from ivr.emulator.events import iso, utc_now
from ivr.emulator.exchange import new_sid
from ivr.emulator.legs import NO_CALLBACK, Callback, Leg
from ivr.emulator.webhooks import FetchFailed, loopback_target

TRACKS = {"inbound_track": ("inbound",), "outbound_track": ("outbound",), "both_tracks": ("inbound", "outbound")}
MAX_TRACKS_PER_CALL = 4

_CONNECT_S = 5.0
_BACKLOG_FRAMES = 1500
"""What a reader may lag behind (30 s of one track) before the oldest frames are lost."""


@dataclass(frozen=True)
class StreamOrder:
    """What TwiML or REST asks for."""

    url: str
    name: str = ""
    track: str = "inbound_track"
    callback: Callback = NO_CALLBACK
    parameters: dict[str, str] = field(default_factory=dict)


class StreamRefused(Exception):
    """The call has no room for it, or has one of that name."""


class Stream:
    def __init__(self, leg: Leg, order: StreamOrder) -> None:
        self.order = order
        taken = sum(len(TRACKS[stream.order.track]) for stream in leg.streams)
        if order.name and any(stream.order.name == order.name for stream in leg.streams):
            raise StreamRefused(f"a stream named {order.name!r} is running")
        if taken + len(TRACKS[order.track]) > MAX_TRACKS_PER_CALL:
            raise StreamRefused(f"a call streams at most {MAX_TRACKS_PER_CALL} tracks")
        self.sid = new_sid("MZ")
        self.leg = leg
        self.status = "in-progress"
        self.updated_at = utc_now()
        self._exchange = leg.exchange
        self._queue: deque[tuple[str, int, bytes]] = deque(maxlen=_BACKLOG_FRAMES)
        self._fed = asyncio.Event()
        self._sequence = self._chunk = 0
        self._elapsed_ms = 0
        self._open = False
        self._exchange.streams[self.sid] = self
        leg.streams.append(self)
        self._task = self._exchange.spawn(self._run())

    def feed(self, inbound: Samples, outbound: Samples) -> None:
        if not self._open:
            return
        for track in TRACKS[self.order.track]:
            self._queue.append((track, self._elapsed_ms, encode_mulaw(inbound if track == "inbound" else outbound)))
        self._elapsed_ms += FRAME_MS
        self._fed.set()

    def stop(self) -> None:
        """Let go of the leg; what is queued still goes out, then `stop`."""
        if self.status == "stopped":
            return
        self.status = "stopped"
        self.updated_at = utc_now()
        self.leg.streams.remove(self)
        self._fed.set()

    async def _run(self) -> None:
        signed_url = "wss" + self.order.url[self.order.url.index(":") :]
        headers = {
            "User-Agent": "TwilioProxy/1.1",
            "X-Twilio-Signature": self._exchange.webhooks.signature(signed_url, {}, "stream"),
        }
        try:
            async with asyncio.timeout(_CONNECT_S):
                socket = await self._exchange.webhooks.session.ws_connect(
                    loopback_target(self.order.url, "ws"), headers=headers, max_msg_size=2**20
                )
        except aiohttp.WSServerHandshakeError as error:
            self._fail(f"31920 - Stream - WebSocket - Handshake Error: HTTP {error.status}")
        except (aiohttp.ClientError, OSError, FetchFailed) as error:
            self._fail(f"31902 - Stream - WebSocket - Connection Refused: {error}")
        except TimeoutError:
            self._fail("31901 - Stream - WebSocket - Connection Timeout")
        else:
            async with socket:
                await self._send(socket)

    async def _send(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        reader = asyncio.create_task(self._read(socket))
        try:
            self._report("stream-started")
            drop_after_s = self._exchange.webhooks.faults.take_stream_drop()
            await socket.send_str(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
            await socket.send_str(json.dumps(self._start_message()))
            self._open = True
            while self.status != "stopped" or self._queue:
                await self._fed.wait()
                self._fed.clear()
                if socket.closed:
                    raise ConnectionResetError("closed by the receiver")
                while self._queue:
                    await self._send_frame(socket)
                if drop_after_s is not None and self._elapsed_ms >= drop_after_s * 1000:
                    _abort(socket)
                    self._fail("dropped on request")
                    return
            account_sid = self._exchange.settings.account_sid
            stop = {"accountSid": account_sid, "callSid": self.leg.sid}
            message = {"event": "stop", "sequenceNumber": self._next(), "streamSid": self.sid, "stop": stop}
            await socket.send_str(json.dumps(message))
            self._report("stream-stopped")
        except (ConnectionError, aiohttp.ClientError):
            self.stop()
            self._report("stream-stopped", "the receiver went away")
        finally:
            self._open = False
            reader.cancel()

    async def _send_frame(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        track, timestamp_ms, mulaw = self._queue.popleft()
        self._chunk += 1
        await socket.send_str(
            f'{{"event":"media","sequenceNumber":"{self._next()}","streamSid":"{self.sid}","media":{{"track":"{track}",'
            f'"chunk":"{self._chunk}","timestamp":"{timestamp_ms}","payload":"{base64.b64encode(mulaw).decode()}"}}}}'
        )

    async def _read(self, socket: aiohttp.ClientWebSocketResponse) -> None:
        """What comes on a unidirectional stream is ignored; a close ends the stream without disturbing the call."""
        async for _ in socket:
            pass
        self._fed.set()

    def _start_message(self) -> dict[str, object]:
        return {
            "event": "start",
            "sequenceNumber": self._next(),
            "streamSid": self.sid,
            "start": {
                "streamSid": self.sid,
                "accountSid": self._exchange.settings.account_sid,
                "callSid": self.leg.sid,
                "tracks": list(TRACKS[self.order.track]),
                "customParameters": self.order.parameters,
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            },
        }

    def _next(self) -> str:
        self._sequence += 1
        return str(self._sequence)

    def _fail(self, reason: str) -> None:
        self.stop()
        self._report("stream-error", reason)

    def _report(self, event: str, error: str = "") -> None:
        self._exchange.events.add(
            "stream", streamSid=self.sid, callSid=self.leg.sid, event=event, name=self.order.name, error=error
        )
        fields = {
            "AccountSid": self._exchange.settings.account_sid,
            "CallSid": self.leg.sid,
            "StreamSid": self.sid,
            "StreamName": self.order.name or self.sid,
            "StreamEvent": event,
            "Timestamp": iso(utc_now()),
        }
        if event == "stream-error":
            fields["StreamError"] = error
        self._exchange.webhooks.notify("stream-status", self.order.callback.url, self.order.callback.method, fields)


def _abort(socket: aiohttp.ClientWebSocketResponse) -> None:
    """Break the connection as a lost network would: no close frame."""
    line = socket.get_extra_info("socket")
    if line is not None:
        line.shutdown(SHUT_RDWR)
