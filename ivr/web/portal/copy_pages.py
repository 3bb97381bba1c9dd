"""The way to the caller's copy: a link from the SMS and then a code by SMS, or a pick-up code from the call (R4).

A link alone opens the explanation only: whoever reads along in an address bar, a history or a log of a proxy has the
link, but not the phone. A pick-up code was spoken on the call and stands in no address; it has 12 digits, so wrong ones
are counted. Both end in a visit, whose cookie opens the copy for a while. A caller who was refused (R7) comes by the
same way to the receipt of the call, and to nothing else.
"""

import re
from datetime import timedelta

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for

from ivr.calls.copies import Copy, NoCopy, UnknownTicket
from ivr.calls.copy_codes import CODES_PER_DAY, VALID, Asked, Tried
from ivr.calls.tickets import kind_of
from ivr.web.headers import SAME_ORIGIN, content_policy
from ivr.web.language import choose_language, choose_language_of, gettext, keep_choice, ngettext
from ivr.web.limiter import Limiter, network
from ivr.web.portal.desk import Desk, VisitOver, check_origin, no_copy, too_many
from ivr.web.portal.receipt_pages import add_receipt_pages
from ivr.web.portal.sound_pages import add_sound_pages
from ivr.web.portal.upload_pages import add_upload_pages
from storage.records import CopyCode

LINK_TOKEN = re.compile(r"[0-9a-f]{32}")
PICK_UP_CODE = re.compile(r"[0-9]{12}")
OPENING_CODE = re.compile(r"[0-9]{6}")
BETWEEN_DIGITS = re.compile(r"[\s.,-]")

WINDOW = timedelta(minutes=15)
WRONG_CODES_PER_CLIENT = 10
WRONG_CODES_IN_ALL = 500
"""With ten thousand open codes, so many wrong tries a quarter of an hour find one in about two hundred thousand."""
OPENINGS_PER_TICKET = 60
ALL = "all"

LISTEN = "luisteren"


def make_portal(desk: Desk) -> Blueprint:
    """The routes under /kopie."""
    portal = Blueprint("portal", __name__, url_prefix="/kopie", template_folder="templates")
    portal.before_request(check_origin)
    portal.before_request(choose_language)
    portal.url_defaults(keep_choice)
    guesses = Limiter(WRONG_CODES_PER_CLIENT, WINDOW)
    all_guesses = Limiter(WRONG_CODES_IN_ALL, WINDOW)
    openings = Limiter(OPENINGS_PER_TICKET, WINDOW)

    @portal.after_request
    def with_referrer(response: Response) -> Response:
        """To other servers still none: an address of ours goes to ourselves only."""
        response.headers.update(SAME_ORIGIN)
        return response

    @portal.errorhandler(VisitOver)
    def visit_over(_: VisitOver) -> Response:
        return make_response(render_template("kopie/over.html"), 403)

    # ------------------------------------------------------------ with a pick-up code

    @portal.get("")
    def ask_code() -> Response:
        return make_response(render_template("kopie/code.html", fault=None, code=""))

    @portal.post("")
    def take_code() -> Response:
        typed = request.form.get("code", "")[:40]
        code = BETWEEN_DIGITS.sub("", typed)
        if not PICK_UP_CODE.fullmatch(code):
            fault = gettext("Vul de code van 12 cijfers in. U heeft die code aan de telefoon gekregen.")
        elif (found := pick_up(code)) is None:
            fault = gettext("Deze code kennen wij niet. Controleer de cijfers en vul de code opnieuw in.")
        else:
            return no_copy(found) if isinstance(found, NoCopy) and found.is_over else let_in(found)
        return make_response(render_template("kopie/code.html", fault=fault, code=typed), 422)

    def pick_up(code: str) -> Copy | NoCopy | None:
        """None for what opens nothing. Counts wrong codes; raises `TooManyRequests` instead of trying one too many."""
        client, now = network(request.remote_addr), desk.clock.now()
        if guesses.blocks(client, now) or all_guesses.blocks(ALL, now):
            raise too_many(WINDOW)
        found = behind_secret(code, is_link=False)
        if found is None:
            guesses.strike(client, now)
            all_guesses.strike(ALL, now)
        return found

    def behind_secret(secret: str, *, is_link: bool) -> Copy | NoCopy | None:
        """None for what is no secret of that kind."""
        found = desk.copies.find_by_token(secret)
        return None if isinstance(found, UnknownTicket) or kind_of(found.ticket).is_link != is_link else found

    def inside(found: Copy | NoCopy) -> str:
        """The first page of what the ticket opens."""
        only_receipt = isinstance(found, NoCopy) and found.is_for_receipt
        return url_for("portal.receipt" if only_receipt else "portal.show_copy")

    def let_in(found: Copy | NoCopy, *, listening: bool = False) -> Response:
        visit = desk.visits.begin(found.ticket.ticket_id)
        address = url_for("portal.show_copy", luister="1") if listening else inside(found)
        response = make_response(redirect(address, 303))
        desk.visits.set_cookie(response, visit)
        return response

    # ------------------------------------------------------------ with a link

    def behind(token: str) -> Copy | NoCopy | Response:
        """What is behind a link that still leads somewhere, or the page that says why it does not."""
        found = behind_secret(token, is_link=True) if LINK_TOKEN.fullmatch(token) else None
        if found is None or (isinstance(found, NoCopy) and found.is_over):
            return no_copy(found)
        choose_language_of(found.policy)
        return found

    @portal.get("/<token>")
    def show(token: str) -> Response:
        """The explanation. Programs that preview links come here too: it sends and opens nothing."""
        now = desk.clock.now()
        if openings.blocks(token, now):
            raise too_many(WINDOW)
        openings.strike(token, now)
        found = behind(token)
        if isinstance(found, Response):
            return found
        visit = desk.visits.find(request)
        if visit is not None and visit.ticket_id == found.ticket.ticket_id:
            return make_response(redirect(inside(found), 303))
        if isinstance(found, NoCopy) and not found.is_for_receipt and desk.wish(found) is None:
            return no_copy(found, token=token)
        return explanation(token, found)

    def explanation(token: str, found: Copy | NoCopy, fault: str = "", status: int = 200) -> Response:
        wish = desk.wish(found)
        page = render_template("kopie/link.html", found=found, token=token, wish=wish, fault=fault)
        return make_response(page, status)

    @portal.post("/<token>/code/aanvragen")
    def ask_opening_code(token: str) -> Response:
        found = behind(token)
        if isinstance(found, Response):
            return found
        match desk.codes.ask(found.ticket):
            case Asked.ON_ITS_WAY:
                return make_response(redirect(url_for("portal.enter_opening_code", token=token), 303))
            case Asked.TOO_MANY:
                fault = ngettext(
                    "U heeft vandaag al %(count)s code aangevraagd. Probeer het morgen opnieuw.",
                    "U heeft vandaag al %(count)s codes aangevraagd. Probeer het morgen opnieuw.",
                    CODES_PER_DAY,
                )
                return explanation(token, found, fault, 429)
            case Asked.NO_NUMBER:
                fault = gettext("Wij hebben uw telefoonnummer niet meer. Daarom kunnen wij u geen code sturen.")
                return explanation(token, found, fault, 409)

    @portal.get("/<token>/code")
    def enter_opening_code(token: str) -> Response:
        found = behind(token)
        return found if isinstance(found, Response) else opening_form(token, found)

    def opening_form(token: str, found: Copy | NoCopy, fault: str = "", typed: str = "") -> Response:
        code = desk.codes.latest(found.ticket)
        page = render_template(
            "kopie/opening.html",
            found=found,
            token=token,
            state=state_of(code),
            minutes=round(VALID.total_seconds() / 60),
            fault=fault,
            typed=typed,
            listens=isinstance(found, Copy) and found.policy.listening.online,
            listen=LISTEN,
        )
        return make_response(page, 422 if fault else 200)

    @portal.post("/<token>/code")
    def try_opening_code(token: str) -> Response:
        found = behind(token)
        if isinstance(found, Response):
            return found
        typed = request.form.get("code", "")[:40]
        code = BETWEEN_DIGITS.sub("", typed)
        if not OPENING_CODE.fullmatch(code):
            fault = gettext("Vul de code van 6 cijfers in. Die staat in de sms die u van ons krijgt.")
            return opening_form(token, found, fault, typed)
        attempt = desk.codes.attempt(found.ticket, code)
        if attempt.result is Tried.GOOD:
            return let_in(found, listening=request.form.get("dan") == LISTEN)
        if attempt.result is Tried.WRONG:
            fault = ngettext(
                "Deze code klopt niet. U kunt het nog %(count)s keer proberen.",
                "Deze code klopt niet. U kunt het nog %(count)s keer proberen.",
                attempt.left,
            )
        else:
            fault = gettext("Met deze code gaat de pagina niet open. Vraag een nieuwe code aan.")
        return opening_form(token, found, fault, typed)

    # ------------------------------------------------------------ inside

    @portal.post("/klaar")
    def leave() -> Response:
        visit = desk.own_form()
        response = make_response(render_template("kopie/over.html", left=True))
        desk.visits.end(visit, response)
        return response

    add_sound_pages(portal, desk)
    add_receipt_pages(portal, desk)
    add_upload_pages(portal, desk, content_policy(scripts=True))
    return portal


def state_of(code: CopyCode | None) -> str:
    """What the page says of the newest code: `none`, `sending`, `sent` or `failed`."""
    if code is None:
        return "none"
    if code.failed_at is not None:
        return "failed"
    return "sending" if code.sent_at is None else "sent"
