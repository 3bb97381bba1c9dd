"""Tables of the pages for callers: the second factor, their visits, and files that they hand in."""

from sqlalchemy import BigInteger, Boolean, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text

from storage.tables import UtcTime, metadata

copy_codes = Table(
    "copy_codes",
    metadata,
    Column("code_id", Text, primary_key=True),
    Column("ticket_id", ForeignKey("copy_tickets.ticket_id"), nullable=False),
    Column("asked_at", UtcTime, nullable=False),
    Column("sent_at", UtcTime),
    Column("failed_at", UtcTime),
    Column("tries", Integer, nullable=False),
    Column("used_at", UtcTime),
    Index("ix_copy_codes_ticket_id_asked_at", "ticket_id", "asked_at"),
)

copy_visits = Table(
    "copy_visits",
    metadata,
    Column("id_digest", Text, primary_key=True),
    Column("ticket_id", ForeignKey("copy_tickets.ticket_id"), nullable=False, index=True),
    Column("began_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("ends_at", UtcTime, nullable=False, index=True),
)

# No foreign key to cases: a file outlives the case for as long as its destruction takes.
uploads = Table(
    "uploads",
    metadata,
    Column("upload_id", Text, primary_key=True),
    Column("case_id", Text, nullable=False, index=True),
    Column("size_bytes", BigInteger),
    Column("received_bytes", BigInteger, nullable=False),
    Column("fingerprint", Text, nullable=False),
    Column("began_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("reason", Text),
    Column("object_key", Text),
    Column("digest", Text),
    Column("sound_type", Text),
    Column("scanned", Boolean, nullable=False),
    CheckConstraint("state IN ('receiving', 'complete', 'kept', 'refused', 'destroyed')", name="state"),
    Index("ix_uploads_state_expires_at", "state", "expires_at"),
)

upload_parts = Table(
    "upload_parts",
    metadata,
    Column("object_key", Text, primary_key=True),
    Column("upload_id", ForeignKey("uploads.upload_id"), nullable=False, index=True),
    Column("start", BigInteger, nullable=False),
    Column("size_bytes", BigInteger),
)
