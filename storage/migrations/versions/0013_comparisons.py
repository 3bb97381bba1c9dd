"""Comparisons with copies that were handed in."""

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    pass
