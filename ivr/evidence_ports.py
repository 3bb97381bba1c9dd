"""What is needed of the world to prove to outsiders what happened; `ports.py` has the other ports."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from storage.consent_log.call_verifier import CallEvidence
from storage.oversight import HoldRecord, StoredPolicy
from storage.records import CallRecord, CaseRecord, LoggedEntry, UploadRow


class LogEvidence(Protocol):
    """What is stored of the consent log, for whoever checks it."""

    def of_call(self, call_id: str) -> CallEvidence:
        """The call's entries as they are, and the way from each to the last signed checkpoint."""
        ...

    def find_call(self, number: int) -> str | None:
        """Whose entry bears this number."""
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
