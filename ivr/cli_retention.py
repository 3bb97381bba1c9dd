"""`spelregel retention run`: what is due, and destroying it; readable at 3 a.m., or as JSON."""

import argparse
import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from ivr.jobs.apply_retention import Due, Held
from ivr.wiring import Wiring
from storage.records import CaseRecord

AddCommand = Callable[[str, Callable[[argparse.Namespace], int], str], argparse.ArgumentParser]

GOOD = 0
WORDS = {
    "recording": "recording",
    "number": "caller's number",
    "log": "personal values beside the log",
    "case": "case file",
    "citizen-copy": "citizen's copy",
}


@dataclass(frozen=True, slots=True)
class Item:
    """One thing that is due. `what` is a key of `WORDS`, `since` when its period was over, or the call ended that the
    period counts from. `stays` says why it is not destroyed by us; empty where it goes."""

    agency: str
    what: str
    id: str
    call_id: str | None
    since: datetime | None
    stays: str = ""


def add_command(add: AddCommand) -> None:
    retention = add("retention", run_retention, "destroy what is due")
    retention.add_argument("action", choices=("run",))
    retention.add_argument("--dry-run", action="store_true", help="only say what would go")
    retention.add_argument("--json", action="store_true", help="one JSON object a line")


def run_retention(chosen: argparse.Namespace) -> int:
    wiring = Wiring.from_environment()
    due = wiring.retention.list_due() if chosen.dry_run else wiring.retention.destroy_due()
    with wiring.database.reading() as unit:
        agency_of = {row.call_id: unit.calls.get(row.call_id).agency for row in [*due.recordings, *due.held.recordings]}
    items = list(_items(due, agency_of))
    if chosen.json:
        for item in items:
            print(json.dumps(asdict(item) | {"since": item.since and item.since.isoformat()}))
        return GOOD
    for item in items if chosen.dry_run else filter(lambda item: item.stays, items):
        print(_line(item))
    print("would go: " if chosen.dry_run else "destroyed: ", _sums(items), sep="")
    return GOOD


def _items(due: Due, agency_of: Mapping[str, str]) -> Iterator[Item]:
    """By agency, then by kind, those that stay after those that go."""
    found = [*_all(due, agency_of, ""), *_all(due.held, agency_of, "legal hold")]
    found += [
        _case(case, "citizen-copy", case.due_at, f"must be destroyed by {case.owner}") for case in due.citizen_copies
    ]
    order = list(WORDS)
    yield from sorted(found, key=lambda item: (item.agency, order.index(item.what), bool(item.stays)))


def _all(due: Due | Held, agency_of: Mapping[str, str], stays: str) -> Iterator[Item]:
    for row in due.recordings:
        yield Item(agency_of[row.call_id], "recording", row.recording_id, row.call_id, row.destroy_after, stays)
    for call in due.numbers:
        yield Item(call.agency, "number", call.call_id, call.call_id, call.closed_at, stays)
    for call in due.calls:
        yield Item(call.agency, "log", call.call_id, call.call_id, call.closed_at, stays)
    for case in due.cases:
        yield _case(case, "case", case.destroy_after, stays)


def _case(case: CaseRecord, what: str, since: datetime | None, stays: str) -> Item:
    return Item(case.agency, what, case.case_id, case.call_id, since, stays)


def _line(item: Item) -> str:
    of_call = f"  call {item.call_id}" if item.call_id not in (None, item.id) else ""
    since = "" if item.since is None else f"  {item.since:%Y-%m-%d}"
    return f"{item.agency}  {WORDS[item.what]}  {item.id}{of_call}{since}{item.stays and f'  stays: {item.stays}'}"


def _sums(items: list[Item]) -> str:
    """Per agency and kind."""
    counts = Counter((item.agency, item.what) for item in items if not item.stays)
    told = [f"{agency}: {count} x {WORDS[what]}" for (agency, what), count in counts.items()]
    return "; ".join(told) or "nothing"
