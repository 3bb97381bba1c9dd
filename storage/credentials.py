"""Local accounts: what is kept of passwords, one-time codes, recovery codes and invitations."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, delete, func, insert, select, update

from storage.account_tables import credentials, invitations, recovery_codes
from storage.records import CredentialRecord, InvitationRecord


class SqlCredentials:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, credential: CredentialRecord, code_digests: Sequence[str]) -> None:
        """In place of what this user had, recovery codes too."""
        self.remove(credential.user_name)
        self._connection.execute(insert(credentials).values(asdict(credential)))
        self.put_recovery_codes(credential.user_name, code_digests)

    def find(self, user_name: str) -> CredentialRecord | None:
        row = self._connection.execute(select(credentials).where(credentials.c.user_name == user_name)).first()
        return None if row is None else CredentialRecord(**row._mapping)

    def set_password_hash(self, user_name: str, password_hash: str) -> None:
        of_user = credentials.c.user_name == user_name
        self._connection.execute(update(credentials).where(of_user).values(password_hash=password_hash))

    def take_step(self, user_name: str, step: int) -> bool:
        """True for the first code of this time step or a later one; a code that is used up gives False."""
        later = (credentials.c.user_name == user_name) & (credentials.c.last_step < step)
        return self._connection.execute(update(credentials).where(later).values(last_step=step)).rowcount == 1

    def put_recovery_codes(self, user_name: str, code_digests: Sequence[str]) -> None:
        self._connection.execute(delete(recovery_codes).where(recovery_codes.c.user_name == user_name))
        rows = [{"user_name": user_name, "code_digest": digest} for digest in code_digests]
        if rows:
            self._connection.execute(insert(recovery_codes), rows)

    def take_recovery_code(self, user_name: str, code_digest: str) -> bool:
        """True once."""
        one = (recovery_codes.c.user_name == user_name) & (recovery_codes.c.code_digest == code_digest)
        return self._connection.execute(delete(recovery_codes).where(one)).rowcount == 1

    def count_recovery_codes(self, user_name: str) -> int:
        statement = select(func.count()).where(recovery_codes.c.user_name == user_name)
        return self._connection.execute(statement).scalar_one()

    def remove(self, user_name: str) -> None:
        self._connection.execute(delete(recovery_codes).where(recovery_codes.c.user_name == user_name))
        self._connection.execute(delete(credentials).where(credentials.c.user_name == user_name))


class SqlInvitations:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, invitation: InvitationRecord) -> None:
        """In place of an earlier one of this user."""
        self.remove(invitation.user_name)
        self._connection.execute(insert(invitations).values(asdict(invitation)))

    def find_by_digest(self, token_digest: str) -> InvitationRecord | None:
        row = self._connection.execute(select(invitations).where(invitations.c.token_digest == token_digest)).first()
        return None if row is None else InvitationRecord(**row._mapping)

    def find(self, user_name: str) -> InvitationRecord | None:
        row = self._connection.execute(select(invitations).where(invitations.c.user_name == user_name)).first()
        return None if row is None else InvitationRecord(**row._mapping)

    def take(self, token_digest: str) -> bool:
        """True once."""
        one = invitations.c.token_digest == token_digest
        return self._connection.execute(delete(invitations).where(one)).rowcount == 1

    def remove(self, user_name: str) -> None:
        self._connection.execute(delete(invitations).where(invitations.c.user_name == user_name))
