"""Is a form sent from one of our own pages? For forms without a session, which have no token to show that."""

from urllib.parse import urlsplit

from flask import request
from werkzeug.exceptions import Forbidden


def is_from_own_page() -> bool:
    """The browser says so (Origin; Fetch Metadata where it has that). Programs say nothing, and are no browser."""
    origin = request.headers.get("Origin")
    site = request.headers.get("Sec-Fetch-Site", "same-origin")
    return (origin is None or urlsplit(origin).netloc == request.host) and site in ("same-origin", "none")


def require_own_page() -> None:
    """Raises `Forbidden`."""
    if not is_from_own_page():
        raise Forbidden("not from one of our pages")
