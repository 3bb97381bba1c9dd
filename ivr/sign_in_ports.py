"""What the services need of the stores of people who sign in; `ivr.ports` has the rest, and the unit of work.

Contracts like those there: each has one suite in tests/contracts. Times are aware UTC datetimes.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from storage.records import CredentialRecord, InvitationRecord, SignInRecord, UserRecord


class UserStore(Protocol):
    """Who may sign in, and as what."""

    def add(self, user: UserRecord) -> None:
        """Raises `DuplicateUser` for a name or a token that is known."""
        ...

    def find_by_digest(self, token_digest: str) -> UserRecord | None: ...

    def find(self, name: str) -> UserRecord | None: ...

    def find_by_subject(self, subject: str) -> UserRecord | None: ...

    def list(self) -> Sequence[UserRecord]: ...

    def change(self, name: str, role: str, agencies: Sequence[str]) -> None:
        """Raises `UnknownUser`."""
        ...

    def set_token(self, name: str, token_digest: str, ends_at: datetime) -> None:
        """In place of the earlier one. Raises `UnknownUser`."""
        ...

    def disable(self, name: str, at: datetime) -> None:
        """The first time counts. Raises `UnknownUser`."""
        ...


class SignIns(Protocol):
    """Who is signed in at this moment."""

    def add(self, sign_in: SignInRecord) -> None: ...

    def find(self, id_digest: str) -> SignInRecord | None: ...

    def seen(self, id_digest: str, at: datetime) -> None: ...

    def list_user(self, user_name: str) -> Sequence[SignInRecord]:
        """Wherever this user is signed in, the newest first."""
        ...

    def end(self, id_digest: str) -> None: ...

    def end_all(self, user_name: str) -> None:
        """Wherever this user is signed in."""
        ...

    def forget(self, before: datetime) -> None:
        """Rows of stays that were over by then."""
        ...


class Credentials(Protocol):
    """How people with a local account prove who they are."""

    def put(self, credential: CredentialRecord, code_digests: Sequence[str]) -> None:
        """In place of what this user had, recovery codes too."""
        ...

    def find(self, user_name: str) -> CredentialRecord | None: ...

    def set_password_hash(self, user_name: str, password_hash: str) -> None: ...

    def take_step(self, user_name: str, step: int) -> bool:
        """True for the first code of this time step or a later one; a code that is used up gives False."""
        ...

    def put_recovery_codes(self, user_name: str, code_digests: Sequence[str]) -> None:
        """In place of the earlier ones."""
        ...

    def take_recovery_code(self, user_name: str, code_digest: str) -> bool:
        """True once."""
        ...

    def count_recovery_codes(self, user_name: str) -> int: ...

    def remove(self, user_name: str) -> None: ...


class Invitations(Protocol):
    """Links by which somebody sets their password and one-time codes; a user has one at most."""

    def put(self, invitation: InvitationRecord) -> None:
        """In place of an earlier one of this user."""
        ...

    def find_by_digest(self, token_digest: str) -> InvitationRecord | None: ...

    def find(self, user_name: str) -> InvitationRecord | None: ...

    def take(self, token_digest: str) -> bool:
        """True once."""
        ...

    def remove(self, user_name: str) -> None: ...


class Strikes(Protocol):
    """How often somebody was wrong, counted for all processes together."""

    def strike(self, key: str, now: datetime, ends_at: datetime) -> int:
        """Count one more; the first one opens a window until `ends_at`. Gives the count."""
        ...

    def count(self, key: str, now: datetime) -> int: ...

    def clear(self, key: str) -> None: ...

    def forget(self, now: datetime) -> None:
        """Windows that are over."""
        ...
