"""A receipt as a file that proves itself: beside what it says stand the entries of the log that it was read off, each
with its own bytes, the values that its digests are of, and its way to a signed checkpoint.

Whoever has the file and the log's public key needs nothing else, and nobody: docs/receipt.md says how.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from ivr.calls.receipt import SCHEMA, Receipt, Shown, content_of
from storage.consent_log.checkpoint import Checkpoint, NoteKey
from storage.consent_log.entry import format_time
from storage.consent_log.tlog_proof import TlogProof
from storage.records import Json

CONTENT = "content"
"""The personal value of the entry about a receipt: the digest of all that the receipt says. It stands beside the log,
since a bare digest of known texts and a few unknown words would give the words away."""

HOW_TO_VERIFY: Sequence[str] = (
    "Compare log.verifier_keys with the key that the agency gives, or that stands in other receipts.",
    "issue, and each of entries: `entry` is the text that the log hashed (UTF-8); `proof` (c2sp.org/tlog-proof) leads "
    "from SHA-256(00 || entry) to the root of a checkpoint (RFC 9162, section 2.1.3.2) that the key signed "
    "(c2sp.org/signed-note, Ed25519); its index is the entry's number.",
    "personal: SHA-256(nonce || value) is the digest that `entry` has under that name.",
    "issue: its personal value `content` is the SHA-256 of `receipt` in canonical JSON (RFC 8785); its fact `receipt` "
    "is receipt_id; its occurred_at is issued_at.",
    "receipt.events: each tells of the entry with its number: event_time is occurred_at, event_type is tag, said is "
    "the fact or personal value `text`, answered the personal value `words` or `answer`, channel that fact.",
)
"""For whoever writes a program; docs/receipt.md says the same at more length."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A receipt as it left the house. `issue` is the entry that says so; `proofs` has for each entry its way to
    `checkpoint`, which `keys` signed."""

    receipt: Receipt
    receipt_id: str
    issue: Shown
    proofs: Mapping[int, TlogProof]
    checkpoint: Checkpoint
    keys: Sequence[NoteKey]

    @property
    def issued_at(self) -> datetime:
        return self.issue.entry.occurred_at

    @property
    def proof(self) -> TlogProof:
        """Of the entry about the receipt, and so of all that the receipt says."""
        return self.proofs[self.issue.entry.number]

    def as_json(self) -> dict[str, Json]:
        return {
            "schema_version": SCHEMA,
            "receipt_id": self.receipt_id,
            "issued_at": format_time(self.issued_at),
            "receipt": content_of(self.receipt),
            "issue": self._proven(self.issue),
            "entries": [self._proven(event) for event in self.receipt.events],
            "log": {"origin": self.checkpoint.origin, "verifier_keys": [key.vkey() for key in self.keys]},
            "how_to_verify": list(HOW_TO_VERIFY),
        }

    def as_file(self) -> bytes:
        return json.dumps(self.as_json(), ensure_ascii=False, indent=2).encode() + b"\n"

    def _proven(self, shown: Shown) -> dict[str, Json]:
        return {
            "entry": shown.body.decode(),
            "personal": {
                name: {"nonce": nonce.hex(), "value": value} for name, (nonce, value) in shown.personal.items()
            },
            "proof": self.proofs[shown.entry.number].text(),
        }
