"""Requests to the customer: signing, time budget, retries, and delivery of callbacks with their faults."""

import asyncio
import base64
import hashlib
import hmac
import ipaddress
import time
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from http.cookies import SimpleCookie
from urllib.parse import parse_qs, urlencode, urljoin, urlsplit, urlunsplit

import aiohttp
from yarl import URL

from ivr.emulator.events import EventLog
from ivr.emulator.faults import Faults

Params = Mapping[str, str]

_MAX_REDIRECTS = 10
_HOLD_BACK_S = 1.0
_CONNECT, _READ = "ct", "rt"


class FetchFailed(Exception):
    """The customer's document could not be had. `code` is the carrier's error code."""

    def __init__(self, code: int, url: str, reason: str) -> None:
        super().__init__(f"{code} {url}: {reason}")
        self.code = code
        self.url = url
        self.reason = reason


@dataclass(frozen=True)
class Answer:
    status: int
    content_type: str
    body: bytes


@dataclass(frozen=True)
class Overrides:
    """Connection overrides from a URL's fragment."""

    connect_s: float = 5.0
    read_s: float = 15.0
    total_s: float = 15.0
    retries: int = 1
    policy: frozenset[str] = frozenset({_CONNECT})

    def allows_retry(self, failure: str) -> bool:
        return "all" in self.policy or failure in self.policy


def read_overrides(url: str) -> Overrides:
    values = {name: found[-1] for name, found in parse_qs(urlsplit(url).fragment).items()}
    return Overrides(
        connect_s=int(values.get("ct", 5000)) / 1000,
        read_s=int(values.get("rt", 15000)) / 1000,
        total_s=int(values.get("tt", 15000)) / 1000,
        retries=int(values.get("rc", 1)),
        policy=frozenset(values.get("rp", _CONNECT).split(",")),
    )


def sign(url: str, params: Mapping[str, str | Sequence[str]], token: str, keep_port: bool = False) -> str:
    """X-Twilio-Signature: base64 of the HMAC-SHA1 of the URL and, by name, each name and value.

    The fragment and user info never count; the port does not count over https, unless `keep_port` (messages).
    """
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    if parts.scheme == "https" and not keep_port and parts.port is not None:
        host = host.removesuffix(f":{parts.port}")
    text = urlunsplit(parts._replace(netloc=host, fragment=""))
    for name in sorted(params):
        value = params[name]
        for item in [value] if isinstance(value, str) else sorted(set(value)):
            text += name + item
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def is_loopback(host: str | None) -> bool:
    if host == "localhost":
        return True
    try:
        return host is not None and ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def loopback_target(url: str, plain_scheme: str) -> URL:
    """Where to connect for `url`: loopback only, and never over TLS. Raises FetchFailed."""
    parts = urlsplit(url)
    if not is_loopback(parts.hostname):
        raise FetchFailed(11210, url, "the local carrier reaches loopback addresses only")
    return URL(urlunsplit(parts._replace(scheme=plain_scheme, fragment="")), encoded=True)


class Webhooks:
    def __init__(self, token: str, events: EventLog) -> None:
        self._token = token
        self._events = events
        self.faults = Faults()
        self._held_back: dict[str, asyncio.Event] = {}
        self._deliveries: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        # A connection each: a pooled one that the server has just closed would look like a loss.
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, force_close=True), cookie_jar=aiohttp.DummyCookieJar()
        )

    async def stop(self) -> None:
        for task in list(self._deliveries):
            task.cancel()
        await asyncio.gather(*self._deliveries, return_exceptions=True)
        await self.session.close()

    def signature(self, url: str, params: Params, kind: str) -> str:
        """What goes into the header, faults included."""
        if self.faults.signature == "trailing-slash":
            parts = urlsplit(url)
            url = urlunsplit(parts._replace(path=parts.path + "/"))
        token = self._token + "-wrong" if self.faults.signature == "wrong" else self._token
        return sign(url, params, token, keep_port=kind.startswith("message"))

    async def fetch(
        self, kind: str, url: str, method: str, params: Params, cookies: dict[str, str] | None = None
    ) -> Answer:
        """Ask, within the time budget, once more if connecting failed. Raises FetchFailed."""
        overrides = read_overrides(url)
        token = str(uuid.uuid4())
        attempt = 0
        try:
            async with asyncio.timeout(overrides.total_s):
                while True:
                    attempt += 1
                    retry_left = attempt <= overrides.retries
                    answer, failure, reason = await self._attempt(
                        kind, url, method, params, token, attempt, overrides, cookies if cookies is not None else {}
                    )
                    if not failure and answer is not None:
                        return answer
                    if not (retry_left and overrides.allows_retry(failure)):
                        raise FetchFailed(11205 if failure == _CONNECT else 11200, url, reason)
        except TimeoutError:
            raise FetchFailed(11200, url, f"nothing within {overrides.total_s:g} s") from None

    async def _attempt(
        self,
        kind: str,
        url: str,
        method: str,
        params: Params,
        token: str,
        attempt: int,
        overrides: Overrides,
        cookies: dict[str, str],
    ) -> tuple[Answer | None, str, str]:
        """The answer, or the class of failure (in the words of the retry policy) and a reason."""
        began = time.monotonic()
        answer: Answer | None = None
        failure = reason = ""
        try:
            answer = await self._send(kind, url, method, params, token, overrides, cookies)
            if answer.status >= 400:
                failure, reason = f"{answer.status // 100}xx", f"HTTP {answer.status}"
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            failure, reason = _CONNECT, str(error)
        except (aiohttp.ClientError, TimeoutError) as error:
            failure, reason = _READ, str(error) or type(error).__name__
        finally:
            self._events.add(
                "webhook",
                hook=kind,
                url=url,
                event=_event_of(params),
                callSid=params.get("CallSid", ""),
                status=answer.status if answer else None,
                ms=round((time.monotonic() - began) * 1000),
                attempt=attempt,
                error=reason,
            )
        return answer, failure, reason

    async def _send(
        self,
        kind: str,
        url: str,
        method: str,
        params: Params,
        token: str,
        overrides: Overrides,
        cookies: dict[str, str],
    ) -> Answer:
        for _ in range(_MAX_REDIRECTS + 1):
            url = url.partition("#")[0]
            if method == "GET" and params:
                url += ("&" if urlsplit(url).query else "?") + urlencode(params)
            body = params if method == "POST" else {}
            headers = {
                "User-Agent": "TwilioProxy/1.1",
                "Accept": "*/*",
                "I-Twilio-Idempotency-Token": token,
                "X-Twilio-Signature": self.signature(url, body, kind),
            }
            if method == "POST":
                headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
            if cookies:
                headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in cookies.items())
            async with self.session.request(
                method,
                loopback_target(url, "http"),
                data=urlencode(body).encode() if method == "POST" else None,
                headers=headers,
                allow_redirects=False,
                timeout=aiohttp.ClientTimeout(total=None, sock_connect=overrides.connect_s, sock_read=overrides.read_s),
            ) as response:
                cookies.update(_cookies_of(response.cookies))
                if response.status in (301, 302, 303, 307, 308) and "Location" in response.headers:
                    url = urljoin(url, response.headers["Location"])
                    if response.status <= 303:
                        method, params = "GET", {}
                    continue
                return Answer(response.status, response.content_type, await response.read())
        raise FetchFailed(11215, url, "too many redirects")

    def notify(self, kind: str, url: str | None, method: str, params: Params) -> None:
        """Deliver a callback in the background; its answer controls nothing."""
        if not url:
            return
        plan = self.faults.plan_delivery(kind)
        if not plan.delays_s:
            self._events.add("callback-lost", hook=kind, url=url, event=_event_of(params))
        for delay_s in plan.delays_s:
            task = asyncio.create_task(self._deliver(kind, url, method, params, delay_s, plan.hold_back))
            self._deliveries.add(task)
            task.add_done_callback(self._deliveries.discard)

    async def _deliver(self, kind: str, url: str, method: str, params: Params, delay_s: float, hold_back: bool) -> None:
        if hold_back:
            overtaken = self._held_back.setdefault(kind, asyncio.Event())
            try:
                async with asyncio.timeout(_HOLD_BACK_S):
                    await overtaken.wait()
            except TimeoutError:
                pass  # nothing came to overtake it
        await asyncio.sleep(delay_s)
        try:
            await self.fetch(kind, url, method, params)
        except FetchFailed as failed:
            self._events.add("callback-failed", hook=kind, url=url, code=failed.code, error=failed.reason)
        if not hold_back and (waiting := self._held_back.pop(kind, None)):
            waiting.set()


def _event_of(params: Params) -> str:
    for name in ("StatusCallbackEvent", "RecordingStatus", "StreamEvent", "MessageStatus", "CallStatus"):
        if name in params:
            return params[name]
    return ""


def _cookies_of(jar: SimpleCookie) -> dict[str, str]:
    return {name: morsel.value for name, morsel in jar.items()}
