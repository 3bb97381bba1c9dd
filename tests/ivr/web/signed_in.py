"""Somebody who is signed in to the console of a `House`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from config.policy import Role
from ivr.web.access import User
from ivr.web.csrf import CSRF_FIELD
from ivr.web.sessions import SignedIn
from storage.records import UserRecord
from tests.builders import House

BASE = "http://localhost"


@dataclass
class Colleague:
    """One user with a session; `get` and `post` as their browser would."""

    client: FlaskClient
    cookie: str
    signed_in: SignedIn

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, base_url=BASE, headers=headers)

    def post(self, path: str, form: Mapping[str, object] | None = None, **headers: str) -> TestResponse:
        """With the token of a form of this session."""
        data = {CSRF_FIELD: self.signed_in.csrf, **(form or {})}
        return self.client.post(path, base_url=BASE, data=data, headers=headers)


def sign_in(house: House, role: Role, agencies: Sequence[str] = ("example",), name: str = "") -> Colleague:
    """A new user, named after the role unless `name` is given."""
    name = name or role.value
    clock = house.wiring.clock
    with house.wiring.database.transaction() as unit:
        unit.users.add(UserRecord(name, role, tuple(agencies), f"no token of {name}", clock.now(), "test"))
    sessions = house.wiring.sessions
    token = sessions.begin(name)
    client = house.app.test_client()
    client.set_cookie(sessions.cookie, token)
    return Colleague(client, token, SignedIn(User(name, role, frozenset(agencies)), token))
