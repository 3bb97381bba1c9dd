"""Records as OpenTelemetry's protocol writes spans: protobuf for the processing log itself, JSON lines for a file.

Source: OTLP 1.x, and its JSON encoding (ids in hexadecimal, 64-bit numbers as text). Spans are made as they are, by no
tracer and past no sampler: each record is one span.
"""

import json
from collections.abc import Mapping

from opentelemetry.exporter.otlp.proto.common.trace_encoder import encode_spans
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import SpanContext, SpanKind, TraceFlags
from opentelemetry.trace.status import Status as SpanStatus
from opentelemetry.trace.status import StatusCode

from ivr.calls.processing_records import SERVICE
from storage.processing import ProcessingRecord, Status
from storage.records import Json

NANOSECONDS = 1_000_000
"""In a millisecond."""

CODES: Mapping[Status, StatusCode] = {Status.UNSET: StatusCode.UNSET, Status.ERROR: StatusCode.ERROR}
FLAGS = 0x100
"""SPAN_FLAGS_CONTEXT_HAS_IS_REMOTE_MASK: known to be of this process, as the protobuf encoder says too."""

FLAGS_OF_CHILD = FLAGS | 0x200
"""SPAN_FLAGS_CONTEXT_IS_REMOTE_MASK: the parent is another process's."""

INTERNAL = 1
"""SPAN_KIND_INTERNAL, as the protocol numbers it."""


def as_protobuf(record: ProcessingRecord) -> bytes:
    """An `ExportTraceServiceRequest` with one span."""
    parent = record.parent_span_id
    span = ReadableSpan(
        name=record.name,
        context=_context(record, record.span_id, is_remote=False),
        parent=None if parent is None else _context(record, parent, is_remote=True),
        resource=Resource({"service.name": SERVICE}),
        attributes=dict(record.attributes),
        kind=SpanKind.INTERNAL,
        status=SpanStatus(CODES[record.status]),
        start_time=record.start_time_ms * NANOSECONDS,
        end_time=record.end_time_ms * NANOSECONDS,
        instrumentation_scope=InstrumentationScope(SERVICE),
    )
    encoded: bytes = encode_spans([span]).SerializeToString()
    return encoded


def as_json_line(record: ProcessingRecord) -> bytes:
    """The same as one line, as OpenTelemetry's file exporter writes it."""
    span: dict[str, Json] = {
        "traceId": record.trace_id.hex(),
        "spanId": record.span_id.hex(),
        **({} if record.parent_span_id is None else {"parentSpanId": record.parent_span_id.hex()}),
        "flags": FLAGS if record.parent_span_id is None else FLAGS_OF_CHILD,
        "name": record.name,
        "kind": INTERNAL,
        "startTimeUnixNano": str(record.start_time_ms * NANOSECONDS),
        "endTimeUnixNano": str(record.end_time_ms * NANOSECONDS),
        "attributes": [_attribute(name, value) for name, value in record.attributes.items()],
        "status": {} if record.status is Status.UNSET else {"code": CODES[record.status].value},
    }
    scope: dict[str, Json] = {"scope": {"name": SERVICE}, "spans": [span]}
    resource: dict[str, Json] = {"attributes": [_attribute("service.name", SERVICE)]}
    line: dict[str, Json] = {"resourceSpans": [{"resource": resource, "scopeSpans": [scope]}]}
    return json.dumps(line, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"


def _context(record: ProcessingRecord, span_id: bytes, *, is_remote: bool) -> SpanContext:
    return SpanContext(
        trace_id=int.from_bytes(record.trace_id),
        span_id=int.from_bytes(span_id),
        is_remote=is_remote,
        trace_flags=TraceFlags(TraceFlags.SAMPLED),
    )


def _attribute(name: str, value: str) -> dict[str, Json]:
    return {"key": name, "value": {"stringValue": value}}
