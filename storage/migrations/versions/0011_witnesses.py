"""What witnesses outside said about the consent log's checkpoints."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.create_table(
        "witness_statements",
        sa.Column("witness", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("answer", sa.LargeBinary(), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind IN ('kept', 'cosigned', 'stamped')", name="ck_witness_statements_kind"),
        sa.PrimaryKeyConstraint("witness", "size", name="pk_witness_statements"),
    )
