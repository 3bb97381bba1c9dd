"""The consent log of a period, call by call and case by case, for whoever counts."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime

from sqlalchemy import Connection, and_, func, or_, select, union

from storage.consent_log.sql_log import logged_entry
from storage.records import CaseRecord, ChainRecord, LoggedEntry
from storage.tables import calls, cases, log_entries

CHAINS_AT_ONCE = 500


class SqlLogReader:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def stream_chains(self, agencies: Sequence[str], since: datetime, until: datetime) -> Iterator[ChainRecord]:
        """Calls and cases that were opened from `since` up to, and not at, `until`, in the order of their chains' ids.

        Read while the transaction runs, so many chains at once. Raises `LogBroken`.
        """
        chains = union(
            select(calls.c.call_id.label("chain")).where(
                calls.c.agency.in_(agencies), calls.c.opened_at >= since, calls.c.opened_at < until
            ),
            select(func.coalesce(cases.c.call_id, cases.c.case_id).label("chain")).where(
                cases.c.agency.in_(agencies), cases.c.opened_at >= since, cases.c.opened_at < until
            ),
        ).order_by("chain")
        found = self._connection.execute(chains, execution_options={"yield_per": CHAINS_AT_ONCE})
        for page in found.scalars().partitions():
            yield from self._read(page)

    def _read(self, chains: Sequence[str]) -> Iterator[ChainRecord]:
        of_call = select(calls.c.call_id, calls.c.agency, calls.c.opened_at).where(calls.c.call_id.in_(chains))
        known = {row.call_id: row for row in self._connection.execute(of_call)}
        of_chain = or_(cases.c.call_id.in_(chains), and_(cases.c.call_id.is_(None), cases.c.case_id.in_(chains)))
        filed: dict[str, list[CaseRecord]] = defaultdict(list)
        for row in self._connection.execute(select(cases).where(of_chain).order_by(cases.c.opened_at, cases.c.case_id)):
            filed[row.call_id or row.case_id].append(CaseRecord(**row._mapping))
        logged: dict[str, list[LoggedEntry]] = defaultdict(list)
        in_order = select(log_entries).where(log_entries.c.call_id.in_(chains)).order_by(log_entries.c.number)
        for row in self._connection.execute(in_order):
            logged[row.call_id].append(logged_entry(row, {}))
        for chain in chains:
            call = known.get(chain)
            yield ChainRecord(
                chain=chain,
                agency=filed[chain][0].agency if call is None else call.agency,
                call_opened_at=None if call is None else call.opened_at,
                cases=tuple(filed[chain]),
                entries=tuple(logged[chain]),
            )
