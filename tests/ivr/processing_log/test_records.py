"""A record of the processing log: its fields (Logboek Dataverwerkingen 1.0.0), as protobuf and as a line of JSON."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from google.protobuf.json_format import MessageToDict
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from ivr.calls.numbers import NumberKey
from ivr.calls.processing_records import ACTIONS, Action, action_of, actions_of, record_of
from ivr.calls.trace_context import TraceParent
from ivr.processing_log.otlp import as_json_line, as_protobuf
from storage.consent_log.tags import Tag
from storage.processing import Status
from storage.records import LoggedEntry
from tests.builders import BEGAN, CALLER

CALL_ID = "4f0c8b6a2d3e4a5b8c7d9e0f1a2b3c4d"
ACTIVITY = "https://voorbeeld.example/register/opnemen"

times = st.datetimes(datetime(2020, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(tzinfo=UTC))  # noqa: DTZ001
actions = st.builds(
    Action,
    call_id=st.uuids().map(lambda one: one.hex) | st.text(min_size=1, max_size=20),
    action_id=st.text(min_size=1, max_size=40),
    name=st.sampled_from(sorted(set(ACTIONS.values()))),
    started_at=times,
    ended_at=times,
    status=st.sampled_from(Status),
    parent=st.none() | st.builds(TraceParent, st.uuids().map(lambda one: one.bytes), st.just(bytes(range(8)))),
)


def entry(number: int, tag: str, event_id: str = "", after_s: float = 0.0) -> LoggedEntry:
    at = BEGAN + timedelta(seconds=after_s)
    return LoggedEntry(number, CALL_ID, number, event_id or f"e{number}", tag, at, {}, {}, "0" * 64)


def hexadecimal(value: Any) -> Any:
    """OTLP's JSON has ids in hexadecimal where protobuf's own has base64."""
    if isinstance(value, Mapping):
        return {
            name: base64.b64decode(inner).hex() if name in ("traceId", "spanId", "parentSpanId") else hexadecimal(inner)
            for name, inner in value.items()
        }
    return [hexadecimal(one) for one in value] if isinstance(value, list) else value


@given(actions, st.none() | st.text(alphabet="0123456789abcdef", min_size=8, max_size=64))
def test_both_forms_of_any_record_say_the_same(action: Action, pseudonym: str | None) -> None:
    record = record_of(action, ACTIVITY, pseudonym)
    request = ExportTraceServiceRequest.FromString(as_protobuf(record))
    line = as_json_line(record)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert json.loads(line) == hexadecimal(MessageToDict(request, use_integers_for_enums=True))


@given(actions)
def test_an_action_comes_back_from_a_jobs_payload(action: Action) -> None:
    assert Action.from_payload(json.loads(json.dumps(action.to_payload()))) == action


def test_a_record_has_the_fields_of_the_standard() -> None:
    record = record_of(Action(CALL_ID, "e1", "gesprek opnemen", BEGAN, BEGAN + timedelta(seconds=20)), ACTIVITY, "ab12")
    assert (record.trace_id, len(record.span_id)) == (UUID(CALL_ID).bytes, 8)
    assert record.status.value == "Unset"
    assert record.end_time_ms - record.start_time_ms == 20_000
    assert record.start_time_ms == int(BEGAN.timestamp() * 1000)
    assert record.attributes == {
        "dpl.core.processing_activity_id": ACTIVITY,
        "dpl.core.data_subject_id": "ab12",
        "dpl.core.data_subject_id_type": "telefoonnummer",
    }


def test_who_hides_their_number_is_known_by_the_call_alone() -> None:
    attributes = record_of(Action(CALL_ID, "e1", "x", BEGAN, BEGAN), ACTIVITY, None).attributes
    assert attributes["dpl.core.data_subject_id"] == CALL_ID
    assert attributes["dpl.core.data_subject_id_type"] == "gesprek"


def test_what_another_application_asked_for_stands_in_its_trace_and_names_it() -> None:
    parent = TraceParent(bytes(range(16)), bytes(range(8)))
    action = Action(CALL_ID, "e1", "gesprek inzien", BEGAN, BEGAN, parent=parent)
    record = record_of(action, ACTIVITY, "ab12", application="https://zaken.voorbeeld.example")
    assert (record.trace_id, record.parent_span_id) == (parent.trace_id, parent.span_id)
    assert record.attributes["dpl.core.foreign_operation.processor"] == "https://zaken.voorbeeld.example"
    own = record_of(Action(CALL_ID, "e1", "x", BEGAN, BEGAN), ACTIVITY, "ab12", application="https://zaken.example")
    assert (own.trace_id.hex(), own.parent_span_id) == (CALL_ID, None)
    assert "dpl.core.foreign_operation.processor" not in own.attributes


def test_an_action_of_before_there_were_parents_is_read_too() -> None:
    action = Action(CALL_ID, "e1", "x", BEGAN, BEGAN)
    payload = {name: value for name, value in action.to_payload().items() if name != "traceparent"}
    assert Action.from_payload(payload) == action


def test_a_pseudonym_is_one_per_number_and_secret_and_not_what_calls_are_found_by() -> None:
    ours, theirs = NumberKey("s" * 32), NumberKey("t" * 32)
    first = ours.pseudonym_of(CALLER)
    assert first == ours.pseudonym_of(CALLER)
    assert len({first, theirs.pseudonym_of(CALLER), ours.pseudonym_of("+31612345679"), ours.hash_of(CALLER)}) == 4
    assert first is not None
    assert str(ours.hash_of(CALLER)) not in first
    assert ours.pseudonym_of("anonymous") is ours.pseudonym_of(None) is None


def test_two_actions_have_two_records_and_one_has_one_for_ever() -> None:
    told = [record_of(Action(CALL_ID, name, "x", BEGAN, BEGAN), ACTIVITY, None).span_id for name in ("a", "b", "a")]
    assert told[0] == told[2] != told[1]


def test_a_recording_is_one_action_from_its_start_to_its_end() -> None:
    log = [
        entry(0, "recording:started", after_s=5),
        entry(1, "recording:paused"),
        entry(2, "recording:stopped", after_s=30),
    ]
    (action,) = actions_of(log)
    assert (action.name, action.ended_at - action.started_at) == ("gesprek opnemen", timedelta(seconds=25))


def test_a_recording_that_failed_is_an_error_and_one_that_is_not_whole_is_none() -> None:
    for tag, status in [("recording:failed", Status.ERROR), ("recording:degraded", Status.UNSET)]:
        action = action_of(entry(0, tag), ())
        assert action is not None
        assert action.status is status


def test_every_action_is_an_entry_that_there_is_and_what_is_none_gives_none() -> None:
    assert set(ACTIONS) <= set(Tag)
    assert action_of(entry(0, "employee:joined"), ()) is None


@pytest.mark.parametrize("chain", ["log", "", "x" * 200, "0" * 32 + "-"])
def test_a_chain_that_is_no_calls_has_a_trace_too(chain: str) -> None:
    record = record_of(Action(chain, "e", "x", BEGAN, BEGAN), ACTIVITY, None)
    assert len(record.trace_id) == 16
    assert any(record.trace_id)
