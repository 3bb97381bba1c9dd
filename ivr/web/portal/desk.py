"""What the pages of a copy have in common: who is there, whether a form is theirs, and what there is for them."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Response, g, make_response, render_template, request
from werkzeug.exceptions import Forbidden, TooManyRequests

from ivr.calls.copies import Copy, CopyService, NoCopy, UnknownTicket, Why
from ivr.calls.copy_codes import CodeService
from ivr.calls.receipts import ReceiptService
from ivr.ports import Clock
from ivr.uploads.receiving import UploadService, Wish
from ivr.web.csrf import CSRF_FIELD, CSRF_HEADER, is_own_form
from ivr.web.language import choose_language_of
from ivr.web.portal.visits import Visit, Visits
from ivr.web.sign_in.own_origin import is_from_own_page

READS = ("GET", "HEAD", "OPTIONS")
STATUS = {
    Why.NOT_READY: 200,
    Why.REVOKED: 410,
    Why.EXPIRED: 410,
    Why.FAILED: 410,
    Why.DESTROYED: 410,
    Why.RECEIPT_ONLY: 404,
}


class VisitOver(Exception):
    """Nobody is there, or not any more."""


@dataclass(frozen=True, slots=True)
class Desk:
    """The services behind the pages under /kopie."""

    copies: CopyService
    codes: CodeService
    receipts: ReceiptService
    uploads: UploadService
    visits: Visits
    clock: Clock

    def visit(self) -> Visit:
        """Who is there. Raises `VisitOver`."""
        visit = self.visits.find(request)
        if visit is None:
            raise VisitOver
        g.copy_visit = visit
        return visit

    def own_form(self, csrf: str | None = None) -> Visit:
        """The visit of a form of this visit; `csrf` where the form is not read by Flask. Raises `VisitOver`,
        `Forbidden`."""
        visit = self.visit()
        given = request.headers.get(CSRF_HEADER) or csrf
        if not is_own_form(visit.token, request.form.get(CSRF_FIELD, "") if given is None else given):
            raise Forbidden("not from a page of this visit")
        return visit

    def wish(self, found: Copy | NoCopy) -> Wish | None:
        """The agency's wish for the caller's own recording; None where there is none, or this ticket is not for it."""
        closed = isinstance(found, NoCopy) and (found.is_over or found.is_for_receipt)
        return None if closed else self.uploads.wish(found.ticket)

    def holder(self, visit: Visit) -> tuple[Copy | NoCopy, Wish | None]:
        """What there is for who is there, in the language of the page. Raises `VisitOver`."""
        found = self.copies.find(visit.ticket_id)
        if isinstance(found, UnknownTicket):
            raise VisitOver
        choose_language_of(found.policy)
        return found, self.wish(found)


def check_origin() -> None:
    """A form that another site made the browser send is refused (OWASP CSRF prevention). Raises `Forbidden`."""
    if request.method not in READS and not is_from_own_page():
        raise Forbidden("not from a page of ours")


def no_copy(found: NoCopy | None, wish: Wish | None = None, token: str = "") -> Response:
    """Why there is nothing; the same page for everything that opens nothing, so that it tells nobody what exists.

    With a `wish` the page leads on to handing in the caller's own recording. A receipt can be had even so, as long as
    the ticket is not over: at once, or with a code where somebody came by a link's `token`.
    """
    if found is None:
        return make_response(render_template("kopie/unknown.html"), 404)
    choose_language_of(found.policy)
    status = 200 if wish is not None else STATUS[found.why]
    page = render_template("kopie/none.html", why=found.why, found=found, wish=wish, token=token)
    return make_response(page, status)


def nothing(found: NoCopy | UnknownTicket) -> Response:
    """Why there is nothing to hand over, or that there is no such thing."""
    return no_copy(found if isinstance(found, NoCopy) else None)


def too_many(window: timedelta) -> TooManyRequests:
    return TooManyRequests(retry_after=round(window.total_seconds()))
