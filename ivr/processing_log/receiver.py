"""The agency's processing log over OTLP/HTTP: a record counts as written when that says so, and not before.

OpenTelemetry's own exporter is not used for this step: it repeats in the process, gives up after a while and forgets,
and takes no notice of spans that were rejected in a good answer. Here the outbox repeats, and forgets nothing.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from ivr.calls.trace_context import TRACEPARENT, TraceParent
from ivr.errors import ProcessingLogBusy, ProcessingLogRefused
from ivr.posting import Answer, AnswerTooLong, NotNow, post
from ivr.processing_log.otlp import as_protobuf
from storage.processing import ProcessingRecord

MEDIA_TYPE = "application/x-protobuf"
USUAL_PAUSE_S, LONGEST_PAUSE_S = 60.0, 3600.0


@dataclass(frozen=True, slots=True)
class ProcessingLog:
    """`token` is a bearer token, None where the receiver wants none. Safe to share between threads."""

    url: str
    token: str | None = field(repr=False)

    def write(self, record: ProcessingRecord) -> None:
        """Returns when the record was acknowledged. Whoever processes it further does so in its trace (W3C).

        Raises `ProcessingLogBusy`, `ProcessingLogRefused`.
        """
        headers = {"Content-Type": MEDIA_TYPE, TRACEPARENT: TraceParent(record.trace_id, record.span_id).header()}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            _check(post(self.url, as_protobuf(record), headers))
        except NotNow as fault:
            raise ProcessingLogBusy(f"the processing log {fault}", _pause_s(fault.retry_after)) from None
        except AnswerTooLong as fault:
            raise ProcessingLogRefused(f"the processing log {fault}, which no acknowledgement has") from None


def _check(answer: Answer) -> None:
    """Raises `ProcessingLogRefused` for anything but an acknowledgement."""
    if answer.status != 200:
        raise ProcessingLogRefused(f"the processing log says {answer.status}")
    try:
        acknowledged = ExportTraceServiceResponse.FromString(answer.body).partial_success
    except DecodeError:
        raise ProcessingLogRefused("what answers is no processing log: not a word of OTLP") from None
    if acknowledged.rejected_spans:
        raise ProcessingLogRefused(f"the processing log rejected it: {acknowledged.error_message[:200]}")


def _pause_s(retry_after: str | None) -> float:
    """Seconds, or a date (RFC 9110, 10.2.3); anything else is as if it were not there."""
    if retry_after is None:
        return USUAL_PAUSE_S
    try:
        if retry_after.strip().isdigit():
            wished = float(retry_after)
        else:
            wished = (parsedate_to_datetime(retry_after).astimezone(UTC) - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return USUAL_PAUSE_S
    return min(max(wished, 1.0), LONGEST_PAUSE_S)
