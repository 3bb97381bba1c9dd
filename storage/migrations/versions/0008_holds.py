"""Legal holds, and what was asked about a data subject."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    pass
