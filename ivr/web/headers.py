"""The security headers of every answer, in one place. A page that needs more says so with its own policy."""

from collections.abc import Sequence

from flask import Flask, Response, request


def content_policy(*, scripts: bool = False, connect: Sequence[str] = ()) -> str:
    """A Content-Security-Policy (CSP level 3) without inline scripts, inline styles or other people's servers.

    `connect` are the origins that scripts may open sockets to, besides our own.
    """
    rules = {
        "default-src": "'none'",
        "style-src": "'self'",
        "img-src": "'self' data:",
        "media-src": "'self'",
        "form-action": "'self'",
        "base-uri": "'none'",
        "frame-ancestors": "'none'",
    }
    if scripts:
        rules |= {"script-src": "'self'", "connect-src": " ".join(("'self'", *connect))}
    return "; ".join(f"{name} {value}" for name, value in rules.items())


HEADERS = {
    "Content-Security-Policy": content_policy(),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
SAME_ORIGIN = {"Referrer-Policy": "same-origin"}
"""For pages with forms: under no-referrer a browser sends `Origin: null` with them (Fetch standard, 3.2), and then does
not say whether they are from one of our own pages."""

HSTS = "max-age=31536000"


def register_headers(app: Flask) -> None:
    """What a view sets itself stays."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if request.is_secure:
            response.headers.setdefault("Strict-Transport-Security", HSTS)
        return response
