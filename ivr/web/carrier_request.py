"""Reading the carrier's requests, and answering them."""

from collections.abc import Callable

from flask import Response, request

from ivr.carrier.call_status import OVER

KEYS = tuple("0123456789*#")
UNKNOWN_KEY = "?"

View = Callable[..., Response]


def call_is_over() -> bool:
    return request.form.get("CallStatus") in OVER


def keyed() -> str | None:
    """The one key that was asked for; None where there was none, and no known key for anything else."""
    digits = request.form.get("Digits")
    return UNKNOWN_KEY if digits and digits not in KEYS else digits or None


def event_key(*names: str) -> str | None:
    """The carrier's own name of a callback, to tell one that comes twice; None where it has no number."""
    number = request.form.get("SequenceNumber")
    return None if number is None else ":".join((*(request.form.get(name, "") for name in names), number))


def xml(text: str) -> Response:
    return Response(text, mimetype="text/xml")
