"""Legal holds, checks of the log, what must be destroyed when, and requests of data subjects."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

TIME = sa.DateTime(timezone=True)
ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
ACTIVE = sa.text("released_at IS NULL")
DESTRUCTION = sa.text(
    "tag IN ('recording:destroyed', 'number:destroyed', 'case:destroyed', 'trail:destroyed', 'personal:erased')"
)


def upgrade() -> None:
    op.create_table(
        "legal_holds",
        sa.Column("hold_id", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("placed_at", TIME, nullable=False),
        sa.Column("placed_by", sa.Text(), nullable=False),
        sa.Column("release_reason", sa.Text()),
        sa.Column("release_asked_at", TIME),
        sa.Column("release_asked_by", sa.Text()),
        sa.Column("released_at", TIME),
        sa.Column("released_by", sa.Text()),
        sa.CheckConstraint("released_by <> release_asked_by", name="ck_legal_holds_two_people"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name="fk_legal_holds_call_id"),
        sa.PrimaryKeyConstraint("hold_id", name="pk_legal_holds"),
    )
    op.create_index("ix_legal_holds_call_id", "legal_holds", ["call_id"])
    op.create_index(
        "uq_legal_holds_active",
        "legal_holds",
        ["call_id"],
        unique=True,
        sqlite_where=ACTIVE,
        postgresql_where=ACTIVE,
    )
    op.create_table(
        "log_checks",
        sa.Column("check_id", ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("ended_at", TIME),
        sa.Column("verdict", sa.JSON()),
        sa.PrimaryKeyConstraint("check_id", name="pk_log_checks"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "subject_requests",
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("calls", sa.JSON(), nullable=False),
        sa.Column("identified", sa.Text(), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("taken_by", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text()),
        sa.Column("explanation", sa.Text()),
        sa.Column("answered_at", TIME),
        sa.Column("answered_by", sa.Text()),
        sa.CheckConstraint("kind IN ('access', 'erasure')", name="ck_subject_requests_kind"),
        sa.PrimaryKeyConstraint("request_id", name="pk_subject_requests"),
    )
    op.create_index("ix_subject_requests_agency_due_at", "subject_requests", ["agency", "due_at"])
    op.create_index("ix_calls_policy_digest_closed_at", "calls", ["policy_digest", "closed_at"])
    op.create_index(
        "ix_log_entries_destruction",
        "log_entries",
        ["occurred_at"],
        sqlite_where=DESTRUCTION,
        postgresql_where=DESTRUCTION,
    )
