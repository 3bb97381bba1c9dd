"""How a caller gets in: codes by SMS for who has a link, and the stays on the pages of the copy."""

from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, delete, func, insert, select, update

from storage.portal_tables import copy_codes, copy_visits
from storage.records import CopyCode, CopyVisitRecord


class SqlCopyCodes:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, code: CopyCode) -> None:
        """Raises `ConstraintBroken` for a known code and for an unknown ticket."""
        self._connection.execute(insert(copy_codes).values(**asdict(code)))

    def find_latest(self, ticket_id: str) -> CopyCode | None:
        newest_first = copy_codes.c.asked_at.desc(), copy_codes.c.code_id
        codes = select(copy_codes).where(copy_codes.c.ticket_id == ticket_id).order_by(*newest_first).limit(1)
        row = self._connection.execute(codes).first()
        return None if row is None else CopyCode(**row._mapping)

    def count_since(self, ticket_id: str, since: datetime) -> int:
        asked = (copy_codes.c.ticket_id == ticket_id) & (copy_codes.c.asked_at > since)
        return self._connection.execute(select(func.count()).select_from(copy_codes).where(asked)).scalar_one()

    def sent(self, code_id: str, at: datetime) -> None:
        self._connection.execute(update(copy_codes).where(copy_codes.c.code_id == code_id).values(sent_at=at))

    def failed(self, code_id: str, at: datetime) -> None:
        self._connection.execute(update(copy_codes).where(copy_codes.c.code_id == code_id).values(failed_at=at))

    def take_try(self, code_id: str, most: int) -> bool:
        """Count a try before it is made; False where there is none left. Two at once cannot share the last one."""
        left = (copy_codes.c.code_id == code_id) & (copy_codes.c.tries < most)
        counted = update(copy_codes).where(left).values(tries=copy_codes.c.tries + 1)
        return self._connection.execute(counted).rowcount == 1

    def use(self, code_id: str, at: datetime) -> bool:
        """True the first time, False afterwards."""
        unused = (copy_codes.c.code_id == code_id) & copy_codes.c.used_at.is_(None)
        return self._connection.execute(update(copy_codes).where(unused).values(used_at=at)).rowcount == 1


class SqlCopyVisits:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, visit: CopyVisitRecord) -> None:
        """Raises `ConstraintBroken` for an unknown ticket."""
        self._connection.execute(insert(copy_visits).values(**asdict(visit)))

    def find(self, id_digest: str) -> CopyVisitRecord | None:
        row = self._connection.execute(select(copy_visits).where(copy_visits.c.id_digest == id_digest)).first()
        return None if row is None else CopyVisitRecord(**row._mapping)

    def seen(self, id_digest: str, at: datetime) -> None:
        self._connection.execute(update(copy_visits).where(copy_visits.c.id_digest == id_digest).values(seen_at=at))

    def end(self, id_digest: str) -> None:
        self._connection.execute(delete(copy_visits).where(copy_visits.c.id_digest == id_digest))

    def forget(self, before: datetime) -> None:
        """Stays that were over by then."""
        self._connection.execute(delete(copy_visits).where(copy_visits.c.ends_at <= before))
