"""The profiles by which calls were told what they were told, each kept as it was; never changed, never removed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from storage.dialects import insert_new
from storage.oversight import PolicyVersion
from storage.tables import policies


class SqlPolicyArchive:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def keep(self, digest: str, slug: str, version: str, document: str, at: datetime) -> None:
        """Keep a profile's text under its digest; what is kept already stays as it is."""
        row = {"digest": digest, "slug": slug, "version": version, "document": document, "kept_at": at}
        insert_new(self._connection, policies, row)

    def list_profiles(self) -> Sequence[tuple[str, str]]:
        """Agency and digest of each profile that is kept."""
        columns = (policies.c.slug, policies.c.digest)
        rows = self._connection.execute(select(*columns).order_by(*columns))
        return [(row.slug, row.digest) for row in rows]

    def list(self, slug: str) -> Sequence[PolicyVersion]:
        """The versions of an agency's profile that calls or cases were told by, the newest first."""
        statement = (
            select(policies.c.digest, policies.c.version, policies.c.kept_at)
            .where(policies.c.slug == slug)
            .order_by(policies.c.kept_at.desc(), policies.c.digest)
        )
        return [PolicyVersion(**row._mapping) for row in self._connection.execute(statement)]

    def find(self, digest: str) -> str | None:
        """The profile's text."""
        return self._connection.execute(select(policies.c.document).where(policies.c.digest == digest)).scalar()
