"""Signing in to the console, and out."""

import segno
from flask import Blueprint, Response, g, make_response, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from ivr.accounts import codes
from ivr.accounts.local import (
    WINDOW,
    CodeRefused,
    LocalAccounts,
    NoInvitation,
    NotSignedIn,
    PasswordRefused,
    TooManyTries,
)
from ivr.accounts.passwords import LEAST_LETTERS, MOST_LETTERS, PasswordFault
from ivr.web.console.gate import check_form
from ivr.web.headers import SAME_ORIGIN
from ivr.web.language import choose_language, gettext, keep_choice
from ivr.web.limiter import network
from ivr.web.sign_in.doorway import ACCOUNT_SET, SIGNED_OUT, Doorway
from ivr.web.sign_in.kept_forms import own_path, read_kept_form
from ivr.web.sign_in.own_origin import require_own_page
from ivr.web.sign_in.page import send_again
from ivr.web.sign_in.provider_pages import AgencySignIn, add_provider_pages

ISSUER = "Spelregel"
TOO_MANY = 429


def make_sign_in(doorway: Doorway, agency: AgencySignIn | None = None) -> Blueprint:
    """The routes under /console that need no session, or end one."""
    sign_in = Blueprint("sign_in", __name__, url_prefix="/console", template_folder="templates")
    sign_in.before_request(choose_language)
    sign_in.url_defaults(keep_choice)
    sessions, accounts, page = doorway.sessions, doorway.accounts, doorway.page

    @sign_in.get("/inloggen")
    def show() -> Response:
        return page.show(target=own_path(request.args.get("verder", "")) or "")

    @sign_in.post("/inloggen")
    def enter() -> Response:
        require_own_page()
        name = request.form.get("naam", "").strip().casefold()
        password, code = request.form.get("wachtwoord", ""), request.form.get("code", "")
        try:
            accounts.prove(name, password, code, network(request.remote_addr))
        except TooManyTries:
            status = TOO_MANY
            fault = gettext(
                "Vanaf uw netwerk zijn te veel verkeerde pogingen gedaan. Probeer het over een kwartier weer."
            )
        except NotSignedIn:
            doorway.note_refusal(name)
            status, fault = 422, gettext("De naam, het wachtwoord of de code klopt niet.")
        else:
            return doorway.let_in(name, request.form.get("verder", ""))
        kept = read_kept_form(request.form, request.form.items(multi=True))
        target = own_path(request.form.get("verder", "")) or ""
        response = page.show(status, name=name, fault=fault, kept=kept, target=target)
        if status == TOO_MANY:
            response.headers["Retry-After"] = str(round(WINDOW.total_seconds()))
        return response

    @sign_in.post("/inloggen/verder")
    def resume() -> Response:
        """The form that came too late, for whoever is signed in again."""
        require_own_page()
        kept = read_kept_form(request.form, request.form.items(multi=True))
        signed_in = sessions.find(request)
        if kept is None:
            return make_response(redirect(url_for("console.start"), 303))
        return page.for_late_form(kept) if signed_in is None else send_again(kept, signed_in)

    @sign_in.post("/inloggen/demo")
    def enter_demo() -> Response:
        """Beside the local carrier only, and only as one of the demo's own users."""
        require_own_page()
        name = request.form.get("naam", "")
        if page.list_demo_users is None or name not in {user.name for user in page.list_demo_users()}:
            raise NotFound("nobody of the demo is called so")
        return doorway.let_in(name, request.form.get("verder", ""))

    @sign_in.post("/uitloggen")
    def leave() -> Response:
        response = make_response(redirect(url_for("sign_in.show"), 303))
        signed_in = sessions.find(request)
        if signed_in is not None:
            g.signed_in = signed_in
            check_form(signed_in)
            address = None if agency is None else agency.leaving_address(doorway, signed_in)
            if address is not None:
                response = make_response(render_template("sign_in/signed_out.html", address=address))
            sessions.end(signed_in, response)
            doorway.trail.add(signed_in.user.name, signed_in.user.role, SIGNED_OUT, signed_in.user.name, 200)
        return response

    @sign_in.get("/uitnodiging/<token>")
    def invitation(token: str) -> Response:
        return _invitation(accounts, token, {})

    @sign_in.post("/uitnodiging/<token>")
    def accept(token: str) -> Response:
        require_own_page()
        password = request.form.get("wachtwoord", "")
        if password != request.form.get("wachtwoord-nogmaals", ""):
            return _invitation(accounts, token, {"wachtwoord-nogmaals": gettext("Dit is niet hetzelfde wachtwoord.")})
        try:
            invited = accounts.invitation(token)
            fresh = accounts.accept(token, password, request.form.get("code", ""))
        except NoInvitation:
            return make_response(render_template("sign_in/no_invitation.html"), 404)
        except PasswordRefused as refused:
            return _invitation(accounts, token, {"wachtwoord": advice(refused.fault)})
        except CodeRefused:
            wrong = gettext(
                "Deze code klopt niet. Kijk of de klok van uw telefoon goed staat, en neem een nieuwe code."
            )
            return _invitation(accounts, token, {"code": wrong})
        doorway.trail.add(invited.user_name, "", ACCOUNT_SET, invited.user_name, 200)
        said = gettext("Uw account is klaar en u bent ingelogd.")
        response = make_response(render_template("sign_in/recovery_codes.html", codes=fresh, said=said))
        sessions.set_cookie(response, sessions.enter(request, invited.user_name))
        return response

    if agency is not None:
        add_provider_pages(sign_in, doorway, agency)

    @sign_in.after_request
    def headers(response: Response) -> Response:
        response.headers.update(SAME_ORIGIN)
        return response

    return sign_in


def _invitation(accounts: LocalAccounts, token: str, faults: dict[str, str]) -> Response:
    try:
        invited = accounts.invitation(token)
    except NoInvitation:
        return make_response(render_template("sign_in/no_invitation.html"), 404)
    address = codes.address(invited.secret, invited.user_name, ISSUER)
    page = render_template(
        "sign_in/invitation.html",
        user_name=invited.user_name,
        picture=segno.make(address, error="m").svg_data_uri(scale=5, border=3, light="#fff"),
        secret=codes.as_text(invited.secret),
        faults=faults,
    )
    return make_response(page, 422 if faults else 200)


def advice(fault: PasswordFault) -> str:
    """What to do about a password that cannot be used."""
    match fault:
        case PasswordFault.SHORT:
            return gettext("Dit wachtwoord is te kort. Neem minstens %(least)s tekens.", least=LEAST_LETTERS)
        case PasswordFault.LONG:
            return gettext("Dit wachtwoord is te lang. Neem hoogstens %(most)s tekens.", most=MOST_LETTERS)
        case PasswordFault.GUESSABLE:
            return gettext("Dit wachtwoord is te makkelijk te raden. Neem een zin die alleen u kent.")
