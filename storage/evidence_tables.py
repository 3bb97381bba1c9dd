"""Tables of what proves, to outsiders and to ourselves, what happened."""

from sqlalchemy import Column, Table, Text

from storage.tables import UtcTime, metadata

# No foreign key to cases: like the file that it is about, it goes by itself.
comparisons = Table(
    "comparisons",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("report", Text, nullable=False),
    Column("compared_at", UtcTime, nullable=False),
)
