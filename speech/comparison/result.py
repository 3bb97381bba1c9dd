"""PURE. What a comparison of a citizen's copy with the agency's recording found.

All times are seconds from the beginning of the file that they name.
"""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What the copy is. A copy that begins later or ends earlier than the agency's recording, or goes on beyond it, is
    complete: nobody has to record all of a call, and `coverage` says how much it has."""

    COMPLETE = "complete"
    CUT = "cut"
    INSERTED = "inserted"
    ALTERED = "altered"
    UNRELATED = "unrelated"


class EditKind(StrEnum):
    CUT = "cut"
    INSERT = "insert"
    REPLACE = "replace"


@dataclass(frozen=True, slots=True)
class Edit:
    """A cut has the same start and end in the copy, an insertion in the agency's recording; `confidence` is 0 to 1."""

    kind: EditKind
    agency_start_s: float
    agency_end_s: float
    copy_start_s: float
    copy_end_s: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """Sound that both have, in one piece."""

    agency_start_s: float
    agency_end_s: float
    copy_start_s: float
    copy_end_s: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """`coverage` is the part of the agency's recording that the copy has, 0 to 1; `drift_ppm` how much faster than the
    agency's clock the copy's recorder counted. `edits` and `stretches` stand in the copy's order."""

    verdict: Verdict
    coverage: float
    drift_ppm: float
    edits: tuple[Edit, ...]
    stretches: tuple[Stretch, ...]
    agency_s: float
    copy_s: float
