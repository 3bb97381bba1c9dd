"""What supervisors may see of all calls: searching, and the searches that each keeps."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from ivr.ports import Clock, Database
from storage.records import CallFacts, CallFilter, FactField, SavedFilter

PAGE = 50
MOST_COUNTED = 1000
MOST_SAVED = 30
MOST_EXPORTED = 10_000
KNOWN_FOR = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Found:
    """A page of calls, newest first, with the kinds of their cases.

    `next` is the `after` of the following page, None on the last. `count` is how many there are in all, at most
    `MOST_COUNTED`, and `more` that there are more than that; None on a later page, where nobody counts again.
    """

    calls: Sequence[CallFacts]
    case_kinds: Mapping[str, Sequence[str]]
    next: str | None
    count: int | None
    more: bool = False


class Supervision:
    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._known: dict[tuple[str, ...], tuple[datetime, Mapping[FactField, Sequence[str]]]] = {}

    def find(self, wanted: CallFilter, after: str | None = None) -> Found:
        """Raises `UnknownCall` where `after` is no call of these agencies."""
        with self._database.reading() as unit:
            rows = unit.search.find(wanted, PAGE + 1, after)
            page = rows[:PAGE]
            kinds = unit.search.list_case_kinds([facts.call_id for facts in page])
            further = page[-1].call_id if len(rows) > PAGE else None
            if after is not None:
                return Found(page, kinds, further, None)
            count = len(page) if further is None else unit.search.count(wanted, MOST_COUNTED + 1)
        return Found(page, kinds, further, min(count, MOST_COUNTED), more=count > MOST_COUNTED)

    def list_known(self, agencies: Sequence[str]) -> Mapping[FactField, Sequence[str]]:
        """What occurs in the calls of these agencies, to choose from; as it was at most `KNOWN_FOR` ago."""
        now, key = self._clock.now(), tuple(agencies)
        earlier = self._known.get(key)
        if earlier is not None and now - earlier[0] < KNOWN_FOR:
            return earlier[1]
        with self._database.reading() as unit:
            known = {field: unit.search.list_values(field, agencies) for field in FactField}
        self._known[key] = (now, known)
        return known

    def count(self, wanted: CallFilter, at_most: int) -> int:
        """How many there are; counting stops at `at_most`."""
        with self._database.reading() as unit:
            return unit.search.count(wanted, at_most)

    def walk(self, wanted: CallFilter, at_most: int) -> Iterator[str]:
        """The ids of the calls, newest first; each page is read in a transaction of its own."""
        after = None
        while at_most > 0:
            with self._database.reading() as unit:
                page = unit.search.find(wanted, min(at_most, PAGE), after)
            yield from (facts.call_id for facts in page)
            if len(page) < PAGE:
                return
            at_most -= len(page)
            after = page[-1].call_id

    # ------------------------------------------------------------ searches that are kept

    def list_saved(self, user_name: str) -> Sequence[SavedFilter]:
        """By name."""
        with self._database.reading() as unit:
            return unit.saved_filters.list(user_name)

    def save(self, user_name: str, name: str, query: str) -> bool:
        """Under a name that is there already the new search takes the place of the old one. False, and nothing
        changed, where there are `MOST_SAVED` already."""
        with self._database.transaction() as unit:
            names = {saved.name for saved in unit.saved_filters.list(user_name)}
            if name not in names and len(names) >= MOST_SAVED:
                return False
            unit.saved_filters.save(SavedFilter(user_name, name, query, self._clock.now()))
            return True

    def rename(self, user_name: str, name: str, new_name: str) -> bool:
        """False, and nothing changed, where the new name is taken or the old one is not there."""
        with self._database.transaction() as unit:
            return name == new_name or unit.saved_filters.rename(user_name, name, new_name)

    def delete(self, user_name: str, name: str) -> None:
        with self._database.transaction() as unit:
            unit.saved_filters.delete(user_name, name)
