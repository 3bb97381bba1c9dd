"""What a user may see at all: things of their own agencies. Anything else does not exist for them."""

from collections.abc import Callable

from flask import g
from werkzeug.exceptions import Forbidden, NotFound

from ivr.ports import Database
from ivr.web.access import User
from storage.errors import UnknownCall
from storage.records import CallRecord

CallFinder = Callable[[str, User], CallRecord]


def call_finder(database: Database) -> CallFinder:
    def find_call(call_id: str, user: User) -> CallRecord:
        """404 for a call of another agency too: it tells nobody what exists."""
        try:
            with database.reading() as unit:
                call = unit.calls.get(call_id)
        except UnknownCall:
            raise NotFound("there is no such call") from None
        if call.agency not in user.agencies:
            raise NotFound("there is no such call")
        concerns(call.agency)
        return call

    return find_call


def in_scope(agency: str, user: User) -> None:
    """Raises `Forbidden`."""
    if agency not in user.agencies:
        raise Forbidden("this agency is not one of yours")
    concerns(agency)


def concerns(agency: str) -> None:
    """Of which agency this request is, for its line in the trail."""
    g.agency = agency
