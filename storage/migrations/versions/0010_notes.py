"""Notes on calls and saved filters."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    _saved_filters()


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
