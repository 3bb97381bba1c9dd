"""What calls are found by: one narrow row of facts for each, and the search over them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Text,
    and_,
    bindparam,
    cast,
    column,
    false,
    func,
    literal,
    literal_column,
    or_,
    select,
    table,
    true,
    tuple_,
    union_all,
)
from sqlalchemy.dialects.postgresql import TSQUERY
from sqlalchemy.sql.elements import Tuple

from storage.call_words import SqlCallWords, postgres_query, sqlite_query, wanted_tokens
from storage.consent_log.sql_log import SqlConsentLog
from storage.dialects import insert_for
from storage.errors import UnknownCall
from storage.records import ANY_CASE, CallFacts, CallFilter, FactField
from storage.search_tables import USUAL, call_facts, call_words
from storage.tables import caller_numbers, cases

F = call_facts.c
IS_RUNNING = F.state != literal_column("'ended'")
IS_UNUSUAL = {name: F[name] != literal_column(f"'{usual}'") for name, usual in USUAL.items()}
"""As the partial indexes say it: with a bound value SQLite would not know that they may be used."""

PLANNING = {
    "plan_cache_mode": "force_custom_plan",  # which index is best depends on how rare a value is
    "jit": "off",  # compiling takes longer than running
    "max_parallel_workers_per_gather": "0",  # as does starting helpers, and others search too
    "random_page_cost": "1.1",  # no discs that turn
}
PLAN_SO = select(*(func.set_config(name, value, true()) for name, value in PLANNING.items()))

WALKED = 3000
"""So many of the newest calls are looked at one by one for a word or a case, before all that have it are gathered: what
is not rare is among them, and what is rare is soon gathered. The database itself cannot know how rare a word is."""

MOST_VALUES = 500

MANY = 10_000
"""From so many on, SQLite looks into one call after the other for a word; else it makes a list of all that have it."""

full_text = table("call_fts", column("rowid"), column("call_fts"))


class SqlCallSearch:
    def __init__(self, connection: Connection, walked: int = WALKED, many: int = MANY) -> None:
        self._connection = connection
        self._walked = walked
        self._many = many

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
        conditions, having = self._read(wanted)
        if after is not None:
            conditions.append(tuple_(F.opened_at, F.call_id) < self._place_of(after, wanted.agencies))
        if not wanted.agencies:
            return []
        if not having:
            return self._rows(_newest(wanted.agencies, conditions, limit), limit)
        if wanted.number_hash is None:
            walked = _newest(wanted.agencies, conditions, self._walked)
            found = self._rows(walked.where(*(walked.selected_columns.call_id.in_(ids) for ids in having)), limit)
            if len(found) == limit:
                return found
        rarest = having[0].cte("rarest").prefix_with("MATERIALIZED")
        gathered = (
            select(call_facts)
            .join(rarest, rarest.c.call_id == F.call_id)
            .where(F.agency.in_(wanted.agencies), *conditions, *(F.call_id.in_(ids) for ids in having[1:]))
            .order_by(F.opened_at.desc(), F.call_id.desc())
        )
        return self._rows(gathered, limit)

    def count(self, wanted: CallFilter, at_most: int) -> int:
        """How many there are; counting stops at `at_most`."""
        conditions, having = self._read(wanted)
        among = [F.call_id.in_(ids) for ids in having]
        some = select(F.call_id).where(F.agency.in_(wanted.agencies), *conditions, *among).limit(at_most)
        return self._connection.execute(select(func.count()).select_from(some.subquery())).scalar_one()

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

    def _read(self, wanted: CallFilter) -> tuple[list[ColumnElement[bool]], list[Select[tuple[str]]]]:
        """What must hold of each call, and the ids of calls that have what is told elsewhere, likely the fewest first.

        On PostgreSQL also how the rest of the transaction is planned.
        """
        postgres = self._connection.dialect.name == "postgresql"
        if postgres:
            self._connection.execute(PLAN_SO)
        conditions, having = _conditions(wanted), []
        if wanted.number_hash is not None:
            having.append(select(caller_numbers.c.call_id).where(caller_numbers.c.number_hash == wanted.number_hash))
        if wanted.text is not None:
            words = wanted_tokens(self._connection, wanted.text, with_answers=wanted.with_answers)
            said = select(call_words.c.call_id)
            if not words or not all(words):
                conditions.append(false())
            elif postgres:
                having.append(said.where(call_words.c.words.bool_op("@@")(cast(postgres_query(words), TSQUERY))))
            else:
                rows = select(full_text.c.rowid).where(full_text.c.call_fts.bool_op("MATCH")(sqlite_query(words)))
                if self._are_many(rows):
                    conditions.append(said.where(call_words.c.call_id == F.call_id, *_in_plain_text(words)).exists())
                else:
                    having.append(said.where(call_words.c.row_id.in_(rows)))
        if wanted.case is not None:
            of_calls = select(cases.c.call_id).where(cases.c.call_id.is_not(None)).distinct()
            having.append(of_calls if wanted.case == ANY_CASE else of_calls.where(cases.c.kind == wanted.case))
        return conditions, having

    def _are_many(self, rows: Select[tuple[int]]) -> bool:
        some = rows.limit(self._many).subquery()
        return self._connection.execute(select(func.count()).select_from(some)).scalar_one() == self._many

    def _rows(self, statement: Select[tuple[object, ...]], limit: int) -> Sequence[CallFacts]:
        return [CallFacts(**row._mapping) for row in self._connection.execute(statement.limit(limit))]


def _in_plain_text(words: Sequence[Sequence[str]]) -> Iterator[ColumnElement[bool]]:
    """Looking into one call's document is cheaper than asking SQLite's full-text index about it."""
    document = literal(" ") + cast(call_words.c.words, Text) + literal(" ")
    for tokens in words:
        yield or_(*(func.instr(document, f" {token} ") > 0 for token in tokens))


def _newest(
    agencies: Sequence[str], conditions: Sequence[ColumnElement[bool]], limit: int
) -> Select[tuple[object, ...]]:
    """Each agency's newest come from the beginning of its own part of an index; only those are then put in order."""
    parts = [
        select(call_facts)
        .where(F.agency == agency, *conditions)
        .order_by(F.opened_at.desc(), F.call_id.desc())
        .limit(limit)
        .subquery()
        for agency in agencies
    ]
    every = union_all(*map(select, parts)).subquery() if len(parts) > 1 else parts[0]
    in_order = select(every).order_by(every.c.opened_at.desc(), every.c.call_id.desc()).limit(limit).subquery()
    return select(in_order).order_by(in_order.c.opened_at.desc(), in_order.c.call_id.desc())


def _conditions(wanted: CallFilter) -> list[ColumnElement[bool]]:
    """On columns of the facts."""
    same = {
        "line": wanted.line,
        "employee": wanted.employee,
        "caller_recording": wanted.caller_recording,
        "agency_recording": wanted.agency_recording,
        "reason": wanted.reason,
    }
    found: list[ColumnElement[bool]] = []
    for name, value in same.items():
        if value is not None:
            found.append(F[name] == value)
            if value != USUAL.get(name, value):
                found.append(IS_UNUSUAL[name])
    if wanted.since is not None:
        found.append(F.opened_at >= wanted.since)
    if wanted.until is not None:
        found.append(F.opened_at < wanted.until)
    if wanted.running is not None:
        found.append(IS_RUNNING if wanted.running else F.state == literal_column("'ended'"))
    if wanted.third_person is not None:
        found.append(F.third_person == (true() if wanted.third_person else false()))
    return found
