"""What calls are found by: one narrow row of facts for each, and the search over them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    cast,
    column,
    exists,
    false,
    func,
    literal,
    literal_column,
    select,
    table,
    text,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.sql.elements import Tuple

from storage.call_words import SqlCallWords, matching_query
from storage.consent_log.sql_log import SqlConsentLog
from storage.dialects import insert_for
from storage.errors import UnknownCall
from storage.records import ANY_CASE, CallFacts, CallFilter, FactField
from storage.search_tables import call_facts, call_words
from storage.tables import caller_numbers, cases

F = call_facts.c
IS_RUNNING = literal_column("call_facts.state != 'ended'", type_=call_facts.c.third_person.type)
HAS_REASON = literal_column("call_facts.reason != ''", type_=call_facts.c.third_person.type)
"""As the partial indexes say it: with a bound value SQLite would not know that they may be used."""

PLAN_FOR_VALUES = text(
    "SELECT set_config('plan_cache_mode', 'force_custom_plan', true), set_config('jit', 'off', true)"
)
"""Which index is best depends on how rare a value is; compiling a query takes longer than running it."""

MOST_VALUES = 500

full_text = table("call_fts", column("rowid"), column("call_fts"))


class SqlCallSearch:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def put(self, facts: CallFacts) -> None:
        """Write the row of a call, or write it anew."""
        statement = insert_for(self._connection.dialect.name, call_facts).values(asdict(facts))
        changed = {name: statement.excluded[name] for name in asdict(facts) if name != "call_id"}
        self._connection.execute(statement.on_conflict_do_update(index_elements=[F.call_id], set_=changed))

    def rebuild_words(self, call_id: str) -> None:
        """From the log, as if each entry were appended again."""
        SqlCallWords(self._connection).replace(call_id, SqlConsentLog(self._connection).list_call(call_id))

    def find(self, wanted: CallFilter, limit: int, after: str | None = None) -> Sequence[CallFacts]:
        """The newest first, from the one after the call `after`.

        Raises `UnknownCall` where `after` is no call of these agencies.
        """
        conditions = self._conditions(wanted)
        if after is not None:
            conditions.append(tuple_(F.opened_at, F.call_id) < self._place_of(after, wanted.agencies))
        pages = [
            select(call_facts)
            .where(F.agency == agency, *conditions)
            .order_by(F.opened_at.desc(), F.call_id.desc())
            .limit(limit)
            for agency in wanted.agencies
        ]
        if not pages:
            return []
        # Each agency's newest come from the beginning of its own part of an index; only those are then put in order.
        every = union_all(*(select(page.subquery()) for page in pages)).subquery()
        newest = select(every).order_by(every.c.opened_at.desc(), every.c.call_id.desc()).limit(limit)
        return [CallFacts(**row._mapping) for row in self._connection.execute(newest)]

    def count(self, wanted: CallFilter, at_most: int) -> int:
        """How many there are; counting stops at `at_most`."""
        conditions = self._conditions(wanted)
        found = 0
        for agency in wanted.agencies:
            some = select(F.call_id).where(F.agency == agency, *conditions).limit(at_most - found).subquery()
            found += self._connection.execute(select(func.count()).select_from(some)).scalar_one()
        return found

    def list_case_kinds(self, call_ids: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Of each call that has cases, their kinds."""
        kinds = select(cases.c.call_id, cases.c.kind).where(cases.c.call_id.in_(call_ids)).distinct()
        found: dict[str, list[str]] = defaultdict(list)
        for row in self._connection.execute(kinds.order_by(cases.c.call_id, cases.c.kind)):
            found[row.call_id].append(row.kind)
        return found

    def list_values(self, field: FactField, agencies: Sequence[str]) -> Sequence[str]:
        """Those that occur in the calls of these agencies, in order, but for the empty one."""
        if not agencies:
            return []
        value = F[field]
        is_own = and_(F.agency == bindparam("agency"), value != literal_column("''"))
        # One look into the index for each value instead of one for each call.
        first = select(func.min(value).label("value")).where(is_own).cte(recursive=True)
        higher = select(func.min(value)).where(is_own, value > first.c.value).scalar_subquery()
        every = first.union_all(select(higher).where(first.c.value.is_not(None)))
        statement = select(every.c.value).where(every.c.value.is_not(None)).limit(MOST_VALUES)
        return sorted(
            {one for agency in agencies for one in self._connection.execute(statement, {"agency": agency}).scalars()}
        )

    def _place_of(self, call_id: str, agencies: Sequence[str]) -> Tuple:
        place = select(F.opened_at).where(F.call_id == call_id, F.agency.in_(agencies))
        opened_at = self._connection.execute(place).scalar()
        if opened_at is None:
            raise UnknownCall(call_id)
        return tuple_(literal(opened_at, F.opened_at.type), literal(call_id))

    def _conditions(self, wanted: CallFilter) -> list[ColumnElement[bool]]:
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(PLAN_FOR_VALUES)
        same = {
            F.line: wanted.line,
            F.employee: wanted.employee,
            F.caller_recording: wanted.caller_recording,
            F.agency_recording: wanted.agency_recording,
            F.reason: wanted.reason,
        }
        found: list[ColumnElement[bool]] = [name == value for name, value in same.items() if value is not None]
        if wanted.reason is not None:
            found.append(HAS_REASON)
        if wanted.since is not None:
            found.append(F.opened_at >= wanted.since)
        if wanted.until is not None:
            found.append(F.opened_at < wanted.until)
        if wanted.running is not None:
            found.append(IS_RUNNING if wanted.running else ~IS_RUNNING)
        if wanted.third_person is not None:
            found.append(F.third_person == (true() if wanted.third_person else false()))
        if wanted.case is not None:
            of_call = select(cases.c.case_id).where(cases.c.call_id == F.call_id)
            found.append(exists(of_call if wanted.case == ANY_CASE else of_call.where(cases.c.kind == wanted.case)))
        if wanted.number_hash is not None:
            of_caller = select(caller_numbers.c.call_id).where(caller_numbers.c.number_hash == wanted.number_hash)
            found.append(F.call_id.in_(of_caller))
        if wanted.text is not None:
            found.append(self._has_words(wanted.text, with_answers=wanted.with_answers))
        return found

    def _has_words(self, wanted: str, *, with_answers: bool) -> ColumnElement[bool]:
        query = matching_query(self._connection, wanted, with_answers=with_answers)
        if query is None:
            return false()
        if self._connection.dialect.name == "postgresql":
            said = call_words.c.words.bool_op("@@")(cast(query, TSQUERY))
            return exists(select(call_words.c.row_id).where(call_words.c.call_id == F.call_id, said))
        rows = select(full_text.c.rowid).where(full_text.c.call_fts.bool_op("MATCH")(query))
        return F.call_id.in_(select(call_words.c.call_id).where(call_words.c.row_id.in_(rows)))
