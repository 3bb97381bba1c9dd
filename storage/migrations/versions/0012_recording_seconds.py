"""Recordings: the hashes of their seconds."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "recording_seconds",
        sa.Column("recording_id", sa.Text(), nullable=False),
        sa.Column("hashes", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"], ["recordings.recording_id"], name="fk_recording_seconds_recording_id"
        ),
        sa.PrimaryKeyConstraint("recording_id", name="pk_recording_seconds"),
    )
