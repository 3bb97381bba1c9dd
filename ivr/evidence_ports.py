"""What is needed of the world to prove to outsiders what happened; `ports.py` has the other ports."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

from storage.consent_log.call_verifier import CallEvidence
from storage.consent_log.checkpoint import Checkpoint
from storage.oversight import HoldRecord, StoredPolicy
from storage.processing import ProcessingRecord
from storage.records import CallRecord, CaseRecord, ComparisonRow, LoggedEntry, StoreFault, UploadRow
from storage.witnessing import Statement, StatementRow


class LogEvidence(Protocol):
    """What is stored of the consent log, for whoever checks it."""

    def of_call(self, call_id: str) -> CallEvidence:
        """The call's entries as they are, and the way from each to the last signed checkpoint."""
        ...

    def find_call(self, number: int) -> str | None:
        """Whose entry bears this number."""
        ...

    def prove_growth(self, old_size: int, size: int) -> Sequence[bytes]:
        """The consistency proof from the first `old_size` entries to the first `size` (RFC 9162 section 2.1.4).

        Raises `LogBroken` where entries are missing, `ValueError` unless 0 <= old_size <= size.
        """
        ...


class RecordEvidence(Protocol):
    """What is stored beside the consent log, each thing with the entries that vouch for it; nothing is judged here.
    Each raises `LogBroken`, while it is read, for an entry that cannot be read."""

    def calls(self) -> Iterator[tuple[CallRecord, LoggedEntry | None]]:
        """Each call with the first entry of its chain."""
        ...

    def calls_without_row(self) -> Iterator[LoggedEntry]:
        """The opening entry of each call that is not there any more."""
        ...

    def cases(self) -> Iterator[tuple[CaseRecord, Sequence[LoggedEntry]]]:
        """Each case file with its own entries, oldest first."""
        ...

    def cases_without_row(self) -> Iterator[LoggedEntry]:
        """The opening entry of each case file that is not there any more, and of which no entry says that it went."""
        ...

    def holds(self) -> Iterator[tuple[HoldRecord, Sequence[LoggedEntry]]]:
        """Each legal hold with its entries, oldest first."""
        ...

    def holds_without_row(self) -> Iterator[LoggedEntry]:
        """The first entry of each hold that is not there any more."""
        ...

    def policies(self) -> Iterator[StoredPolicy]: ...

    def uploads(self) -> Iterator[tuple[UploadRow, LoggedEntry | None]]:
        """Each file that was handed in and is kept, with the entry that says so."""
        ...

    def comparisons(self) -> Iterator[tuple[ComparisonRow, LoggedEntry | None]]:
        """Each report of a comparison, with the entry that says what it found."""
        ...

    def comparisons_without_row(self) -> Iterator[LoggedEntry]:
        """The entry of each comparison whose report is not there any more, though the copy is."""
        ...


class WitnessStatements(Protocol):
    """What witnesses said about our checkpoints, and what they have not seen yet."""

    def add(self, row: StatementRow) -> bool:
        """The first statement of a witness about a checkpoint counts; false, and nothing changed, for another one.

        A cosignature is also put under the stored checkpoint.
        """
        ...

    def find_last(self, witness: str) -> StatementRow | None:
        """About the largest checkpoint."""
        ...

    def stream(self) -> Iterator[StatementRow]:
        """All of them, by size; read while the transaction runs."""
        ...

    def waits_since(self, size: int) -> datetime | None:
        """When the first checkpoint of more than `size` entries was signed; None where there is none."""
        ...


@dataclass(frozen=True, slots=True)
class Submission:
    """A checkpoint on its way to a witness: `note` as the log signed it, `known_size` of the last one that the witness
    is known to have seen (0 for none), and `prove` for the proof that the log only grew since one of another size."""

    note: str
    checkpoint: Checkpoint
    known_size: int
    prove: Callable[[int], Sequence[bytes]]


class Witness(Protocol):
    """Somebody outside who keeps, or signs, our checkpoints. `name` holds no secret."""

    @property
    def name(self) -> str: ...

    def deliver(self, submission: Submission) -> Statement:
        """Hand over a checkpoint; again changes nothing.

        Raises `WitnessBusy`, `WitnessRefused`, and `LogContradicted` where the witness saw another log.
        """
        ...

    def check(self, row: StatementRow) -> None:
        """Whether a statement of before still stands, without asking anybody. Raises `LogBroken`."""
        ...


class ProcessingLogWriter(Protocol):
    """The agency's own processing log (Logboek Dataverwerkingen)."""

    def write(self, record: ProcessingRecord) -> None:
        """Returns when the record was acknowledged; again changes nothing, since it is known by its ids.

        Raises `ProcessingLogBusy`, `ProcessingLogRefused`.
        """
        ...


class StoredObjects(Protocol):
    """All objects of the recording store, whatever the database says of them; raises `StorageUnavailable`."""

    @property
    def current_key_id(self) -> str:
        """The master key that wraps what is written now, in hexadecimal digits."""
        ...

    def list_keys(self) -> Iterator[str]:
        """And of whatever else lies there; in no order."""
        ...

    def open(self, object_key: str) -> BinaryIO:
        """A seekable reader of the plain text. Raises `ObjectMissing`, or `ObjectDamaged` here or while reading."""
        ...

    def key_id(self, object_key: str) -> str:
        """Which master key opens the object, by its own word. Raises `ObjectMissing`, `ObjectDamaged`, and `ValueError`
        for what is no object key."""
        ...

    def rewrap(self, object_key: str) -> bool:
        """Wrap the object's key with the current master key; the body stays as it is. False where nothing was to do.

        Raises `ObjectMissing`, and `ObjectDamaged` before anything is changed.
        """
        ...

    def destroy(self, object_key: str) -> None: ...


class ComparisonStore(Protocol):
    """What comparisons of copies that were handed in found; one for each case."""

    def put(self, row: ComparisonRow) -> None:
        """Write it, or write it anew."""
        ...

    def find(self, case_id: str) -> ComparisonRow | None: ...

    def forget(self, case_id: str) -> None: ...


class RecordingPlace(Protocol):
    """Where recordings lie, for whoever looks whether it is fit for them."""

    @property
    def current_key_id(self) -> str:
        """Asks whatever has the master key. Raises `StorageUnavailable`."""
        ...

    def find_faults(self) -> Sequence[StoreFault]:
        """What an operator has to look at; tried out where asking is not enough."""
        ...
