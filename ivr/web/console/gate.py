"""The gate of the console: who asks, may they, is the form theirs, and a line in the trail; nothing goes round it."""

import logging
from collections.abc import Callable, Sequence
from urllib.parse import urlsplit

from flask import Blueprint, Response, g, make_response, redirect, request, url_for
from werkzeug.exceptions import Forbidden, HTTPException

from ivr.ports import Clock, Database
from ivr.web.access import User
from ivr.web.console.declaring import Page
from ivr.web.headers import content_policy
from ivr.web.language import choose_language, keep_choice
from ivr.web.limiter import network
from ivr.web.sessions import CSRF_FIELD, CSRF_HEADER, Sessions, SignedIn
from storage.records import TrailRow

READS = ("GET", "HEAD")
BY_SCRIPT = "HX-Request"

log = logging.getLogger(__name__)


class Gate:
    """Checks each request to the console and writes down who saw or did what."""

    def __init__(self, sessions: Sessions, database: Database, clock: Clock) -> None:
        self._sessions = sessions
        self._database = database
        self._clock = clock

    def guarded(self, page: Page) -> Callable[..., Response]:
        """The page's view behind all checks, as Flask calls it."""

        def view(**path: str) -> Response:
            signed_in = self._sessions.find(request)
            if signed_in is None:
                return self._sign_in_first()
            g.signed_in = signed_in
            try:
                signed_in.user.require(page.permission)
                if request.method not in READS:
                    check_form(signed_in)
                response = make_response(page.view(signed_in.user, **path))
            except HTTPException as refused:
                self._trace(page, signed_in.user, path, refused.code or 500)
                raise
            if page.traced:
                self._trace(page, signed_in.user, path, response.status_code)
            return response

        return view

    def _sign_in_first(self) -> Response:
        """To the sign-in page, and back to what was asked for; a part of a page takes the whole page along."""
        address = url_for("sign_in.show", verder=request.full_path.rstrip("?") if request.method in READS else None)
        if BY_SCRIPT in request.headers:
            response = Response(status=401)
            response.headers["HX-Redirect"] = url_for("sign_in.show")
            return response
        return make_response(redirect(address, 303))

    def _trace(self, page: Page, user: User, path: dict[str, str], status: int) -> None:
        """`g.agency` is what the view found the object to belong to, `g.outcome` what a check came to."""
        row = TrailRow(
            at=self._clock.now(),
            actor=user.name,
            role=user.role,
            action=f"{page.name}:{g.outcome}" if "outcome" in g else page.name,
            object=next(iter(path.values()), ""),
            agency=g.get("agency"),
            result=status,
            origin=network(request.remote_addr),
        )
        with self._database.transaction() as unit:
            unit.trail.append(row)


def check_form(signed_in: SignedIn) -> None:
    """A form that another site made the browser send is refused (OWASP CSRF prevention). Raises `Forbidden`."""
    origin = request.headers.get("Origin")
    csrf = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
    if (origin is not None and urlsplit(origin).netloc != request.host) or not signed_in.is_own_form(csrf):
        log.warning("a form was refused: not from a page of this session", extra={"path": request.path})
        raise Forbidden("not from a page of this session")


def make_console(gate: Gate, pages: Sequence[Page]) -> Blueprint:
    """The routes under /console, but for signing in."""
    console = Blueprint("console", __name__, url_prefix="/console", template_folder="templates")
    console.before_request(choose_language)
    console.url_defaults(keep_choice)
    content = content_policy(scripts=True)
    for page in pages:
        console.add_url_rule(page.rule, page.name, gate.guarded(page), methods=[page.method])

    @console.context_processor
    def frame() -> dict[str, object]:
        signed_in: SignedIn | None = g.get("signed_in")
        if signed_in is None:
            return {}
        menu = [page for page in pages if page.menu is not None and signed_in.user.may(page.permission)]
        mine = {page.name for page in pages if signed_in.user.may(page.permission)}
        return {"user": signed_in.user, "csrf": signed_in.csrf, "menu": menu, "has_page": mine.__contains__}

    @console.after_request
    def with_scripts(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", content)
        return response

    return console
