"""What goes wrong, as problem+json (RFC 9457), for people and programs that use the API."""

import json
from collections.abc import Iterable

from flask import Response
from werkzeug.exceptions import HTTPException

from ivr.cases.shapes import Fault, Json

API_VERSION = "1.0.0"
VERSION_HEADER = "API-Version"
PREFIX = "/api/v1"
TITLES = {
    400: "The request is not what was declared",
    401: "Not signed in",
    403: "Not allowed",
    404: "Not found",
    405: "No such method here",
    409: "Not possible now",
    413: "Too large",
    415: "Not JSON",
    422: "The key was used before",
    429: "Too many attempts",
    500: "Our fault",
    503: "Out of reach for a moment",
}


def problem(status: int, detail: str, faults: Iterable[tuple[str, Fault]] = ()) -> Response:
    """`faults` are all of them, each with the part of the request it is in: `body`, `query` or `header`."""
    body: dict[str, Json] = {"status": status, "title": TITLES.get(status, "It did not work"), "detail": detail}
    errors: list[Json] = [{"in": part, "pointer": fault.pointer, "detail": fault.detail} for part, fault in faults]
    if errors:
        body["errors"] = errors
    response = Response(json.dumps(body, ensure_ascii=False), status, mimetype="application/problem+json")
    response.headers[VERSION_HEADER] = API_VERSION
    return response


def problem_of(error: HTTPException) -> Response:
    """What the framework refuses, with its own headers, such as how to sign in or which methods there are."""
    code = error.code or 500
    response = problem(code, error.description or error.name)
    for name, value in error.get_headers():
        if name.casefold() != "content-type":
            response.headers[name] = value
    return response


class Wrong(Exception):
    """The request is not what was declared: all faults."""

    def __init__(self, part: str, faults: Iterable[Fault]) -> None:
        super().__init__(part)
        self.faults = [(part, fault) for fault in faults]


class Ignored(Exception):
    """The call goes on as before; the text says why."""
