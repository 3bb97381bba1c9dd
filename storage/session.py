"""The engine and the unit of work: one transaction over all stores."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path
from typing import TypeAlias

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DataError, IntegrityError, InterfaceError, InternalError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

from storage.call_notes import SqlCallNotes
from storage.call_search import SqlCallSearch
from storage.call_store import SqlCallStore
from storage.case_store import SqlCaseStore
from storage.comparisons import SqlComparisons
from storage.consent_log.call_evidence import SqlLogEvidence
from storage.consent_log.sql_log import SqlConsentLog
from storage.copy_tickets import SqlCopyTickets
from storage.copy_visits import SqlCopyCodes, SqlCopyVisits
from storage.credentials import SqlCredentials, SqlInvitations
from storage.errors import ConstraintBroken, StorageUnavailable
from storage.holds import SqlHolds
from storage.inbox import SqlInbox
from storage.log_checks import SqlLogChecks
from storage.outbox import SqlOutbox
from storage.policy_archive import SqlPolicyArchive
from storage.reading import SqlLogReader
from storage.record_evidence import SqlRecordEvidence
from storage.recording_index import SqlRecordingIndex
from storage.records import LoggedEntry
from storage.residue import BREATH_S, empty_write_ahead_log, merge_words, vacuum
from storage.retention_calendar import SqlRetentionCalendar
from storage.saved_filters import SqlSavedFilters
from storage.sign_ins import SqlSignIns
from storage.streams import SqlStreamStore
from storage.strikes import SqlStrikes
from storage.subject_requests import SqlSubjectRequests
from storage.trail import SqlTrail
from storage.uploads import SqlUploads
from storage.user_store import SqlUserStore
from storage.witness_statements import SqlWitnessStatements

BUSY_S = 10
MIGRATIONS = Path(__file__).parent / "migrations"
MIGRATION_LOCK = 0x5F0E1  # any number, the same in every process


class SqlUnit:
    """One transaction over all stores."""

    def __init__(self, connection: Connection, follow: "Follow | None" = None) -> None:
        self.calls = SqlCallStore(connection)
        self.log = SqlConsentLog(connection, None if follow is None else partial(follow, self))
        self.inbox = SqlInbox(connection)
        self.outbox = SqlOutbox(connection)
        self.streams = SqlStreamStore(connection)
        self.recordings = SqlRecordingIndex(connection)
        self.copies = SqlCopyTickets(connection)
        self.copy_codes = SqlCopyCodes(connection)
        self.copy_visits = SqlCopyVisits(connection)
        self.uploads = SqlUploads(connection)
        self.policies = SqlPolicyArchive(connection)
        self.cases = SqlCaseStore(connection)
        self.users = SqlUserStore(connection)
        self.sign_ins = SqlSignIns(connection)
        self.credentials = SqlCredentials(connection)
        self.invitations = SqlInvitations(connection)
        self.strikes = SqlStrikes(connection)
        self.trail = SqlTrail(connection)
        self.holds = SqlHolds(connection)
        self.checks = SqlLogChecks(connection)
        self.calendar = SqlRetentionCalendar(connection)
        self.requests = SqlSubjectRequests(connection)
        self.chains = SqlLogReader(connection)
        self.search = SqlCallSearch(connection)
        self.saved_filters = SqlSavedFilters(connection)
        self.evidence = SqlLogEvidence(connection)
        self.record_evidence = SqlRecordEvidence(connection)
        self.notes = SqlCallNotes(connection)
        self.statements = SqlWitnessStatements(connection)
        self.comparisons = SqlComparisons(connection)


Follow: TypeAlias = Callable[[SqlUnit, LoggedEntry], None]


class SqlDatabase:
    """SQLite (`sqlite:///file`) or PostgreSQL (`postgresql://...`), open as long as the process lives.

    The engine is made at first use and made anew after a fork, because a connection serves one process only
    (sqlite.org/howtocorrupt.html 2.6). Both `with` blocks raise `StorageUnavailable` for a database that is busy, full
    or out of reach, `ConstraintBroken` for a write that contradicts what is stored, and `ValueError` for a time without
    a zone. A transaction inside another one of the same thread waits for itself, and so ends as busy.
    """

    def __init__(self, url: str, follow: "Follow | None" = None) -> None:
        """`follow` is told of each entry of the consent log, in the transaction that writes it.

        Raises `ValueError` for anything but SQLite in a file and PostgreSQL; opens nothing yet."""
        self._url = normalise_url(url)
        self._follow = follow
        # by process id; a child keeps its parent's unused, because closing it would touch the parent's locks
        self._opened: dict[int, OpenDatabase] = {}

    @contextmanager
    def transaction(self) -> Iterator[SqlUnit]:
        """A writing transaction: leaving the block commits durably, an exception rolls back."""
        opened = self._own()
        with translated_errors(), opened.turn(), opened.engine.begin() as connection:
            yield SqlUnit(connection, self._follow)

    @contextmanager
    def reading(self) -> Iterator[SqlUnit]:
        """A `snapshot` through the stores, for reading only."""
        with self.snapshot() as connection:
            yield SqlUnit(connection)

    @contextmanager
    def snapshot(self) -> Iterator[Connection]:
        """A reading transaction that sees one moment of the database and makes no writer wait."""
        with translated_errors(), self._own().engine.connect() as connection:
            if connection.dialect.name == "postgresql":
                connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            else:
                connection.execution_options(spelregel_begin="BEGIN")
            yield connection

    def clear_residue(self) -> None:
        """Take what was erased out of the database's files (`storage/residue.py`); no writer waits for long.

        Raises `StorageUnavailable` where somebody reads what was before: later it is possible.
        """
        opened = self._own()
        if opened.engine.dialect.name == "postgresql":
            with translated_errors(), opened.engine.connect() as connection:
                vacuum(connection.execution_options(isolation_level="AUTOCOMMIT"))
            return
        more = first = True
        while more:
            with translated_errors(), opened.turn(), opened.engine.begin() as connection:
                more = merge_words(connection, first=first)
            first = False
            time.sleep(BREATH_S)
        with translated_errors(), opened.turn(), closing(opened.engine.raw_connection()) as connection:
            if not empty_write_ahead_log(connection, BUSY_S):
                raise StorageUnavailable("the write-ahead log is in use, and keeps what was erased")

    def close(self) -> None:
        """Close this process's connections; the next use opens new ones."""
        opened = self._opened.pop(os.getpid(), None)
        if opened is not None:
            opened.engine.dispose()

    def _own(self) -> "OpenDatabase":
        opened = self._opened.get(os.getpid())
        return opened or self._opened.setdefault(os.getpid(), OpenDatabase(make_engine(self._url)))


class OpenDatabase:
    """The engine of one process, and the turn of its writers."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._writing = threading.Lock()

    @contextmanager
    def turn(self) -> Iterator[None]:
        """SQLite has one writer at a time and lets the others sleep and try; threads of one process do better in a
        queue (eight threads: p99 8 to 19 ms instead of 80). PostgreSQL queues by itself. Raises `StorageUnavailable`.
        """
        if self.engine.dialect.name != "sqlite":
            yield
            return
        if not self._writing.acquire(timeout=BUSY_S):
            raise StorageUnavailable("the database is busy with other writers of this process")
        try:
            yield
        finally:
            self._writing.release()


def normalise_url(url: str) -> URL:
    """SQLAlchemy's URL with our drivers. Raises `ValueError` for anything but SQLite in a file and PostgreSQL."""
    parsed = make_url(url)
    if parsed.drivername in ("postgres", "postgresql", "postgresql+psycopg"):
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername in ("sqlite", "sqlite+pysqlite") and parsed.database not in (None, "", ":memory:"):
        return parsed
    raise ValueError("DATABASE_URL must be sqlite:///FILE or postgresql://...")


def make_engine(url: URL) -> Engine:
    if url.get_backend_name() == "postgresql":
        return create_engine(
            url,
            pool_size=10,
            max_overflow=10,
            pool_timeout=BUSY_S,
            pool_pre_ping=True,  # a restarted server costs no webhook
            connect_args={
                "connect_timeout": BUSY_S,
                "options": f"-c lock_timeout={BUSY_S}s -c synchronous_commit=on"
                " -c idle_in_transaction_session_timeout=60s",
            },
        )
    # pool_size=0 keeps every connection that was ever needed: a new one costs ten times an insert
    engine = create_engine(url, pool_size=0, connect_args={"timeout": BUSY_S})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def migrate(url: str) -> None:
    """Bring the database to the newest migration; processes that start together wait for one another.

    Raises `StorageUnavailable`.
    """
    parsed = normalise_url(url)
    if parsed.get_backend_name() == "sqlite" and parsed.database is not None:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    engine = make_engine(parsed)
    try:
        with translated_errors(), engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": MIGRATION_LOCK})
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()


@contextmanager
def translated_errors() -> Iterator[None]:
    try:
        yield
    except (IntegrityError, DataError) as error:
        raise ConstraintBroken(str(error.orig)) from error
    except (OperationalError, InterfaceError, InternalError) as error:
        raise StorageUnavailable(str(error.orig)) from error
    except PoolTimeout as error:
        raise StorageUnavailable("every database connection is in use") from error
    except StatementError as error:
        if isinstance(error.orig, ValueError):  # a column type refused the value
            raise error.orig from None
        raise


def _prepare_sqlite(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # the driver begins nothing by itself: _begin_sqlite does
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")  # what is erased is overwritten with zeros, not only let go
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    """Take the write lock at once: a transaction that reads first could not get it later."""
    connection.exec_driver_sql(connection.get_execution_options().get("spelregel_begin", "BEGIN IMMEDIATE"))
