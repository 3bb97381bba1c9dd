"""When everything personal of a call went, and what makes the digest of a case file unguessable."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"

OF_PROFILE = "ix_calls_policy_digest_closed_at"


def upgrade() -> None:
    op.add_column("calls", sa.Column("forgotten_at", sa.DateTime(timezone=True)))
    op.drop_index(OF_PROFILE, "calls")
    op.create_index(f"{OF_PROFILE}_forgotten_at", "calls", ["policy_digest", "closed_at", "forgotten_at"])
    op.add_column("cases", sa.Column("nonce", sa.Text(), nullable=False, server_default=""))
