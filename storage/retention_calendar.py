"""What must be destroyed when, counted by the hour; and what was."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select, text

from storage.consent_log.sql_log import logged_entry
from storage.dialects import hour_of
from storage.holds import is_held
from storage.oversight import Destruction, DueHour
from storage.tables import DESTRUCTION, caller_numbers, calls, cases, log_entries, recordings


class SqlRetentionCalendar:
    """`held`: those that stay because of a legal hold are counted, otherwise the others."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def recordings(
        self, agencies: Sequence[str], since: datetime, until: datetime, *, held: bool = False
    ) -> Sequence[DueHour]:
        """Not yet destroyed, and due from `since` up to, and not at, `until`."""
        due = recordings.c.destroy_after
        return self._hours(
            due,
            select(func.count())
            .select_from(recordings.join(calls))
            .where(recordings.c.destroyed_at.is_(None), due >= since, due < until, calls.c.agency.in_(agencies))
            .where(is_held(recordings.c.call_id, held=held)),
        )

    def numbers(
        self, policy_digest: str, ended_since: datetime, ended_until: datetime, *, held: bool = False
    ) -> Sequence[DueHour]:
        """Callers' numbers that are still kept, by the hour in which their call ended."""
        ended = calls.c.closed_at
        return self._hours(
            ended,
            select(func.count())
            .select_from(calls.join(caller_numbers))
            .where(calls.c.policy_digest == policy_digest, ended >= ended_since, ended < ended_until)
            .where(is_held(calls.c.call_id, held=held)),
        )

    def calls(
        self, policy_digest: str, ended_since: datetime, ended_until: datetime, *, held: bool = False
    ) -> Sequence[DueHour]:
        """Calls of which something personal may be kept, by the hour in which they ended."""
        ended = calls.c.closed_at
        return self._hours(
            ended,
            select(func.count())
            .where(calls.c.policy_digest == policy_digest, ended >= ended_since, ended < ended_until)
            .where(calls.c.forgotten_at.is_(None), is_held(calls.c.call_id, held=held)),
        )

    def cases(
        self, agencies: Sequence[str], since: datetime, until: datetime, *, held: bool = False
    ) -> Sequence[DueHour]:
        """Case files that are closed."""
        due = cases.c.destroy_after
        return self._hours(
            due,
            select(func.count())
            .where(due >= since, due < until, cases.c.agency.in_(agencies))
            .where(is_held(cases.c.call_id, held=held)),
        )

    def open_cases(
        self, agencies: Sequence[str], kind: str, but: str, since: datetime, until: datetime
    ) -> Sequence[DueHour]:
        """Open cases of a kind, `but` those in that state, by their term."""
        due = cases.c.due_at
        return self._hours(
            due,
            select(func.count())
            .where(cases.c.closed_at.is_(None), due >= since, due < until)
            .where(cases.c.kind == kind, cases.c.state != but, cases.c.agency.in_(agencies)),
        )

    def destroyed(self, agencies: Sequence[str], since: datetime, limit: int) -> Sequence[Destruction]:
        """What the consent log says was destroyed since then, the newest first; of the trail, for everybody."""
        mine = or_(calls.c.agency.in_(agencies), calls.c.call_id.is_(None))
        statement = (
            select(log_entries)
            .select_from(log_entries.outerjoin(calls, calls.c.call_id == log_entries.c.call_id))
            .where(and_(text(DESTRUCTION), log_entries.c.occurred_at >= since, mine))
            .order_by(log_entries.c.occurred_at.desc(), log_entries.c.number.desc())
            .limit(limit)
        )
        entries = [logged_entry(row, {}) for row in self._connection.execute(statement)]
        return [
            Destruction(entry.tag, entry.occurred_at, entry.call_id, entry.facts)
            for entry in entries
            if _is_of(entry.facts, agencies)
        ]

    def _hours(self, at: ColumnElement[datetime], counting: Select[int]) -> Sequence[DueHour]:
        hour = hour_of(self._connection.dialect.name, at)
        rows = self._connection.execute(counting.add_columns(hour.label("hour")).group_by(hour).order_by(hour))
        return [DueHour(datetime.strptime(row.hour, "%Y-%m-%d %H").replace(tzinfo=UTC), row[0]) for row in rows]


def _is_of(facts: Mapping[str, object], agencies: Sequence[str]) -> bool:
    """A case that belongs to no call names its agency."""
    agency = facts.get("agency")
    return agency is None or agency in agencies
