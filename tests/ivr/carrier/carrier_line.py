"""A gateway on a real local carrier, with a tap on the line that keeps every request and can answer in its place."""

import asyncio
import threading
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar
from urllib.parse import parse_qsl

import aiohttp
from aiohttp import web
from openapi_core.datatypes import RequestParameters
from werkzeug.datastructures import Headers, ImmutableMultiDict

from ivr.carrier.links import Links
from ivr.carrier.twilio_gateway import TwilioGateway
from ivr.emulator.carrier import LocalCarrier
from tests.builders import ACCOUNT_SID, AUTH_TOKEN, CALLER, NUMBER

T = TypeVar("T")

EMPLOYEE = "client:medewerker"
CALL_ID = "c1"
CONFERENCE = f"<Conference beep='false' waitUrl='' participantLabel='caller'>{CALL_ID}</Conference>"
ROOM = f"<Response><Dial>{CONFERENCE}</Dial></Response>"
API = "/2010-04-01/"


@dataclass
class Tapped:
    """One request of the gateway, in the shape that openapi-core reads, shown as sent to the real host."""

    method: str
    path: str
    body: bytes
    query: str
    authorization: str
    host_url = "https://api.twilio.com"
    content_type = "application/x-www-form-urlencoded"

    def __post_init__(self) -> None:
        query = ImmutableMultiDict(parse_qsl(self.query, keep_blank_values=True))
        self.parameters = RequestParameters(query=query, header=Headers({"Authorization": self.authorization}))

    @property
    def form(self) -> dict[str, list[str]]:
        fields: dict[str, list[str]] = {}
        for name, value in parse_qsl(self.body.decode(), keep_blank_values=True):
            fields.setdefault(name, []).append(value)
        return fields

    @property
    def what(self) -> str:
        """`POST Calls/{sid}.json`: without the account."""
        return f"{self.method.upper()} {self.path.split('/', 4)[-1]}"


@dataclass
class Line:
    """Carrier, tap and the customer's documents, all in one thread with an event loop of its own."""

    tapped: list[Tapped] = field(default_factory=list)
    instead: list[web.Response] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self.wait(self._open())
        return self

    def __exit__(self, *_: object) -> None:
        self.wait(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def wait(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=30)

    async def _open(self) -> None:
        app = web.Application()
        app.router.add_route("*", API + "{path:.*}", self._forward)
        app.router.add_route("*", "/{path:.*}", self._document)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.5)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        self._carrier = LocalCarrier(account_sid=ACCOUNT_SID, auth_token=AUTH_TOKEN, voice_url=f"{self.url}/voice")
        await self._carrier.start()
        self._session = aiohttp.ClientSession(self._carrier.base_url, auto_decompress=False)
        await self.local("PUT", f"phones/{EMPLOYEE}", {"script": [{"wait_s": 60}], "answer_after_s": 0.05})

    async def _close(self) -> None:
        await self._session.close()
        await self._carrier.stop()
        await self._runner.cleanup()

    async def _document(self, request: web.Request) -> web.Response:
        return web.Response(text=ROOM if request.path == "/voice" else "<Response/>", content_type="text/xml")

    async def _forward(self, request: web.Request) -> web.Response:
        body = await request.read()
        authorization = request.headers.get("Authorization", "")
        self.tapped.append(Tapped(request.method.lower(), request.path, body, request.query_string, authorization))
        if self.instead:
            return self.instead.pop(0)
        headers = {name: request.headers[name] for name in ("Authorization", "Content-Type") if name in request.headers}
        async with self._session.request(request.method, request.raw_path, data=body, headers=headers) as answer:
            kind = answer.headers.get("Content-Type", "application/json")
            return web.Response(status=answer.status, body=await answer.read(), headers={"Content-Type": kind})

    def gateway(self, *, token: str = AUTH_TOKEN, sender: str | None = "Voorbeeld") -> TwilioGateway:
        links = Links(self.url, f"ws{self.url.removeprefix('http')}/media", "a secret")
        return TwilioGateway(ACCOUNT_SID, token, self.url, sender, links)

    async def local(self, method: str, path: str, body: object = None) -> Any:
        async with self._session.request(method, f"/local/{path}", json=body) as answer:
            assert answer.status < 300, await answer.text()
            return await answer.json() if answer.content_type == "application/json" else None

    def faults(self, **faults: object) -> None:
        self.wait(self.local("PUT", "faults", faults))

    def dial_in(self) -> tuple[str, str]:
        """A caller who presses a key after a while; gives the call's and the conference's sid once they are there."""
        script = [{"wait_s": 1.5}, {"press": "5"}, {"wait_s": 60}]
        body = {"from": CALLER, "to": NUMBER, "script": script, "name": "caller"}
        call_sid = str(self.wait(self.local("POST", "calls", body))["callSid"])
        return call_sid, str(self.await_event("joined", callSid=call_sid)["conferenceSid"])

    def await_event(self, kind: str, **wanted: object) -> dict[str, Any]:
        return self.wait(self._await_event(kind, wanted))

    async def _await_event(self, kind: str, wanted: dict[str, object]) -> dict[str, Any]:
        after = 0
        async with asyncio.timeout(20):
            while True:
                for event in await self.local("GET", f"events?since={after}&wait_s=5"):
                    after = event["n"]
                    if event["kind"] == kind and all(event.get(name) == value for name, value in wanted.items()):
                        return dict(event)
