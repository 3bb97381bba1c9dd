"""The caller's copy: a link from the SMS or a pick-up code opens a page with the sound and the rules (R4, R5, R6).

Links hold a 128-bit token and cannot be guessed; pick-up codes have 12 digits, so wrong ones are counted. A page that
is opened is no use of the copy: sound is only handed over under an address that the page itself gave out, for as long
as a visit lasts.
"""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import BinaryIO, TypeVar

from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import TooManyRequests

from ivr.calls.copies import Copy, CopyService, NoCopy, UnknownTicket, Use, Why
from ivr.ports import Clock
from ivr.web.formats import AMSTERDAM
from ivr.web.language import choose_language, choose_language_of, gettext, keep_choice
from ivr.web.limiter import Limiter, network
from ivr.web.portal.visits import Visits
from ivr.web.sound import wav_response

LINK_TOKEN = re.compile(r"[0-9a-f]{32}")
PICK_UP_CODE = re.compile(r"[0-9]{12}")
BETWEEN_DIGITS = re.compile(r"[\s.,-]")

WINDOW = timedelta(minutes=15)
WRONG_CODES_PER_CLIENT = 10
WRONG_CODES_IN_ALL = 500
"""With ten thousand open codes, so many wrong tries a quarter of an hour find one in about two hundred thousand."""
OPENINGS_PER_TICKET = 60
ALL = "all"

STATUS = {Why.NOT_READY: 200, Why.REVOKED: 410, Why.EXPIRED: 410, Why.FAILED: 410, Why.DESTROYED: 410}

T = TypeVar("T")


def make_portal(copies: CopyService, clock: Clock, secret_key: str) -> Blueprint:
    """The routes under /kopie."""
    portal = Blueprint("portal", __name__, url_prefix="/kopie", template_folder="templates")
    portal.before_request(choose_language)
    portal.url_defaults(keep_choice)
    visits = Visits(secret_key, clock)
    guesses = Limiter(WRONG_CODES_PER_CLIENT, WINDOW)
    all_guesses = Limiter(WRONG_CODES_IN_ALL, WINDOW)
    openings = Limiter(OPENINGS_PER_TICKET, WINDOW)

    def try_token(token: str, open_it: Callable[[str], T | NoCopy | UnknownTicket]) -> T | NoCopy | None:
        """None for what opens nothing. Counts wrong codes; raises `TooManyRequests` instead of trying one too many."""
        if LINK_TOKEN.fullmatch(token):
            found = open_it(token)
        elif PICK_UP_CODE.fullmatch(token):
            client, now = network(request.remote_addr), clock.now()
            if guesses.blocks(client, now) or all_guesses.blocks(ALL, now):
                raise too_many()
            found = open_it(token)
            if isinstance(found, UnknownTicket):
                guesses.strike(client, now)
                all_guesses.strike(ALL, now)
        else:
            return None
        return None if isinstance(found, UnknownTicket) else found

    @portal.get("")
    def ask_code() -> Response:
        return make_response(render_template("kopie/code.html", fault=None, code=""))

    @portal.post("")
    def take_code() -> Response:
        typed = request.form.get("code", "")[:40]
        code = BETWEEN_DIGITS.sub("", typed)
        if not PICK_UP_CODE.fullmatch(code):
            fault = gettext("Vul de code van 12 cijfers in. U heeft die code aan de telefoon gekregen.")
        elif try_token(code, copies.look) is None:
            fault = gettext("Deze code kennen wij niet. Controleer de cijfers en vul de code opnieuw in.")
        else:
            return make_response(redirect(url_for("portal.show", token=code), 303))
        return make_response(render_template("kopie/code.html", fault=fault, code=typed), 422)

    @portal.get("/<token>")
    def show(token: str) -> Response:
        visit = visits.begin()
        if request.method == "HEAD":
            found = try_token(token, copies.look)
        else:
            if openings.blocks(token, clock.now()):
                raise too_many()
            found = try_token(token, lambda known: copies.open(known, visit))
            if found is not None:
                openings.strike(token, clock.now())
        if not isinstance(found, Copy):
            return no_copy(found)
        choose_language_of(found.policy)
        page = render_template("kopie/copy.html", copy=found, token=token, visit=visits.sign(visit))
        return make_response(page)

    @portal.get("/<token>/luisteren")
    def listen(token: str) -> Response:
        return sound(token, Use.LISTEN)

    @portal.get("/<token>/downloaden")
    def download(token: str) -> Response:
        return sound(token, Use.DOWNLOAD)

    def sound(token: str, use: Use) -> Response:
        """The WAV, whole or a range of it. A HEAD request gets no sound, so it is no use either."""
        visit = visits.find(request.args.get("bezoek", ""))
        if visit is None:
            return make_response(redirect(url_for("portal.show", token=token), 303))
        if request.method == "HEAD":
            looked = try_token(token, copies.look)
            return wav(looked, use, None) if isinstance(looked, Copy) else no_copy(looked)
        handed = try_token(token, lambda known: copies.hand_over(known, visit, use))
        return wav(handed[0], use, handed[1]) if isinstance(handed, tuple) else no_copy(handed)

    return portal


def wav(copy: Copy, use: Use, reader: BinaryIO | None) -> Response:
    name = f"gesprek-{copy.policy.slug}-{copy.call.opened_at.astimezone(AMSTERDAM):%Y-%m-%d-%H%M}.wav"
    return wav_response(copy.recording, reader, name if use is Use.DOWNLOAD else None)


def no_copy(found: NoCopy | None) -> Response:
    """Why there is nothing; the same page for everything that opens nothing, so that it tells nobody what exists."""
    if found is None:
        return make_response(render_template("kopie/unknown.html"), 404)
    choose_language_of(found.policy)
    return make_response(render_template("kopie/none.html", why=found.why, found=found), STATUS[found.why])


def too_many() -> TooManyRequests:
    return TooManyRequests(retry_after=round(WINDOW.total_seconds()))
