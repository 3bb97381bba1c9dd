"""A tiny customer of the local carrier for its tests: serves TwiML, takes callbacks and streams, calls REST."""

import asyncio
import io
import json
import wave
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Self

import aiohttp
import numpy as np
from aiohttp import web
from numpy.typing import NDArray
from twilio.request_validator import RequestValidator

from ivr.emulator.carrier import LocalCarrier
from ivr.emulator.dialing import Phone

ACCOUNT_SID = "AC" + "0123456789abcdef" * 2
AUTH_TOKEN = "secret-of-the-tests"
BASE = f"/2010-04-01/Accounts/{ACCOUNT_SID}"
CALLER = "+31612345678"
EMPLOYEE = "client:medewerker"

_PATIENCE_S = 20

Fields = dict[str, str]
Event = dict[str, Any]


@dataclass(frozen=True)
class Taken:
    """A request that the customer got."""

    path: str
    fields: Fields
    headers: Mapping[str, str]
    genuine: bool


@dataclass
class Reply:
    """What REST answered."""

    status: int
    content_type: str
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Customer:
    """`documents` maps a path to TwiML, or to a function of the request's fields that gives it; `sounds` to a WAV."""

    documents: dict[str, str | Callable[[Fields], str]] = field(default_factory=dict)
    sounds: dict[str, bytes] = field(default_factory=dict)
    statuses: dict[str, int] = field(default_factory=dict)
    taken: list[Taken] = field(default_factory=list)
    handshakes: list[Taken] = field(default_factory=list)
    streams: list[list[dict[str, Any]]] = field(default_factory=list)
    close_stream_after: int | None = None

    async def __aenter__(self) -> Self:
        self._stack = AsyncExitStack()
        app = web.Application()
        app.router.add_get("/media", self._media)
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._carrier = await self._stack.enter_async_context(
            LocalCarrier(
                account_sid=ACCOUNT_SID,
                auth_token=AUTH_TOKEN,
                voice_url=f"{self.url}/voice",
                voice_fallback_url=f"{self.url}/fallback" if "/fallback" in self.documents else "",
                status_callback=f"{self.url}/call-status",
            )
        )
        self._session = await self._stack.enter_async_context(aiohttp.ClientSession(self._carrier.base_url))
        return self

    @property
    def phones(self) -> dict[str, Phone]:
        """Who answers where."""
        return self._carrier.exchange.phones

    async def __aexit__(self, *_: object) -> None:
        await self._stack.aclose()
        await self._runner.cleanup()

    # ------------------------------------------------------------ as a web service

    async def _serve(self, request: web.Request) -> web.Response:
        form = {name: str(value) for name, value in (await request.post()).items()}
        taken = self._take(request, form, f"{self.url}{request.raw_path}")
        self.taken.append(taken)
        if request.path in self.sounds:
            return web.Response(body=self.sounds[request.path], content_type="audio/x-wav")
        document = self.documents.get(request.path, "<Response/>")
        text = document if isinstance(document, str) else document({**request.query, **form})
        return web.Response(text=text, content_type="text/xml", status=self.statuses.get(request.path, 200))

    async def _media(self, request: web.Request) -> web.WebSocketResponse:
        url = f"{self.url}{request.raw_path}".replace("http://", "wss://")
        self.handshakes.append(self._take(request, {}, url))
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        messages: list[dict[str, Any]] = []
        self.streams.append(messages)
        async for message in socket:
            messages.append(json.loads(message.data))
            if len(messages) == self.close_stream_after:
                await socket.close()
        messages.append({"event": "(closed)"})
        return socket

    @staticmethod
    def _take(request: web.Request, form: Fields, url: str) -> Taken:
        signature = request.headers.get("X-Twilio-Signature", "")
        genuine = RequestValidator(AUTH_TOKEN).validate(url, form, signature)
        return Taken(request.path, {**request.query, **form}, dict(request.headers), genuine)

    def requests_to(self, path: str) -> list[Taken]:
        return [taken for taken in self.taken if taken.path == path]

    def reports(self) -> list[Fields]:
        """The conference status callbacks, as they arrived."""
        return [taken.fields for taken in self.requests_to("/conference-status")]

    # ------------------------------------------------------------ as a client

    async def rest(self, method: str, path: str, token: str = AUTH_TOKEN, **form: str) -> Reply:
        headers = {"Authorization": aiohttp.encode_basic_auth(ACCOUNT_SID, token)}
        async with self._session.request(method, BASE + path, data=form or None, headers=headers) as response:
            return Reply(response.status, response.content_type, await response.read())

    async def local(self, method: str, path: str, body: object) -> Any:
        async with self._session.request(method, f"/local/{path}", json=body) as response:
            assert response.status < 300, await response.text()
            return await response.json() if response.content_type == "application/json" else None

    async def call(self, *script: Mapping[str, Any]) -> str:
        started = await self.local("POST", "calls", {"from": CALLER, "name": "beller", "script": script})
        return str(started["callSid"])

    async def phone(self, *script: Mapping[str, Any], identity: str = EMPLOYEE, **options: Any) -> None:
        await self.local("PUT", f"phones/{identity}", {"script": script, "answer_after_s": 0.1, **options})

    async def events(self, kind: str, **wanted: object) -> list[Event]:
        async with self._session.get("/local/events") as response:
            found: list[Event] = await response.json()
        return [event for event in found if _matches(event, kind, wanted)]

    async def wait_for(self, kind: str, **wanted: object) -> Event:
        """The first event of that kind with those fields."""
        after = 0
        async with asyncio.timeout(_PATIENCE_S):
            while True:
                async with self._session.get(f"/local/events?since={after}&wait_s=5") as response:
                    for event in await response.json():
                        after = event["n"]
                        if _matches(event, kind, wanted):
                            return dict(event)

    async def wait_webhook(self, url_path: str, **wanted: object) -> Event:
        return await self.wait_for("webhook", url=f"{self.url}{url_path}", **wanted)

    async def wait_ended(self, call_sid: str) -> Event:
        return await self.wait_for("call", callSid=call_sid, status="completed")

    def socket(self, path: str, **headers: str) -> AbstractAsyncContextManager[aiohttp.ClientWebSocketResponse]:
        return self._session.ws_connect(path, headers=headers)

    # ------------------------------------------------------------ the usual documents

    def room(self, attributes: str = "", dial: str = "", start: str = "", name: str = "kamer") -> str:
        """A document that puts the call into a conference with all its events reported."""
        report = f"statusCallback='{self.url}/conference-status'"
        return (
            f"<Response>{start}<Dial {dial}><Conference beep='false' waitUrl='' {report}"
            " statusCallbackEvent='start end join leave mute hold modify announcement'"
            f" {attributes}>{name}</Conference></Dial></Response>"
        )

    def stream(self, attributes: str = "", parameters: str = "") -> str:
        url, report = self.url.replace("http://", "wss://"), f"statusCallback='{self.url}/stroom'"
        return f"<Start><Stream url='{url}/media' name='oor' {report} {attributes}>{parameters}</Stream></Start>"

    async def ring_employee(self, **form: str) -> Reply:
        return await self.rest(
            "POST", "/Conferences/kamer/Participants.json", From="+31201234567", To=EMPLOYEE, Beep="false", **form
        )

    async def conference_sid(self) -> str:
        return str((await self.rest("GET", "/Conferences.json?FriendlyName=kamer")).json["conferences"][0]["sid"])

    async def download(self, recording_sid: str, query: str = "") -> Reply:
        return await self.rest("GET", f"/Recordings/{recording_sid}.wav{query}")


def _matches(event: Event, kind: str, wanted: Mapping[str, object]) -> bool:
    return event["kind"] == kind and all(event.get(name) == value for name, value in wanted.items())


def say(text: str) -> str:
    return f"<Response><Say language='nl-NL' voice='Polly.Laura-Neural'>{text}</Say></Response>"


def run(story: Callable[[Customer], Coroutine[Any, Any, None]], **documents: str) -> None:
    """Play a test's story with a customer and a carrier of its own."""

    async def play() -> None:
        async with Customer({f"/{name}": text for name, text in documents.items()}) as customer:
            await story(customer)

    asyncio.run(play())


def channels_of(wav: bytes) -> NDArray[np.int16]:
    """Samples by channel: shape (channels, n)."""
    with wave.open(io.BytesIO(wav)) as file:
        assert (file.getsampwidth(), file.getframerate()) == (2, 8000)
        return np.frombuffer(file.readframes(file.getnframes()), dtype="<i2").reshape(-1, file.getnchannels()).T


def loud_s(samples: NDArray[np.int16]) -> float:
    """Seconds of sound above the noise of a mu-law line, in steps of 20 ms."""
    frames = samples[: len(samples) // 160 * 160].reshape(-1, 160).astype(np.float64)
    return float(np.sum(np.sqrt((frames**2).mean(axis=1)) > 200) * 0.02)
