"""What all ways in share: a session, where to go then, and a line in the trail."""

from dataclasses import dataclass

from flask import Response, make_response, redirect, request, url_for
from werkzeug.exceptions import NotFound

from config.policy import Role
from ivr.accounts.local import LocalAccounts
from ivr.ports import Database
from ivr.web.access import User
from ivr.web.sessions import Sessions, SignedIn
from ivr.web.sign_in.kept_forms import own_path, read_kept_form
from ivr.web.sign_in.page import SignInPage, send_again
from ivr.web.trail import Trail

SIGNED_IN, REFUSED, SIGNED_OUT, ACCOUNT_SET = "sign-in", "sign-in-refused", "sign-out", "account-set"
"""Actions in the trail."""


@dataclass(frozen=True, slots=True)
class Doorway:
    """What signing in needs; the views of all ways in share it."""

    sessions: Sessions
    accounts: LocalAccounts
    database: Database
    trail: Trail
    page: SignInPage

    def let_in(self, user_name: str, target: str = "", id_token: bytes | None = None) -> Response:
        """To where they wanted to be, or with the form that they had sent too late."""
        token = self.sessions.enter(request, user_name, id_token)
        with self.database.reading() as unit:
            record = unit.users.find(user_name)
        if record is None:
            raise NotFound("nobody is called so any more")
        user = User(record.name, Role(record.role), frozenset(record.agencies))
        self.trail.add(user.name, user.role, SIGNED_IN, user.name, 200)
        kept = read_kept_form(request.form, request.form.items(multi=True))
        if kept is None:
            response = make_response(redirect(own_path(target) or url_for("console.start"), 303))
        else:
            response = send_again(kept, SignedIn(user, token))
        self.sessions.set_cookie(response, token)
        return response

    def note_refusal(self, typed_name: str) -> None:
        """Who it was about only where that is somebody: people type passwords into the wrong field."""
        with self.database.reading() as unit:
            known = unit.users.find(typed_name) is not None
        self.trail.add(typed_name if known else "", "", REFUSED, typed_name if known else "", 401)
