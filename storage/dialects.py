"""What SQLite and PostgreSQL both know, but SQLAlchemy spells per dialect."""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import TypeAlias

from sqlalchemy import ColumnElement, Connection, Table, func
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.dml import ReturningInsert

Insert: TypeAlias = "sqlite.Insert | postgresql.Insert"


def insert_for(dialect: str, table: Table) -> Insert:
    """An INSERT that knows ON CONFLICT."""
    return postgresql.insert(table) if dialect == "postgresql" else sqlite.insert(table)


def insert_new(connection: Connection, table: Table, row: Mapping[str, object]) -> bool:
    """Insert one row. False, and nothing changed, where a unique value is already there.

    Not by catching the error: that would end a PostgreSQL transaction.
    """
    return connection.execute(_insert_new(connection.dialect.name, table), row).first() is not None


@cache
def _insert_new(dialect: str, table: Table) -> ReturningInsert[tuple[object]]:
    """Built once: building the statement costs as much as running it."""
    return insert_for(dialect, table).on_conflict_do_nothing().returning(next(iter(table.primary_key.columns)))


def hour_of(dialect: str, at: ColumnElement[datetime]) -> ColumnElement[str]:
    """The hour of a time in UTC, as `2026-11-03 14`."""
    if dialect == "postgresql":
        return func.to_char(func.timezone("UTC", at), "YYYY-MM-DD HH24")
    return func.strftime("%Y-%m-%d %H", at)
