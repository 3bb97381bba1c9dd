"""What witnesses said about our checkpoints, and what they have not seen yet."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, Row, select, update

from storage.dialects import insert_new
from storage.evidence_tables import witness_statements
from storage.tables import checkpoints
from storage.witnessing import StatementKind, StatementRow


class SqlWitnessStatements:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, row: StatementRow) -> bool:
        """The first statement of a witness about a checkpoint counts; false, and nothing changed, for another one.

        A cosignature is also put under the stored checkpoint, so that exports and proofs carry it from now on.
        """
        if not insert_new(self._connection, witness_statements, asdict(row)):
            return False
        if row.kind is StatementKind.COSIGNED:
            line = f"{row.answer.decode()}\n"
            self._connection.execute(
                update(checkpoints).where(checkpoints.c.size == row.size).values(note=checkpoints.c.note + line)
            )
        return True

    def find_last(self, witness: str) -> StatementRow | None:
        """About the largest checkpoint."""
        of_witness = select(witness_statements).where(witness_statements.c.witness == witness)
        row = self._connection.execute(of_witness.order_by(witness_statements.c.size.desc()).limit(1)).first()
        return None if row is None else _statement(row)

    def stream(self) -> Iterator[StatementRow]:
        """All of them, by size; read while the transaction runs."""
        in_order = select(witness_statements).order_by(witness_statements.c.size, witness_statements.c.witness)
        return map(_statement, self._connection.execute(in_order))

    def waits_since(self, size: int) -> datetime | None:
        """When the first checkpoint of more than `size` entries was signed; None where there is none."""
        later = select(checkpoints.c.sealed_at).where(checkpoints.c.size > size)
        return self._connection.execute(later.order_by(checkpoints.c.size).limit(1)).scalar()


def _statement(row: Row[tuple[object, ...]]) -> StatementRow:
    values = dict(row._mapping)
    return StatementRow(**values | {"kind": StatementKind(str(values["kind"]))})
