"""Notes on calls and saved filters."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    _call_notes()
    _saved_filters()


def _call_notes() -> None:
    op.create_table(
        "call_notes",
        sa.Column("note_id", sa.Text(), nullable=False),
        sa.Column("call_id", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["call_id"], ["calls.call_id"], name="fk_call_notes_call_id"),
        sa.PrimaryKeyConstraint("note_id", name="pk_call_notes"),
    )
    op.create_index("ix_call_notes_call_id_at", "call_notes", ["call_id", "at"])


def _saved_filters() -> None:
    op.create_table(
        "saved_filters",
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("user_name", "name", name="pk_saved_filters"),
        sa.ForeignKeyConstraint(["user_name"], ["users.name"], name="fk_saved_filters_user_name"),
    )
