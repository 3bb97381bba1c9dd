"""Tables and constraints; `migrations/` builds the same ones step by step."""

from datetime import UTC, datetime

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    Column,
    DateTime,
    Dialect,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    column,
    text,
)


class UtcTime(TypeDecorator[datetime]):
    """Aware UTC datetimes, to the microsecond. SQLite keeps no time zone, so it gets UTC without saying so."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"time without a zone: {value.isoformat()}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


# Strings are Text without a length: PostgreSQL would enforce one and SQLite would not.
metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

DESTRUCTION = (
    "tag IN ('recording:destroyed', 'number:destroyed', 'case:destroyed', 'trail:destroyed', 'personal:erased')"
)
"""Entries that tell of destruction: so few among all that they have an index of their own."""

# Only a column that is exactly INTEGER is SQLite's own row number, with no index beside it.
RowNumber = BigInteger().with_variant(Integer(), "sqlite")

calls = Table(
    "calls",
    metadata,
    Column("call_id", Text, primary_key=True),
    Column("call_sid", Text, nullable=False, unique=True),
    Column("agency", Text, nullable=False),
    Column("policy_digest", Text, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("dialogue", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("conference_sid", Text),
    Column("recording_sid", Text),
    Column("closed_at", UtcTime),
    Column("line", Text, nullable=False, server_default=""),
    Column("forgotten_at", UtcTime),
    Index(
        "ix_calls_open",
        "opened_at",
        sqlite_where=column("closed_at").is_(None),
        postgresql_where=column("closed_at").is_(None),
    ),
    Index("ix_calls_agency_opened_at", "agency", "opened_at"),
    # callers' numbers that are due, and calls of which everything personal is
    Index("ix_calls_policy_digest_closed_at_forgotten_at", "policy_digest", "closed_at", "forgotten_at"),
)

caller_numbers = Table(
    "caller_numbers",
    metadata,
    Column("call_id", ForeignKey("calls.call_id", ondelete="CASCADE"), primary_key=True),
    Column("number_e164", Text, nullable=False),
    Column("number_hash", Text, index=True),
)

inbox = Table(
    "inbox",
    metadata,
    Column("event_key", Text, primary_key=True),
    Column("received_at", UtcTime, nullable=False, index=True),
)

jobs = Table(
    "jobs",
    metadata,
    Column("job_id", RowNumber, primary_key=True, autoincrement=True),
    Column("kind", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("payload", JSON, nullable=False),
    Column("state", Text, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("lease_until", UtcTime),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    CheckConstraint("state IN ('waiting', 'taken', 'parked')", name="state"),
    CheckConstraint("(state = 'taken') = (lease_until IS NOT NULL)", name="lease"),
    Index("ix_jobs_due", "state", "due_at"),
    # one job per key waits; a taken one is its worker's own affair, a parked one waits for an operator
    Index(
        "uq_jobs_waiting",
        "kind",
        "key",
        unique=True,
        sqlite_where=column("state") == "waiting",
        postgresql_where=column("state") == "waiting",
    ),
    sqlite_autoincrement=True,  # a number that comes back would let a late worker finish somebody else's job
)

streams = Table(
    "streams",
    metadata,
    Column("stream_sid", Text, primary_key=True),
    Column("call_id", ForeignKey("calls.call_id"), nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Index("ix_streams_call_id_started_at", "call_id", "started_at"),
)

recordings = Table(
    "recordings",
    metadata,
    Column("recording_id", Text, primary_key=True),
    Column("call_id", ForeignKey("calls.call_id"), nullable=False, index=True),
    Column("recording_sid", Text, nullable=False, unique=True),
    Column("object_key", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("digest", Text, nullable=False),
    Column("channels", Integer, nullable=False),
    Column("sample_rate_hz", Integer, nullable=False),
    Column("samples", BigInteger, nullable=False),
    Column("completeness", Float, nullable=False),
    Column("stored_at", UtcTime, nullable=False),
    Column("destroy_after", UtcTime, nullable=False),
    Column("destroyed_at", UtcTime),
    CheckConstraint("outcome IN ('ok', 'degraded', 'failed', 'blocked')", name="outcome"),
    Index(
        "ix_recordings_due",
        "destroy_after",
        sqlite_where=column("destroyed_at").is_(None),
        postgresql_where=column("destroyed_at").is_(None),
    ),
)

# What each second of a recording was; gone with the recording. The root over them is in the consent log.
recording_seconds = Table(
    "recording_seconds",
    metadata,
    Column("recording_id", ForeignKey("recordings.recording_id"), primary_key=True),
    Column("hashes", LargeBinary, nullable=False),  # 32 bytes each
)

policies = Table(
    "policies",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("slug", Text, nullable=False),
    Column("version", Text, nullable=False),
    Column("document", Text, nullable=False),
    Column("kept_at", UtcTime, nullable=False),
)

copy_tickets = Table(
    "copy_tickets",
    metadata,
    Column("ticket_id", Text, primary_key=True),
    Column("call_id", ForeignKey("calls.call_id"), nullable=False, index=True),
    Column("token_digest", Text, nullable=False, unique=True),
    Column("created_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("uses", Integer, nullable=False),
    Column("revoked_at", UtcTime),
)

# No foreign key to calls: a case of another channel has none.
cases = Table(
    "cases",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("agency", Text, nullable=False),
    Column("policy_digest", Text, nullable=False),
    Column("call_id", Text, index=True),
    Column("state", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("opened_at", UtcTime, nullable=False),
    Column("due_at", UtcTime),
    Column("closed_at", UtcTime),
    Column("destroy_after", UtcTime, index=True),
    Column("document", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("nonce", Text, nullable=False, server_default=""),
    Index("ix_cases_agency_opened", "agency", "opened_at", "case_id"),
    Index("ix_cases_agency_state", "agency", "state"),
    Index("ix_cases_kind_call_id", "kind", "call_id"),
    Index(
        "ix_cases_open",
        "agency",
        "due_at",
        sqlite_where=column("closed_at").is_(None),
        postgresql_where=column("closed_at").is_(None),
    ),
    Index(
        "ix_cases_due",
        "due_at",
        sqlite_where=column("closed_at").is_(None),
        postgresql_where=column("closed_at").is_(None),
    ),
)

# Who did or saw what (BIO2 8.15.01). No foreign keys: it outlives what it speaks of.
trail = Table(
    "trail",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=True),
    Column("at", UtcTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("object", Text, nullable=False),
    Column("agency", Text),
    Column("result", Integer, nullable=False),
    Column("origin", Text, nullable=False),
    # in the order of a page of lines
    Index("ix_trail_at_number", "at", "number"),
    Index("ix_trail_agency_at_number", "agency", "at", "number"),
    Index("ix_trail_object_at_number", "object", "at", "number"),
    Index("ix_trail_actor_at_number", "actor", "at", "number"),
    sqlite_autoincrement=True,
)

call_notes = Table(
    "call_notes",
    metadata,
    Column("note_id", Text, primary_key=True),
    Column("call_id", ForeignKey("calls.call_id"), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("author", Text, nullable=False),
    Column("text", Text, nullable=False),
    Index("ix_call_notes_call_id_at", "call_id", "at"),
)

# The consent log. No foreign keys to calls: the log outlives what it speaks of.
log_entries = Table(
    "log_entries",
    metadata,
    Column("number", RowNumber, primary_key=True, autoincrement=False),
    Column("call_id", Text, nullable=False),
    Column("call_number", Integer, nullable=False),
    Column("event_id", Text, nullable=False, unique=True),
    Column("tag", Text, nullable=False),
    Column("occurred_at", UtcTime, nullable=False),
    Column("body", Text, nullable=False),  # the canonical JSON; the columns above only repeat it
    Column("subtrees", LargeBinary, nullable=False),  # 32 bytes each: this leaf, then the subtrees that it completes
    UniqueConstraint("call_id", "call_number"),
    Index(
        "ix_log_entries_destruction",
        "occurred_at",
        sqlite_where=text(DESTRUCTION),
        postgresql_where=text(DESTRUCTION),
    ),
)

log_personal = Table(
    "log_personal",
    metadata,
    Column("number", RowNumber, ForeignKey("log_entries.number"), primary_key=True),
    Column("name", Text, primary_key=True),
    Column("nonce", LargeBinary, nullable=False),
    Column("value", Text, nullable=False),
)

log_head = Table(
    "log_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("size", BigInteger, nullable=False),
    Column("peaks", LargeBinary, nullable=False),  # 32 bytes each: the perfect subtrees, largest first
    CheckConstraint("id = 1", name="single"),
)

checkpoints = Table(
    "checkpoints",
    metadata,
    Column("size", RowNumber, primary_key=True, autoincrement=False),
    Column("note", Text, nullable=False),
    Column("sealed_at", UtcTime, nullable=False),
)
