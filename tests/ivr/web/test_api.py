"""The API: what it does for whom, and that it refuses everything else as it says."""

import json
from datetime import timedelta

import pytest

from config.policy import Role
from ivr.dialogue.events import Heard
from ivr.web.access import FAILURES, WINDOW
from tests.builders import CALLER, House
from tests.ivr.web.asking_api import ROOT, Api, pointers, problem

COVERT = {"kind": "covert", "agency": "example", "discovered": "zei het zelf", "published": False}
COMPLAINT = {"kind": "complaint", "agency": "example", "complaint": "de medewerker weigerde"}
AT_COUNTER = {
    "kind": "channel-request",
    "agency": "example",
    "channel": "balie",
    "askedAt": "2026-11-03T13:00:00Z",
    "conversation": "gewoon",
    "thirdPersons": True,
}
SENT = {"act": "message-sent", "how": "per brief"}
NEEDED = {"act": "listening-needed", "why": "de lezingen verschillen"}
ANSWERED = {"act": "employee-answered", "objects": False}
GRANTED = {
    "act": "access-granted",
    "people": ["a.klachtencommissie"],
    "until": "2026-11-08T13:00:00Z",
    "weighing": "nodig",
}


@pytest.fixture
def api(house: House) -> Api:
    return Api(house)


def opened(api: Api, body: object = COVERT, role: Role = Role.EMPLOYEE) -> str:
    case_id = api.good("POST", "/cases", role, body)["caseId"]
    assert isinstance(case_id, str)
    return case_id


def listening(api: Api) -> str:
    """A complaint about a call, with access for the committee's user."""
    api.house.together()
    case_id = opened(api, COMPLAINT | {"callId": api.house.call.call_id})
    for act in (NEEDED, ANSWERED, GRANTED):
        api.good("POST", f"/cases/{case_id}/acts", Role.COMMITTEE, act)
    return case_id


# ---------------------------------------------------------------- the document


def test_every_route_is_in_the_document_and_every_documented_route_exists(api: Api) -> None:
    rules = api.house.app.url_map.iter_rules()
    served = {
        (method, "".join(_camel(part) for part in rule.rule.removeprefix(ROOT).replace(">", "}").split("<")))
        for rule in rules
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith(f"{ROOT}/")
    }
    written = {(method.upper(), path) for path, methods in api.document["paths"].items() for method in methods}
    assert served == written


def _camel(part: str) -> str:
    """`call_id}/acts` as OpenAPI writes it."""
    if "}" not in part:
        return part
    name, rest = part.split("}", 1)
    first, *others = name.split("_")
    return "{" + first + "".join(other.capitalize() for other in others) + "}" + rest


def test_the_document_is_for_everybody_and_keeps_to_the_design_rules(api: Api) -> None:
    answer = api.send("GET", "/openapi.json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["API-Version"] == "1.0.0"
    document = api.document
    assert document["openapi"].startswith("3.")
    assert document["info"]["contact"]
    assert document["servers"][0]["url"].endswith(ROOT)
    keys = {
        key
        for name, schema in document["components"]["schemas"].items()
        if name != "Problem"
        for key in schema.get("properties", {})
    }
    assert not [key for key in keys if "_" in key or key[0].isupper()]


@pytest.mark.parametrize("path", ["/cases/", "/calls/", "/case", "/cases/x/acts/", "/", "/openapi.json/"])
def test_what_is_no_route_is_a_problem_too(api: Api, path: str) -> None:
    problem(404, api.send("GET", path))


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods_are_refused(api: Api, method: str) -> None:
    answer = api.send(method, "/cases")
    problem(405, answer)
    assert "GET" in answer.headers["Allow"]


# ---------------------------------------------------------------- signing in


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer ", "Basic dTpw", "bearer unknown", "Bearer \xff\xfe"])
def test_who_is_not_signed_in_learns_how(api: Api, header: str | None) -> None:
    answer = api.send("GET", "/cases", headers={} if header is None else {"Authorization": header})
    problem(401, answer)
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_disabled_user_is_refused_at_once(api: Api) -> None:
    api.good("GET", "/cases")
    api.house.wiring.users.disable("a.medewerker")
    api.bad(401, "GET", "/cases")
    api.good("GET", "/cases", Role.SUPERVISOR)


def test_who_guesses_is_slowed_down(api: Api) -> None:
    def guess() -> int:
        return api.send("GET", "/cases", headers={"Authorization": "Bearer guess"}).status_code

    assert [guess() for _ in range(FAILURES + 1)] == [401] * FAILURES + [429]
    api.good("GET", "/cases")
    api.house.clock.pass_s(WINDOW.total_seconds())
    assert guess() == 401


# ---------------------------------------------------------------- roles and agencies


@pytest.mark.parametrize(
    ("role", "calls", "cases", "opening"),
    [
        (Role.EMPLOYEE, 200, 200, 201),
        (Role.SUPERVISOR, 200, 200, 201),
        (Role.PRIVACY_OFFICER, 200, 200, 201),
        (Role.COMMITTEE, 403, 200, 201),
        (Role.AUDITOR, 200, 200, 403),
        (Role.ADMINISTRATOR, 403, 403, 403),
    ],
)
def test_each_role_may_what_it_may(api: Api, role: Role, calls: int, cases: int, opening: int) -> None:
    assert api.ask("GET", "/calls", role).status_code == calls
    assert api.ask("GET", "/cases", role).status_code == cases
    assert api.ask("POST", "/cases", role, COMPLAINT).status_code == opening


def test_a_role_that_does_not_do_such_a_thing_is_refused_and_nothing_changes(api: Api) -> None:
    api.bad(403, "POST", "/cases", Role.COMMITTEE, COVERT)
    case_id = opened(api, COMPLAINT)
    api.bad(403, "POST", f"/cases/{case_id}/acts", Role.SUPERVISOR, NEEDED)
    assert len(api.good("GET", f"/cases/{case_id}")["history"]) == 1


def test_another_agencys_cases_and_calls_do_not_exist_for_you(api: Api) -> None:
    listening(api)
    case_id, call_id = opened(api), api.house.call.call_id
    api.tokens[Role.EMPLOYEE] = api.house.wiring.users.add("elders", Role.EMPLOYEE, ["ind"], "a test")
    assert api.good("GET", "/cases")["cases"] == []
    assert api.good("GET", "/calls")["calls"] == []
    api.bad(404, "GET", f"/cases/{case_id}")
    api.bad(404, "GET", f"/calls/{call_id}")
    api.bad(404, "POST", f"/cases/{case_id}/acts", body=SENT)
    api.bad(404, "GET", f"/cases?after={case_id}")
    api.bad(403, "GET", "/cases?agency=example")
    api.bad(403, "POST", "/cases", body=COVERT)
    api.bad(409, "POST", "/cases", body=COMPLAINT | {"agency": "ind", "callId": call_id})


def test_the_committee_sees_complaints_and_what_belongs_to_them(api: Api) -> None:
    api.house.together()
    other, of_the_call = opened(api), opened(api, COVERT | {"callId": api.house.call.call_id})
    for case_id in (other, of_the_call):
        api.bad(404, "GET", f"/cases/{case_id}", Role.COMMITTEE)
    complaint = opened(api, COMPLAINT | {"callId": api.house.call.call_id})
    seen = [case["caseId"] for case in api.good("GET", "/cases", Role.COMMITTEE)["cases"]]
    assert sorted(seen) == sorted([of_the_call, complaint])
    api.good("GET", f"/cases/{of_the_call}", Role.COMMITTEE)
    api.bad(404, "GET", f"/cases/{other}", Role.COMMITTEE)
    api.bad(404, "GET", f"/cases?after={other}", Role.COMMITTEE)
    api.bad(404, "POST", f"/cases/{other}/acts", Role.COMMITTEE, SENT)


def test_only_some_roles_see_personal_values(api: Api) -> None:
    case_id = listening(api)
    for role, sees in [(Role.SUPERVISOR, True), (Role.COMMITTEE, True), (Role.EMPLOYEE, False), (Role.AUDITOR, False)]:
        history = api.good("GET", f"/cases/{case_id}", role)["history"]
        assert [bool(entry["personal"]) for entry in history] == [sees] * 4
        access = api.good("GET", f"/cases/{case_id}", role)["case"]["about"]["access"]
        assert access["people"] == (["a.klachtencommissie"] if sees else [])
    api.house.hears(Heard.REQUEST, "ik neem dit gesprek op")
    told = json.dumps(api.good("GET", f"/calls/{api.house.call.call_id}", Role.AUDITOR))
    assert CALLER not in told
    assert "ik neem" not in told
    assert "ik neem" in json.dumps(api.good("GET", f"/calls/{api.house.call.call_id}", Role.SUPERVISOR))


# ---------------------------------------------------------------- calls


def test_open_calls_are_listed_with_what_is_known(api: Api) -> None:
    assert api.good("GET", "/calls") == {"calls": []}
    api.house.recorded()
    (call,) = api.good("GET", "/calls")["calls"]
    assert call == {
        "callId": api.house.call.call_id,
        "agency": "example",
        "openedAt": "2026-11-03T13:05:00Z",
        "closedAt": None,
        "state": "recording",
        "callerRecording": "confirmed",
        "agencyRecording": "started",
        "employee": "present",
        "onHold": False,
        "pausedPrivately": False,
        "conversationKind": "",
        "thirdPerson": False,
    }
    history = api.good("GET", f"/calls/{call['callId']}")["history"]
    assert [entry["tag"] for entry in history] == api.house.tags
    api.bad(404, "GET", "/calls/no-such-call")


# ---------------------------------------------------------------- cases


def test_a_case_goes_its_way(api: Api) -> None:
    case = api.good("POST", "/cases", body=COVERT)
    assert case["state"] == "registered"
    assert case["dueAt"] == "2026-12-01T13:05:00Z"
    assert case["about"] == {"published": False, "talkOn": None}
    path = f"/cases/{case['caseId']}/acts"
    assert api.good("POST", path, body=SENT)["state"] == "told"
    planned = api.good("POST", path, Role.SUPERVISOR, {"act": "talk-planned", "on": "2026-11-10"})
    assert planned["about"]["talkOn"] == "2026-11-10"
    closed = api.good("POST", path, Role.SUPERVISOR, {"act": "closed", "outcome": "uitgepraat"})
    assert (closed["state"], closed["closedAt"], closed["dueAt"]) == ("closed", "2026-11-03T13:05:00Z", None)
    told = api.bad(409, "POST", path, Role.SUPERVISOR, {"act": "closed", "outcome": "nog eens"})
    assert "closed" in told["detail"]
    tags = [entry["tag"] for entry in api.good("GET", f"/cases/{case['caseId']}")["history"]]
    assert tags == ["covert:registered", "covert:message-sent", "covert:talk-planned", "covert:closed"]


def test_a_request_at_the_counter_that_is_refused(api: Api) -> None:
    case_id = opened(api, AT_COUNTER)
    refusal = {"act": "refused", "reason": "privacy", "alternative": "verslag"}
    api.bad(409, "POST", f"/cases/{case_id}/acts", body=refusal | {"reason": "geen-zin"})
    assert api.good("POST", f"/cases/{case_id}/acts", body=refusal)["about"]["reason"] == "privacy"
    (promise,) = api.good("GET", "/cases?kind=refusal&state=promised")["cases"]
    assert promise["fromCase"] == case_id
    api.house.clock.pass_s(timedelta(days=11).total_seconds())
    (late,) = api.good("GET", "/cases?overdue=true&agency=example")["cases"]
    assert late["overdue"]
    api.good("POST", f"/cases/{promise['caseId']}/acts", body={"act": "delivered", "how": "per post"})
    assert api.good("GET", "/cases?overdue=true")["cases"] == []


def test_a_list_comes_in_pages(api: Api) -> None:
    made = set()
    for _ in range(5):
        made.add(opened(api))
        api.house.clock.pass_s(1)
    first = api.good("GET", "/cases?limit=2")
    second = api.good("GET", f"/cases?limit=2&after={first['next']}")
    third = api.good("GET", f"/cases?limit=2&after={second['next']}")
    pages = [[case["caseId"] for case in page["cases"]] for page in (first, second, third)]
    assert [len(page) for page in pages] == [2, 2, 1]
    assert {case_id for page in pages for case_id in page} == made
    assert third["next"] is None


def test_playing_is_for_who_is_named_and_while_it_lasts(api: Api) -> None:
    case_id = listening(api)
    path, play = f"/cases/{case_id}/acts", {"act": "played"}
    api.good("POST", path, Role.COMMITTEE, play)
    api.bad(403, "POST", path, Role.SUPERVISOR, play)
    api.house.clock.pass_s(timedelta(days=5).total_seconds())
    assert "ended" in api.bad(403, "POST", path, Role.COMMITTEE, play)["detail"]
    tags = [entry["tag"] for entry in api.good("GET", f"/cases/{case_id}")["history"]]
    assert tags[-3:] == ["complaint:played", "complaint:playback-refused", "complaint:playback-refused"]


def test_what_is_sent_again_is_done_once(api: Api) -> None:
    first = api.good("POST", "/cases", body=COVERT, key="a-1")
    assert api.good("POST", "/cases", body=COVERT, key="a-1") == first
    api.bad(422, "POST", "/cases", body=COMPLAINT, key="a-1")
    path = f"/cases/{first['caseId']}/acts"
    told = api.good("POST", path, body=SENT, key="a-1")
    assert api.good("POST", path, body=SENT, key="a-1") == told
    api.bad(422, "POST", path, body={"act": "talk-planned", "on": "2026-11-10"}, key="a-1")
    api.bad(409, "POST", path, body=SENT, key="a-2")
    assert len(api.good("GET", "/cases")["cases"]) == 1
    for key in ("x" * 101, "sp ace"):
        assert pointers(api.bad(400, "POST", path, body=SENT, key=key)) == {("header", "/Idempotency-Key")}


# ---------------------------------------------------------------- wrong input


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ([], {""}),
        ("text", {""}),
        ({}, {"/kind"}),
        ({"kind": "refusal", "agency": "example", "alternative": "verslag"}, {"/kind"}),
        ({"kind": ["covert"]}, {"/kind"}),
        ({"kind": "covert"}, {"/agency", "/discovered", "/published"}),
        (COVERT | {"surprise": 1, "published": "nee"}, {"/surprise", "/published"}),
        (COVERT | {"agency": "Example!", "callId": "../x"}, {"/agency", "/callId"}),
        (COVERT | {"discovered": "x" * 2001}, {"/discovered"}),
        (COVERT | {"discovered": "na\x00m"}, {"/discovered"}),
        (COVERT | {"callId": "0" * 32}, {"/callId"}),
        (AT_COUNTER | {"askedAt": "gisteren", "thirdPersons": None}, {"/askedAt", "/thirdPersons"}),
    ],
)
def test_all_that_is_wrong_with_a_body_is_told_at_once(api: Api, body: object, expected: set[str]) -> None:
    told = api.bad(400, "POST", "/cases", body=body)
    assert pointers(told) == {("body", pointer) for pointer in expected}
    assert api.good("GET", "/cases")["cases"] == []


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"kind":"covert","kind":"complaint"}',
        b'{"kind":NaN}',
        b'{"kind":"covert","agency":"example","discovered":"\\ud800 half","published":false}',
        b"1" * 5000,
    ],
)
def test_a_body_that_is_no_json(api: Api, raw: bytes) -> None:
    headers = {"Authorization": f"Bearer {api.tokens[Role.EMPLOYEE]}", "Content-Type": "application/json"}
    problem(400, api.send("POST", "/cases", headers=headers, data=raw))


def test_a_body_of_another_type_or_too_large(api: Api) -> None:
    signed_in = {"Authorization": f"Bearer {api.tokens[Role.EMPLOYEE]}"}
    for mimetype in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        headers = signed_in | {"Content-Type": mimetype}
        problem(415, api.send("POST", "/cases", headers=headers, data=json.dumps(COVERT)))
    huge = b'"' + b"x" * 300_000 + b'"'
    problem(413, api.send("POST", "/cases", headers=signed_in | {"Content-Type": "application/json"}, data=huge))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("limit=0", {"/limit"}),
        ("limit=101", {"/limit"}),
        ("limit=ten", {"/limit"}),
        ("limit=" + "9" * 5000, {"/limit"}),
        ("overdue=yes&kind=anything&state=x", {"/overdue", "/kind", "/state"}),
        ("surprise=1", {"/surprise"}),
        ("limit=1&limit=2", {"/limit"}),
        ("after=%00", {"/after"}),
        ("agency=", {"/agency"}),
    ],
)
def test_all_that_is_wrong_with_a_query_is_told_at_once(api: Api, query: str, expected: set[str]) -> None:
    assert pointers(api.bad(400, "GET", f"/cases?{query}")) == {("query", pointer) for pointer in expected}


def test_a_path_that_names_nothing(api: Api) -> None:
    headers = {"Authorization": f"Bearer {api.tokens[Role.AUDITOR]}"}
    for case_id in ("no-such-case", "%00", "..", "x" * 5000, "%F0%9F%92%A9"):
        problem(404, api.send("GET", f"/cases/{case_id}", headers=headers))


def test_nothing_is_sent_where_nothing_is_expected(api: Api) -> None:
    assert pointers(api.bad(400, "GET", "/calls?x=1")) == {("query", "/x")}
    assert pointers(api.bad(400, "GET", "/calls", body={})) == {("body", "")}
