"""A caller's stay on the pages of their copy: a cookie with 256 random bits, of which the database has the digest.

It has nothing to do with the sessions of staff: it opens one ticket and ends by itself.
"""

from dataclasses import dataclass
from datetime import timedelta
from secrets import token_urlsafe

from flask import Request, Response

from ivr.carrier.links import token_digest
from ivr.ports import Clock, Database
from ivr.web.csrf import csrf_of
from storage.records import CopyVisitRecord

TOKEN_BYTES = 32
IDLE = timedelta(hours=2)
"""Long enough for a long conversation on a phone that sleeps meanwhile; the page says so (WCAG 2.2.1)."""

LASTS = timedelta(hours=12)
SEEN_PACE = timedelta(minutes=5)
NAME_DIGITS = 16


@dataclass(frozen=True, slots=True)
class Visit:
    """`ticket_id` is what it opens."""

    ticket_id: str
    token: str

    @property
    def name(self) -> str:
        """How entries of the log tell visits apart; opens nothing."""
        return token_digest(self.token)[:NAME_DIGITS]

    @property
    def csrf(self) -> str:
        """What a form of this visit carries."""
        return csrf_of(self.token)


class Visits:
    """Begins, finds and ends visits. `secure`: the service is reached over https."""

    def __init__(self, database: Database, clock: Clock, *, secure: bool) -> None:
        self._database = database
        self._clock = clock
        self._secure = secure
        self.cookie = "__Host-spelregel-kopie" if secure else "spelregel-kopie"

    def begin(self, ticket_id: str) -> Visit:
        """Always under a new id."""
        token, now = token_urlsafe(TOKEN_BYTES), self._clock.now()
        with self._database.transaction() as unit:
            unit.copy_visits.forget(now)
            unit.copy_visits.add(CopyVisitRecord(token_digest(token), ticket_id, now, now, now + LASTS))
        return Visit(ticket_id, token)

    def set_cookie(self, response: Response, visit: Visit) -> None:
        """Until the browser closes; the database ends it sooner."""
        response.set_cookie(self.cookie, visit.token, secure=self._secure, httponly=True, samesite="Lax", path="/")

    def find(self, request: Request) -> Visit | None:
        """None for no cookie, and for a visit that is unknown or over."""
        token = request.cookies.get(self.cookie, "")
        if not token:
            return None
        digest, now = token_digest(token), self._clock.now()
        with self._database.reading() as unit:
            found = unit.copy_visits.find(digest)
        if found is None or found.ends_at <= now or found.seen_at + IDLE <= now:
            return None
        if found.seen_at + SEEN_PACE <= now:
            with self._database.transaction() as unit:
                unit.copy_visits.seen(digest, now)
        return Visit(found.ticket_id, token)

    def end(self, visit: Visit, response: Response) -> None:
        with self._database.transaction() as unit:
            unit.copy_visits.end(token_digest(visit.token))
        response.delete_cookie(self.cookie, secure=self._secure, httponly=True, samesite="Lax", path="/")
