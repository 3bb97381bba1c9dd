"""Files that callers hand in: how far each one is, and of which stored parts it consists."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, delete, insert, select, true, update

from storage.portal_tables import upload_parts, uploads
from storage.records import UploadPart, UploadRow


class SqlUploads:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, row: UploadRow) -> None:
        """Raises `ConstraintBroken` for a known upload."""
        self._connection.execute(insert(uploads).values(**asdict(row)))

    def find(self, upload_id: str) -> UploadRow | None:
        row = self._connection.execute(select(uploads).where(uploads.c.upload_id == upload_id)).first()
        return None if row is None else UploadRow(**row._mapping)

    def list_case(self, case_id: str) -> Sequence[UploadRow]:
        """In the order in which they began."""
        return self._list(uploads.c.case_id == case_id)

    def list_kept(self) -> Sequence[UploadRow]:
        return self._list(uploads.c.state == "kept")

    def list_complete(self) -> Sequence[UploadRow]:
        """All of them is here, and is looked at."""
        return self._list(uploads.c.state == "complete")

    def list_stale(self, now: datetime) -> Sequence[UploadRow]:
        """Those of which nothing came for too long."""
        return self._list((uploads.c.state == "receiving") & (uploads.c.expires_at <= now))

    def grow(self, upload_id: str, start: int, by_bytes: int, expires_at: datetime) -> bool:
        """Add what was received from `start`; False where others did so first, or nothing is received any more."""
        here = (
            (uploads.c.upload_id == upload_id) & (uploads.c.received_bytes == start) & (uploads.c.state == "receiving")
        )
        grown = update(uploads).where(here).values(received_bytes=start + by_bytes, expires_at=expires_at)
        return self._connection.execute(grown).rowcount == 1

    def save(self, row: UploadRow, was: str) -> bool:
        """Write a row whose stored state is `was`; False where it is another one by now."""
        here = (uploads.c.upload_id == row.upload_id) & (uploads.c.state == was)
        return self._connection.execute(update(uploads).where(here).values(**asdict(row))).rowcount == 1

    def add_part(self, part: UploadPart) -> None:
        """Raises `ConstraintBroken` for an unknown upload."""
        self._connection.execute(insert(upload_parts).values(**asdict(part)))

    def complete_part(self, object_key: str, size_bytes: int) -> None:
        here = upload_parts.c.object_key == object_key
        self._connection.execute(update(upload_parts).where(here).values(size_bytes=size_bytes))

    def list_parts(self, upload_id: str) -> Sequence[UploadPart]:
        """In the order of the file; those that are not whole as well."""
        return self._list_parts(upload_parts.c.upload_id == upload_id)

    def list_all_parts(self) -> Sequence[UploadPart]:
        """Of all files."""
        return self._list_parts(true())

    def forget_part(self, object_key: str) -> None:
        self._connection.execute(delete(upload_parts).where(upload_parts.c.object_key == object_key))

    def _list_parts(self, wanted: ColumnElement[bool]) -> Sequence[UploadPart]:
        order = upload_parts.c.upload_id, upload_parts.c.start, upload_parts.c.object_key
        found = select(upload_parts).where(wanted).order_by(*order)
        return [UploadPart(**row._mapping) for row in self._connection.execute(found)]

    def _list(self, wanted: ColumnElement[bool]) -> Sequence[UploadRow]:
        found = select(uploads).where(wanted).order_by(uploads.c.began_at, uploads.c.upload_id)
        return [UploadRow(**row._mapping) for row in self._connection.execute(found)]
