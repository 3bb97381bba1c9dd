"""`/console/gebruikers`: who may use the service, as what, and for which agencies."""

from collections.abc import Sequence

from flask import make_response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Forbidden, NotFound

from config.policy import Role
from ivr.accounts.local import LocalAccounts
from ivr.accounts.users import Disabled, LastAdministrator, NameRefused, UserError, UserService, is_name
from ivr.calls.agencies import Agencies
from ivr.ports import Clock
from ivr.web.access import Permission, User
from ivr.web.console.declaring import Page
from ivr.web.console.notices import see_other
from ivr.web.language import N_, gettext, words
from ivr.web.sessions import Sessions
from ivr.web.trail import Trail
from storage.records import UserRecord


class UserPages:
    """An administrator sees who works for an agency of theirs, and manages who works for no other."""

    def __init__(
        self,
        users: UserService,
        accounts: LocalAccounts,
        sessions: Sessions,
        agencies: Agencies,
        clock: Clock,
        url: str,
    ) -> None:
        self._users = users
        self._accounts = accounts
        self._sessions = sessions
        self._agencies = agencies
        self._clock = clock
        self._url = url

    # ------------------------------------------------------------ looking

    def overview(self, user: User) -> ResponseReturnValue:
        seen = [one for one in self._users.list() if user.agencies.intersection(one.agencies)]
        return render_template("console/users.html", users=seen, names_of=self._names_of)

    def show(self, user: User, name: str) -> ResponseReturnValue:
        return self._page(user, self._seen(user, name), {})

    def _page(self, user: User, found: UserRecord, faults: dict[str, str], status: int = 200) -> ResponseReturnValue:
        page = render_template(
            "console/user.html",
            shown=found,
            names_of=self._names_of,
            manages=user.agencies.issuperset(found.agencies),
            now=self._clock.now(),
            locked=self._accounts.is_locked(found.name),
            has_account=self._accounts.has_account(found.name),
            stays=self._sessions.list_user(found.name),
            faults=faults,
            **self._choices(
                user, request.form.get("rol", found.role), request.form.getlist("organisatie") or found.agencies
            ),
        )
        return make_response(page, status)

    def _choices(self, user: User, role: str, chosen: Sequence[str]) -> dict[str, object]:
        agencies = [(slug, self._agencies.now(slug).name) for slug in sorted(user.agencies)]
        return {
            "roles": [(one.value, gettext(one)) for one in Role],
            "chosen_role": role,
            "agencies": agencies,
            "chosen": list(chosen),
        }

    def _names_of(self, slugs: Sequence[str]) -> str:
        """A profile that is gone still stands with its users, by its slug."""
        known = self._agencies.policies.by_slug
        return ", ".join(words(known[slug].name) if slug in known else slug for slug in slugs)

    # ------------------------------------------------------------ adding

    def form(self, user: User) -> ResponseReturnValue:
        only = list(user.agencies) if len(user.agencies) == 1 else []
        return render_template("console/user_new.html", faults={}, name="", **self._choices(user, "", only))

    def add(self, user: User) -> ResponseReturnValue:
        name = request.form.get("naam", "").strip()
        role, agencies, faults = self._read(user)
        if not is_name(name):
            faults["naam"] = gettext("Gebruik kleine letters en cijfers, met een punt, streepje of _ ertussen.")
        if not faults and role is not None:
            try:
                self._users.introduce(name, role, agencies, user.name)
            except NameRefused:
                faults["naam"] = gettext("Deze naam is of was al van iemand. Kies een andere.")
            else:
                Trail.about(name)
                return self._told_once(user, name, link=self._invite(user, name))
        typed = self._choices(user, request.form.get("rol", ""), request.form.getlist("organisatie"))
        return make_response(render_template("console/user_new.html", faults=faults, name=name, **typed), 422)

    def _read(self, user: User) -> tuple[Role | None, list[str], dict[str, str]]:
        """Role and agencies of the form, with what is wrong with them."""
        agencies = request.form.getlist("organisatie")
        if not user.agencies.issuperset(agencies):
            raise Forbidden("this agency is not one of yours")
        role = next((one for one in Role if one == request.form.get("rol")), None)
        faults = {}
        if role is None:
            faults["rol"] = gettext("Kies een rol.")
        if not agencies:
            faults["organisatie"] = gettext("Kies minstens één organisatie.")
        return role, agencies, faults

    def _invite(self, user: User, name: str) -> str:
        return f"{self._url}{url_for('sign_in.invitation', token=self._accounts.invite(name, user.name))}"

    # ------------------------------------------------------------ changing

    def change(self, user: User, name: str) -> ResponseReturnValue:
        found = self._managed(user, name)
        role, agencies, faults = self._read(user)
        if role is not None and not faults:
            try:
                self._users.change(name, role, agencies)
            except UserError as refused:
                return self._refused(user, found, refused)
            return self._done(name, "user-changed")
        return self._page(user, found, faults, 422)

    def disable(self, user: User, name: str) -> ResponseReturnValue:
        found = self._managed(user, name)
        try:
            self._users.disable(name)
        except UserError as refused:
            return self._refused(user, found, refused)
        return self._done(name, "user-disabled")

    def unlock(self, user: User, name: str) -> ResponseReturnValue:
        self._managed(user, name)
        self._accounts.unlock(name)
        return self._done(name, "user-unlocked")

    def sign_out(self, user: User, name: str) -> ResponseReturnValue:
        self._managed(user, name)
        for stay in self._sessions.list_user(name):
            self._sessions.end_other(name, stay.id_digest)
        return self._done(name, "user-signed-out")

    def invite_again(self, user: User, name: str) -> ResponseReturnValue:
        found = self._managed(user, name)
        try:
            return self._told_once(user, name, link=self._invite(user, name))
        except Disabled as refused:
            return self._refused(user, found, refused)

    def new_token(self, user: User, name: str) -> ResponseReturnValue:
        found = self._managed(user, name)
        try:
            token, ends_at = self._users.new_token(name)
        except Disabled as refused:
            return self._refused(user, found, refused)
        return self._told_once(user, name, token=token, ends_at=ends_at)

    def _told_once(self, user: User, name: str, **secret: object) -> ResponseReturnValue:
        """Not by a redirect: it is kept nowhere, so it can be shown in this answer only."""
        return render_template("console/user_secret.html", name=name, own=name == user.name, **secret)

    def _done(self, name: str, notice: str) -> ResponseReturnValue:
        return see_other(url_for("console.user", name=name), notice)

    def _refused(self, user: User, found: UserRecord, refused: UserError) -> ResponseReturnValue:
        if isinstance(refused, LastAdministrator):
            text = gettext("Dit is de laatste beheerder van een organisatie. Maak eerst iemand anders beheerder.")
        else:
            text = gettext("Deze gebruiker is uitgeschakeld. Dat is niet terug te draaien.")
        return self._page(user, found, {"gebruiker": text}, 422)

    # ------------------------------------------------------------ scope

    def _seen(self, user: User, name: str) -> UserRecord:
        """404 for somebody of other agencies too: it tells nobody who exists."""
        found = self._users.find(name)
        if found is None or not user.agencies.intersection(found.agencies):
            raise NotFound("there is no such user")
        return found

    def _managed(self, user: User, name: str) -> UserRecord:
        found = self._seen(user, name)
        if not user.agencies.issuperset(found.agencies):
            raise Forbidden("this user works for an agency that is not yours too")
        return found


def user_pages(
    users: UserService, accounts: LocalAccounts, sessions: Sessions, agencies: Agencies, clock: Clock, url: str
) -> list[Page]:
    pages = UserPages(users, accounts, sessions, agencies, clock, url)
    manage = Permission.MANAGE_USERS
    acts = {
        "rol": ("change_user", pages.change),
        "uitschakelen": ("disable_user", pages.disable),
        "ontgrendelen": ("unlock_user", pages.unlock),
        "uitloggen": ("sign_out_user", pages.sign_out),
        "uitnodigen": ("invite_user", pages.invite_again),
        "toegangscode": ("new_token", pages.new_token),
    }
    return [
        Page("/gebruikers", "users", pages.overview, manage, menu=N_("Gebruikers")),
        Page("/gebruikers", "add_user", pages.add, manage, method="POST"),
        Page("/gebruikers/nieuw", "new_user", pages.form, manage),
        Page("/gebruikers/<name>", "user", pages.show, manage),
        *(Page(f"/gebruikers/<name>/{word}", page, view, manage, method="POST") for word, (page, view) in acts.items()),
    ]
