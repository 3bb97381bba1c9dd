"""PURE. A record of the agency's processing log: what was done with one person's data.

Source: Logboek Dataverwerkingen 1.0.0 (Logius), the interface of the log.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Status(StrEnum):
    """`Unset`: it was done. `Error`: a fault of ours or of the carrier's stood in the way."""

    UNSET = "Unset"
    ERROR = "Error"


@dataclass(frozen=True, slots=True)
class ProcessingRecord:
    """`trace_id` is 16 bytes and `span_id` 8; times are whole milliseconds since 1970, UTC. Raises nothing.

    `parent_span_id` is the action of another application that asked for this one, in the same trace.
    """

    trace_id: bytes
    span_id: bytes
    name: str
    status: Status
    start_time_ms: int
    end_time_ms: int
    attributes: Mapping[str, str]
    parent_span_id: bytes | None = None
