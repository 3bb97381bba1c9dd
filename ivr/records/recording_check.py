"""Is every stored object what was written, and does the log say the same of it as the database?

The log itself is checked by `log verify`; here it is believed.
"""

import hashlib
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from ivr.cases.writing import case_of, entries_of
from ivr.copying.files import CopyFile, prepared_files
from ivr.evidence_ports import StoredObjects
from ivr.ports import Database
from ivr.records.recording_facts import facts_of
from ivr.records.recording_salvage import name_lost_seconds
from storage.errors import ObjectDamaged, ObjectMissing, StorageUnavailable, UnknownCase
from storage.recordings.keys import citizen_copy_key, recording_key
from storage.recordings.sound import NoWholeWav, SoundMeasure, measure_sound
from storage.records import LoggedEntry, RecordingRow, UploadPart, UploadRow

PAGE = 500
PIECE_BYTES = 256 * 1024
STORED = ("recording:stored", "recording:degraded")


class Flaw(StrEnum):
    """MISSING: the object is not there. DAMAGED: its bytes are not what was written. CHANGED: it is in order, and not
    what the log says was stored. ROW: what the database says of it is not what the log says. NOT_LOGGED: the log says
    nothing. NO_ROW: the log says that it is kept, the database nothing. EXTRA: an object that nothing speaks of.
    FOREIGN: no object of ours. UNREADABLE: the store or a key cannot be reached just now.
    """

    MISSING = "missing"
    DAMAGED = "damaged"
    CHANGED = "changed"
    ROW = "row"
    NOT_LOGGED = "not-logged"
    NO_ROW = "no-row"
    EXTRA = "extra"
    FOREIGN = "foreign"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class Finding:
    """`flaw` is None for what is whole; `about` is the call, or the upload, that the object belongs to."""

    object_key: str
    about: str
    flaw: Flaw | None = None
    detail: str = ""


class RecordingChecker:
    """Changes nothing. Reads all of each object; memory stays at one second of sound, and the names of all objects."""

    def __init__(self, database: Database, store: StoredObjects) -> None:
        self._database = database
        self._store = store

    def check_call(self, call_id: str) -> Iterator[Finding]:
        """The agency's recording of one call, and the caller's copies of it. Raises `UnknownCall`."""
        with self._database.reading() as unit:
            unit.calls.get(call_id)
            row = unit.recordings.find_for_call(call_id)
        if row is not None:
            yield from self._check_recording(row)
        else:
            yield from self._check_absent(call_id)

    def check_all(self) -> Iterator[Finding]:
        """Every recording with its copies, every copy that was handed in, and whatever else lies in the store."""
        present = set(self._store.list_keys())  # first: what is written and told from now on is not called extra
        with self._database.reading() as unit:
            rows = unit.recordings.list_kept()
            copies, coming = unit.uploads.list_kept(), unit.uploads.list_complete()
            parts = unit.uploads.list_all_parts()
        known: set[str] = set()
        for row in rows:
            for finding in self._check_recording(row):
                known.add(finding.object_key)
                yield finding
        for copy in copies:
            yield self._check_copy(copy)
        for part in parts:
            if part.size_bytes is not None:
                yield self._check_part(part)
        owners = yield from self._check_other_calls({row.call_id for row in rows})
        known |= {part.object_key for part in parts}
        known |= {str(copy.object_key) for copy in copies} | {citizen_copy_key(copy.upload_id) for copy in coming}
        for object_key in sorted(present - known):
            yield self._name_extra(object_key, owners)

    # ------------------------------------------------------------ the agency's recordings

    def _check_recording(self, row: RecordingRow) -> Iterator[Finding]:
        """One finding, or several flaws."""
        entry = self._entry_of(row)
        flaws = list(self._flaws(row, entry))
        if not flaws:
            yield Finding(row.object_key, row.call_id)
        for flaw, detail in flaws:
            yield Finding(row.object_key, row.call_id, flaw, detail)
        yield from self._check_prepared(row)

    def _check_prepared(self, row: RecordingRow) -> Iterator[Finding]:
        """The files that the caller can keep; one that no entry speaks of is extra, until its job is repeated."""
        with self._database.reading() as unit:
            files = prepared_files(row, unit.log.list_call(row.call_id))
        for file in files:

            def compare(size: int, digest: str, file: CopyFile = file) -> str | None:
                same = (size, digest) == (file.size_bytes, file.digest)
                return None if same else "it is not the copy that was prepared"

            yield self._check_bytes(file.object_key, row.call_id, compare)

    def _flaws(self, row: RecordingRow, entry: LoggedEntry | None) -> Iterator[tuple[Flaw, str]]:
        if entry is None:
            yield Flaw.NOT_LOGGED, "no entry says that it was stored"
        try:
            with self._store.open(row.object_key) as stored:
                sound = measure_sound(stored)
        except ObjectMissing:
            yield Flaw.MISSING, "the object is not there"
        except ObjectDamaged as fault:
            with self._database.reading() as unit:
                seconds = unit.recordings.list_seconds(row.recording_id)
            yield Flaw.DAMAGED, f"{fault}; {name_lost_seconds(self._store, row, seconds, entry)}"
        except NoWholeWav as fault:
            yield Flaw.CHANGED, f"it is no whole WAV: {fault}"
        except StorageUnavailable as fault:
            yield Flaw.UNREADABLE, str(fault)
        else:
            yield from self._compare(row, sound, entry)

    def _compare(self, row: RecordingRow, sound: SoundMeasure, entry: LoggedEntry | None) -> Iterator[tuple[Flaw, str]]:
        logged = {} if entry is None else entry.facts
        if sound.digest != logged.get("digest", row.digest):
            yield Flaw.CHANGED, f"its digest is {sound.digest}, and {logged.get('digest', row.digest)} was stored"
            return
        with self._database.reading() as unit:
            seconds = unit.recordings.list_seconds(row.recording_id)
        told = facts_of(row, sound)
        wrong = [name for name, value in told.items() if logged.get(name, value) != value]
        place = sound.place
        stored = (sound.digest, sound.size_bytes, place.samples, place.channels, place.sample_rate_hz)
        if stored != (row.digest, row.size_bytes, row.samples, row.channels, row.sample_rate_hz):
            wrong.append("sound")
        if seconds and list(seconds) != list(sound.seconds):
            wrong.append("hashes of its seconds")
        if row.object_key != recording_key(row.recording_sid):
            wrong.append("object_key")
        if entry is not None:
            if row.stored_at != entry.occurred_at:
                wrong.append("stored_at")
            if (row.outcome == "ok") != (entry.tag == "recording:stored"):
                wrong.append("outcome")
        if wrong:
            yield Flaw.ROW, f"not as it was logged: {', '.join(wrong)}"

    def _entry_of(self, row: RecordingRow) -> LoggedEntry | None:
        with self._database.reading() as unit:
            entries = unit.log.list_call(row.call_id)
        told = [entry for entry in entries if entry.tag in STORED and entry.facts["recording_sid"] == row.recording_sid]
        return told[-1] if told else None

    def _check_absent(self, call_id: str) -> Iterator[Finding]:
        """A call without a recording in the database: the log must not say that it has one."""
        with self._database.reading() as unit:
            entries = unit.log.list_call(call_id)
        told = [entry for entry in entries if entry.tag in (*STORED, "recording:destroyed")]
        if told and told[-1].tag in STORED:
            object_key = recording_key(str(told[-1].facts["recording_sid"]))
            yield Finding(object_key, call_id, Flaw.NO_ROW, "it was stored and not destroyed, by the log")

    def _check_other_calls(self, known: set[str]) -> Generator[Finding, None, dict[str, str]]:
        """Gives, at the end, whose recording each object would be that no row speaks of."""
        owners: dict[str, str] = {}
        after = ""
        while True:
            with self._database.reading() as unit:
                page = unit.calls.list_after(after, PAGE)
            if not page:
                return owners
            for call in page:
                if call.call_id not in known:
                    yield from self._check_absent(call.call_id)
                    if call.recording_sid is not None:
                        owners[recording_key(call.recording_sid)] = call.call_id
            after = page[-1].call_id

    # ------------------------------------------------------------ what callers handed in, and the rest

    def _check_copy(self, copy: UploadRow) -> Finding:
        def compare(size: int, digest: str) -> str | None:
            same = (size, digest) == (copy.received_bytes, copy.digest)
            return None if same else "it is not what was handed in"

        found = self._check_bytes(str(copy.object_key), copy.upload_id, compare)
        if found.flaw is None and not self._was_logged(copy):
            return replace(found, flaw=Flaw.NOT_LOGGED, detail="no entry of its case has this digest")
        return found

    def _was_logged(self, copy: UploadRow) -> bool:
        """Or its case is gone, as the entries of one that was destroyed may be."""
        with self._database.reading() as unit:
            try:
                case = case_of(unit.cases.get(copy.case_id))
            except UnknownCase:
                return True
            entries = entries_of(unit, case.chain, case.case_id)
        return any(
            entry.tag == "citizen-copy:received" and entry.facts.get("digest") == copy.digest for entry in entries
        )

    def _check_part(self, part: UploadPart) -> Finding:
        def compare(size: int, _: str) -> str | None:
            return None if size == part.size_bytes else f"it has {size} bytes, and {part.size_bytes} came"

        return self._check_bytes(part.object_key, part.upload_id, compare)

    def _check_bytes(self, object_key: str, about: str, compare: Callable[[int, str], str | None]) -> Finding:
        digest, size = hashlib.sha256(), 0
        try:
            with self._store.open(object_key) as stored:
                while piece := stored.read(PIECE_BYTES):
                    digest.update(piece)
                    size += len(piece)
        except ObjectMissing:
            return Finding(object_key, about, Flaw.MISSING, "the object is not there")
        except ObjectDamaged as fault:
            return Finding(object_key, about, Flaw.DAMAGED, str(fault))
        except StorageUnavailable as fault:
            return Finding(object_key, about, Flaw.UNREADABLE, str(fault))
        wrong = compare(size, digest.hexdigest())
        return Finding(object_key, about) if wrong is None else Finding(object_key, about, Flaw.CHANGED, wrong)

    def _name_extra(self, object_key: str, owners: Mapping[str, str]) -> Finding:
        try:
            self._store.key_id(object_key)
        except (ObjectDamaged, ValueError):
            return Finding(object_key, "", Flaw.FOREIGN, "no object of ours")
        except ObjectMissing:
            return Finding(object_key, "")  # destroyed since the list was made
        except StorageUnavailable as fault:
            return Finding(object_key, "", Flaw.UNREADABLE, str(fault))
        call_id = owners.get(object_key, "")
        why = "a recording that is still being collected, or was destroyed" if call_id else "nothing speaks of it"
        return Finding(object_key, call_id, Flaw.EXTRA, why)
