"""Calls as a file: a table for spreadsheets, consent records as JSON-LD, vCons, or lines for the processing log."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import islice
from uuid import uuid4

from config.policy import AgencyPolicy
from ivr.calls.agencies import Agencies
from ivr.calls.consent import consent_record
from ivr.calls.facts import facts_of
from ivr.calls.jsonld import CONTEXT, with_context
from ivr.calls.numbers import NumberKey
from ivr.calls.processing_records import EXPORTED, Action, actions_of, record_of
from ivr.calls.proving import read_evidence
from ivr.calls.vcon import make_vcon
from ivr.calls.vcon_evidence import extract_log, read_sound
from ivr.calls.vcon_signing import VconSigner
from ivr.carrier.links import Links
from ivr.dialogue.states import Dialogue
from ivr.ports import Clock, Database, RecordingStore, Unit
from ivr.processing_log.otlp import as_json_line
from storage.consent_log.entry import format_time
from storage.records import CallFacts, CallRecord, Json, LoggedEntry, RecordingRow
from storage.spreadsheet import plain_cell

AT_ONCE = 50
CSV_HEADER = (
    "call_id", "agency", "opened_at", "closed_at", "line", "employee", "state", "caller_recording", "agency_recording",
    "reason", "third_person", "cases", "profile_version", "recording_digest", "recording_completeness",
)  # fmt: skip


class Format(StrEnum):
    CSV = "csv"
    JSON_LD = "jsonld"
    VCON = "vcon"
    LDV = "ldv"


@dataclass(frozen=True, slots=True)
class CallFile:
    """Everything of one call that may leave the house. `recording` is the one that is still kept."""

    call: CallRecord
    dialogue: Dialogue
    policy: AgencyPolicy
    entries: Sequence[LoggedEntry]
    recording: RecordingRow | None
    number_e164: str | None
    case_kinds: Sequence[str]

    @property
    def facts(self) -> CallFacts:
        return facts_of(self.call, self.dialogue, self.policy)


class CallExporter:
    """Safe to share between threads. Without a `signer` vCons are in their unsigned form. `account` asks for a record
    in the agency's processing log, where it has one: an export of a call is an action with somebody's data."""

    def __init__(
        self,
        database: Database,
        store: RecordingStore,
        agencies: Agencies,
        links: Links,
        numbers: NumberKey,
        signer: VconSigner | None,
        account: Callable[[Unit, Action], None] | None,
        clock: Clock,
    ) -> None:
        self._database = database
        self._store = store
        self._agencies = agencies
        self._links = links
        self._numbers = numbers
        self._signer = signer
        self._account = account
        self._clock = clock

    def export(self, call_ids: Iterable[str], form: Format, *, personal: bool) -> Iterator[bytes]:
        """The file piece by piece, in constant memory; `personal`: with what callers said and their numbers.

        Raises, while it is read, `LogBroken`, `PolicyError` and `UnknownCall`: a file that breaks off is noticed, one
        that leaves out a call is not.
        """
        files = self._read(call_ids, personal=personal)
        match form:
            case Format.CSV:
                return _csv(files)
            case Format.JSON_LD:
                return self._json_ld(files)
            case Format.VCON:
                return self._vcons(files)
            case Format.LDV:
                return self._processing_records(files)

    def vcon(self, call_id: str, *, inline: bool) -> bytes:
        """One call with all that is kept of it; `inline`: with the sound in it. Raises `LogBroken`, `UnknownCall`."""
        (file,) = self._read([call_id], personal=True)
        return self._vcon(file, inline=inline)

    def record(self, call_id: str, *, personal: bool) -> dict[str, Json]:
        """One call's consent record, with its context. Raises `LogBroken`, `UnknownCall`."""
        (file,) = self._read([call_id], personal=personal)
        return with_context(self._record(file))

    # ------------------------------------------------------------ reading

    def _read(self, call_ids: Iterable[str], *, personal: bool) -> Iterator[CallFile]:
        remaining = iter(call_ids)
        while page := list(islice(remaining, AT_ONCE)):
            with self._database.reading() as unit:
                kinds = unit.search.list_case_kinds(page)
                files = [self._file(unit, call_id, kinds.get(call_id, ()), personal=personal) for call_id in page]
            self._account_for(page)
            yield from files

    def _account_for(self, page: Sequence[str]) -> None:
        """Before anything of it leaves the house."""
        if self._account is None:
            return
        now = self._clock.now()
        with self._database.transaction() as unit:
            for call_id in page:
                self._account(unit, Action(call_id, f"{call_id}:exported:{uuid4().hex}", EXPORTED, now, now))

    def _file(self, unit: Unit, call_id: str, case_kinds: Sequence[str], *, personal: bool) -> CallFile:
        call = unit.calls.get(call_id)
        entries = unit.log.list_call(call_id)
        return CallFile(
            call=call,
            dialogue=Dialogue.from_json(call.dialogue),
            policy=self._agencies.by_digest(call.agency, call.policy_digest),
            entries=entries if personal else [replace(entry, personal={}) for entry in entries],
            recording=unit.recordings.find_for_call(call_id),
            number_e164=unit.calls.find_caller_number(call_id) if personal else None,
            case_kinds=case_kinds,
        )

    # ------------------------------------------------------------ writing

    def _record(self, file: CallFile) -> dict[str, Json]:
        return consent_record(file.call, file.policy, file.entries, self._links.rules(file.policy.slug))

    def _json_ld(self, files: Iterable[CallFile]) -> Iterator[bytes]:
        """One graph of records under one context."""
        yield b'{"@context":' + _json(CONTEXT) + b',"@graph":['
        for number, file in enumerate(files):
            yield (b",\n" if number else b"\n") + _json(self._record(file))
        yield b"\n]}\n"

    def _vcons(self, files: Iterable[CallFile]) -> Iterator[bytes]:
        """One a line, with the sound at its address in the console."""
        for file in files:
            yield self._vcon(file, inline=False) + b"\n"

    def _processing_records(self, files: Iterable[CallFile]) -> Iterator[bytes]:
        """What was done with each caller's data, for who has no processing log that can be written to."""
        for file in files:
            activity = file.policy.controller.processing_activity or self._links.rules(file.policy.slug)
            pseudonym = self._numbers.pseudonym_of(file.number_e164)
            for action in actions_of(file.entries):
                yield as_json_line(record_of(action, activity, pseudonym))

    def _vcon(self, file: CallFile, *, inline: bool) -> bytes:
        """The attached record has its context with it: a vCon is read by itself."""
        call_id, row = file.call.call_id, file.recording
        address = self._links.sound(call_id)
        vcon = make_vcon(
            file.call,
            file.policy,
            file.entries,
            None if row is None else (row, read_sound(self._store, row, address, inline=inline)),
            file.number_e164,
            with_context(self._record(file)),
            extract_log(read_evidence(self._database, call_id)),
        )
        return _json(vcon if self._signer is None else self._signer.sign(vcon))


def _csv(files: Iterable[CallFile]) -> Iterator[bytes]:
    """Times are UTC; the cells that could be a formula are text."""
    yield _line(CSV_HEADER)
    for file in files:
        facts, recording = file.facts, file.recording
        closed_at = file.call.closed_at
        yield _line(
            (
                facts.call_id,
                facts.agency,
                format_time(facts.opened_at),
                "" if closed_at is None else format_time(closed_at),
                facts.line,
                facts.employee,
                facts.state,
                facts.caller_recording,
                facts.agency_recording,
                facts.reason,
                "yes" if facts.third_person else "no",
                " ".join(file.case_kinds),
                file.policy.version,
                "" if recording is None else recording.digest,
                "" if recording is None else f"{recording.completeness:.4f}",
            )
        )


def _line(cells: Iterable[str]) -> bytes:
    written = io.StringIO(newline="")
    csv.writer(written).writerow(map(plain_cell, cells))
    return written.getvalue().encode()


def _json(value: Json) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
