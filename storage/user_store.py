"""Who may sign in, and as what. Of tokens only digests are stored."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, Row, func, select, update

from storage.account_tables import users
from storage.dialects import insert_new
from storage.errors import DuplicateUser, UnknownUser
from storage.records import UserRecord


class SqlUserStore:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, user: UserRecord) -> None:
        """Raises `DuplicateUser` for a name or a token that is known."""
        if not insert_new(self._connection, users, asdict(user) | {"agencies": list(user.agencies)}):
            raise DuplicateUser(user.name)

    def find_by_digest(self, token_digest: str) -> UserRecord | None:
        row = self._connection.execute(select(users).where(users.c.token_digest == token_digest)).first()
        return None if row is None else _record(row)

    def find(self, name: str) -> UserRecord | None:
        row = self._connection.execute(select(users).where(users.c.name == name)).first()
        return None if row is None else _record(row)

    def find_by_subject(self, subject: str) -> UserRecord | None:
        row = self._connection.execute(select(users).where(users.c.subject == subject)).first()
        return None if row is None else _record(row)

    def change(self, name: str, role: str, agencies: Sequence[str]) -> None:
        """Raises `UnknownUser`."""
        self._update(name, role=role, agencies=list(agencies))

    def set_token(self, name: str, token_digest: str, ends_at: datetime) -> None:
        """In place of the earlier one. Raises `UnknownUser`."""
        self._update(name, token_digest=token_digest, token_ends_at=ends_at)

    def list(self) -> Sequence[UserRecord]:
        """By name; those who are disabled too."""
        return [_record(row) for row in self._connection.execute(select(users).order_by(users.c.name))]

    def disable(self, name: str, at: datetime) -> None:
        """The first time counts. Raises `UnknownUser`."""
        self._update(name, disabled_at=func.coalesce(users.c.disabled_at, at))

    def _update(self, name: str, **values: object) -> None:
        if self._connection.execute(update(users).where(users.c.name == name).values(**values)).rowcount == 0:
            raise UnknownUser(name)


def _record(row: Row[tuple[object, ...]]) -> UserRecord:
    values = dict(row._mapping)
    return UserRecord(**values | {"agencies": tuple(values["agencies"])})
