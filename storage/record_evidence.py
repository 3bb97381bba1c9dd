"""What is stored beside the consent log, each thing with the entries that vouch for it; nothing is judged here."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, Select, Table, and_, func, select

from storage.consent_log.chain import HASH_BYTES
from storage.consent_log.entry import parse_entry
from storage.errors import LogBroken
from storage.evidence_tables import comparisons
from storage.oversight import HoldRecord, StoredPolicy
from storage.oversight_tables import legal_holds
from storage.portal_tables import uploads
from storage.records import CallRecord, CaseRecord, ComparisonRow, LoggedEntry, UploadRow
from storage.tables import calls, cases, log_entries, policies

ROWS_AT_ONCE = 500
STREAM = {"yield_per": ROWS_AT_ONCE}
OPENED = "call:opened"
COMPARED = "citizen-copy:compared"
ENTRY = tuple(
    column.label(f"entry_{column.name}")
    for column in (log_entries.c.number, log_entries.c.body, log_entries.c.subtrees)
)


class SqlRecordEvidence:
    """Streams are read while the transaction runs, in constant memory but for the ids of case files. Each raises
    `LogBroken` for an entry that cannot be read."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def calls(self) -> Iterator[tuple[CallRecord, LoggedEntry | None]]:
        """Each call with the first entry of its chain."""
        first = and_(log_entries.c.call_id == calls.c.call_id, log_entries.c.call_number == 0)
        found = select(calls, *ENTRY).select_from(calls.outerjoin(log_entries, first))
        for row in self._connection.execute(found, execution_options=STREAM):
            yield CallRecord(**_values(row, calls)), _entry(row)

    def calls_without_row(self) -> Iterator[LoggedEntry]:
        """The opening entry of each call that is not there any more."""
        gone = log_entries.outerjoin(calls, calls.c.call_id == log_entries.c.call_id)
        found = (
            select(*ENTRY)
            .select_from(gone)
            .where(log_entries.c.call_number == 0, log_entries.c.tag == OPENED, calls.c.call_id.is_(None))
        )
        yield from self._entries(found)

    def cases(self) -> Iterator[tuple[CaseRecord, Sequence[LoggedEntry]]]:
        """Each case file with its own entries, oldest first."""
        chain = func.coalesce(cases.c.call_id, cases.c.case_id)
        own = and_(log_entries.c.call_id == chain, log_entries.c.event_id.startswith(cases.c.case_id))
        found = (
            select(cases, *ENTRY)
            .select_from(cases.outerjoin(log_entries, own))
            .order_by(cases.c.case_id, log_entries.c.number)
        )
        case: CaseRecord | None = None
        entries: list[LoggedEntry] = []
        for row in self._connection.execute(found, execution_options=STREAM):
            read = CaseRecord(**_values(row, cases))
            if case is not None and read.case_id != case.case_id:
                yield case, entries
                entries = []
            case = read
            entry = _entry(row)
            if entry is not None:
                entries.append(entry)
        if case is not None:
            yield case, entries

    def cases_without_row(self) -> Iterator[LoggedEntry]:
        """The opening entry of each case file that is not there any more, and of which no entry says that it went."""
        destroyed = select(log_entries.c.event_id).where(log_entries.c.tag == "case:destroyed")
        gone = set(self._connection.execute(destroyed).scalars())
        kept = set(self._connection.execute(select(cases.c.case_id)).scalars())
        opened = log_entries.c.event_id.endswith(":opened") & log_entries.c.body.contains('"case":"')
        for entry in self._entries(select(*ENTRY).where(opened)):
            case_id = str(entry.facts.get("case"))
            if case_id not in kept and f"{case_id}:file-destroyed" not in gone:
                yield entry

    def holds(self) -> Iterator[tuple[HoldRecord, Sequence[LoggedEntry]]]:
        """Each legal hold with its entries, oldest first."""
        for row in self._connection.execute(select(legal_holds).order_by(legal_holds.c.placed_at)).all():
            hold = HoldRecord(**row._mapping)
            own = (log_entries.c.call_id == hold.call_id) & log_entries.c.event_id.startswith(hold.hold_id)
            yield hold, list(self._entries(select(*ENTRY).where(own).order_by(log_entries.c.number)))

    def holds_without_row(self) -> Iterator[LoggedEntry]:
        """The first entry of each hold that is not there any more."""
        kept = set(self._connection.execute(select(legal_holds.c.hold_id)).scalars())
        placed = select(*ENTRY).where(log_entries.c.tag == "legal-hold:placed")
        yield from (entry for entry in self._entries(placed) if entry.facts.get("hold") not in kept)

    def policies(self) -> Iterator[StoredPolicy]:
        for row in self._connection.execute(select(policies.c.digest, policies.c.slug, policies.c.document)).all():
            yield StoredPolicy(**row._mapping)

    def uploads(self) -> Iterator[tuple[UploadRow, LoggedEntry | None]]:
        """Each file that was handed in and is kept, with the entry that says so."""
        said = log_entries.c.event_id == uploads.c.case_id + ":upload:" + uploads.c.upload_id
        found = (
            select(uploads, *ENTRY).select_from(uploads.outerjoin(log_entries, said)).where(uploads.c.state == "kept")
        )
        for row in self._connection.execute(found).all():
            yield UploadRow(**_values(row, uploads)), _entry(row)

    def comparisons(self) -> Iterator[tuple[ComparisonRow, LoggedEntry | None]]:
        """Each report of a comparison, with the entry that says what it found."""
        said = (log_entries.c.tag == COMPARED) & log_entries.c.event_id.startswith(comparisons.c.case_id + ":")
        found = select(comparisons, *ENTRY).select_from(comparisons.outerjoin(log_entries, said))
        for row in self._connection.execute(found, execution_options=STREAM):
            yield ComparisonRow(**_values(row, comparisons)), _entry(row)

    def comparisons_without_row(self) -> Iterator[LoggedEntry]:
        """The entry of each comparison whose report is not there any more, though the copy is."""
        copies = set(self._connection.execute(select(uploads.c.case_id).where(uploads.c.state == "kept")).scalars())
        reports = set(self._connection.execute(select(comparisons.c.case_id)).scalars())
        for entry in self._entries(select(*ENTRY).where(log_entries.c.tag == COMPARED)):
            if "report_digest" in entry.facts and entry.facts.get("case") in copies - reports:
                yield entry

    def _entries(self, found: Select[Any]) -> Iterator[LoggedEntry]:
        for row in self._connection.execute(found, execution_options=STREAM):
            entry = _entry(row)
            if entry is not None:
                yield entry


def _values(row: Row[Any], table: Table) -> dict[str, Any]:
    return {column.name: row._mapping[column] for column in table.c}


def _entry(row: Row[Any]) -> LoggedEntry | None:
    if row.entry_body is None:
        return None
    try:
        entry = parse_entry(row.entry_body.encode())
    except ValueError as error:
        raise LogBroken(f"entry {row.entry_number}: {error}") from error
    return entry.logged(row.entry_subtrees[:HASH_BYTES].hex(), {})
