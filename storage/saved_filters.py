"""Searches that users keep, each for themselves."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy import Connection, delete, exists, select, update

from storage.dialects import insert_for
from storage.records import SavedFilter
from storage.search_tables import saved_filters

S = saved_filters.c


class SqlSavedFilters:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self, user_name: str) -> Sequence[SavedFilter]:
        """By name."""
        statement = select(saved_filters).where(S.user_name == user_name).order_by(S.name)
        return [SavedFilter(**row._mapping) for row in self._connection.execute(statement)]

    def save(self, saved: SavedFilter) -> None:
        """Under a name that is there already the new search takes the place of the old one."""
        statement = insert_for(self._connection.dialect.name, saved_filters).values(asdict(saved))
        changed = {"query": statement.excluded.query, "saved_at": statement.excluded.saved_at}
        self._connection.execute(statement.on_conflict_do_update(index_elements=[S.user_name, S.name], set_=changed))

    def rename(self, user_name: str, name: str, new_name: str) -> bool:
        """False, and nothing changed, where the new name is taken or the old one is not there."""
        taken = saved_filters.alias()
        is_taken = exists().where(taken.c.user_name == user_name, taken.c.name == new_name)
        own = (S.user_name == user_name, S.name == name)
        return (
            self._connection.execute(update(saved_filters).where(*own, ~is_taken).values(name=new_name)).rowcount == 1
        )

    def delete(self, user_name: str, name: str) -> None:
        self._connection.execute(delete(saved_filters).where(S.user_name == user_name, S.name == name))
