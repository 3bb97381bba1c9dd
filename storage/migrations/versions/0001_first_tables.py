"""Calls, jobs, recordings, copies and the consent log."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

TIME = sa.DateTime(timezone=True)
ROW_NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "calls",
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("call_sid", sa.Text(), nullable=False),
        sa.Column("agency", sa.Text(), nullable=False),
        sa.Column("policy_digest", sa.Text(), nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("dialogue", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("conference_sid", sa.Text()),
        sa.Column("recording_sid", sa.Text()),
        sa.Column("closed_at", TIME),
        sa.PrimaryKeyConstraint("call_id", name="pk_calls"),
        sa.UniqueConstraint("call_sid", name="uq_calls_call_sid"),
    )
    op.create_index(
        "ix_calls_open",
        "calls",
        ["opened_at"],
        sqlite_where=sa.text("closed_at IS NULL"),
        postgresql_where=sa.text("closed_at IS NULL"),
    )
    op.create_table(
        "checkpoints",
        sa.Column("size", ROW_NUMBER, autoincrement=False, nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("sealed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("size", name="pk_checkpoints"),
    )
    op.create_table(
        "inbox",
        sa.Column("event_key", sa.Text(), nullable=False),
        sa.Column("received_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("event_key", name="pk_inbox"),
    )
    op.create_index("ix_inbox_received_at", "inbox", ["received_at"])
    op.create_table(
        "jobs",
        sa.Column("job_id", ROW_NUMBER, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due_at", TIME, nullable=False),
        sa.Column("lease_until", TIME),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text()),
        sa.CheckConstraint("(state = 'taken') = (lease_until IS NOT NULL)", name="ck_jobs_lease"),
        sa.CheckConstraint("state IN ('waiting', 'taken', 'parked')", name="ck_jobs_state"),
        sa.PrimaryKeyConstraint("job_id", name="pk_jobs"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_jobs_due", "jobs", ["state", "due_at"])
    op.create_index(
        "uq_jobs_waiting",
        "jobs",
        ["kind", "key"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "log_entries",
        sa.Column("number", ROW_NUMBER, autoincrement=False, nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("call_number", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.Text(), nullable=False),
        sa.Column("tag", sa.Text(), nullable=False),
        sa.Column("occurred_at", TIME, nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("subtrees", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_log_entries"),
        sa.UniqueConstraint("call_id", "call_number", name="uq_log_entries_call_id_call_number"),
        sa.UniqueConstraint("event_id", name="uq_log_entries_event_id"),
    )
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("peaks", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_log_head_single"),
        sa.PrimaryKeyConstraint("id", name="pk_log_head"),
    )
    op.create_table(
        "caller_numbers",
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("number_e164", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name="fk_caller_numbers_call_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("call_id", name="pk_caller_numbers"),
    )
    op.create_table(
        "copy_tickets",
        sa.Column("ticket_id", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("token_digest", sa.Text(), nullable=False),
        sa.Column("created_at", TIME, nullable=False),
        sa.Column("expires_at", TIME, nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("revoked_at", TIME),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name="fk_copy_tickets_call_id"),
        sa.PrimaryKeyConstraint("ticket_id", name="pk_copy_tickets"),
        sa.UniqueConstraint("token_digest", name="uq_copy_tickets_token_digest"),
    )
    op.create_index("ix_copy_tickets_call_id", "copy_tickets", ["call_id"])
    op.create_table(
        "log_personal",
        sa.Column("number", ROW_NUMBER, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("nonce", sa.LargeBinary(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["number"], ["log_entries.number"], name="fk_log_personal_number"),
        sa.PrimaryKeyConstraint("number", "name", name="pk_log_personal"),
    )
    op.create_table(
        "recordings",
        sa.Column("recording_id", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("recording_sid", sa.Text(), nullable=False),
        sa.Column("object_key", sa.Text(), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("channels", sa.Integer(), nullable=False),
        sa.Column("sample_rate_hz", sa.Integer(), nullable=False),
        sa.Column("samples", sa.BigInteger(), nullable=False),
        sa.Column("completeness", sa.Float(), nullable=False),
        sa.Column("stored_at", TIME, nullable=False),
        sa.Column("destroy_after", TIME, nullable=False),
        sa.Column("destroyed_at", TIME),
        sa.CheckConstraint("outcome IN ('ok', 'degraded', 'failed', 'blocked')", name="ck_recordings_outcome"),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name="fk_recordings_call_id"),
        sa.PrimaryKeyConstraint("recording_id", name="pk_recordings"),
        sa.UniqueConstraint("recording_sid", name="uq_recordings_recording_sid"),
    )
    op.create_index("ix_recordings_call_id", "recordings", ["call_id"])
    op.create_index(
        "ix_recordings_due",
        "recordings",
        ["destroy_after"],
        sqlite_where=sa.text("destroyed_at IS NULL"),
        postgresql_where=sa.text("destroyed_at IS NULL"),
    )
    op.create_table(
        "streams",
        sa.Column("stream_sid", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("started_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("ended_at", TIME),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name="fk_streams_call_id"),
        sa.PrimaryKeyConstraint("stream_sid", name="pk_streams"),
    )
    op.create_index("ix_streams_call_id_started_at", "streams", ["call_id", "started_at"])
    op.execute(
        sa.text("INSERT INTO log_head (id, size, peaks) VALUES (1, 0, :peaks)").bindparams(
            sa.bindparam("peaks", b"", sa.LargeBinary)
        )
    )
