"""The trail of who did or saw what, held by the consent log: once a day the digest of its new lines becomes an entry.

Whoever changes, adds or removes a line after that has to change the consent log as well, which is chained and signed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from ivr.ports import Clock, Database
from storage.errors import LogBroken
from storage.records import Json, LoggedEntry, NewEntry
from storage.trail_digest import digest_of

CHAIN = "trail"
"""What these entries have in place of a call's id."""

SEALED, DESTROYED = "trail:sealed", "trail:destroyed"
EVERY = timedelta(days=1)
SETTLED = timedelta(hours=1)
"""Longer than any transaction takes: a line with a lower number cannot appear after that."""

KEPT = timedelta(days=1826)
"""Five years, as long as the case files of the profiles that come with the service."""

REASON = "retention period over"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines `first` to `last` of the trail, as the consent log holds them; `destroyed`: their time was over."""

    first: int
    last: int
    lines: int
    digest: str
    sealed: LoggedEntry
    destroyed: bool


class TrailKeeper:
    """Seals the trail, checks it against its seals, and destroys what is too old."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def list_stretches(self) -> Sequence[Stretch]:
        """The oldest first, without gaps between them."""
        with self._database.reading() as unit:
            entries = unit.log.list_call(CHAIN)
        gone = max((_number(entry, "last") for entry in entries if entry.tag == DESTROYED), default=0)
        return [_stretch(entry, gone) for entry in entries if entry.tag == SEALED]

    def keep(self) -> None:
        """What the worker does from time to time."""
        self.seal()
        self.destroy_due()

    def seal(self) -> bool:
        """Log the digest of the lines since the last seal, once a day; false where there is nothing to do."""
        now = self._clock.now()
        stretches = self.list_stretches()
        if stretches and stretches[-1].sealed.occurred_at + EVERY > now:
            return False
        first = stretches[-1].last + 1 if stretches else 1
        with self._database.reading() as unit:
            last = unit.trail.find_last(now - SETTLED)
            if last is None or last < first:
                return False
            lines, digest = digest_of(unit.trail.stream(first, last))
        facts: dict[str, Json] = {"first": first, "last": last, "lines": lines, "digest": digest}
        with self._database.transaction() as unit:  # two workers at once: the first one's entry stands
            unit.log.append(NewEntry(CHAIN, f"{SEALED}:{first}", SEALED, now, facts))
        return True

    def check(self, newest: int | None = None) -> Sequence[str]:
        """What is wrong with the trail, in words; empty where every line is as it was sealed. With `newest`, only of
        so many stretches."""
        try:
            stretches = self.list_stretches()
        except LogBroken as broken:
            return [str(broken)]
        faults = []
        for stretch in stretches if newest is None else stretches[-newest:]:
            if stretch.destroyed:
                continue
            with self._database.reading() as unit:
                lines, digest = digest_of(unit.trail.stream(stretch.first, stretch.last))
            if (lines, digest) != (stretch.lines, stretch.digest):
                what = f"lines {stretch.first} to {stretch.last} of the trail"
                faults.append(f"{what} are not the {stretch.lines} of entry {stretch.sealed.number}: there are {lines}")
        return faults

    def destroy_due(self) -> int:
        """Whole stretches, once all of their lines are old enough; gives how many lines went."""
        now = self._clock.now()
        due = [one for one in self.list_stretches() if not one.destroyed and one.sealed.occurred_at + KEPT <= now]
        if not due:
            return 0
        last, lines = due[-1].last, sum(one.lines for one in due)
        facts: dict[str, Json] = {"first": due[0].first, "last": last, "lines": lines, "reason": REASON}
        with self._database.transaction() as unit:
            unit.trail.forget(last)
            unit.log.append(NewEntry(CHAIN, f"{DESTROYED}:{last}", DESTROYED, now, facts))
        return lines


def _stretch(entry: LoggedEntry, gone: int) -> Stretch:
    last = _number(entry, "last")
    return Stretch(
        _number(entry, "first"), last, _number(entry, "lines"), str(entry.facts["digest"]), entry, last <= gone
    )


def _number(entry: LoggedEntry, name: str) -> int:
    return int(str(entry.facts[name]))
