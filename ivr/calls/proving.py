"""Whether what is kept of one call is what was written: its log entries, and the agency's recording."""

import hashlib
import re
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from ivr.errors import NotYetSigned
from ivr.ports import Clock, Database, RecordingStore
from storage.consent_log.call_verifier import CallEvidence, CallVerdict, Seal, verify_call
from storage.consent_log.checkpoint import NoteKey
from storage.consent_log.tlog_proof import TlogProof, proofs_of_call
from storage.errors import LogBroken, ObjectDamaged, ObjectMissing, UnknownCall
from storage.records import RecordingRow

PIECE_BYTES = 256 * 1024
NUMBER = re.compile(r"[0-9]{1,18}")


class Outcome(StrEnum):
    """OPEN: nothing is wrong, and not everything is proven yet."""

    WHOLE = "whole"
    OPEN = "open"
    BROKEN = "broken"


class SoundState(StrEnum):
    """What the stored recording is. NONE: there is no recording, or not any more."""

    NONE = "none"
    WHOLE = "whole"
    CHANGED = "changed"
    DAMAGED = "damaged"
    MISSING = "missing"
    NOT_LOGGED = "not-logged"


@dataclass(frozen=True, slots=True)
class SoundVerdict:
    """`recording` is None where there is none; `took_s` is what reading it took."""

    state: SoundState
    recording: RecordingRow | None = None
    took_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Proof:
    """The result of one check."""

    made_at: datetime
    log: CallVerdict
    sound: SoundVerdict

    @property
    def outcome(self) -> Outcome:
        broken = self.log.faults or self.log.seal in (Seal.FALSE, Seal.BEYOND)
        if broken or self.sound.state not in (SoundState.NONE, SoundState.WHOLE):
            return Outcome.BROKEN
        return Outcome.OPEN if self.log.seal is Seal.NONE or self.log.waiting else Outcome.WHOLE


def read_evidence(database: Database, call_id: str) -> CallEvidence:
    """What is stored of the call's entries at this moment."""
    with database.reading() as unit:
        return unit.evidence.of_call(call_id)


class ProofService:
    """Safe to share between threads; changes nothing."""

    def __init__(self, database: Database, store: RecordingStore, keys: Sequence[NoteKey], clock: Clock) -> None:
        self._database = database
        self._store = store
        self._keys = keys
        self._clock = clock

    def prove(self, call_id: str) -> Proof:
        """Reads the call's entries, and all of its recording: about a fifth of a second for an hour of sound."""
        with self._database.reading() as unit:
            evidence = unit.evidence.of_call(call_id)
            recording = unit.recordings.find_for_call(call_id)
        log = verify_call(evidence, self._keys)
        if recording is None:
            return Proof(self._clock.now(), log, SoundVerdict(SoundState.NONE))
        # The row in the database could be changed along with the file; the log could not.
        named = f'"digest":"{recording.digest}"'.encode()
        logged = any(
            entry.columns is not None
            and entry.columns.tag in ("recording:stored", "recording:degraded")
            and named in entry.body
            for entry in evidence.entries
        )
        return Proof(self._clock.now(), log, self._listen_through(recording, logged))

    def prove_entries(self, what: str) -> Mapping[int, tuple[bytes, TlogProof]]:
        """The log entry of that number, or all those of the call of that id: canonical bytes, and the proof of them.

        Raises `UnknownCall`, `NotYetSigned`, and `LogBroken` where something of the call is not what was written.
        """
        number = int(what) if NUMBER.fullmatch(what) else None
        with self._database.reading() as unit:
            call_id = what if number is None else unit.evidence.find_call(number)
            if call_id is None:
                raise UnknownCall(f"there is no entry {number}")
            evidence = unit.evidence.of_call(call_id)
        if not evidence.entries:
            raise UnknownCall(f"there is no call {call_id}")
        verdict = verify_call(evidence, self._keys)
        if verdict.faults:
            raise LogBroken(f"entry {verdict.faults[0].number}: {verdict.faults[0].problem}")
        if verdict.seal in (Seal.FALSE, Seal.BEYOND):
            raise LogBroken("the last checkpoint is not of this log: run `spelregel log verify`")
        proofs = proofs_of_call(evidence)
        wanted = {
            entry.columns.number: entry.body
            for entry in evidence.entries
            if entry.columns is not None and number in (None, entry.columns.number)
        }
        unsigned = wanted.keys() - proofs.keys()
        if unsigned:
            raise NotYetSigned(f"entry {min(unsigned)} is under no signed checkpoint yet: run `spelregel log seal`")
        return {each: (body, proofs[each]) for each, body in wanted.items()}

    def _listen_through(self, recording: RecordingRow, logged: bool) -> SoundVerdict:
        """Decrypts and hashes; memory stays at one piece."""
        began = time.monotonic()
        digest, left = hashlib.sha256(), recording.size_bytes
        try:
            with self._store.open(recording.object_key) as sound:
                while piece := sound.read(PIECE_BYTES):
                    digest.update(piece)
                    left -= len(piece)
        except ObjectMissing:
            state = SoundState.MISSING
        except ObjectDamaged:
            state = SoundState.DAMAGED
        else:
            same = left == 0 and digest.hexdigest() == recording.digest
            state = SoundState.CHANGED if not same else SoundState.WHOLE if logged else SoundState.NOT_LOGGED
        return SoundVerdict(state, recording, time.monotonic() - began)
