"""Copies: the second factor, and files that callers hand in."""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    pass
