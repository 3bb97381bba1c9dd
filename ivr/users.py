"""Who may use the service, in which role, and for which agencies; of their tokens only digests are kept."""

import re
from collections.abc import Sequence
from secrets import token_urlsafe

from config.policy import Policies, Role
from ivr.carrier.links import token_digest
from ivr.cases.acts import NAME
from ivr.errors import SpelregelError
from ivr.ports import Clock, Database
from storage.errors import DuplicateUser, UnknownUser
from storage.records import UserRecord

TOKEN_BYTES = 32


class UserError(SpelregelError):
    """The name, role or agency cannot be used like this."""


class UserService:
    def __init__(self, database: Database, policies: Policies, clock: Clock) -> None:
        self._database = database
        self._policies = policies
        self._clock = clock

    def add(self, name: str, role: Role, agencies: Sequence[str], added_by: str) -> str:
        """Gives the bearer token, which is told this once and kept nowhere. Raises `UserError`."""
        if len(name) > NAME.most or not re.fullmatch(NAME.pattern or "", name, re.ASCII):
            raise UserError("a name has small letters and digits, with single . _ or - between them, 60 at most")
        unknown = sorted(set(agencies) - self._policies.by_slug.keys())
        if unknown or not agencies:
            known = ", ".join(sorted(self._policies.by_slug))
            raise UserError(f"no profile is called {', '.join(unknown) or '(none named)'}; there are: {known}")
        token = token_urlsafe(TOKEN_BYTES)
        scope = tuple(sorted(set(agencies)))
        user = UserRecord(name, role, scope, token_digest(token), self._clock.now(), added_by)
        try:
            with self._database.transaction() as unit:
                unit.users.add(user)
        except DuplicateUser:
            raise UserError(f"{name} is or was somebody already; names are not given again") from None
        return token

    def list(self) -> Sequence[UserRecord]:
        """By name, those who are disabled too."""
        with self._database.reading() as unit:
            return unit.users.list()

    def disable(self, name: str) -> None:
        """From now on the token opens nothing. Raises `UserError`."""
        try:
            with self._database.transaction() as unit:
                unit.users.disable(name, self._clock.now())
        except UnknownUser:
            raise UserError(f"nobody is called {name}") from None
