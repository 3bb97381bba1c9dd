"""Who may do what: the permissions of each role, the agencies of each user, and who is asking."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, HTTPException, TooManyRequests, Unauthorized

from config.policy import Role
from ivr.carrier.links import token_digest
from ivr.cases.case import Who
from ivr.cases.service import Actor
from ivr.ports import Clock, Database
from ivr.web.limiter import Limiter, network
from storage.records import UserRecord

WINDOW = timedelta(minutes=15)
FAILURES = 20
"""Within the window, from one network; a token has 256 bits, so this spares the machine rather than the secret."""

SCHEME = "bearer "

log = logging.getLogger(__name__)


class Permission(StrEnum):
    """What a role may be allowed. What each act on a case asks of a role, `ivr/cases` says by itself."""

    BE_SIGNED_IN = "be-signed-in"
    SEE_CALLS = "see-calls"
    ACT_ON_CALLS = "act-on-calls"
    FIND_CALLS = "find-calls"
    FIND_CALLERS = "find-callers"
    LISTEN = "listen"
    EXPORT_CALLS = "export-calls"
    WRITE_NOTES = "write-notes"
    WITHDRAW_COPIES = "withdraw-copies"
    SEE_CASES = "see-cases"
    ACT_ON_CASES = "act-on-cases"
    SEE_PERSONAL = "see-personal"
    SEE_EVALUATION = "see-evaluation"
    SEE_LOG_HEALTH = "see-log-health"
    SEE_RETENTION = "see-retention"
    HOLD = "hold"
    SEE_TRAIL = "see-trail"
    ANSWER_DATA_SUBJECTS = "answer-data-subjects"
    SEE_PROFILES = "see-profiles"
    MANAGE_USERS = "manage-users"
    SEE_SETTINGS = "see-settings"


P = Permission
_SUPERVISION = frozenset({P.SEE_CALLS, P.FIND_CALLS, P.SEE_CASES, P.SEE_PROFILES, P.SEE_RETENTION, P.SEE_LOG_HEALTH})
PERMISSIONS: Mapping[Role, frozenset[Permission]] = {
    Role.EMPLOYEE: frozenset({P.SEE_CALLS, P.ACT_ON_CALLS, P.SEE_CASES, P.ACT_ON_CASES, P.SEE_PROFILES}),
    Role.SUPERVISOR: _SUPERVISION
    | {P.ACT_ON_CALLS, P.LISTEN, P.EXPORT_CALLS, P.WRITE_NOTES, P.WITHDRAW_COPIES, P.ACT_ON_CASES, P.SEE_PERSONAL}
    | {P.FIND_CALLERS, P.SEE_EVALUATION, P.HOLD},
    Role.PRIVACY_OFFICER: _SUPERVISION
    | {P.LISTEN, P.EXPORT_CALLS, P.WRITE_NOTES, P.WITHDRAW_COPIES, P.ACT_ON_CASES, P.SEE_PERSONAL}
    | {P.FIND_CALLERS, P.SEE_EVALUATION, P.HOLD, P.SEE_TRAIL, P.ANSWER_DATA_SUBJECTS},
    Role.COMMITTEE: frozenset({P.SEE_CASES, P.ACT_ON_CASES, P.SEE_PERSONAL}),
    Role.AUDITOR: _SUPERVISION | {P.SEE_TRAIL, P.SEE_EVALUATION},
    Role.ADMINISTRATOR: frozenset({P.MANAGE_USERS, P.SEE_SETTINGS, P.SEE_PROFILES, P.SEE_LOG_HEALTH}),
}
"""An auditor sees that everything went by the rules, not what was said; an administrator runs the machine. The
committee listens to what a complaint's access names, which is a matter of the case and not of the role."""


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who is signed in."""

    name: str
    role: Role
    agencies: frozenset[str]

    def may(self, permission: Permission) -> bool:
        return permission is Permission.BE_SIGNED_IN or permission in PERMISSIONS[self.role]

    def require(self, permission: Permission) -> None:
        """Raises `Forbidden`."""
        if not self.may(permission):
            log.warning("not allowed", extra={"role": self.role, "permission": permission})
            raise Forbidden(f"a {self.role} may not do this")

    @property
    def actor(self) -> Actor:
        return Actor(self.name, Who(self.role))


def _lasts(user: UserRecord, now: datetime) -> bool:
    return user.token_ends_at is not None and now < user.token_ends_at


class Access:
    """Knows users by the token that they bring."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._failures = Limiter(FAILURES, WINDOW)

    def find_user(self, authorization: str | None, address: str | None) -> User:
        """The user of an `Authorization` header (RFC 6750), asked from a network address.

        Raises `Unauthorized` for a token that is none, unknown, disabled or over, without saying which, and
        `TooManyRequests` instead after many of those from one network; a good token is good even then, since a whole
        office can share an address.
        """
        scheme, token = (authorization or "")[: len(SCHEME)], (authorization or "")[len(SCHEME) :].strip()
        if scheme.casefold() != SCHEME or not token:
            raise Unauthorized("sign in with a bearer token", www_authenticate=WWWAuthenticate("bearer"))
        digest = token_digest(token)
        with self._database.reading() as unit:
            found = unit.users.find_by_digest(digest)
        if found is None or found.disabled_at is not None or not _lasts(found, self._clock.now()):
            raise self._refusal(network(address))
        return User(found.name, Role(found.role), frozenset(found.agencies))

    def _refusal(self, client: str) -> HTTPException:
        now = self._clock.now()
        log.warning("a token was refused")
        if self._failures.blocks(client, now):
            return TooManyRequests(retry_after=round(WINDOW.total_seconds()))
        self._failures.strike(client, now)
        invalid = WWWAuthenticate("bearer", {"error": "invalid_token"})
        return Unauthorized("the token is not valid", www_authenticate=invalid)
