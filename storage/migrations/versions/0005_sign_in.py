"""Sign-in: sessions, local accounts, the agency's own sign-in service, and tokens that end."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

TIME = sa.DateTime(timezone=True)
TOKEN_LASTS = timedelta(days=365)


def upgrade() -> None:
    with op.batch_alter_table("users") as users:
        users.alter_column("token_digest", existing_type=sa.Text(), nullable=True)
        users.add_column(sa.Column("token_ends_at", TIME))
        users.add_column(sa.Column("subject", sa.Text()))
        users.create_unique_constraint("uq_users_subject", ["subject"])
    # Tokens that had no end get the one of a new token.
    ends_at = datetime.now(UTC) + TOKEN_LASTS
    op.execute(sa.table("users", sa.column("token_ends_at", TIME)).update().values(token_ends_at=ends_at))
    op.create_table(
        "sign_ins",
        sa.Column("id_digest", sa.Text(), nullable=False),
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("began_at", TIME, nullable=False),
        sa.Column("seen_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("id_token", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("id_digest", name="pk_sign_ins"),
        sa.ForeignKeyConstraint(["user_name"], ["users.name"], name="fk_sign_ins_user_name"),
    )
    op.create_index("ix_sign_ins_user_name", "sign_ins", ["user_name"])
    op.create_index("ix_sign_ins_ends_at", "sign_ins", ["ends_at"])
    op.create_table(
        "credentials",
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("code_secret", sa.LargeBinary(), nullable=False),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("set_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("user_name", name="pk_credentials"),
        sa.ForeignKeyConstraint(["user_name"], ["users.name"], name="fk_credentials_user_name"),
    )
    op.create_table(
        "recovery_codes",
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("code_digest", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("user_name", "code_digest", name="pk_recovery_codes"),
        sa.ForeignKeyConstraint(["user_name"], ["users.name"], name="fk_recovery_codes_user_name"),
    )
    op.create_table(
        "invitations",
        sa.Column("user_name", sa.Text(), nullable=False),
        sa.Column("token_digest", sa.Text(), nullable=False),
        sa.Column("invited_by", sa.Text(), nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("user_name", name="pk_invitations"),
        sa.UniqueConstraint("token_digest", name="uq_invitations_token_digest"),
        sa.ForeignKeyConstraint(["user_name"], ["users.name"], name="fk_invitations_user_name"),
    )
    op.create_table(
        "strikes",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_strikes"),
    )
    op.create_index("ix_strikes_ends_at", "strikes", ["ends_at"])
