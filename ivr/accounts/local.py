"""Local accounts: signing in with password and one-time code, and how somebody gets both.

Whoever is wrong hears the same, after the same work: an unknown name, a wrong password, a wrong code, a name that is
locked. Only the counts differ, and those are of names as typed, whether they are somebody's or not.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from secrets import token_urlsafe

from ivr.accounts import codes
from ivr.accounts.passwords import PasswordFault, Passwords, fault_of
from ivr.accounts.sealing import BrokenSeal, Sealer
from ivr.accounts.users import Disabled, UserError
from ivr.carrier.links import token_digest
from ivr.errors import SpelregelError
from ivr.ports import Clock, Database, Unit
from storage.records import CredentialRecord, InvitationRecord, UserRecord

WINDOW = timedelta(minutes=15)
WRONG_OF_A_NAME = 10
WRONG_OF_A_NETWORK = 100
"""A whole office can share an address; guessing at many names from one is slowed down all the same."""

INVITATION_LASTS = timedelta(hours=72)
TOKEN_BYTES = 32
NOBODYS_SECRET = bytes(codes.SECRET_BYTES)


class NotSignedIn(SpelregelError):
    """Name, password or code is wrong, or the name is locked: it is not said which."""


class TooManyTries(SpelregelError):
    """From this network, until the window is over."""


class NoInvitation(SpelregelError):
    """The link is none, was used, or its time is over."""


class CodeRefused(SpelregelError):
    """The one-time code is not the one of this moment."""


class PasswordRefused(SpelregelError):
    def __init__(self, fault: PasswordFault) -> None:
        super().__init__(f"the password is {fault}")
        self.fault = fault


@dataclass(frozen=True, slots=True)
class Invitation:
    """What somebody who was invited needs for their app."""

    user_name: str
    secret: bytes


class LocalAccounts:
    def __init__(self, database: Database, clock: Clock, secret_key: str) -> None:
        self._database = database
        self._clock = clock
        self._sealer = Sealer(secret_key, "one-time codes")
        self._secret_key = secret_key.encode()
        self._passwords = Passwords()

    # ------------------------------------------------------------ signing in

    def prove(self, name: str, password: str, code: str, network: str) -> None:
        """This is `name` indeed. A code works once. Raises `NotSignedIn` and `TooManyTries`."""
        now = self._clock.now()
        by_name, by_network = name_key(name), f"network:{network}"
        with self._database.transaction() as unit:
            unit.strikes.forget(now)
            if unit.strikes.count(by_network, now) >= WRONG_OF_A_NETWORK:
                raise TooManyTries("too many wrong tries from one network")
            # Counted before the work: many at once do not get more tries than one after the other.
            locked = unit.strikes.strike(by_name, now, now + WINDOW) > WRONG_OF_A_NAME
            user = unit.users.find(name)
            credential = unit.credentials.find(name)
        known = None if user is None or user.disabled_at is not None else credential
        fits = self._passwords.fits(None if known is None else known.password_hash, password)
        step = codes.find_step(self._secret(known), code, now)
        with self._database.transaction() as unit:
            if fits and not locked and known is not None and self._take(unit, known, step, code):
                unit.strikes.clear(by_name)
                if self._passwords.is_outdated(known.password_hash):
                    unit.credentials.set_password_hash(name, self._passwords.hash(password))
                return
            unit.strikes.strike(by_network, now, now + WINDOW)
        raise NotSignedIn("name, password or code is wrong")

    def _take(self, unit: Unit, credential: CredentialRecord, step: int | None, code: str) -> bool:
        if step is not None and unit.credentials.take_step(credential.user_name, step):
            return True
        return unit.credentials.take_recovery_code(credential.user_name, _recovery_digest(code))

    def _secret(self, credential: CredentialRecord | None) -> bytes:
        """Nobody's where there is none, or where the installation's key has changed since."""
        if credential is None:
            return NOBODYS_SECRET
        try:
            return self._sealer.open(credential.code_secret, credential.user_name)
        except BrokenSeal:
            return NOBODYS_SECRET

    def is_locked(self, name: str) -> bool:
        with self._database.reading() as unit:
            return unit.strikes.count(name_key(name), self._clock.now()) >= WRONG_OF_A_NAME

    def unlock(self, name: str) -> None:
        """Raises `UserError`."""
        with self._database.transaction() as unit:
            _known(unit, name)
            unit.strikes.clear(name_key(name))

    # ------------------------------------------------------------ getting an account

    def invite(self, name: str, invited_by: str) -> str:
        """The secret part of the link by which they set password and one-time codes; whatever they had before, and
        where they were signed in, is over at once. Raises `UserError`."""
        token = token_urlsafe(TOKEN_BYTES)
        with self._database.transaction() as unit:
            if _known(unit, name).disabled_at is not None:
                raise Disabled(f"{name} was disabled")
            unit.credentials.remove(name)
            unit.sign_ins.end_all(name)
            ends_at = self._clock.now() + INVITATION_LASTS
            unit.invitations.put(InvitationRecord(name, token_digest(token), invited_by, ends_at))
        return token

    def invitation(self, token: str) -> Invitation:
        """Raises `NoInvitation`."""
        with self._database.reading() as unit:
            found = unit.invitations.find_by_digest(token_digest(token))
        if found is None or found.ends_at <= self._clock.now():
            raise NoInvitation("the link is none, was used, or its time is over")
        # Derived, so that the page shows the same picture again and nothing is stored before it is proven.
        digest = hmac.digest(self._secret_key, f"one-time codes:{token}".encode(), hashlib.sha256)
        return Invitation(found.user_name, digest[: codes.SECRET_BYTES])

    def accept(self, token: str, password: str, code: str) -> list[str]:
        """The link is used up; gives the recovery codes, which are told this once. Raises `NoInvitation`,
        `PasswordRefused` and `CodeRefused`."""
        invited = self.invitation(token)
        self._check_new(password, invited.user_name)
        step = codes.find_step(invited.secret, code, self._clock.now())
        if step is None:
            raise CodeRefused("not the code of this moment")
        sealed = self._sealer.seal(invited.secret, invited.user_name)
        credential = CredentialRecord(
            invited.user_name, self._passwords.hash(password), sealed, step, self._clock.now()
        )
        fresh = codes.new_recovery_codes()
        with self._database.transaction() as unit:
            if not unit.invitations.take(token_digest(token)):
                raise NoInvitation("the link was used a moment ago")
            unit.credentials.put(credential, [_recovery_digest(one) for one in fresh])
            unit.strikes.clear(name_key(invited.user_name))
        return fresh

    # ------------------------------------------------------------ keeping it

    def has_account(self, name: str) -> bool:
        with self._database.reading() as unit:
            return unit.credentials.find(name) is not None

    def count_recovery_codes(self, name: str) -> int:
        with self._database.reading() as unit:
            return unit.credentials.count_recovery_codes(name)

    def change_password(self, name: str, password: str, code: str, new: str, network: str) -> None:
        """Ends their stays everywhere. Raises `PasswordRefused`, `NotSignedIn` and `TooManyTries`."""
        self._check_new(new, name)
        self.prove(name, password, code, network)
        hashed = self._passwords.hash(new)
        with self._database.transaction() as unit:
            unit.credentials.set_password_hash(name, hashed)
            unit.sign_ins.end_all(name)

    def renew_recovery_codes(self, name: str, password: str, code: str, network: str) -> list[str]:
        """In place of the earlier ones, told this once. Raises `NotSignedIn` and `TooManyTries`."""
        self.prove(name, password, code, network)
        fresh = codes.new_recovery_codes()
        with self._database.transaction() as unit:
            unit.credentials.put_recovery_codes(name, [_recovery_digest(one) for one in fresh])
        return fresh

    def _check_new(self, password: str, user_name: str) -> None:
        fault = fault_of(password, user_name)
        if fault is not None:
            raise PasswordRefused(fault)


def _known(unit: Unit, name: str) -> UserRecord:
    user = unit.users.find(name)
    if user is None:
        raise UserError(f"nobody is called {name}")
    return user


def name_key(name: str) -> str:
    """Under which wrong tries at a name are counted; names are typed by anybody, so any length must fit."""
    return f"name:{token_digest(name.casefold())}"


def _recovery_digest(typed: str) -> str:
    return token_digest(codes.plain_recovery_code(typed))
