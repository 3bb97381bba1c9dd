"""Tables of those who watch over the records; `tables.py` has the others, and how columns are written."""

from sqlalchemy import JSON, CheckConstraint, Column, ForeignKey, Index, Table, Text, column

from storage.tables import RowNumber, UtcTime, metadata

# Everything that is kept of a call stays as long as a hold on it is not released.
legal_holds = Table(
    "legal_holds",
    metadata,
    Column("hold_id", Text, primary_key=True),
    Column("call_id", ForeignKey("calls.call_id"), nullable=False, index=True),
    Column("agency", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("placed_at", UtcTime, nullable=False),
    Column("placed_by", Text, nullable=False),
    Column("release_reason", Text),
    Column("release_asked_at", UtcTime),
    Column("release_asked_by", Text),
    Column("released_at", UtcTime),
    Column("released_by", Text),
    CheckConstraint("released_by <> release_asked_by", name="two_people"),
    Index(
        "uq_legal_holds_active",
        "call_id",
        unique=True,
        sqlite_where=column("released_at").is_(None),
        postgresql_where=column("released_at").is_(None),
    ),
)

log_checks = Table(
    "log_checks",
    metadata,
    Column("check_id", RowNumber, primary_key=True, autoincrement=True),
    Column("asked_at", UtcTime, nullable=False),
    Column("asked_by", Text, nullable=False),
    Column("ended_at", UtcTime),
    Column("verdict", JSON),
    sqlite_autoincrement=True,
)

# Requests of data subjects. No foreign keys: an answer outlives the calls that it is about.
subject_requests = Table(
    "subject_requests",
    metadata,
    Column("request_id", Text, primary_key=True),
    Column("agency", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("calls", JSON, nullable=False),
    Column("identified", Text, nullable=False),
    Column("received_at", UtcTime, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("taken_by", Text, nullable=False),
    Column("outcome", Text),
    Column("explanation", Text),
    Column("answered_at", UtcTime),
    Column("answered_by", Text),
    CheckConstraint("kind IN ('access', 'erasure')", name="kind"),
    Index("ix_subject_requests_agency_due_at", "agency", "due_at"),
)
