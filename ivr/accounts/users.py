"""Who may use the service, in which role, and for which agencies; of their tokens only digests are kept."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from secrets import token_urlsafe

from config.policy import Policies, Role
from ivr.carrier.links import token_digest
from ivr.cases.acts import NAME
from ivr.errors import SpelregelError
from ivr.ports import Clock, Database, Unit
from storage.errors import DuplicateUser, UnknownUser
from storage.records import UserRecord

TOKEN_BYTES = 32
TOKEN_LASTS = timedelta(days=365)
NAMESAKES = 99


class UserError(SpelregelError):
    """The name, role or agency cannot be used like this."""


class NameRefused(UserError):
    """Not a name as log and case files can carry it, or somebody's already."""


class LastAdministrator(UserError):
    """Nobody would be left who can manage the users of an agency."""


class Disabled(UserError):
    """This user was disabled, for good."""


class UserService:
    def __init__(self, database: Database, policies: Policies, clock: Clock) -> None:
        self._database = database
        self._policies = policies
        self._clock = clock

    def add(self, name: str, role: Role, agencies: Sequence[str], added_by: str) -> str:
        """Gives the bearer token for the API, which is told this once and kept nowhere. Raises `UserError`."""
        token = token_urlsafe(TOKEN_BYTES)
        now = self._clock.now()
        scope = self.check_scope(agencies)
        self._insert(UserRecord(name, role, scope, token_digest(token), now, added_by, token_ends_at=now + TOKEN_LASTS))
        return token

    def introduce(self, name: str, role: Role, agencies: Sequence[str], added_by: str) -> None:
        """Somebody who has no token. Raises `UserError`."""
        self._insert(UserRecord(name, role, self.check_scope(agencies), None, self._clock.now(), added_by))

    def welcome(self, subject: str, wanted_name: str, role: Role, agencies: Sequence[str]) -> str:
        """The name of the user whom the agency's sign-in service calls `subject`, with role and agencies as it says.

        Who comes for the first time gets the wanted name, or one like it where that is somebody else's. Where role or
        agencies changed, earlier stays end. Raises `Disabled`, and `UserError` for an unknown agency.
        """
        scope = self.check_scope(agencies)
        with self._database.transaction() as unit:
            known = unit.users.find_by_subject(subject)
            if known is None:
                return self._first_welcome(unit, subject, wanted_name, role, scope)
            if known.disabled_at is not None:
                raise Disabled(f"{known.name} was disabled")
            if (known.role, known.agencies) != (role, scope):
                unit.users.change(known.name, role, scope)
                unit.sign_ins.end_all(known.name)
            return known.name

    def _first_welcome(self, unit: Unit, subject: str, wanted: str, role: Role, scope: tuple[str, ...]) -> str:
        base = name_like(wanted)
        names = [base, *(f"{base}-{number}" for number in range(2, NAMESAKES + 1))]
        for name in names:
            try:
                unit.users.add(
                    UserRecord(name, role, scope, None, self._clock.now(), subject.split(" ")[0], subject=subject)
                )
            except DuplicateUser:
                continue
            return name
        raise NameRefused(f"{base} is the name of too many people")

    def change(self, name: str, role: Role, agencies: Sequence[str]) -> None:
        """Another role or other agencies; who is signed in has to do so again. Raises `UserError`."""
        scope = self.check_scope(agencies)
        with self._database.transaction() as unit:
            before = _active(unit, name)
            unit.users.change(name, role, scope)
            unit.sign_ins.end_all(name)
            _someone_is_left(unit, before)

    def new_token(self, name: str) -> tuple[str, datetime]:
        """A token for the API in place of the earlier one, told this once, and when it ends. Raises `UserError`."""
        token = token_urlsafe(TOKEN_BYTES)
        ends_at = self._clock.now() + TOKEN_LASTS
        with self._database.transaction() as unit:
            _active(unit, name)
            unit.users.set_token(name, token_digest(token), ends_at)
        return token, ends_at

    def list(self) -> Sequence[UserRecord]:
        """By name, those who are disabled too."""
        with self._database.reading() as unit:
            return unit.users.list()

    def find(self, name: str) -> UserRecord | None:
        with self._database.reading() as unit:
            return unit.users.find(name)

    def disable(self, name: str, *, leave_nobody: bool = False) -> None:
        """From now on the token opens nothing, and neither does anything else. Raises `UserError`.

        `leave_nobody`: even the last administrator; for whoever has the machine itself.
        """
        try:
            with self._database.transaction() as unit:
                before = unit.users.find(name)
                unit.users.disable(name, self._clock.now())
                unit.sign_ins.end_all(name)
                unit.credentials.remove(name)
                unit.invitations.remove(name)
                if before is not None and not leave_nobody:
                    _someone_is_left(unit, before)
        except UnknownUser:
            raise UserError(f"nobody is called {name}") from None

    def check_scope(self, agencies: Sequence[str]) -> tuple[str, ...]:
        """Sorted, each once. Raises `UserError` for an agency that is not served, and for none at all."""
        unknown = sorted(set(agencies) - self._policies.by_slug.keys())
        if unknown or not agencies:
            known = ", ".join(sorted(self._policies.by_slug))
            raise UserError(f"no profile is called {', '.join(unknown) or '(none named)'}; there are: {known}")
        return tuple(sorted(set(agencies)))

    def _insert(self, user: UserRecord) -> None:
        if not is_name(user.name):
            raise NameRefused("a name has small letters and digits, with single . _ or - between them, 60 at most")
        try:
            with self._database.transaction() as unit:
                unit.users.add(user)
        except DuplicateUser:
            raise NameRefused(f"{user.name} is or was somebody already; names are not given again") from None


def is_name(text: str) -> bool:
    return len(text) <= NAME.most and re.fullmatch(NAME.pattern or "", text, re.ASCII) is not None


def name_like(wanted: str) -> str:
    """The nearest that is a name: `J. de Vries@voorbeeld.nl` gives `j.de.vries`."""
    words = re.findall(r"[a-z0-9]+", wanted.split("@")[0].casefold(), re.ASCII)
    return ".".join(words)[: NAME.most - 3].strip(".") or "gebruiker"


def _active(unit: Unit, name: str) -> UserRecord:
    user = unit.users.find(name)
    if user is None:
        raise UserError(f"nobody is called {name}")
    if user.disabled_at is not None:
        raise Disabled(f"{name} was disabled")
    return user


def _someone_is_left(unit: Unit, before: UserRecord) -> None:
    """Each agency of which `before` was administrator has one still."""
    if before.role != Role.ADMINISTRATOR or before.disabled_at is not None:
        return
    looked_after = {
        agency
        for user in unit.users.list()
        if user.role == Role.ADMINISTRATOR and user.disabled_at is None
        for agency in user.agencies
    }
    if not looked_after.issuperset(before.agencies):
        raise LastAdministrator(f"{before.name} is the last administrator of an agency")
