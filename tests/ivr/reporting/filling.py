"""A year of calls and cases, written straight into the log as the service writes them: for reports of some size."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count

from ivr.cases.acts import ComplaintReceived, JudgedWithoutListening, RequestRefused, RequestRegistered
from ivr.cases.case import Who
from ivr.cases.service import Actor
from storage.records import CallRecord, Json, NewEntry
from tests.builders import House

Entry = tuple[str, dict[str, Json]]
RECORDED: tuple[Entry, ...] = (
    ("request:heard", {"confidence": "0.90"}),
    ("consent:requested", {}),
    ("consent:given", {"channel": "speech"}),
    ("recording:announced", {}),
    ("recording:started", {"recording_sid": "RE1"}),
    ("recording:stopped", {"reason": "the call ended"}),
    ("recording:stored", {}),
    ("copy:offered", {}),
    ("copy:wanted", {}),
    ("copy:downloaded", {"use": "listen"}),
)
DECLINED: tuple[Entry, ...] = (("request:keyed", {"digit": "1"}), ("consent:refused", {"channel": "key"}))
PLAIN: tuple[Entry, ...] = (("employee:joined", {}), ("employee:left", {}))
SUPERVISOR = Actor("l.smit", Who.SUPERVISOR)


def refused(reason: str) -> tuple[Entry, ...]:
    told: dict[str, Json] = {"reason": reason, "alternative": "meeluisteren"}
    return (("request:heard", {"confidence": "0.90"}), ("consent:requested", {}), ("objection:raised", told))


def write_calls(house: House, at: datetime, times: int, told: tuple[Entry, ...], agency: str = "example") -> None:
    """So many calls a minute after each other; their entries follow every three seconds."""
    policy = house.wiring.agencies.now(agency)
    with house.wiring.database.transaction() as unit:
        for number in range(times):
            opened_at = at + timedelta(minutes=number)
            call_id = next(NAMES)
            unit.calls.insert(CallRecord(call_id, f"CA-{call_id}", agency, policy.digest, opened_at, "{}"))
            entries: list[Entry] = [("call:opened", {"agency": agency}), *told, ("call:ended", {})]
            for place, (tag, facts) in enumerate(entries):
                moment = opened_at + timedelta(seconds=3 * place)
                unit.log.append(NewEntry(call_id, f"{call_id}:{place}", tag, moment, facts, {"words": "geheim"}))


def names() -> Iterator[str]:
    for number in count():
        yield f"call-{number:06}"


NAMES = names()


def write_year(house: House, year: int = 2026) -> None:
    """A year of the example municipality: busy and quiet months, refusals, a counter, complaints."""
    for month in range(1, 13):
        at = datetime(year, month, 5, 9, tzinfo=house.clock.at.tzinfo)
        write_calls(house, at, 20 + 3 * month, PLAIN)
        write_calls(house, at + timedelta(days=1), 6 + month, RECORDED)
        write_calls(house, at + timedelta(days=2), month // 2, DECLINED)
        write_calls(house, at + timedelta(days=3), 1 + month % 3, refused("privacy"))
        write_calls(house, at + timedelta(days=4), month % 2, refused("anders"))
    cases = house.wiring.cases
    for month in (2, 2, 2, 5, 5, 9):
        house.clock.at = datetime(year, month, 9, 9, tzinfo=house.clock.at.tzinfo)
        asked = RequestRegistered("balie", house.clock.at, "gewoon", third_persons=True)
        case = cases.open(asked, "example", SUPERVISOR)
        cases.act(case.case_id, RequestRefused("privacy", "verslag"), SUPERVISOR)
        complaint = cases.open(ComplaintReceived("de medewerker weigerde"), "example", SUPERVISOR)
        cases.act(complaint.case_id, JudgedWithoutListening("gegrond"), Actor("c.visser", Who.COMMITTEE))
