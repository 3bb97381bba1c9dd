"""One entry's proof as a text that can be checked without us, and kept by whoever got it.

Source: C2SP tlog-proof: `c2sp.org/tlog-proof@v1`, `index <n>`, the inclusion proof's hashes in base64, one a line, an
empty line, and the signed checkpoint.
"""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from storage.consent_log.call_verifier import CallEvidence
from storage.consent_log.chain import HASH_BYTES, leaf_hash, verify_inclusion
from storage.consent_log.checkpoint import Checkpoint, NoteKey, decode_base64, open_checkpoint
from storage.consent_log.entry import parse_entry
from storage.errors import LogBroken

FIRST_LINE = "c2sp.org/tlog-proof@v1"
INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})")
MOST_HASHES = 63
MEDIA_TYPE = "text/plain; charset=utf-8"
SUFFIX = ".tlog-proof"


@dataclass(frozen=True, slots=True)
class TlogProof:
    """`index` is the entry's number, `hashes` the way from its leaf to the root of the checkpoint in `note`."""

    index: int
    hashes: tuple[bytes, ...]
    note: str

    def text(self) -> str:
        hashes = [base64.b64encode(one).decode() for one in self.hashes]
        return "\n".join([FIRST_LINE, f"index {self.index}", *hashes, "", self.note])


def parse_tlog_proof(text: str) -> TlogProof:
    """Raises `LogBroken` for text of another form."""
    head, separator, note = text.partition("\n\n")
    first, *rest = head.split("\n")
    index = INDEX.fullmatch(rest[0]) if rest else None
    if not separator or first != FIRST_LINE or index is None or len(rest) > 1 + MOST_HASHES:
        raise LogBroken("not a proof of a log entry")
    try:
        hashes = tuple(decode_base64(line) for line in rest[1:])
    except ValueError as error:
        raise LogBroken("a hash of the proof is no base64") from error
    if any(len(one) != HASH_BYTES for one in hashes):
        raise LogBroken("a hash of the proof is not 32 bytes")
    return TlogProof(int(index[1]), hashes, note)


def check_tlog_proof(text: str, entry: bytes, keys: Sequence[NoteKey]) -> Checkpoint:
    """The signed checkpoint that covers `entry`, the canonical bytes of the log's entry. Raises `LogBroken`."""
    try:
        number = parse_entry(entry).number
    except ValueError as error:
        raise LogBroken(f"not an entry of a consent log: {error}") from error
    proof = parse_tlog_proof(text)
    if number != proof.index:
        raise LogBroken(f"the proof is of entry {proof.index}, and this is entry {number}")
    checkpoint = open_checkpoint(proof.note, keys)
    if not verify_inclusion(proof.index, checkpoint.size, leaf_hash(entry), checkpoint.root, proof.hashes):
        raise LogBroken(f"the proof does not lead from this entry to the checkpoint of {checkpoint.size} entries")
    return checkpoint


def proofs_of_call(evidence: CallEvidence) -> Mapping[int, TlogProof]:
    """By entry number; without the entries that no signed checkpoint covers yet, or the hashes of which are gone."""
    note = evidence.note
    if note is None:
        return {}
    return {number: TlogProof(number, path, note) for number, path in evidence.proofs.items() if path is not None}
