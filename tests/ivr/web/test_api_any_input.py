"""Whatever is sent to the API: a declared answer, never a fault of ours, and nothing done that was not understood."""

import json
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.policy import Role
from ivr.cases.acts import ACTS, OPENINGS
from ivr.cases.shapes import camel, declared
from tests.builders import House
from tests.ivr.web.asking_api import ROOT, Api

NAMES = sorted(
    {camel(field.name) for shape in [*ACTS.values(), *OPENINGS.values()] for field in declared(shape)}
    | {"kind", "act", "agency", "callId"}
)
VALUES = ["example", "covert", "complaint", "closed", "played", "verslag", "2026-11-08T13:00:00Z", "", " ", "\x00"]
PLAIN = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.sampled_from([*VALUES, *ACTS, *(kind.value for kind in OPENINGS)])
    | st.text(max_size=20)
)
JSON = st.recursive(
    PLAIN,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=4),
    max_leaves=8,
)
BODIES = st.dictionaries(st.sampled_from(NAMES), JSON, max_size=8)
FEW = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@pytest.fixture
def api(house: House) -> Api:
    return Api(house)


def post(api: Api, path: str, body: object) -> int:
    headers = {
        "Authorization": f"Bearer {api.tokens[Role.SUPERVISOR]}",
        "Content-Type": "application/json",
    }
    return api.send("POST", path, headers=headers, data=json.dumps(body)).status_code


@FEW
@given(body=BODIES | JSON, kind=st.sampled_from([kind.value for kind in OPENINGS]))
def test_opening_with_anything(api: Api, body: object, kind: str) -> None:
    if isinstance(body, dict):
        body = {"kind": kind, "agency": "example", **body}
    before = len(api.house.wiring.cases.list(None))
    status = post(api, "/cases", body)
    assert status in (201, 400, 403, 409)
    assert (status == 201) == (len(api.house.wiring.cases.list(None)) > before)


@FEW
@given(body=BODIES, act=st.sampled_from([*ACTS]))
def test_acting_with_anything(api: Api, body: dict[str, object], act: str) -> None:
    opening = {"kind": "complaint", "agency": "example", "complaint": "de medewerker weigerde"}
    case_id = api.good("POST", "/cases", body=opening, key="one")["caseId"]
    assert post(api, f"/cases/{case_id}/acts", {"act": act, **body}) in (200, 400, 403, 409)


@FEW
@given(query=st.text(string.printable, max_size=40), path=st.sampled_from(["cases", "calls", "cases/x", "calls/x"]))
def test_asking_with_any_query(api: Api, query: str, path: str) -> None:
    headers = {"Authorization": f"Bearer {api.tokens[Role.SUPERVISOR]}"}
    answer = api.house.client.get(f"{ROOT}/{path}", query_string=query, headers=headers)
    assert answer.status_code in (200, 400, 403, 404)
