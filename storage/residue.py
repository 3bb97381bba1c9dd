"""What erasing leaves behind in the database's own files, and how it goes.

SQLite: an erased row is overwritten at once (`secure_delete`), but the full-text index only marks its words as gone,
and the write-ahead log has pages of before. PostgreSQL: rows and index entries stay until VACUUM; then nothing reaches
them, and their room is used again, but bytes in free room, in its write-ahead log and in backups are out of our hands.
Sources: sqlite.org/fts5.html 6.8 and 6.9, sqlite.org/pragma.html (wal_checkpoint); PostgreSQL's VACUUM.
"""

from sqlalchemy import Connection, text
from sqlalchemy.engine.interfaces import DBAPIConnection

from storage.tables import metadata

PAGES_AT_ONCE = 64
"""Of the full-text index, in one transaction: others who write wait some 25 ms."""

BREATH_S = 0.05
"""Between two of those: writers of other processes do not queue, they look again after a while."""

WAIT_MS = 100
"""For readers of older pages; whoever writes waits as long, so a later try is better than a longer one."""

NEVER_ERASED = frozenset({"log_entries", "log_head", "checkpoints"})
MERGE = text("INSERT INTO call_fts (call_fts, rank) VALUES ('merge', :pages)")
CHANGES = text("SELECT total_changes()")


def merge_words(connection: Connection, *, first: bool) -> bool:
    """One step of merging the full-text index into one part, which has no words of erased calls. False when done.

    The first step takes all parts together, as `optimize` does; the others go on with that.
    """
    before = connection.execute(CHANGES).scalar_one()
    connection.execute(MERGE, {"pages": -PAGES_AT_ONCE if first else PAGES_AT_ONCE})
    changed: int = connection.execute(CHANGES).scalar_one() - before
    return changed >= 2


def empty_write_ahead_log(connection: DBAPIConnection, usual_wait_s: float) -> bool:
    """Outside of any transaction. False where somebody reads or writes just now."""
    cursor = connection.cursor()
    try:
        cursor.execute(f"PRAGMA busy_timeout = {WAIT_MS}")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy: int = cursor.fetchone()[0]  # type: ignore[index]  # the pragma always gives its row
    finally:
        cursor.execute(f"PRAGMA busy_timeout = {round(usual_wait_s * 1000)}")
        cursor.close()
    return busy == 0


def vacuum(connection: Connection) -> None:
    """`connection` commits each statement by itself. A table of another owner is passed over, as PostgreSQL does."""
    names = ", ".join(f'"{name}"' for name in sorted(metadata.tables.keys() - NEVER_ERASED))
    connection.exec_driver_sql(f"VACUUM (INDEX_CLEANUP ON) {names}")
