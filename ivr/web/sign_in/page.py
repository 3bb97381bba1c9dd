"""The page to sign in on, also for whom a session ended while a form was open."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Response, make_response, render_template, url_for

from ivr.web.language import gettext
from ivr.web.sessions import SignedIn
from ivr.web.sign_in.kept_forms import KeptForm
from storage.records import UserRecord

FRAGMENT_PLACE = "#sessie"


@dataclass(frozen=True, slots=True)
class SignInPage:
    """`with_provider`: the agency's own sign-in service is there; `list_demo_users`: beside the local carrier only."""

    with_provider: bool = False
    list_demo_users: Callable[[], Sequence[UserRecord]] | None = None

    def show(
        self,
        status: int = 200,
        *,
        name: str = "",
        fault: str = "",
        notice: str = "",
        kept: KeptForm | None = None,
        target: str = "",
    ) -> Response:
        demo = [] if self.list_demo_users is None else self.list_demo_users()
        page = render_template(
            "sign_in/sign_in.html",
            name=name,
            fault=fault,
            notice=notice,
            kept=kept,
            target=target,
            with_provider=self.with_provider,
            demo_users=demo,
        )
        return make_response(page, status)

    def for_late_form(self, kept: KeptForm | None) -> Response:
        """The session ended before the form came."""
        notice = gettext("Uw sessie is afgelopen, dus wij hebben uw formulier nog niet verwerkt.")
        return self.show(401, notice=notice, kept=kept)

    def part(self) -> Response:
        """For a script that asked for a part of a page: a message in the page that is open, which stays as it is."""
        response = make_response(render_template("sign_in/session_over.html", address=url_for("sign_in.show")), 401)
        response.headers["HX-Retarget"] = FRAGMENT_PLACE
        response.headers["HX-Reswap"] = "innerHTML"
        return response


def send_again(kept: KeptForm, signed_in: SignedIn, status: int = 200) -> Response:
    """The form once more, for its sender to send; theirs is the last word."""
    page = render_template("sign_in/send_again.html", kept=kept, csrf=signed_in.csrf, user=signed_in.user)
    return make_response(page, status)
