"""Somebody's browser at the sign-in pages, with the app that makes their one-time codes."""

import re
from base64 import b32decode
from dataclasses import dataclass, field

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config.policy import Role
from ivr.accounts import codes
from ivr.web.csrf import CSRF_FIELD
from tests.builders import House

BASE = "http://localhost"
PASSWORD = "vier paarden en een wagen"


@dataclass
class Visitor:
    """`secret` is what their app read from the picture."""

    house: House
    name: str
    secret: bytes = b""
    client: FlaskClient = field(init=False)

    def __post_init__(self) -> None:
        self.client = self.house.client.application.test_client()

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, base_url=BASE, headers=headers)

    def post(self, path: str, form: dict[str, object], **headers: str) -> TestResponse:
        return self.client.post(path, base_url=BASE, data=form, headers={"Origin": BASE, **headers})

    def code(self) -> str:
        """A new one: the clock moves to the next time step."""
        self.house.clock.pass_s(codes.STEP_S)
        return codes.code_at(self.secret, self.house.clock.now())

    def sign_in(self, **changes: str) -> TestResponse:
        form: dict[str, object] = {"naam": self.name, "wachtwoord": PASSWORD, "code": self.code(), **changes}
        return self.post("/console/inloggen", form)

    def csrf(self, path: str = "/console") -> str:
        """As it stands in the page."""
        return csrf_in(self.get(path).text)

    def submit(self, path: str, form: dict[str, object] | None = None) -> TestResponse:
        """With the token of a form of this session."""
        return self.post(path, {CSRF_FIELD: self.csrf(), **(form or {})})


def csrf_in(page: str) -> str:
    found = re.search(r'name="csrf" (?:value|content)="([0-9a-f]{64})"', page)
    assert found is not None, page
    return found[1]


def secret_in(page: str) -> bytes:
    found = re.search(r'<code class="digest">([A-Z2-7-]+)</code>', page)
    assert found is not None, page
    return b32decode(found[1].replace("-", ""))


def invited(house: House, name: str, role: Role, agencies: tuple[str, ...] = ("example",)) -> tuple[Visitor, str]:
    """A new user with the path of their invitation."""
    house.wiring.users.introduce(name, role, agencies, "a test")
    return Visitor(house, name), f"/console/uitnodiging/{house.wiring.accounts.invite(name, 'a test')}"


def with_account(
    house: House, name: str, role: Role = Role.SUPERVISOR, agencies: tuple[str, ...] = ("example",)
) -> Visitor:
    """Somebody who has set password and app; not signed in, in a browser that knows nothing."""
    visitor, path = invited(house, name, role, agencies)
    visitor.secret = secret_in(visitor.get(path).text)
    form: dict[str, object] = {"wachtwoord": PASSWORD, "wachtwoord-nogmaals": PASSWORD, "code": visitor.code()}
    assert visitor.post(path, form).status_code == 200
    return Visitor(house, name, visitor.secret)
