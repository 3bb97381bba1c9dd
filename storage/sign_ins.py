"""Who is signed in at this moment. Of session ids only digests are stored."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select, update

from storage.account_tables import sign_ins
from storage.records import SignInRecord


class SqlSignIns:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, sign_in: SignInRecord) -> None:
        self._connection.execute(insert(sign_ins).values(asdict(sign_in)))

    def find(self, id_digest: str) -> SignInRecord | None:
        row = self._connection.execute(select(sign_ins).where(sign_ins.c.id_digest == id_digest)).first()
        return None if row is None else SignInRecord(**row._mapping)

    def seen(self, id_digest: str, at: datetime) -> None:
        self._connection.execute(update(sign_ins).where(sign_ins.c.id_digest == id_digest).values(seen_at=at))

    def list_user(self, user_name: str) -> Sequence[SignInRecord]:
        """Wherever this user is signed in, the newest first."""
        statement = select(sign_ins).where(sign_ins.c.user_name == user_name).order_by(sign_ins.c.began_at.desc())
        return [SignInRecord(**row._mapping) for row in self._connection.execute(statement)]

    def end(self, id_digest: str) -> None:
        self._connection.execute(delete(sign_ins).where(sign_ins.c.id_digest == id_digest))

    def end_all(self, user_name: str) -> None:
        """Wherever this user is signed in."""
        self._connection.execute(delete(sign_ins).where(sign_ins.c.user_name == user_name))

    def forget(self, before: datetime) -> None:
        """Rows of stays that were over by then."""
        self._connection.execute(delete(sign_ins).where(sign_ins.c.ends_at <= before))
