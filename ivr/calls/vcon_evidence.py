"""What goes into a vCon to be believed: the sound with its digests, and the call's lines of the consent log."""

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from ivr.ports import RecordingStore
from storage.consent_log.call_verifier import CallEvidence
from storage.consent_log.tlog_proof import TlogProof
from storage.errors import ObjectDamaged, ObjectMissing
from storage.records import RecordingRow

PIECE_BYTES = 256 * 1024


@dataclass(frozen=True, slots=True)
class Sound:
    """`hashes` are the draft's content hashes; the sound itself stands at `url` or, in base64url, in `body`."""

    hashes: Sequence[str]
    url: str | None = None
    body: str | None = None


@dataclass(frozen=True, slots=True)
class LogExtract:
    """The call's entries as canonical JSON, one a line, and the `.tlog-proof` of the last one that a signed checkpoint
    covers, whose number is `proven`; None where none is sealed yet."""

    entries: str
    proof: str | None = None
    proven: int | None = None


def content_hash(algorithm: str, digest: bytes) -> str:
    """As section 2.3 of draft-ietf-vcon-vcon-core-04 writes it: `sha512-` and base64url without padding."""
    return f"{algorithm}-{base64url(digest)}"


def base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).decode().rstrip("=")


def read_sound(store: RecordingStore, row: RecordingRow, url: str, *, inline: bool) -> Sound:
    """The draft asks for SHA-512, the log has SHA-256: so the whole recording is read, and both stand there.

    Where it cannot be read, or is not what was stored, only the digest that was logged is given: nothing vouches for
    another one. An address that is not https is left out, as the draft forbids it.
    """
    logged = content_hash("sha256", bytes.fromhex(row.digest))
    sha256, sha512, pieces = hashlib.sha256(), hashlib.sha512(), bytearray()
    try:
        with store.open(row.object_key) as sound:
            while piece := sound.read(PIECE_BYTES):
                sha256.update(piece)
                sha512.update(piece)
                if inline:
                    pieces += piece
    except (ObjectMissing, ObjectDamaged):
        return Sound([logged])
    if sha256.hexdigest() != row.digest:
        return Sound([logged])
    hashes = [content_hash("sha512", sha512.digest()), logged]
    if inline:
        return Sound(hashes, body=base64url(bytes(pieces)))
    return Sound(hashes, url=url if url.startswith("https://") else None)


def extract_log(evidence: CallEvidence) -> LogExtract:
    entries = "".join(entry.body.decode() + "\n" for entry in evidence.entries)
    covered = [(number, path) for number, path in evidence.proofs.items() if path is not None]
    if not covered or evidence.note is None:
        return LogExtract(entries)
    number, path = max(covered)
    return LogExtract(entries, TlogProof(number, path, evidence.note).text(), number)
