"""`/console/account`: one's own password, recovery codes, and where one is signed in."""

from flask import g, make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from ivr.accounts.local import LocalAccounts, NotSignedIn, PasswordRefused, TooManyTries
from ivr.web.access import Permission, User
from ivr.web.console.declaring import Page
from ivr.web.console.notices import see_other
from ivr.web.language import gettext
from ivr.web.limiter import network
from ivr.web.sessions import Sessions, SignedIn
from ivr.web.sign_in.sign_in_pages import advice


def account_pages(sessions: Sessions, accounts: LocalAccounts) -> list[Page]:
    def show(
        user: User, password_faults: dict[str, str], code_faults: dict[str, str], status: int = 200
    ) -> ResponseReturnValue:
        page = render_template(
            "console/account.html",
            has_account=accounts.has_account(user.name),
            codes_left=accounts.count_recovery_codes(user.name),
            stays=sessions.list_user(user.name),
            this_one=g.signed_in.id_digest,
            password_faults=password_faults,
            code_faults=code_faults,
        )
        return make_response(page, status)

    def account(user: User) -> ResponseReturnValue:
        return show(user, {}, {})

    def change_password(user: User) -> ResponseReturnValue:
        new = request.form.get("wachtwoord-nieuw", "")
        if new != request.form.get("wachtwoord-nogmaals", ""):
            return show(user, {"wachtwoord-nogmaals": gettext("Dit is niet hetzelfde wachtwoord.")}, {}, 422)
        try:
            accounts.change_password(user.name, *_proof(), new, network(request.remote_addr))
        except PasswordRefused as refused:
            return show(user, {"wachtwoord-nieuw": advice(refused.fault)}, {}, 422)
        except (NotSignedIn, TooManyTries):
            return show(user, {"wachtwoord": _not_proven()}, {}, 422)
        g.signed_in = SignedIn(user, sessions.enter(request, user.name))
        response = see_other(url_for("console.account"), "password-changed")
        sessions.set_cookie(response, g.signed_in.token)
        return response

    def renew_codes(user: User) -> ResponseReturnValue:
        try:
            fresh = accounts.renew_recovery_codes(user.name, *_proof(), network(request.remote_addr))
        except (NotSignedIn, TooManyTries):
            return show(user, {}, {"wachtwoord-herstel": _not_proven()}, 422)
        said = gettext("U heeft nieuwe herstelcodes. De oude werken niet meer.")
        return render_template("sign_in/recovery_codes.html", codes=fresh, said=said)

    def end_stay(user: User, session: str) -> ResponseReturnValue:
        if not sessions.end_other(user.name, session):
            raise NotFound("there is no such session of yours")
        return see_other(url_for("console.account"), "session-ended")

    def end_others(user: User) -> ResponseReturnValue:
        for stay in sessions.list_user(user.name):
            if stay.id_digest != g.signed_in.id_digest:
                sessions.end_other(user.name, stay.id_digest)
        return see_other(url_for("console.account"), "other-sessions-ended")

    mine = Permission.BE_SIGNED_IN
    return [
        Page("/account", "account", account, mine),
        Page("/account/wachtwoord", "change_password", change_password, mine, method="POST"),
        Page("/account/herstelcodes", "renew_recovery_codes", renew_codes, mine, method="POST"),
        Page("/account/sessies/<session>/einde", "end_session", end_stay, mine, method="POST"),
        Page("/account/sessies/einde", "end_other_sessions", end_others, mine, method="POST"),
    ]


def _proof() -> tuple[str, str]:
    """Password and code of who asks, once more: an open screen is not enough."""
    return request.form.get("wachtwoord", ""), request.form.get("code", "")


def _not_proven() -> str:
    return gettext("Het wachtwoord of de code klopt niet. Een code werkt maar één keer: wacht op de volgende.")
