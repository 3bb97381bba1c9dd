"""Tables of what calls are found by, and of the searches that users keep; beside those of `storage/tables.py`."""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Table, Text, column, true
from sqlalchemy.dialects.postgresql import TSVECTOR

from storage.tables import RowNumber, UtcTime, metadata

USUAL = {"employee": "", "caller_recording": "none", "agency_recording": "none", "reason": ""}
"""What most calls have, and every new one: it is in no index, since the time is enough to find such calls."""

# What a call is found by, narrow and indexed; the search reads an index from its newest call on. An agency comes first
# in each, since nobody searches without one.
call_facts = Table(
    "call_facts",
    metadata,
    Column("call_id", ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True),
    Column("agency", Text, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("line", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("caller_recording", Text, nullable=False),
    Column("agency_recording", Text, nullable=False),
    Column("employee", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("third_person", Boolean, nullable=False),
    Index("ix_call_facts_time", "agency", "opened_at", "call_id"),
    Index("ix_call_facts_line", "agency", "line", "opened_at", "call_id"),
    *(
        Index(
            f"ix_call_facts_{name}",
            "agency",
            name,
            "opened_at",
            "call_id",
            sqlite_where=column(name) != usual,
            postgresql_where=column(name) != usual,
        )
        for name, usual in USUAL.items()
    ),
    Index(
        "ix_call_facts_running",
        "agency",
        "opened_at",
        "call_id",
        sqlite_where=column("state") != "ended",
        postgresql_where=column("state") != "ended",
    ),
    Index(
        "ix_call_facts_third_person",
        "agency",
        "opened_at",
        "call_id",
        sqlite_where=column("third_person") == true(),
        postgresql_where=column("third_person") == true(),
    ),
)

# The words of a call as search compares them: storage/call_words.py. On SQLite triggers keep the FTS5 table `call_fts`.
call_words = Table(
    "call_words",
    metadata,
    Column("row_id", RowNumber, primary_key=True, autoincrement=True),
    Column("call_id", Text, nullable=False, unique=True),
    Column("words", TSVECTOR().with_variant(Text(), "sqlite"), nullable=False),
    # Without a list of pending entries: no webhook waits until somebody else's were sorted in.
    Index("ix_call_words_words", "words", postgresql_using="gin", postgresql_with={"fastupdate": False}).ddl_if(
        dialect="postgresql"
    ),
)

# Every sentence that the bot ever said, once.
told_texts = Table(
    "told_texts",
    metadata,
    Column("token", Text, primary_key=True),
    Column("stems", Text, nullable=False),
)

saved_filters = Table(
    "saved_filters",
    metadata,
    Column("user_name", ForeignKey("users.name"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("query", Text, nullable=False),
    Column("saved_at", UtcTime, nullable=False),
)
