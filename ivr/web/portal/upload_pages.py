"""The way back (R4): the caller hands in their own recording, where they were asked for it.

A page with a form that works without a script, and beside it the resumable way (tus.io, protocol 1.0.0: core, creation,
expiration) that the page's script uses. Names of files are not even read.
"""

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Iterator
from http import HTTPStatus

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound, RequestEntityTooLarge
from werkzeug.http import http_date

from ivr.calls.copies import NoCopy
from ivr.cases.case import CitizenCopy, NotCompared, Verdict
from ivr.uploads.receiving import LARGEST_BYTES, Not, NotTaken, Wish
from ivr.web.csrf import CSRF_FIELD
from ivr.web.language import gettext, ngettext
from ivr.web.portal.desk import Desk, no_copy
from ivr.web.portal.streamed_form import BrokenForm, StreamedForm, pieces_of
from ivr.web.portal.visits import Visit
from storage.records import CopyTicket, UploadRow

TUS = "1.0.0"
PIECE_TYPE = "application/offset+octet-stream"
FINGERPRINT = re.compile(r"[0-9a-f]{64}")
NUMBER = re.compile(r"[0-9]{1,18}")
FORM_AROUND_BYTES = 16 * 1024

STATUS = {
    Not.ASKED: HTTPStatus.CONFLICT,
    Not.KNOWN: HTTPStatus.NOT_FOUND,
    Not.SMALL_ENOUGH: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Not.FEW_ENOUGH: HTTPStatus.TOO_MANY_REQUESTS,
    Not.NEXT: HTTPStatus.CONFLICT,
    Not.OPEN: HTTPStatus.GONE,
}


def add_upload_pages(portal: Blueprint, desk: Desk, content: str) -> None:
    """Under /kopie/opname/inleveren; `content` is the policy of a page with a script."""

    @portal.get("/opname/inleveren")
    def show_upload() -> Response:
        return form(desk.visit())

    def form(visit: Visit, fault: str = "", status: int = 200) -> Response:
        found, wish = desk.holder(visit)
        if isinstance(found, NoCopy) and found.is_over:
            return no_copy(found)
        if wish is None:
            raise NotFound("nobody asked for a copy")
        page = render_template(
            "kopie/upload.html",
            found=found,
            visit=visit,
            wish=wish,
            fault=fault,
            refusal=refusal_of(wish),
            again=again_words(wish),
            compared=compared_words(wish),
            largest_bytes=LARGEST_BYTES,
        )
        response = make_response(page, status)
        response.headers["Content-Security-Policy"] = content
        return response

    @portal.post("/opname/inleveren")
    def take_form() -> Response:
        """Without a script: all at once, and nothing of it where it does not come whole."""
        visit = desk.visit()
        request.max_content_length = LARGEST_BYTES + FORM_AROUND_BYTES
        try:
            sent = StreamedForm(request.stream, request.mimetype_params.get("boundary", ""))
            desk.own_form(sent.fields().get(CSRF_FIELD, ""))
            take_whole(ticket_of(visit), sent)
        except RequestEntityTooLarge:
            return form(visit, fault_of(Not.SMALL_ENOUGH), 413)
        except NotTaken as fault:
            return form(visit, fault_of(fault.why), STATUS[fault.why])
        except BrokenForm:
            return form(visit, gettext("Kies een bestand met uw opname, en verstuur het opnieuw."), 422)
        return make_response(redirect(url_for("portal.show_upload"), 303))

    def take_whole(ticket: CopyTicket, sent: StreamedForm) -> None:
        pieces = sent.file()
        first = next(pieces, b"")
        if not first:
            raise BrokenForm("an empty file")
        row = desk.uploads.begin(ticket, None)
        try:
            desk.uploads.append(ticket, row.upload_id, 0, joined(first, pieces))
            desk.uploads.finish(ticket, row.upload_id)
        except BaseException:
            desk.uploads.give_up(ticket, row.upload_id)
            raise

    def ticket_of(visit: Visit) -> CopyTicket:
        """Raises `VisitOver`, and `NotTaken` for a ticket that opens nothing any more."""
        found, _ = desk.holder(visit)
        if isinstance(found, NoCopy) and (found.is_over or found.is_for_receipt):
            raise NotTaken(Not.ASKED)
        return found.ticket

    # ------------------------------------------------------------ tus

    @portal.route("/opname/inleveren/bestanden", methods=["OPTIONS"], provide_automatic_options=False)
    def tus_abilities() -> Response:
        answer = Response(status=204)
        answer.headers["Tus-Version"] = TUS
        answer.headers["Tus-Extension"] = "creation,expiration"
        answer.headers["Tus-Max-Size"] = str(LARGEST_BYTES)
        return with_version(answer)

    @portal.post("/opname/inleveren/bestanden")
    def tus_begin() -> Response:
        visit = desk.own_form()
        check_version()
        row = desk.uploads.begin(ticket_of(visit), number("Upload-Length"), fingerprint())
        answer = progress(row, 201)
        answer.headers["Location"] = url_for("portal.tus_piece", upload_id=row.upload_id)
        return answer

    @portal.get("/opname/inleveren/bestanden/<upload_id>")
    def tus_progress(upload_id: str) -> Response:
        """Meant for HEAD."""
        check_version()
        return progress(desk.uploads.find(ticket_of(desk.visit()), upload_id), 200)

    @portal.patch("/opname/inleveren/bestanden/<upload_id>")
    def tus_piece(upload_id: str) -> Response:
        visit = desk.own_form()
        check_version()
        if request.mimetype != PIECE_TYPE:
            raise TusFault(HTTPStatus.UNSUPPORTED_MEDIA_TYPE)
        request.max_content_length = LARGEST_BYTES
        pieces = pieces_of(request.stream)
        return progress(desk.uploads.append(ticket_of(visit), upload_id, number("Upload-Offset"), pieces), 204)

    @portal.errorhandler(NotTaken)
    def not_taken(fault: NotTaken) -> Response:
        return with_version(Response(f"{fault}\n", STATUS[fault.why], mimetype="text/plain"))

    @portal.errorhandler(TusFault)
    def tus_fault(fault: TusFault) -> Response:
        return with_version(Response(f"{fault.status.phrase}\n", fault.status, mimetype="text/plain"))


class TusFault(Exception):
    """A request that the protocol does not know."""

    def __init__(self, status: HTTPStatus) -> None:
        super().__init__(status.phrase)
        self.status = status


def check_version() -> None:
    """Raises `TusFault`."""
    if request.headers.get("Tus-Resumable") != TUS:
        raise TusFault(HTTPStatus.PRECONDITION_FAILED)


def number(header: str) -> int:
    """Raises `TusFault`."""
    text = request.headers.get(header, "")
    if not NUMBER.fullmatch(text):
        raise TusFault(HTTPStatus.BAD_REQUEST)
    return int(text)


def fingerprint() -> str:
    """The sender's own digest of what file it is; empty for none. Other metadata are not looked at."""
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _, value = pair.strip().partition(" ")
        if key == "fingerprint":
            try:
                text = b64decode(value, validate=True).decode("ascii", "replace")
            except NotBase64:
                return ""
            return text if FINGERPRINT.fullmatch(text) else ""
    return ""


def progress(row: UploadRow, status: int) -> Response:
    answer = Response(status=status)
    answer.headers["Upload-Offset"] = str(row.received_bytes)
    if row.size_bytes is not None:
        answer.headers["Upload-Length"] = str(row.size_bytes)
    answer.headers["Upload-Expires"] = http_date(row.expires_at)
    return with_version(answer)


def with_version(answer: Response) -> Response:
    answer.headers["Tus-Resumable"] = TUS
    return answer


def joined(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def compared_words(wish: Wish) -> str:
    """What came of the comparison; kindly, for a difference says nothing about the caller."""
    about = wish.case.about
    if not isinstance(about, CitizenCopy) or about.verdict is None:
        not_compared = isinstance(about, CitizenCopy) and about.not_compared is not None
        return (
            gettext("Vergelijken is niet gelukt. U hoeft niets te doen.")
            if not_compared
            else gettext("nog niet vergeleken")
        )
    if about.verdict is Verdict.COMPLETE:
        return gettext("Uw opname is gelijk aan onze opname, voor zover het gesprek erop staat.")
    if about.verdict is Verdict.UNRELATED:
        return gettext(
            "Op uw opname staat een ander gesprek. Misschien koos u een ander bestand. Neem contact met ons op."
        )
    return gettext("Er zijn verschillen. Dat zegt niet wie die maakte, of waarom. Een telefoon kan een stuk overslaan.")


def refusal_of(wish: Wish) -> str:
    """What was wrong with the last file; empty where nothing was."""
    words = {
        "malware": gettext("In het bestand zit een virus. Wij hebben het bestand vernietigd."),
        "pictures": gettext("Het bestand is een film. Alleen geluid is toegestaan."),
        "no-sound": gettext("Het bestand is geen geluidsopname die wij kennen."),
        "damaged": gettext("Het bestand is niet heel. Er ontbreekt een stuk van de opname."),
        "not-asked": gettext("Uw opname is niet meer nodig. Wij hebben het bestand vernietigd."),
        "cut-off": gettext("Het versturen is niet afgemaakt."),
        NotCompared.UNREADABLE: gettext("Wij kunnen geen geluid uit het bestand halen. Misschien is het beschadigd."),
    }
    return words.get(wish.refusal, "")


def again_words(wish: Wish) -> str:
    """That the caller may try once more, and how often."""
    return ngettext(
        "U mag een ander bestand sturen. Dat kan nog %(count)s keer.",
        "U mag een ander bestand sturen. Dat kan nog %(count)s keer.",
        wish.left,
    )


def fault_of(why: Not) -> str:
    words = {
        Not.ASKED: gettext("Wij hebben nu geen opname van u nodig."),
        Not.SMALL_ENOUGH: gettext("Het bestand is te groot. Het mag hoogstens 200 MB zijn."),
        Not.FEW_ENOUGH: gettext("U heeft te vaak een bestand verstuurd. Neem contact met ons op."),
    }
    return words.get(why, gettext("Het versturen is niet gelukt. Probeer het opnieuw."))
