"""After an erasure: what it left in the database's files goes too, soon and for many erasures at once."""

from datetime import datetime, timedelta

from ivr.calls.jobs import JobKind
from ivr.ports import Unit

KEY = "database"
SETTLES = timedelta(minutes=1)
"""One that comes meanwhile puts it off again: a run of retention is followed by one clearing, not by hundreds."""


def ask_to_clear(unit: Unit, now: datetime) -> None:
    """In the transaction that erases."""
    unit.outbox.put(JobKind.CLEAR_RESIDUE, KEY, {}, now + SETTLES)
