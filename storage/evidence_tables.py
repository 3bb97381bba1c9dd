"""Tables of what proves to outsiders what happened; `tables.py` has the others, and how columns are written."""

from sqlalchemy import BigInteger, CheckConstraint, Column, LargeBinary, PrimaryKeyConstraint, Table, Text

from storage.tables import UtcTime, metadata

# What witnesses said. No foreign key: a statement outlives a checkpoint that somebody takes away, and so tells of it.
witness_statements = Table(
    "witness_statements",
    metadata,
    Column("witness", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("note", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("answer", LargeBinary, nullable=False),
    Column("stated_at", UtcTime, nullable=False),
    PrimaryKeyConstraint("witness", "size"),
    CheckConstraint("kind IN ('kept', 'cosigned', 'stamped')", name="kind"),
)

# No foreign key to cases: like the file that it is about, it goes by itself.
comparisons = Table(
    "comparisons",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("report", Text, nullable=False),
    Column("compared_at", UtcTime, nullable=False),
)
