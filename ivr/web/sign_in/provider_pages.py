"""Signing in with the account that somebody has at their agency, and out of it."""

import logging
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, Response, make_response, redirect, render_template, request

from config.policy import Role
from config.settings import RoleGrant
from ivr.accounts.sealing import BrokenSeal, Sealer
from ivr.accounts.users import Disabled, UserService
from ivr.ports import Clock
from ivr.web.language import gettext
from ivr.web.sessions import SignedIn
from ivr.web.sign_in.doorway import Doorway
from ivr.web.sign_in.kept_forms import own_path
from ivr.web.sign_in.provider import NotVouched, Pending, Provider, ProviderDown

RETURN_PATH = "/console/inloggen/oidc/terug"
BEGUN_LASTS = timedelta(minutes=10)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class AgencySignIn:
    """The sign-in service, and what its words mean here. `back` is where the browser returns to after signing out."""

    provider: Provider
    grants: tuple[RoleGrant, ...]
    users: UserService
    sealer: Sealer
    clock: Clock
    back: str

    def role_of(self, values: tuple[str, ...]) -> tuple[Role, tuple[str, ...]] | None:
        """The first grant that fits says the role; the agencies are of all grants of that role that fit."""
        fitting = [grant for grant in self.grants if grant.value in values]
        if not fitting:
            return None
        role = fitting[0].role
        return role, tuple(agency for grant in fitting if grant.role is role for agency in grant.agencies)

    def seal_id_token(self, id_token: str, user_name: str) -> bytes:
        return self.sealer.seal(id_token.encode(), user_name)

    def leaving_address(self, doorway: Doorway, signed_in: SignedIn) -> str | None:
        """Where to sign out at the service too; None where it did not vouch for this session."""
        sealed = doorway.sessions.find_id_token(signed_in)
        if sealed is None:
            return None
        try:
            id_token = self.sealer.open(sealed, signed_in.user.name).decode()
        except BrokenSeal:
            return None
        return self.provider.end_session_address(id_token, self.back)


def add_provider_pages(sign_in: Blueprint, doorway: Doorway, agency: AgencySignIn) -> None:
    secure = doorway.sessions.secure
    cookie = "__Host-spelregel-begun" if secure else "spelregel-begun"

    def stop(status: int, title: str, text: str) -> Response:
        response = make_response(render_template("sign_in/not_vouched.html", title=title, text=text), status)
        response.delete_cookie(cookie, secure=secure, httponly=True, samesite="Lax", path="/")
        return response

    def down(fault: ProviderDown) -> Response:
        log.error("the sign-in service is of no use", extra={"error": str(fault)})
        title = gettext("De inlogdienst van uw organisatie is niet bereikbaar")
        return stop(503, title, gettext("Probeer het over een paar minuten opnieuw."))

    def refused(why: str, text: str) -> Response:
        log.warning("the sign-in service did not vouch for somebody", extra={"error": why})
        doorway.note_refusal("")
        return stop(403, gettext("Inloggen is niet gelukt"), text)

    @sign_in.get("/inloggen/oidc")
    def begin_provider() -> Response:
        try:
            address, pending = agency.provider.begin(own_path(request.args.get("verder", "")) or "")
        except ProviderDown as fault:
            return down(fault)
        response = make_response(redirect(address, 303))
        # Nothing is stored until somebody is known; the cookie is of use to this browser only, and to us.
        sealed = agency.sealer.seal(pending.as_bytes(), cookie).hex()
        age = round(BEGUN_LASTS.total_seconds())
        response.set_cookie(cookie, sealed, age, secure=secure, httponly=True, samesite="Lax", path="/")
        return response

    @sign_in.get("/inloggen/oidc/terug")
    def return_from_provider() -> Response:
        again = gettext("Begin opnieuw met inloggen.")
        try:
            pending = Pending.of_bytes(agency.sealer.open(bytes.fromhex(request.cookies.get(cookie, "")), cookie))
        except (BrokenSeal, ValueError, TypeError):
            return refused("nothing was begun", again)
        if pending.began_s + BEGUN_LASTS.total_seconds() <= agency.clock.now().timestamp():
            return refused("begun too long ago", again)
        try:
            vouched = agency.provider.finish(pending, request.args)
        except ProviderDown as fault:
            return down(fault)
        except NotVouched as fault:
            return refused(str(fault), again)
        found = agency.role_of(vouched.roles)
        if found is None:
            return refused("no role", gettext("Uw account heeft geen rol voor Spelregel. Vraag uw beheerder daarom."))
        try:
            name = agency.users.welcome(vouched.subject, vouched.name, *found)
        except Disabled:
            return refused("disabled", gettext("Uw account is uitgeschakeld. Vraag uw beheerder waarom."))
        response = doorway.let_in(name, pending.target, agency.seal_id_token(vouched.id_token, name))
        response.delete_cookie(cookie, secure=secure, httponly=True, samesite="Lax", path="/")
        return response
