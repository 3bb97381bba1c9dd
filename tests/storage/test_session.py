"""The engine, migrations, several processes at once, and what happens when the database is not there."""

import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from storage.errors import StorageUnavailable
from storage.records import CallRecord, NewEntry
from storage.session import SqlDatabase, migrate, normalise_url
from storage.tables import metadata

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CALL = CallRecord("call-1", "CA1", "ind", "digest", NOON, "{}")
MIGRATE = "import sys; from storage.session import migrate; migrate(sys.argv[1])"
REPOSITORY = Path(__file__).parents[2]


def test_the_migrations_build_the_tables(database: SqlDatabase) -> None:
    """But for the full-text index, which SQLite has in tables of its own and PostgreSQL in an index."""

    def is_ours(_: object, name: str | None, kind: str, *__: object) -> bool:
        return not on_sqlite or not (str(name).startswith("call_fts") or name == "ix_call_words_words")

    with database.snapshot() as connection:
        on_sqlite = connection.dialect.name == "sqlite"
        context = MigrationContext.configure(connection, opts={"include_object": is_ours})
        assert compare_metadata(context, metadata) == []


def test_migrating_again_changes_nothing(database: SqlDatabase, database_url: str) -> None:
    with database.transaction() as unit:
        unit.calls.insert(CALL)
    migrate(database_url)
    with database.transaction() as unit:
        assert unit.calls.get("call-1") == CALL


def test_processes_that_start_together_migrate_once(tmp_path: Path, empty_postgres_url: str) -> None:
    for url in (f"sqlite:///{tmp_path}/new/folder/spelregel.db", empty_postgres_url):
        started = [
            subprocess.Popen([sys.executable, "-c", MIGRATE, url], cwd=REPOSITORY, stderr=subprocess.PIPE)
            for _ in range(4)
        ]
        for process in started:
            _, error = process.communicate()
            assert process.returncode == 0, error.decode()


def test_sqlite_is_durable_and_keeps_its_constraints(sqlite_database: SqlDatabase) -> None:
    with sqlite_database.snapshot() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1, "busy_timeout": 10_000}


def test_postgresql_is_durable(postgres_url: str) -> None:
    database = SqlDatabase(postgres_url)
    with database.snapshot() as connection:
        settings = [connection.exec_driver_sql(f"SHOW {name}").scalar() for name in ("fsync", "synchronous_commit")]
    database.close()
    assert settings == ["on", "on"]


def test_a_reader_sees_one_moment_and_makes_no_writer_wait(database: SqlDatabase) -> None:
    with database.snapshot() as connection:
        count = "SELECT count(*) FROM calls"
        assert connection.exec_driver_sql(count).scalar() == 0
        with database.transaction() as unit:
            unit.calls.insert(CALL)
        assert connection.exec_driver_sql(count).scalar() == 0
    with database.snapshot() as connection:
        assert connection.exec_driver_sql(count).scalar() == 1


@pytest.mark.slow
def test_a_busy_database_is_unavailable(sqlite_url: str) -> None:
    """Waits out the busy time-out of ten seconds."""
    other = sqlite3.connect(normalise_url(sqlite_url).database or "", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageUnavailable, match="locked"), SqlDatabase(sqlite_url).transaction():
        pytest.fail("got a lock that somebody else holds")
    other.close()


@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all.db", "postgresql://nobody@127.0.0.1:1/nothing"])
def test_a_database_that_is_not_there_is_unavailable(url: str) -> None:
    with pytest.raises(StorageUnavailable), SqlDatabase(url).transaction():
        pytest.fail("there is no such database")


def test_a_write_to_a_full_database_leaves_nothing_and_the_next_one_works(sqlite_url: str) -> None:
    database = SqlDatabase(sqlite_url)
    big = NewEntry("call-1", "big", "prompt:played", NOON, {"text": "x" * 1_000_000})
    small = NewEntry("call-1", "small", "prompt:played", NOON)
    with database.transaction() as unit:
        connection = unit.log._connection
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(StorageUnavailable, match="full"), database.transaction() as unit:
        unit.log.append(big)
    with database.transaction() as unit:
        assert unit.log.append(small).number == 0
    database.close()


def test_a_forked_process_gets_connections_of_its_own(database: SqlDatabase) -> None:
    with database.transaction() as unit:
        unit.calls.insert(CALL)
    child = os.fork()
    if child == 0:
        try:
            with database.transaction() as unit:
                unit.calls.save(CALL)
            os._exit(0)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    with database.transaction() as unit:
        assert unit.calls.get("call-1").version == 1


@pytest.mark.parametrize(
    "url", ["postgres://u:p%40x@h:5/d", "postgresql://u:p%40x@h:5/d", "postgresql+psycopg://u:p%40x@h:5/d"]
)
def test_every_spelling_of_postgresql_is_taken(url: str) -> None:
    assert normalise_url(url).render_as_string(hide_password=False) == "postgresql+psycopg://u:p%40x@h:5/d"


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///:memory:", "mysql://h/d", "postgresql+asyncpg://h/d"])
def test_a_database_that_keeps_no_evidence_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="DATABASE_URL"):
        SqlDatabase(url)
