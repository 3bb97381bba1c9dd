"""The browser phone: one WebSocket is one party, with its own microphone and loudspeaker.

Client   {"type":"call","from":"+316..","to":"+3120.."}, {"type":"register","identity":"medewerker"}, {"type":"answer"},
         {"type":"digit","digit":"1"}, {"type":"hang-up"}, {"type":"hold","on":true};
         binary: microphone, signed 16-bit little-endian mono at 8 000 Hz, any length.
Server   {"type":"state","state":"ringing|in-progress|completed|busy|...","callSid":".."}, {"type":"registered",..},
         {"type":"error","message":".."}; binary: 20 ms of what the party hears, same format, while connected.
"""

import asyncio
import json
from collections import deque
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from aiohttp import WSMsgType, web

from ivr.emulator.audio import FRAME_SAMPLES, SILENCE, Samples, samples_of
from ivr.emulator.dialing import Busy, Phone, address_key
from ivr.emulator.exchange import Exchange
from ivr.emulator.legs import Leg, Party
from ivr.emulator.player import Utterance
from ivr.emulator.rest_requests import EXCHANGE
from ivr.emulator.switchboard import dial_in
from ivr.emulator.webhooks import is_loopback

_START_FRAMES = 3
"""What the jitter buffer gathers before it plays: 60 ms."""
_MAX_FRAMES = 25
_OUTGOING_FRAMES = 250
_NO_SCRIPT_NAME = "browser"


class JitterBuffer:
    """Evens out the microphone's bursts; keeps half a second at most and drops the oldest."""

    def __init__(self) -> None:
        self._samples: Samples = np.empty(0, dtype=np.int16)
        self._filling = True

    def add(self, pcm: bytes) -> None:
        self._samples = np.concatenate([self._samples, samples_of(pcm)])[-_MAX_FRAMES * FRAME_SAMPLES :]

    def next_frame(self) -> Samples:
        if self._filling and len(self._samples) < _START_FRAMES * FRAME_SAMPLES:
            return SILENCE
        if len(self._samples) < FRAME_SAMPLES:
            self._filling = True
            return SILENCE
        self._filling = False
        frame, self._samples = self._samples[:FRAME_SAMPLES], self._samples[FRAME_SAMPLES:]
        return frame


class BrowserPhone:
    """A Party, and a Phone once it is registered."""

    def __init__(self, exchange: Exchange) -> None:
        self.name = _NO_SCRIPT_NAME
        self._exchange = exchange
        self._microphone = JitterBuffer()
        self._outgoing: deque[str | bytes] = deque(maxlen=_OUTGOING_FRAMES)
        self._something_to_send = asyncio.Event()
        self._answered = asyncio.Event()
        self._leg: Leg | None = None
        self._registered: dict[str, Phone | None] = {}

    # ------------------------------------------------------------ as a Party and a Phone

    def speak_frame(self) -> Samples:
        return self._microphone.next_frame()

    def hear_frame(self, frame: Samples) -> None:
        self._send(frame.astype("<i2").tobytes())

    def utterance_started(self, utterance: Utterance) -> None:
        """A person listens to the sound."""

    def utterance_finished(self, utterance: Utterance) -> None:
        """A person listens to the sound."""

    def connected(self, leg: Leg) -> None:
        self._leg = leg
        self._tell_state(leg, "in-progress")

    def ended(self, status: str) -> None:
        if self._leg:
            self._tell_state(self._leg, status)
        self._leg = None

    async def ring(self, leg: Leg) -> Party:
        if self._leg:
            raise Busy(self.name)
        self._leg = leg
        self._answered.clear()
        self._tell_state(leg, "ringing")
        ended = asyncio.create_task(leg.ended_event.wait())
        answered = asyncio.create_task(self._answered.wait())
        try:
            await asyncio.wait({ended, answered}, return_when=asyncio.FIRST_COMPLETED)
            if not self._answered.is_set():
                raise Busy(self.name)
            return self
        finally:
            ended.cancel()
            answered.cancel()
            if not self._answered.is_set():
                self._tell_state(leg, "completed")
                self._leg = None

    # ------------------------------------------------------------ the socket

    def take(self, message: Mapping[str, Any]) -> None:
        """One command of the client."""
        match message.get("type"):
            case "call" if self._leg is None:
                self.name = str(message.get("from", _NO_SCRIPT_NAME))
                to = str(message.get("to") or self._exchange.settings.number)
                self._leg = dial_in(self._exchange, self.name, to, self)
                self._tell_state(self._leg, "ringing")
            case "register":
                self._register(str(message.get("identity", "")))
            case "answer":
                self._answered.set()
            case "digit" if self._leg:
                self._leg.press(str(message.get("digit", ""))[:1])
            case "hold" if self._leg and self._leg.room:
                self._leg.room.set_hold_by(self._leg, bool(message.get("on")))
            case "hang-up" if self._leg:
                self._leg.hang_up()
            case other:
                self._send(json.dumps({"type": "error", "message": f"{other!r} is not possible now"}))

    def hear_microphone(self, pcm: bytes) -> None:
        if self._leg and self._leg.in_progress:
            self._microphone.add(pcm)

    def close(self) -> None:
        """Whoever answered at its addresses before does so again."""
        phones = self._exchange.phones
        for key, before in self._registered.items():
            if phones.get(key) is self:
                del phones[key]
                if before is not None:
                    phones[key] = before
        if self._leg:
            self._leg.hang_up()

    async def send_forever(self, socket: web.WebSocketResponse) -> None:
        while True:
            await self._something_to_send.wait()
            self._something_to_send.clear()
            while self._outgoing:
                item = self._outgoing.popleft()
                await (socket.send_str(item) if isinstance(item, str) else socket.send_bytes(item))

    def _register(self, identity: str) -> None:
        """One phone may answer at several addresses; one that is taken over from another browser is not given back."""
        self.name = identity
        key = address_key(identity)
        before = self._exchange.phones.get(key)
        if before is not self:
            self._registered[key] = None if isinstance(before, BrowserPhone) else before
        self._exchange.phones[key] = self
        self._send(json.dumps({"type": "registered", "identity": identity}))

    def _tell_state(self, leg: Leg, state: str) -> None:
        self._send(json.dumps({"type": "state", "state": state, "callSid": leg.sid, "from": leg.from_, "to": leg.to}))

    def _send(self, item: str | bytes) -> None:
        self._outgoing.append(item)
        self._something_to_send.set()


async def phone_socket(request: web.Request) -> web.StreamResponse:
    origin = request.headers.get("Origin")
    if origin is not None and not is_loopback(urlsplit(origin).hostname):
        raise web.HTTPForbidden(text="the browser phone is for pages on this machine")
    socket = web.WebSocketResponse(max_msg_size=2**18)
    await socket.prepare(request)
    phone = BrowserPhone(request.app[EXCHANGE])
    sender = asyncio.create_task(phone.send_forever(socket))
    try:
        async for message in socket:
            if message.type == WSMsgType.BINARY:
                phone.hear_microphone(message.data)
            elif message.type == WSMsgType.TEXT and isinstance(command := _parse(message.data), dict):
                phone.take(command)
    finally:
        sender.cancel()
        phone.close()
    return socket


def _parse(text: str) -> object:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return {}
