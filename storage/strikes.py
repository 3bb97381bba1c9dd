"""How often somebody was wrong: names, networks and the like, counted for all processes together."""

from datetime import datetime

from sqlalchemy import Connection, case, delete, select

from storage.account_tables import strikes
from storage.dialects import insert_for


class SqlStrikes:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def strike(self, key: str, now: datetime, ends_at: datetime) -> int:
        """Count one more; the first one opens a window until `ends_at`. Gives the count: in one statement, so that two
        at once never count as one."""
        over = strikes.c.ends_at <= now
        statement = insert_for(self._connection.dialect.name, strikes).values(key=key, count=1, ends_at=ends_at)
        counted = statement.on_conflict_do_update(
            index_elements=[strikes.c.key],
            set_={
                "count": case((over, 1), else_=strikes.c.count + 1),
                "ends_at": case((over, ends_at), else_=strikes.c.ends_at),
            },
        ).returning(strikes.c.count)
        return int(self._connection.execute(counted).scalar_one())

    def count(self, key: str, now: datetime) -> int:
        statement = select(strikes.c.count).where(strikes.c.key == key, strikes.c.ends_at > now)
        return self._connection.execute(statement).scalar() or 0

    def clear(self, key: str) -> None:
        self._connection.execute(delete(strikes).where(strikes.c.key == key))

    def forget(self, now: datetime) -> None:
        """Windows that are over."""
        self._connection.execute(delete(strikes).where(strikes.c.ends_at <= now))
