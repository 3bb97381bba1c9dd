"""The calls of an agency in a period, for its evaluation."""

from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_index("ix_calls_agency_opened_at", "calls", ["agency", "opened_at"])
