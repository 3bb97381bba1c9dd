"""What another application asks over the API is noted in the agency's processing log, in that application's trace."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from config import settings
from config.policy import Role
from ivr.app import api_operations
from ivr.calls.jobs import JobKind
from ivr.calls.numbers import NumberKey
from ivr.calls.trace_context import read_traceparent
from tests.builders import CALLER, PUBLIC_URL, House, environment
from tests.ivr.processing_log.receiver import Receiver, attributes_of, running
from tests.ivr.web.asking_api import Api

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
GOOD = f"00-{TRACE}-{PARENT}-01"
APPLICATION = "https://zaken.voorbeeld.example/klantcontact"
COVERT = {"kind": "covert", "agency": "example", "discovered": "zei het zelf", "published": False}
PROCESSOR = "dpl.core.foreign_operation.processor"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with running() as made:
        yield made


@pytest.fixture
def api(tmp_path: Path, sqlite_url: str, receiver: Receiver) -> Iterator[Api]:
    """A call that goes on; what it did with the caller's data is noted already."""
    names = {"SPELREGEL_PROCESSING_LOG": receiver.url, "SPELREGEL_CALLING_APPLICATION": APPLICATION}
    house = House(tmp_path, sqlite_url, variables=names)
    house.dial_in()
    noted(house, receiver)
    yield Api(house)
    house.close()


def noted(house: House, receiver: Receiver) -> list[Span]:
    """The spans of whatever was not noted yet."""
    known = len(receiver.spans)
    house.run_jobs(JobKind.ACCOUNT_PROCESSING)
    return receiver.spans[known:]


def ask(
    api: Api, path: str, header: str | None = GOOD, role: Role = Role.EMPLOYEE, method: str = "GET", **how: Any
) -> Any:
    headers = {"Authorization": f"Bearer {api.tokens[role]}"} | ({} if header is None else {"traceparent": header})
    return api.send(method, path, headers=headers, **how)


def test_what_an_application_asks_is_noted_in_its_trace_under_its_action(api: Api, receiver: Receiver) -> None:
    call_id = api.house.call.call_id
    assert ask(api, f"/calls/{call_id}").status_code == 200
    assert ask(api, f"/calls/{call_id}/consent-record").status_code == 200
    assert ask(api, f"/calls/{call_id}/recording-stops", method="POST").status_code in (200, 409)
    first, second, *_ = spans = noted(api.house, receiver)
    assert [first.name, second.name] == ["gesprek inzien", "vastlegging van het gesprek verstrekken"]
    for span in (first, second):
        assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
        assert attributes_of(span)[PROCESSOR] == APPLICATION
        pseudonym = NumberKey(api.house.wiring.settings.secret_key).pseudonym_of(CALLER)
        assert attributes_of(span)["dpl.core.data_subject_id"] == pseudonym
        assert span.start_time_unix_nano <= span.end_time_unix_nano
    assert len({span.span_id for span in spans}) == len(spans)
    headers, _ = receiver.requests[-len(spans)]
    assert headers["traceparent"] == f"00-{TRACE}-{first.span_id.hex()}-01"


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "rubbish",
        f"00-{TRACE}-{PARENT}",
        f"00-{TRACE}-{PARENT}-01-more",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-{PARENT}-01",
        f"0-{TRACE}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-1",
        f"00-{TRACE[:-1]}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-01, 00-{TRACE}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-01'; DROP TABLE jobs; --",
        f"cc-{TRACE}-{PARENT}-01-{'x' * 600}",
        f"00-{TRACE.replace('0', '٠')}-{PARENT}-01".encode().decode("latin-1"),
        "9" * 5000,
    ],
)
def test_a_header_that_is_none_costs_nobody_the_answer_and_the_trace_is_the_calls_own(
    api: Api, receiver: Receiver, header: str | None
) -> None:
    assert ask(api, f"/calls/{api.house.call.call_id}", header).status_code == 200
    (span,) = noted(api.house, receiver)
    assert (span.trace_id.hex(), span.parent_span_id) == (api.house.call.call_id, b"")
    assert PROCESSOR not in attributes_of(span)


def test_a_version_of_later_is_read_as_far_as_it_is_known(api: Api, receiver: Receiver) -> None:
    for header in (f"cc-{TRACE}-{PARENT}-01", f"01-{TRACE}-{PARENT}-00-what-comes-later", f"00-{TRACE}-{PARENT}-00"):
        ask(api, f"/calls/{api.house.call.call_id}", header)
    assert {(span.trace_id.hex(), span.parent_span_id.hex()) for span in noted(api.house, receiver)} == {
        (TRACE, PARENT)
    }


def test_two_headers_are_no_header(api: Api, receiver: Receiver) -> None:
    token = f"Bearer {api.tokens[Role.EMPLOYEE]}"
    pairs = [("Authorization", token), ("traceparent", GOOD), ("traceparent", GOOD)]
    path = f"/api/v1/calls/{api.house.call.call_id}"
    assert api.house.client.get(path, base_url=PUBLIC_URL, headers=pairs).status_code == 200
    (span,) = noted(api.house, receiver)
    assert span.trace_id.hex() == api.house.call.call_id


@given(st.text(max_size=80) | st.from_regex(r"\A[0-9a-f]{2}-[0-9a-f]{30,34}-[0-9a-f]{15,17}-[0-9a-f]{2}.{0,3}\Z"))
def test_whatever_is_read_is_what_the_specification_allows(header: str) -> None:
    found = read_traceparent(header)
    if found is not None:
        assert (len(found.trace_id), len(found.span_id)) == (16, 8)
        assert any(found.trace_id)
        assert any(found.span_id)
        assert re.match(f"[0-9a-f]{{2}}-{found.trace_id.hex()}-{found.span_id.hex()}-", header.strip(" \t"))
        assert read_traceparent(found.header()) == found


def test_what_is_refused_is_no_processing(api: Api, receiver: Receiver) -> None:
    assert ask(api, "/calls/onbekend").status_code == 404
    assert ask(api, f"/calls/{api.house.call.call_id}", role=Role.ADMINISTRATOR).status_code == 403
    assert api.send("GET", f"/calls/{api.house.call.call_id}", headers={"traceparent": GOOD}).status_code == 401
    assert noted(api.house, receiver) == []


def test_every_operation_says_what_it_does_with_somebodys_data(api: Api) -> None:
    without = [one.name for one in api_operations(api.house.wiring) if one.processing is None]
    assert without == ["listCalls"]


def test_a_list_of_calls_that_go_on_tells_of_nobody(api: Api, receiver: Receiver) -> None:
    assert ask(api, "/calls").status_code == 200
    assert noted(api.house, receiver) == []


def test_of_cases_each_person_has_their_record_and_a_case_without_a_call_is_known_as_that(
    api: Api, receiver: Receiver
) -> None:
    of_call = api.good("POST", "/cases", Role.SUPERVISOR, {**COVERT, "callId": api.house.call.call_id})
    alone = api.good("POST", "/cases", Role.SUPERVISOR, COVERT)
    opened = [span for span in noted(api.house, receiver) if span.name == "zaak openen"]
    assert [span.trace_id.hex() for span in opened] == [api.house.call.call_id, alone["caseId"]]
    assert ask(api, "/cases", role=Role.SUPERVISOR).status_code == 200
    assert ask(api, f"/cases/{of_call['caseId']}", role=Role.SUPERVISOR).status_code == 200
    assert ask(api, f"/cases/{alone['caseId']}", role=Role.SUPERVISOR).status_code == 200
    spans = noted(api.house, receiver)
    assert [span.name for span in spans] == ["zaken inzien", "zaken inzien", "zaak inzien", "zaak inzien"]
    assert {span.trace_id.hex() for span in spans} == {TRACE}
    kinds = [attributes_of(span)["dpl.core.data_subject_id_type"] for span in spans]
    assert sorted(kinds[:2]) == ["telefoonnummer", "zaak"]
    assert kinds[2:] == ["telefoonnummer", "zaak"]
    assert attributes_of(spans[3])["dpl.core.data_subject_id"] == alone["caseId"]


def test_nothing_leaves_the_house_where_it_cannot_be_noted(api: Api) -> None:
    with api.house.wiring.database.transaction() as unit:
        unit.log._connection.exec_driver_sql(
            "CREATE TRIGGER full BEFORE INSERT ON jobs BEGIN SELECT RAISE(ABORT, 'disk full'); END"
        )
    answer = ask(api, f"/calls/{api.house.call.call_id}")
    assert answer.status_code in (500, 503)
    assert "callId" not in answer.text


def test_without_a_processing_log_the_header_is_not_even_read(tmp_path: Path, sqlite_url: str) -> None:
    house = House(tmp_path, sqlite_url)
    house.dial_in()
    api = Api(house)
    assert ask(api, f"/calls/{house.call.call_id}").status_code == 200
    assert house.run_jobs(JobKind.ACCOUNT_PROCESSING) == 0
    house.close()


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (
            {"SPELREGEL_CALLING_APPLICATION": APPLICATION},
            "SPELREGEL_CALLING_APPLICATION needs SPELREGEL_PROCESSING_LOG",
        ),
        (
            {"SPELREGEL_CALLING_APPLICATION": "klantcontact", "SPELREGEL_PROCESSING_LOG": "http://log.example/v1"},
            "SPELREGEL_CALLING_APPLICATION must be an address",
        ),
    ],
)
def test_a_calling_application_is_an_address_and_needs_a_log(tmp_path: Path, names: dict[str, str], told: str) -> None:
    with pytest.raises(settings.SettingsError, match=told):
        settings.load(environment(tmp_path, **names))
