"""What is needed of the world to prove to outsiders what happened; `ports.py` has the other ports."""

from typing import BinaryIO, Protocol

from speech.comparison.report import Report
from storage.consent_log.call_verifier import CallEvidence
from storage.records import ComparisonRow


class LogEvidence(Protocol):
    """What is stored of the consent log, for whoever checks it."""

    def of_call(self, call_id: str) -> CallEvidence:
        """The call's entries as they are, and the way from each to the last signed checkpoint."""
        ...


class ComparisonStore(Protocol):
    """What comparisons of copies that were handed in found; one for each case."""

    def put(self, row: ComparisonRow) -> None:
        """Write it, or write it anew."""
        ...

    def find(self, case_id: str) -> ComparisonRow | None: ...

    def forget(self, case_id: str) -> None: ...


class Comparer(Protocol):
    """Compares two files of sound, of which a stranger made the second."""

    def compare(self, agency: BinaryIO, copy: BinaryIO) -> Report:
        """Raises `Unusable` where one of the two is no sound that can be compared, `ComparisonBroken` where the
        comparison itself came to no end."""
        ...
