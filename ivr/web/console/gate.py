"""The gate of the console: who asks, may they, is the form theirs, and a line in the trail; nothing goes round it."""

import logging
from collections.abc import Callable, Sequence

from flask import Blueprint, Response, g, make_response, redirect, request, url_for
from werkzeug.exceptions import Forbidden, HTTPException, NotFound

from ivr.calls.agencies import Agencies
from ivr.web.console.declaring import Page
from ivr.web.console.notices import find_notice
from ivr.web.csrf import CSRF_FIELD, CSRF_HEADER, is_own_form
from ivr.web.headers import SAME_ORIGIN, content_policy
from ivr.web.language import choose_language, keep_choice
from ivr.web.pages import error_page, trouble_page
from ivr.web.public.telling import ROLE_WORDS
from ivr.web.sessions import Sessions, SignedIn
from ivr.web.sign_in.kept_forms import keep_form
from ivr.web.sign_in.own_origin import is_from_own_page
from ivr.web.sign_in.page import SignInPage, send_again
from ivr.web.trail import Trail

READS = ("GET", "HEAD")
BY_SCRIPT = "HX-Request"

log = logging.getLogger(__name__)


class Gate:
    """Checks each request to the console and writes down who saw or did what."""

    def __init__(self, sessions: Sessions, trail: Trail, sign_in: SignInPage) -> None:
        self._sessions = sessions
        self._trail = trail
        self._sign_in = sign_in

    def recognise(self) -> SignedIn | None:
        """Who asks for an address that no page has."""
        return self._sessions.find(request)

    def guarded(self, page: Page) -> Callable[..., Response]:
        """The page's view behind all checks, as Flask calls it."""

        def view(**path: str) -> Response:
            signed_in = self._sessions.find(request)
            if signed_in is None:
                return self._sign_in_first()
            g.signed_in = signed_in

            try:
                signed_in.user.require(page.permission)
                if request.method not in READS and not is_own_request(signed_in):
                    response = _foreign_form(signed_in)
                else:
                    response = make_response(page.view(signed_in.user, **path))
            except HTTPException as refused:
                self._trail.write(signed_in.user, page.name, path, refused.code or 500)
                raise
            if page.traced:
                self._trail.write(signed_in.user, page.name, path, response.status_code)
            return response

        return view

    def _sign_in_first(self) -> Response:
        """To the sign-in page, and back to what was asked for; what was filled in is kept."""
        if BY_SCRIPT in request.headers:
            return self._sign_in.part()
        if request.method in READS:
            return make_response(redirect(url_for("sign_in.show", verder=request.full_path.rstrip("?")), 303))
        own = is_from_own_page() and self._sessions.was_own_form(request, request.form.get(CSRF_FIELD, ""))
        return self._sign_in.for_late_form(keep_form(request) if own else None)


def is_own_request(signed_in: SignedIn) -> bool:
    """False for a form that another site made the browser send (OWASP CSRF prevention)."""
    csrf = request.headers.get(CSRF_HEADER) or request.form.get(CSRF_FIELD, "")
    return is_from_own_page() and is_own_form(signed_in.token, csrf)


def check_form(signed_in: SignedIn) -> None:
    """Raises `Forbidden`."""
    if not is_own_request(signed_in):
        log.warning("a form was refused: not from a page of this session", extra={"path": request.path})
        raise Forbidden("not from a page of this session")


def _foreign_form(signed_in: SignedIn) -> Response:
    """Not done. A form of one of our own pages, of an earlier session, may be sent once more. Raises `Forbidden`."""
    log.warning("a form was refused: not from a page of this session", extra={"path": request.path})
    if not request.headers.get("Origin") or not is_from_own_page():
        raise Forbidden("not from a page of this session")
    response = send_again(keep_form(request), signed_in, 403)
    if BY_SCRIPT in request.headers:
        response.headers["HX-Retarget"] = "body"
        response.headers["HX-Reswap"] = "innerHTML"
    return response


def make_console(gate: Gate, pages: Sequence[Page], agencies: Agencies) -> Blueprint:
    """The routes under /console, but for signing in. `agencies` are named above each page."""
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
        user = signed_in.user
        known = agencies.policies.by_slug
        return {
            "user": user,
            "role": ROLE_WORDS[user.role],
            "works_for": [known[slug] for slug in sorted(user.agencies) if slug in known],
            "csrf": signed_in.csrf,
            "menu": menu,
            "has_page": mine.__contains__,
            "notice": find_notice(signed_in),
        }

    @console.errorhandler(HTTPException)
    def trouble(error: HTTPException) -> Response:
        """Within the frame, where there is one; a script that asked for a part of a page gets a part."""
        if "signed_in" not in g:
            return trouble_page(error)
        template = "console/trouble_part.html" if BY_SCRIPT in request.headers else "console/trouble.html"
        return trouble_page(error, template, frame())

    @console.app_errorhandler(NotFound)
    def not_found(error: NotFound) -> Response:
        """An address of the console that no page has is trouble within the frame too."""
        if "signed_in" in g:
            return trouble(error)
        who = gate.recognise() if request.path.startswith(f"{console.url_prefix}/") else None
        if who is None:
            return error_page(error)
        choose_language()
        g.signed_in = who
        return trouble(error)

    @console.after_request
    def with_scripts(response: Response) -> Response:
        response.headers.setdefault("Content-Security-Policy", content)
        response.headers.update(SAME_ORIGIN)
        return response

    return console
