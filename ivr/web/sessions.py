"""Sessions: a cookie with 256 random bits, of which the database has the digest; who is signed in, and until when."""

import hmac
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe

from flask import Request, Response

from config.policy import Role
from ivr.carrier.links import token_digest
from ivr.ports import Clock, Database
from ivr.web.access import User
from storage.records import SignInRecord

TOKEN_BYTES = 32
IDLE = timedelta(minutes=30)
LASTS = timedelta(hours=10)
SEEN_PACE = timedelta(minutes=1)
"""How often a session in use is written down: not at every request."""

CSRF_FIELD = "csrf"
CSRF_HEADER = "X-CSRF-Token"


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who asks, in which session."""

    user: User
    token: str

    @property
    def csrf(self) -> str:
        """What a form of this session carries (OWASP: HMAC-based token pattern); of no use in another session."""
        return hmac.digest(self.token.encode(), b"csrf", sha256).hex()

    def is_own_form(self, csrf: str) -> bool:
        return hmac.compare_digest(self.csrf.encode(), csrf.encode())


class Sessions:
    """Begins, finds and ends sessions. `secure`: the service is reached over https."""

    def __init__(self, database: Database, clock: Clock, *, secure: bool) -> None:
        self._database = database
        self._clock = clock
        self._secure = secure
        self.cookie = "__Host-spelregel" if secure else "spelregel"

    def begin(self, user_name: str) -> str:
        """Always under a new id (rotated at sign-in); gives the token for the cookie."""
        token = token_urlsafe(TOKEN_BYTES)
        now = self._clock.now()
        with self._database.transaction() as unit:
            unit.sign_ins.forget(now)
            unit.sign_ins.add(SignInRecord(token_digest(token), user_name, now, now, now + LASTS))
        return token

    def set_cookie(self, response: Response, token: str) -> None:
        """Until the browser closes; the database ends it sooner."""
        response.set_cookie(self.cookie, token, secure=self._secure, httponly=True, samesite="Lax", path="/")

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

    def end(self, signed_in: SignedIn, response: Response) -> None:
        with self._database.transaction() as unit:
            unit.sign_ins.end(token_digest(signed_in.token))
        response.delete_cookie(self.cookie, secure=self._secure, httponly=True, samesite="Lax", path="/")
