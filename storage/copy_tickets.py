"""The caller's rights to fetch a copy; only the SHA-256 of each token is stored."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from sqlalchemy import Connection, insert, select, update

from storage.records import CopyTicket
from storage.tables import copy_tickets


class SqlCopyTickets:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, ticket: CopyTicket) -> None:
        """Raises `ConstraintBroken` for a known ticket or digest, and for an unknown call."""
        self._connection.execute(insert(copy_tickets).values(**asdict(ticket)))

    def find_by_digest(self, token_digest: str) -> CopyTicket | None:
        """Also one that expired or was revoked: the page says which."""
        row = self._connection.execute(select(copy_tickets).where(copy_tickets.c.token_digest == token_digest)).first()
        return None if row is None else CopyTicket(**row._mapping)

    def find(self, ticket_id: str) -> CopyTicket | None:
        row = self._connection.execute(select(copy_tickets).where(copy_tickets.c.ticket_id == ticket_id)).first()
        return None if row is None else CopyTicket(**row._mapping)

    def list_call(self, call_id: str) -> Sequence[CopyTicket]:
        """In the order in which they were made."""
        statement = select(copy_tickets).where(copy_tickets.c.call_id == call_id)
        in_order = statement.order_by(copy_tickets.c.created_at, copy_tickets.c.ticket_id)
        return [CopyTicket(**row._mapping) for row in self._connection.execute(in_order)]

    def lock(self, ticket_id: str) -> None:
        """Whoever counts what a ticket did before it does more waits here for who is counting."""
        one = select(copy_tickets.c.ticket_id).where(copy_tickets.c.ticket_id == ticket_id)
        self._connection.execute(one.with_for_update())

    def count_use(self, ticket_id: str) -> None:
        self._connection.execute(
            update(copy_tickets).where(copy_tickets.c.ticket_id == ticket_id).values(uses=copy_tickets.c.uses + 1)
        )

    def revoke_all(self, call_id: str, at: datetime) -> int:
        """From now on they open nothing; gives how many opened something until now."""
        statement = (
            update(copy_tickets)
            .where(copy_tickets.c.call_id == call_id, copy_tickets.c.revoked_at.is_(None))
            .values(revoked_at=at)
        )
        return self._connection.execute(statement).rowcount
