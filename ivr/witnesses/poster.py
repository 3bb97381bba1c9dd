"""A web address that keeps what is posted there."""

from ivr.errors import WitnessRefused
from ivr.evidence_ports import Submission
from ivr.witnesses.web import post
from storage.witnessing import Statement, StatementKind, StatementRow


class Poster:
    def __init__(self, name: str, url: str) -> None:
        self.name = name
        self._url = url

    def deliver(self, submission: Submission) -> Statement:
        answer = post(self.name, self._url, submission.note.encode(), "text/plain; charset=utf-8")
        if not 200 <= answer.status < 300:
            raise WitnessRefused(f"{self.name} says {answer.status}")
        return Statement(StatementKind.KEPT, f"HTTP {answer.status}".encode())

    def check(self, row: StatementRow) -> None:
        """Nothing here: whoever keeps it can hold it against the log (`spelregel witness check FOLDER`)."""
