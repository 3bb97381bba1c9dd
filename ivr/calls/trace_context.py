"""PURE. The header `traceparent`: in whose trace, and for which action in it, an application asks for something.

Source: W3C Trace Context 1, section 3.2. `tracestate` is for whoever made the trace, and is not read.
"""

import re
from dataclasses import dataclass

TRACEPARENT = "traceparent"
TRACE_BYTES, SPAN_BYTES = 16, 8
LONGEST_HEADER = 512
VERSIONED = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}(-.*)?", re.ASCII | re.DOTALL)
FORBIDDEN_VERSION = "ff"
KNOWN_VERSION = "00"


@dataclass(frozen=True, slots=True)
class TraceParent:
    """`trace_id` is 16 bytes and `span_id` 8; neither is all zeros."""

    trace_id: bytes
    span_id: bytes

    def header(self) -> str:
        """Sampled, always: no record of a processing log is left out."""
        return f"{KNOWN_VERSION}-{self.trace_id.hex()}-{self.span_id.hex()}-01"


def read_traceparent(header: str | None) -> TraceParent | None:
    """None for no header, and for one that the specification forbids: then a trace of one's own begins.

    A version that is not known yet is read as the known one, as far as that goes. Whether the other side samples is not
    looked at. Raises nothing.
    """
    if header is None or len(header) > LONGEST_HEADER:
        return None
    found = VERSIONED.fullmatch(header.strip(" \t"))
    if found is None:
        return None
    version, trace, span, more = found.groups()
    if version == FORBIDDEN_VERSION or (version == KNOWN_VERSION and more is not None):
        return None
    parent = TraceParent(bytes.fromhex(trace), bytes.fromhex(span))
    return parent if any(parent.trace_id) and any(parent.span_id) else None
