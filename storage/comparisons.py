"""What comparisons of copies found. It goes with the copy; what stays of it is the entry in the consent log."""

from dataclasses import asdict

from sqlalchemy import Connection, delete, select

from storage.dialects import insert_for
from storage.evidence_tables import comparisons
from storage.records import ComparisonRow


class SqlComparisons:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, row: ComparisonRow) -> None:
        """Write it, or write it anew."""
        statement = insert_for(self._connection.dialect.name, comparisons).values(**asdict(row))
        self._connection.execute(
            statement.on_conflict_do_update(
                index_elements=[comparisons.c.case_id],
                set_={"report": statement.excluded.report, "compared_at": statement.excluded.compared_at},
            )
        )

    def find(self, case_id: str) -> ComparisonRow | None:
        row = self._connection.execute(select(comparisons).where(comparisons.c.case_id == case_id)).first()
        return None if row is None else ComparisonRow(**row._mapping)

    def forget(self, case_id: str) -> None:
        self._connection.execute(delete(comparisons).where(comparisons.c.case_id == case_id))
