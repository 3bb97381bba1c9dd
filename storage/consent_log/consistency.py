"""That a signed head is the beginning of a later one: proven from a few hashes, and as a text for witnesses.

Source: RFC 9162 section 2.1.4; the text is the body of C2SP tlog-witness's `add-checkpoint`: `old <size>`, the proof's
hashes in base64, one a line, an empty line, and the signed checkpoint.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

from storage.consent_log.chain import SubtreeAt, consistency_proof, verify_consistency
from storage.consent_log.checkpoint import Checkpoint, NoteKey, open_checkpoint
from storage.errors import LogBroken


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """`hashes` lead from the first `old_size` entries to the checkpoint in `note`."""

    old_size: int
    hashes: tuple[bytes, ...]
    note: str

    def text(self) -> str:
        hashes = [base64.b64encode(one).decode() for one in self.hashes]
        return "\n".join([f"old {self.old_size}", *hashes, "", self.note])


def prove_continues(old: Checkpoint, head: Checkpoint, subtree_at: SubtreeAt) -> list[bytes]:
    """The proof that `head` continues `old`, checked. Raises `LogBroken` where it does not."""
    if old.size > head.size:
        raise LogBroken(f"entries {head.size} to {old.size - 1}, signed before, are gone")
    proof = consistency_proof(old.size, head.size, subtree_at)
    if not verify_consistency(old.size, head.size, old.root, head.root, proof):
        raise LogBroken(f"the first {old.size} entries are not the ones that were signed")
    return proof


def prove_consistency(
    old_note: str, note: str | None, keys: Sequence[NoteKey], subtree_at: SubtreeAt
) -> ConsistencyProof:
    """From a signed checkpoint that was kept to the log's last one, which it has. Raises `LogBroken`."""
    old = open_checkpoint(old_note, keys)
    if note is None:
        raise LogBroken(f"a checkpoint signed {old.size} entries, and the log has none any more")
    return ConsistencyProof(old.size, tuple(prove_continues(old, open_checkpoint(note, keys), subtree_at)), note)
