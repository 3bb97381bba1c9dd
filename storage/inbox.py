"""Webhooks that were taken; what comes twice changes nothing."""

from datetime import datetime

from sqlalchemy import Connection, delete

from storage.dialects import insert_new
from storage.tables import inbox


class SqlInbox:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def take(self, event_key: str, received_at: datetime) -> bool:
        """True the first time a key is seen, False afterwards; a roll-back forgets it."""
        return insert_new(self._connection, inbox, {"event_key": event_key, "received_at": received_at})

    def forget(self, before: datetime) -> None:
        """Forget keys that were taken before."""
        self._connection.execute(delete(inbox).where(inbox.c.received_at < before))
