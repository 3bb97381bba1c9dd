"""A witness that checks by itself that the log only grew, and signs that (C2SP tlog-witness, `add-checkpoint`)."""

import re

from ivr.errors import LogContradicted, WitnessBusy, WitnessRefused
from ivr.evidence_ports import Submission
from ivr.posting import Answer
from ivr.witnesses.web import post
from storage.consent_log.checkpoint import parse_checkpoint
from storage.consent_log.consistency import ConsistencyProof
from storage.consent_log.cosignature import CosignerKey, find_cosignature
from storage.errors import LogBroken
from storage.witnessing import Statement, StatementKind, StatementRow

SIZE = re.compile(rb"(0|[1-9][0-9]{0,17})\n")
TRIES = 3
"""One where we do not know what it saw last, one with that, one where it saw another one of ours meanwhile."""

REASONS = {
    400: "does not understand the request",
    403: "knows no key that signed our checkpoint: tell it the log's verifier key",
    404: "does not know this log: ask its owner to add the log's name and verifier key",
}


class Cosigner:
    def __init__(self, name: str, url: str, key: CosignerKey) -> None:
        """`url` is the witness's submission prefix."""
        self.name = name
        self._url = f"{url.rstrip('/')}/add-checkpoint"
        self._key = key

    def deliver(self, submission: Submission) -> Statement:
        old_size = submission.known_size
        for _ in range(TRIES):
            answer = post(self.name, self._url, _request(submission, old_size), "text/plain; charset=utf-8")
            if answer.status == 200:
                return Statement(StatementKind.COSIGNED, self._cosignature(submission, answer).encode())
            if answer.status != 409:
                raise self._refusal(answer.status, old_size)
            seen = self._size(answer)
            if seen == old_size < submission.checkpoint.size:
                raise WitnessRefused(f"{self.name} says that it has seen {seen} entries when it is told so")
            if seen > submission.checkpoint.size or (seen == old_size == submission.checkpoint.size):
                raise LogContradicted(
                    f"{self.name} has seen {seen} entries of this log; ours has {submission.checkpoint.size}, "
                    "which are not the same",
                    seen,
                )
            old_size = seen
        raise WitnessBusy(f"{self.name} says each time that it saw another checkpoint last")

    def check(self, row: StatementRow) -> None:
        if self._find(row.note, [row.answer.decode(errors="replace")]) is None:
            raise LogBroken(f"not a cosignature of {self._key.name}")

    def _cosignature(self, submission: Submission, answer: Answer) -> str:
        try:
            line = self._find(submission.note, answer.body.decode().removesuffix("\n").split("\n"))
        except (LogBroken, UnicodeDecodeError) as fault:
            raise WitnessRefused(f"{self.name} answers what is no good: {fault}") from fault
        if line is None:
            raise WitnessRefused(f"{self.name} signs with another key than {self._key.name}")
        return line

    def _find(self, note: str, lines: list[str]) -> str | None:
        text = note.partition("\n\n")[0] + "\n"
        found = find_cosignature(parse_checkpoint(text), lines, self._key)
        return None if found is None else found.line

    def _refusal(self, status: int, old_size: int) -> Exception:
        if status == 422 and old_size > 0:  # our proof leads from what we signed then: it was checked before
            told = f"{self.name} has seen {old_size} entries that are not the first {old_size} of this log"
            return LogContradicted(told, old_size)
        return WitnessRefused(f"{self.name} says {status}: {REASONS.get(status, 'not an answer of a witness')}")

    def _size(self, answer: Answer) -> int:
        size = SIZE.fullmatch(answer.body)
        if size is None:
            raise WitnessRefused(f"{self.name} says 409 without the size that it saw")
        return int(size[1])


def _request(submission: Submission, old_size: int) -> bytes:
    return ConsistencyProof(old_size, tuple(submission.prove(old_size)), submission.note).text().encode()
