"""Writing to the agency's processing log: what counts as written, what is asked again, what an operator must see."""

import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from ivr.calls.processing_records import Action, record_of
from ivr.errors import ProcessingLogBusy, ProcessingLogRefused
from ivr.posting import LARGEST_ANSWER_BYTES
from ivr.processing_log.receiver import LONGEST_PAUSE_S, USUAL_PAUSE_S, ProcessingLog
from tests.builders import BEGAN
from tests.ivr.processing_log.receiver import GOOD, REJECTED, Receiver, attributes_of, running

CALL_ID = "4f0c8b6a2d3e4a5b8c7d9e0f1a2b3c4d"
RECORD = record_of(Action(CALL_ID, "e1", "opname bewaren", BEGAN, BEGAN), "https://voorbeeld.example/r", "ab12")


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running() as made:
        yield made


def test_a_record_arrives_as_one_span_and_is_acknowledged(receiver: Receiver) -> None:
    ProcessingLog(receiver.url, None).write(RECORD)
    (span,) = receiver.spans
    assert (span.trace_id, span.span_id, span.name) == (RECORD.trace_id, RECORD.span_id, "opname bewaren")
    assert span.start_time_unix_nano == RECORD.start_time_ms * 1_000_000
    assert attributes_of(span) == dict(RECORD.attributes)
    ((headers, _),) = receiver.requests
    assert headers["content-type"] == "application/x-protobuf"
    assert headers["traceparent"] == f"00-{CALL_ID}-{RECORD.span_id.hex()}-01"
    assert "authorization" not in headers


def test_a_token_goes_with_it_and_is_in_no_repr(receiver: Receiver) -> None:
    log = ProcessingLog(receiver.url, "geheim-genoeg-voor-ons")
    log.write(RECORD)
    ((headers, _),) = receiver.requests
    assert headers["authorization"] == "Bearer geheim-genoeg-voor-ons"
    assert "geheim" not in repr(log)


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_one_that_says_to_come_back_is_asked_again(receiver: Receiver, status: int) -> None:
    receiver.answers = [(status, b"", {})]
    with pytest.raises(ProcessingLogBusy) as caught:
        ProcessingLog(receiver.url, None).write(RECORD)
    assert caught.value.pause_s == USUAL_PAUSE_S


@pytest.mark.parametrize(
    ("wished", "least", "most"),
    [
        ("120", 120, 120),
        ("0", 1, 1),
        ("999999999", LONGEST_PAUSE_S, LONGEST_PAUSE_S),
        (format_datetime(datetime.now(UTC) + timedelta(days=1), usegmt=True), LONGEST_PAUSE_S, LONGEST_PAUSE_S),
        (format_datetime(datetime.now(UTC) - timedelta(days=1), usegmt=True), 1, 1),
        ("straks", USUAL_PAUSE_S, USUAL_PAUSE_S),
        ("-5", USUAL_PAUSE_S, USUAL_PAUSE_S),
        ("", USUAL_PAUSE_S, USUAL_PAUSE_S),
    ],
)
def test_it_may_say_when_to_come_back(receiver: Receiver, wished: str, least: float, most: float) -> None:
    receiver.answers = [(503, b"", {"Retry-After": wished})]
    with pytest.raises(ProcessingLogBusy) as caught:
        ProcessingLog(receiver.url, None).write(RECORD)
    assert least <= caught.value.pause_s <= most


@pytest.mark.parametrize("status", [201, 204, 301, 307, 400, 401, 403, 404, 413])
def test_one_that_does_not_take_it_is_refused_for_good(receiver: Receiver, status: int) -> None:
    receiver.answers = [(status, b"", {"Location": "http://127.0.0.1:9/"})]
    with pytest.raises(ProcessingLogRefused, match=str(status)):
        ProcessingLog(receiver.url, None).write(RECORD)
    assert len(receiver.requests) == 1


def test_a_span_that_was_rejected_in_a_good_answer_is_not_written(receiver: Receiver) -> None:
    receiver.answers = [(200, REJECTED, {})]
    with pytest.raises(ProcessingLogRefused, match="no such activity"):
        ProcessingLog(receiver.url, None).write(RECORD)


@pytest.mark.parametrize("page", [b"<html>welkom</html>", GOOD + b"\x0b", b"\xff" * 40])
def test_a_page_of_something_else_is_no_acknowledgement(receiver: Receiver, page: bytes) -> None:
    receiver.answers = [(200, page, {"Content-Type": "text/html"})]
    with pytest.raises(ProcessingLogRefused, match="no processing log"):
        ProcessingLog(receiver.url, None).write(RECORD)


def test_an_endless_answer_is_none(receiver: Receiver) -> None:
    receiver.answers = [(200, b"\n" * (LARGEST_ANSWER_BYTES + 1), {})]
    with pytest.raises(ProcessingLogRefused, match="more than 65536 bytes"):
        ProcessingLog(receiver.url, None).write(RECORD)


def test_a_long_page_of_trouble_is_still_a_wish_to_come_back(receiver: Receiver) -> None:
    receiver.answers = [(503, b"\n" * (LARGEST_ANSWER_BYTES + 1), {})]
    with pytest.raises(ProcessingLogBusy, match="503"):
        ProcessingLog(receiver.url, None).write(RECORD)


def test_one_that_is_away_is_waited_for_and_its_address_is_in_no_error() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ProcessingLogBusy) as caught:
        ProcessingLog(f"http://127.0.0.1:{port}/v1/traces", None).write(RECORD)
    assert "127.0.0.1" not in str(caught.value)


def test_an_answer_that_is_cut_short_is_none(receiver: Receiver) -> None:
    receiver.answers = [(200, GOOD, {"Content-Length": "7"})]
    with pytest.raises((ProcessingLogBusy, ProcessingLogRefused)):
        ProcessingLog(receiver.url, None).write(RECORD)
