"""Copies: the second factor, and files that callers hand in."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "copy_codes",
        sa.Column("code_id", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("failed_at", sa.DateTime(timezone=True)),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("code_id", name="pk_copy_codes"),
        sa.ForeignKeyConstraint(["ticket_id"], ["copy_tickets.ticket_id"], name="fk_copy_codes_ticket_id"),
    )
    op.create_index("ix_copy_codes_ticket_id_asked_at", "copy_codes", ["ticket_id", "asked_at"])
    op.create_table(
        "copy_visits",
        sa.Column("id_digest", sa.Text(), nullable=False),
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id_digest", name="pk_copy_visits"),
        sa.ForeignKeyConstraint(["ticket_id"], ["copy_tickets.ticket_id"], name="fk_copy_visits_ticket_id"),
    )
    op.create_index("ix_copy_visits_ticket_id", "copy_visits", ["ticket_id"])
    op.create_index("ix_copy_visits_ends_at", "copy_visits", ["ends_at"])
    op.create_table(
        "uploads",
        sa.Column("upload_id", sa.Text(), nullable=False),
        sa.Column("case_id", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger()),
        sa.Column("received_bytes", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text()),
        sa.Column("object_key", sa.Text()),
        sa.Column("digest", sa.Text()),
        sa.Column("sound_type", sa.Text()),
        sa.Column("scanned", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("upload_id", name="pk_uploads"),
        sa.CheckConstraint(
            "state IN ('receiving', 'complete', 'kept', 'refused', 'destroyed')", name="ck_uploads_state"
        ),
    )
    op.create_index("ix_uploads_case_id", "uploads", ["case_id"])
    op.create_index("ix_uploads_state_expires_at", "uploads", ["state", "expires_at"])
    op.create_table(
        "upload_parts",
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("upload_id", sa.Text(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger()),
        sa.PrimaryKeyConstraint("object_key", name="pk_upload_parts"),
        sa.ForeignKeyConstraint(["upload_id"], ["uploads.upload_id"], name="fk_upload_parts_upload_id"),
    )
    op.create_index("ix_upload_parts_upload_id", "upload_parts", ["upload_id"])
