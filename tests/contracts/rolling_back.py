"""A transaction that does something and is then undone."""

from collections.abc import Callable
from contextlib import suppress

from ivr.ports import Database, Unit


class RolledBack(Exception):
    pass


def roll_back(database: Database, act: Callable[[Unit], object]) -> None:
    with suppress(RolledBack), database.transaction() as unit:
        act(unit)
        raise RolledBack
