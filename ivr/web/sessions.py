"""Sessions: a cookie with 256 random bits, of which the database has the digest; who is signed in, and until when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_urlsafe

from flask import Request, Response

from config.policy import Role
from ivr.carrier.links import token_digest
from ivr.ports import Clock, Database
from ivr.web.access import User
from ivr.web.csrf import csrf_of, is_own_form
from ivr.web.limiter import network
from storage.records import SignInRecord

TOKEN_BYTES = 32
IDLE = timedelta(minutes=30)
LASTS = timedelta(hours=10)
SEEN_PACE = timedelta(minutes=1)
"""How often a session in use is written down: not at every request."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks, in which session."""

    user: User
    token: str

    @property
    def csrf(self) -> str:
        """What a form of this session carries."""
        return csrf_of(self.token)

    @property
    def id_digest(self) -> str:
        return token_digest(self.token)


class Sessions:
    """Begins, finds and ends sessions. `secure`: the service is reached over https."""

    def __init__(self, database: Database, clock: Clock, *, secure: bool) -> None:
        self._database = database
        self._clock = clock
        self.secure = secure
        self.cookie = "__Host-spelregel" if secure else "spelregel"

    def begin(self, user_name: str, origin: str = "", id_token: bytes | None = None) -> str:
        """Always under a new id; gives the token for the cookie."""
        token = token_urlsafe(TOKEN_BYTES)
        now = self._clock.now()
        with self._database.transaction() as unit:
            unit.sign_ins.forget(now)
            unit.sign_ins.add(SignInRecord(token_digest(token), user_name, now, now, now + LASTS, origin, id_token))
        return token

    def enter(self, request: Request, user_name: str, id_token: bytes | None = None) -> str:
        """Begin a session in the place of the one that the browser had; gives the token for the cookie."""
        earlier = request.cookies.get(self.cookie, "")
        if earlier:
            with self._database.transaction() as unit:
                unit.sign_ins.end(token_digest(earlier))
        return self.begin(user_name, network(request.remote_addr), id_token)

    def set_cookie(self, response: Response, token: str) -> None:
        """Until the browser closes; the database ends it sooner."""
        response.set_cookie(self.cookie, token, secure=self.secure, httponly=True, samesite="Lax", path="/")

    def find(self, request: Request) -> SignedIn | None:
        """None for no cookie, an unknown or ended session, and a user who was disabled since."""
        token = request.cookies.get(self.cookie, "")
        if not token:
            return None
        digest, now = token_digest(token), self._clock.now()
        with self._database.reading() as unit:
            found = unit.sign_ins.find(digest)
            if found is None or found.ends_at <= now or found.seen_at + IDLE <= now:
                return None
            user = unit.users.find(found.user_name)
        if user is None or user.disabled_at is not None:
            return None
        if found.seen_at + SEEN_PACE <= now:
            with self._database.transaction() as unit:
                unit.sign_ins.seen(digest, now)
        return SignedIn(User(user.name, Role(user.role), frozenset(user.agencies)), token)

    def was_own_form(self, request: Request, csrf: str) -> bool:
        """The form is of the session that the browser has the cookie of, which may be over."""
        token = request.cookies.get(self.cookie, "")
        return bool(token) and is_own_form(token, csrf)

    def list_user(self, user_name: str) -> Sequence[SignInRecord]:
        """Where this user is signed in at this moment, the newest first."""
        now = self._clock.now()
        with self._database.reading() as unit:
            found = unit.sign_ins.list_user(user_name)
        return [one for one in found if one.ends_at > now and one.seen_at + IDLE > now]

    def end_other(self, user_name: str, id_digest: str) -> bool:
        """One of this user's own; False where there is none such."""
        with self._database.transaction() as unit:
            found = unit.sign_ins.find(id_digest)
            if found is None or found.user_name != user_name:
                return False
            unit.sign_ins.end(id_digest)
        return True

    def end(self, signed_in: SignedIn, response: Response) -> None:
        with self._database.transaction() as unit:
            unit.sign_ins.end(signed_in.id_digest)
        response.delete_cookie(self.cookie, secure=self.secure, httponly=True, samesite="Lax", path="/")

    def find_id_token(self, signed_in: SignedIn) -> bytes | None:
        """The sealed word of the agency's sign-in service, where that vouched for this session."""
        with self._database.reading() as unit:
            found = unit.sign_ins.find(signed_in.id_digest)
        return None if found is None else found.id_token
