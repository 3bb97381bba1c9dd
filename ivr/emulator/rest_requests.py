"""Reading REST requests: who asks, which fields, and refusals in the carrier's shape."""

import base64
import binascii
from collections.abc import Awaitable, Callable
from hmac import compare_digest

from aiohttp import web

from ivr.emulator.exchange import Exchange
from ivr.emulator.faults import RestFault
from ivr.emulator.legs import Callback

ACCOUNTS = "/2010-04-01/Accounts"
EXCHANGE = web.AppKey("exchange", Exchange)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Refused(Exception):
    """A request that the carrier refuses; becomes its error body."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message


class Form:
    """The form fields of a request."""

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        self._fields = fields

    def __contains__(self, name: str) -> bool:
        return any(found == name for found, _ in self._fields)

    def text(self, name: str, default: str = "") -> str:
        return next((value for found, value in reversed(self._fields) if found == name), default)

    def required(self, name: str, code: int) -> str:
        value = self.text(name)
        if not value:
            raise Refused(400, code, f"No '{name}' is specified")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        value = self.text(name, "true" if default else "false").lower()
        if value not in ("true", "false"):
            raise Refused(400, 20001, f"Parameter '{name}' is not valid")
        return value == "true"

    def number(self, name: str, default: float) -> float:
        value = self.text(name, str(default))
        try:
            return float(value)
        except ValueError as error:
            raise Refused(400, 20001, f"Parameter '{name}' is not valid") from error

    def choice(self, name: str, allowed: tuple[str, ...], default: str = "") -> str:
        value = self.text(name, default)
        if value not in allowed:
            raise Refused(400, 20001, f"Parameter '{name}' is not valid")
        return value

    def callback(self, prefix: str, default_events: str, name: str = "StatusCallback") -> Callback:
        """Repeated event fields, or one with spaces."""
        events = " ".join(value for found, value in self._fields if found == f"{prefix}{name}Event") or default_events
        return Callback(
            self.text(f"{prefix}{name}"), self.text(f"{prefix}{name}Method", "POST"), frozenset(events.split())
        )

    def numbered_parameters(self) -> dict[str, str]:
        """Parameter1.Name and Parameter1.Value, up to 99."""
        found: dict[str, str] = {}
        for number in range(1, 100):
            if name := self.text(f"Parameter{number}.Name"):
                found[name] = self.text(f"Parameter{number}.Value")
        return found


async def read_form(request: web.Request) -> Form:
    return Form([(name, str(value)) for name, value in (await request.post()).items()])


def error_response(status: int, code: int, message: str) -> web.Response:
    body = {
        "code": code,
        "message": message,
        "more_info": f"https://www.twilio.com/docs/errors/{code}",
        "status": status,
    }
    headers = {"WWW-Authenticate": 'Basic realm="Twilio API"'} if status == 401 else {}
    return web.json_response(body, status=status, headers=headers)


def _fault_response(fault: RestFault) -> web.Response:
    code = {429: 20429, 408: 20408}.get(fault.status, 20000 + fault.status)
    return error_response(fault.status, code, "Too Many Requests" if fault.status == 429 else "A fault on request")


def _authenticated(request: web.Request, exchange: Exchange) -> bool:
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return False
    try:
        given = base64.b64decode(value, validate=True)
    except binascii.Error:
        return False
    settings = exchange.settings
    return compare_digest(given, f"{settings.account_sid}:{settings.auth_token}".encode())


@web.middleware
async def rest_middleware(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Authentication, faults, error bodies and the trail of REST requests."""
    if not request.path.startswith(ACCOUNTS):
        return await handler(request)
    exchange = request.app[EXCHANGE]
    response = await _answer(request, handler, exchange)
    exchange.events.add("rest", method=request.method, path=request.path, status=response.status)
    return response


async def _answer(request: web.Request, handler: Handler, exchange: Exchange) -> web.StreamResponse:
    if not _authenticated(request, exchange):
        return error_response(401, 20003, "Authenticate")
    fault = exchange.webhooks.faults.take_rest_fault(request.method, request.path)
    if fault and not fault.after_effect:
        return _fault_response(fault)
    try:
        if request.match_info.get("account_sid", exchange.settings.account_sid) != exchange.settings.account_sid:
            raise Refused(404, 20404, f"The requested resource {request.path} was not found")
        response = await handler(request)
    except Refused as refused:
        return error_response(refused.status, refused.code, refused.message)
    except web.HTTPMethodNotAllowed:
        return error_response(405, 20004, "Method not allowed")
    except web.HTTPNotFound:
        return error_response(404, 20404, f"The requested resource {request.path} was not found")
    return _fault_response(fault) if fault else response
