"""What a user may see at all: things of their own agencies. Anything else does not exist for them."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import g
from werkzeug.exceptions import Forbidden, NotFound

from config.policy import Role
from ivr.cases.case import Case
from ivr.cases.service import CaseService, Sight
from ivr.ports import Database
from ivr.web.access import User
from storage.errors import UnknownCall, UnknownCase
from storage.records import CallRecord

CallFinder = Callable[[str, User], CallRecord]
CaseFinder = Callable[[str, User], Case]
CASE_ID = re.compile(r"[0-9a-f]{1,64}")


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


def sight_of(user: User) -> Sight:
    """The one place that says which case files exist for whom: a committee judges complaints, and has nothing to do
    with the rest."""
    return Sight(tuple(sorted(user.agencies)), complaints_only=user.role is Role.COMMITTEE)


def case_finder(cases: CaseService) -> CaseFinder:
    def find_case(case_id: str, user: User) -> Case:
        """404 for a case that is out of sight too."""
        if not CASE_ID.fullmatch(case_id):
            raise NotFound("there is no such case")
        with seeing(user) as sight:
            case = cases.get(case_id, sight).case
        concerns(case.agency)
        return case

    return find_case


@contextmanager
def seeing(user: User) -> Iterator[Sight]:
    """404 for a case that is out of sight too: it tells nobody what exists."""
    try:
        yield sight_of(user)
    except UnknownCase:
        raise NotFound("there is no such case") from None


def in_scope(agency: str, user: User) -> None:
    """Raises `Forbidden`."""
    if agency not in user.agencies:
        raise Forbidden("this agency is not one of yours")
    concerns(agency)


def came_to(outcome: str) -> None:
    """What a check found, for its line in the trail."""
    g.outcome = outcome


def concerns(agency: str) -> None:
    """Of which agency this request is, for its line in the trail."""
    g.agency = agency
