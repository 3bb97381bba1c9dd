"""What was measured, as a table for people and as JSON for comparison."""

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `note` says under which conditions, or against what it stands."""

    what: str
    value: float
    unit: str
    note: str = ""


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of them do not exceed."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def spread(what: str, seconds: Sequence[float], note: str = "") -> list[Row]:
    """p50 and p99 in milliseconds."""
    return [
        Row(f"{what} p50", percentile(seconds, 0.50) * 1000, "ms", note),
        Row(f"{what} p99", percentile(seconds, 0.99) * 1000, "ms", f"n={len(seconds)}"),
    ]


def show(rows: Sequence[Row]) -> str:
    width = max(len(row.what) for row in rows)
    return "\n".join(f"{row.what:<{width}}  {row.value:>10.3f} {row.unit:<6} {row.note}".rstrip() for row in rows)


def write_json(rows: Sequence[Row], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(row) for row in rows], indent=1) + "\n", encoding="utf-8")
