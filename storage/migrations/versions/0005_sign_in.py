"""Sign-in: sessions and local accounts."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "sign_ins",
        sa.Column("id_digest", sa.Text(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id_digest", name="pk_sign_ins"),
        sa.ForeignKeyConstraint(["user_name"], ["users.name"], name="fk_sign_ins_user_name"),
    )
    op.create_index("ix_sign_ins_user_name", "sign_ins", ["user_name"])
    op.create_index("ix_sign_ins_ends_at", "sign_ins", ["ends_at"])
