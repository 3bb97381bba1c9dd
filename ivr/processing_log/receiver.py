"""The agency's processing log over OTLP/HTTP: a record counts as written when that says so, and not before.

OpenTelemetry's own exporter is not used for this step: it repeats in the process, gives up after a while and forgets,
and takes no notice of spans that were rejected in a good answer. Here the outbox repeats, and forgets nothing.
"""

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import requests
from google.protobuf.message import DecodeError
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse
from urllib3.exceptions import HTTPError

from ivr.errors import ProcessingLogBusy, ProcessingLogRefused
from ivr.processing_log.otlp import as_protobuf
from storage.processing import ProcessingRecord

QUIET_S = 10.0
WHOLE_S = 30.0
LARGEST_ANSWER_BYTES = 64 * 1024
PIECE_BYTES = 4096
MEDIA_TYPE = "application/x-protobuf"
COME_BACK = frozenset({408, 425, 429})
USUAL_PAUSE_S, LONGEST_PAUSE_S = 60.0, 3600.0


@dataclass(frozen=True, slots=True)
class ProcessingLog:
    """`token` is a bearer token, None where the receiver wants none. Safe to share between threads."""

    url: str
    token: str | None = field(repr=False)

    def write(self, record: ProcessingRecord) -> None:
        """Returns when the record was acknowledged. Raises `ProcessingLogBusy`, `ProcessingLogRefused`."""
        headers = {"Content-Type": MEDIA_TYPE, "Accept-Encoding": "identity", "traceparent": _traceparent(record)}
        if self.token is not None:
            headers["Authorization"] = f"Bearer {self.token}"
        try:
            with requests.post(
                self.url,
                data=as_protobuf(record),
                headers=headers,
                timeout=QUIET_S,
                allow_redirects=False,
                stream=True,
            ) as answer:
                _judge(answer.status_code, answer.headers.get("Retry-After"), _read(answer))
        except (requests.RequestException, HTTPError, OSError) as fault:  # the fault's text has the address
            raise ProcessingLogBusy(f"the processing log does not answer: {type(fault).__name__}") from None


def _traceparent(record: ProcessingRecord) -> str:
    """W3C Trace Context: whoever processes the record further does so in the same trace."""
    return f"00-{record.trace_id.hex()}-{record.span_id.hex()}-01"


def _read(answer: requests.Response) -> bytes:
    got, until = b"", time.monotonic() + WHOLE_S
    while piece := answer.raw.read1(PIECE_BYTES):
        got += piece
        if len(got) > LARGEST_ANSWER_BYTES:
            raise ProcessingLogRefused("the processing log answers at a length that no acknowledgement has")
        if time.monotonic() > until:
            raise ProcessingLogBusy("the processing log does not come to an end")
    return got


def _judge(status: int, retry_after: str | None, body: bytes) -> None:
    if status in COME_BACK or status >= 500:
        raise ProcessingLogBusy(f"the processing log says {status}", _pause_s(retry_after))
    if status != 200:
        raise ProcessingLogRefused(f"the processing log says {status}")
    try:
        answer = ExportTraceServiceResponse.FromString(body)
    except DecodeError:
        raise ProcessingLogRefused("what answers is no processing log: not a word of OTLP") from None
    if answer.partial_success.rejected_spans:
        raise ProcessingLogRefused(f"the processing log rejected it: {answer.partial_success.error_message[:200]}")


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
