"""What is needed of the world to prove to outsiders what happened; `ports.py` has the other ports."""

from typing import Protocol

from storage.consent_log.call_verifier import CallEvidence


class LogEvidence(Protocol):
    """What is stored of the consent log, for whoever checks it."""

    def of_call(self, call_id: str) -> CallEvidence:
        """The call's entries as they are, and the way from each to the last signed checkpoint."""
        ...

    def find_call(self, number: int) -> str | None:
        """Whose entry bears this number."""
        ...
