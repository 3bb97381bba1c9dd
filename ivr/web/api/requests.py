"""Reading a request by the declaration of its operation; all that is wrong in a part of it is told at once."""

import json
from typing import Any, NoReturn

from flask import Request
from werkzeug.exceptions import UnsupportedMediaType

from ivr.cases.shapes import Fault, Json, Misshapen, camel, declared, read, without_none
from ivr.web.api.declaring import IDEMPOTENCY_KEY, KEY, Variants
from ivr.web.api.problems import Wrong


def read_query(request: Request, shape: type[object] | None) -> Any:
    """Raises `Wrong`, also for parameters that nobody declared and for those that come twice."""
    if shape is None:
        unknown = [Fault(f"/{name[:100]}", "is not known here") for name in request.args]
        if unknown:
            raise Wrong("query", unknown)
        return None
    kinds = {camel(field.name): without_none(field.kind)[0] for field in declared(shape)}
    twice = [Fault(f"/{name[:100]}", "is given twice") for name, all_ in request.args.lists() if len(all_) > 1]
    if twice:
        raise Wrong("query", twice)
    try:
        return read(shape, {name: _typed(kinds.get(name), text) for name, text in request.args.items()}, camel)
    except Misshapen as wrong:
        raise Wrong("query", wrong.faults) from None


def _typed(kind: object, text: str) -> Json:
    """A query has only text; what cannot be a number or a truth stays text, and is then refused as such."""
    if kind is bool:
        return {"true": True, "false": False}.get(text, text)
    if kind is int and text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    return text


def read_key(request: Request) -> str | None:
    """The key under which what comes twice is done once. Raises `Wrong`."""
    key = request.headers.get(IDEMPOTENCY_KEY)
    if key is not None and not KEY.fullmatch(key):
        raise Wrong("header", [Fault(f"/{IDEMPOTENCY_KEY}", "must have 1 to 100 visible characters of ASCII")])
    return key


def read_body(request: Request, shape: type[object] | Variants | None) -> Any:
    """Raises `Wrong`, `UnsupportedMediaType`, `RequestEntityTooLarge`."""
    raw = request.get_data()
    if shape is None:
        if raw:
            raise Wrong("body", [Fault("", "there is nothing to send here")])
        return None
    if request.mimetype != "application/json":
        raise UnsupportedMediaType("the body must be application/json")
    try:
        value = json.loads(raw.decode(), object_pairs_hook=_once, parse_constant=_no_number)
    except (ValueError, RecursionError):
        raise Wrong("body", [Fault("", "must be JSON, with every key once")]) from None
    try:
        return shape.read(value) if isinstance(shape, Variants) else read(shape, value, camel)
    except Misshapen as wrong:
        raise Wrong("body", wrong.faults) from None


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key comes twice")
    return found


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no number")
