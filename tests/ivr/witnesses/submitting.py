"""A log that grows in memory, and what is handed to a witness of it."""

from collections.abc import Sequence

from ivr.evidence_ports import Submission
from storage.consent_log.chain import Frontier, consistency_proof, leaf_hash
from storage.consent_log.checkpoint import Checkpoint, NoteSigner

ORIGIN = "spelregel.test/log"
SIGNER = NoteSigner.from_seed(ORIGIN, bytes(32))


class SmallLog:
    """So many entries, which differ with `kind`."""

    def __init__(self, size: int, kind: str = "true") -> None:
        self.size = size
        self._subtrees: dict[tuple[int, int], bytes] = {}
        self._frontiers = [Frontier()]
        for number in range(size):
            frontier, completed = self._frontiers[-1].append(leaf_hash(f"{kind} {number}".encode()))
            self._frontiers.append(frontier)
            for level, subtree in enumerate(completed):
                self._subtrees[level, number >> level] = subtree

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        size = self.size if size is None else size
        return Checkpoint(ORIGIN, size, self._frontiers[size].root())

    def prove(self, old_size: int, size: int) -> Sequence[bytes]:
        return consistency_proof(old_size, size, lambda level, index: self._subtrees[level, index])

    def submission(self, size: int | None = None, known_size: int = 0, signer: NoteSigner = SIGNER) -> Submission:
        checkpoint = self.checkpoint(size)
        note = signer.sign(checkpoint.text())
        return Submission(note, checkpoint, known_size, lambda old_size: self.prove(old_size, checkpoint.size))
