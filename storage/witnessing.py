"""PURE. What witnesses outside said about our checkpoints. Times are aware UTC datetimes."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class StatementKind(StrEnum):
    """KEPT: it has the checkpoint. COSIGNED: it checked that the log continues, and signed that. STAMPED: a time stamp
    authority signed when the checkpoint existed at the latest."""

    KEPT = "kept"
    COSIGNED = "cosigned"
    STAMPED = "stamped"


@dataclass(frozen=True, slots=True)
class Statement:
    """`answer` is the signature line of a cosignature (C2SP tlog-cosignature), the DER bytes of a time stamp response
    (RFC 3161), or in words what became of a checkpoint that is kept."""

    kind: StatementKind
    answer: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class StatementRow:
    """A statement with the checkpoint that it is about: `note` as the log signed it, of the first `size` entries."""

    witness: str
    size: int
    note: str
    kind: StatementKind
    answer: bytes = field(repr=False)
    stated_at: datetime
