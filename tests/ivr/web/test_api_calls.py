"""Acting on a call over the API: what takes effect, and why something does not."""

from typing import Any
from uuid import UUID

import pytest

from config.policy import Role
from ivr.cases.acts import ComplaintReceived
from ivr.cases.case import Who
from ivr.cases.service import Actor
from ivr.dialogue.events import Heard
from tests.builders import House
from tests.ivr.calls.linked_data import check_schema, come_and_gone
from tests.ivr.web.asking_api import Api, pointers

OBJECTION = {"reason": "privacy", "alternative": "verslag"}
BODIES: dict[str, object] = {
    "objections": OBJECTION,
    "objections/withdrawal": None,
    "third-persons": {"who": "mijn dochter"},
    "conversation-kind": {"kind": "keukentafelgesprek"},
    "recording-pauses": None,
    "recording-resumptions": None,
    "recording-stops": None,
}


@pytest.fixture
def api(house: House) -> Api:
    """Over a call whose caller and employee talk, and that nobody records."""
    house.together()
    return Api(house)


def act(api: Api, path: str, body: object = None, **how: Any) -> Any:
    return api.good("POST", f"/calls/{api.house.call.call_id}/{path}", body=body, **how)


def no_act(api: Api, status: int, path: str, body: object = None, **how: Any) -> Any:
    return api.bad(status, "POST", f"/calls/{api.house.call.call_id}/{path}", body=body, **how)


def test_the_consent_record_comes_with_its_context_and_keeps_its_names(api: Api) -> None:
    record = api.good("GET", f"/calls/{api.house.call.call_id}/consent-record")["record"]
    check_schema(record)
    assert come_and_gone(record) == record
    assert UUID(record["record_id"]).hex == api.house.call.call_id
    assert api.bad(404, "GET", "/calls/onbekend/consent-record")["status"] == 404


def test_an_objection_with_a_reason_of_the_list(api: Api) -> None:
    api.house.hears(Heard.REQUEST, "ik neem dit gesprek op")
    assert act(api, "objections", OBJECTION)["callerRecording"] == "objected"
    entry = api.house.entry("objection:raised")
    assert (entry.facts["reason"], entry.facts["alternative"]) == ("privacy", "verslag")
    assert entry.personal["employee"] == "a.medewerker"
    assert act(api, "objections/withdrawal")["callerRecording"] != "objected"
    assert "no objection" in no_act(api, 409, "objections/withdrawal")["detail"]


@pytest.mark.parametrize("reason", [{}, {"reason": "anders"}, {"reason": None}])
def test_an_objection_in_the_employees_own_words(api: Api, reason: dict[str, str | None]) -> None:
    api.house.hears(Heard.REQUEST, "ik neem dit gesprek op")
    act(api, "objections", {"reasonText": "er zit een kind bij", "alternative": "verslag", **reason})
    entry = api.house.entry("objection:raised")
    assert entry.facts["reason"] == "anders"
    assert entry.personal["reason_text"] == "er zit een kind bij"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"alternative": "verslag"}, {"/reason"}),
        ({"reason": "anders", "alternative": "verslag"}, {"/reason"}),
        ({"reason": "geen-zin", "alternative": "taart"}, {"/reason", "/alternative"}),
        (OBJECTION | {"reasonText": "en nog iets"}, {"/reasonText"}),
        ({"reasonText": "x", "alternative": "verslag"}, {"/reasonText"}),
        ({"reasonText": "x" * 201, "alternative": "verslag"}, {"/reasonText"}),
        ({"reasonText": "Vertel eerst waarom u opneemt.", "alternative": "verslag"}, {"/reasonText"}),
        (OBJECTION | {"employee": "iemand anders"}, {"/employee"}),
    ],
)
def test_an_objection_that_is_none(api: Api, body: object, expected: set[str]) -> None:
    api.house.hears(Heard.REQUEST, "ik neem dit gesprek op")
    assert pointers(no_act(api, 400, "objections", body)) == {("body", pointer) for pointer in expected}
    assert "objection:raised" not in api.house.tags


def test_nobody_objects_beforehand(api: Api) -> None:
    assert no_act(api, 409, "objections", OBJECTION)["detail"] == "nothing was asked"


def test_a_third_person_is_on_the_record_and_has_to_be_weighed(api: Api) -> None:
    assert act(api, "third-persons", {"who": "mijn dochter"})["thirdPerson"]
    assert api.house.entry("third-person:present").personal["who"] == "mijn dochter"
    assert act(api, "third-persons", {})["thirdPerson"]
    cases, call_id = api.house.wiring.cases, api.house.call.call_id
    case = cases.open(ComplaintReceived("een klacht"), "example", Actor("x", Who.EMPLOYEE), call_id=call_id)
    acts = f"/cases/{case.case_id}/acts"
    for body in (
        {"act": "listening-needed", "why": "de lezingen verschillen"},
        {"act": "employee-answered", "objects": False},
    ):
        api.good("POST", acts, Role.COMMITTEE, body)
    grant = {"act": "access-granted", "people": ["c.visser"], "until": "2026-11-08T13:00:00Z", "weighing": "nodig"}
    assert "privacy is weighed first" in api.bad(409, "POST", acts, Role.COMMITTEE, grant)["detail"]
    api.good("POST", acts, Role.COMMITTEE, {"act": "third-persons-weighed", "weighing": "alleen zonder haar"})
    api.good("POST", acts, Role.COMMITTEE, grant)


def test_the_kind_of_conversation_is_one_of_the_profile(api: Api) -> None:
    assert act(api, "conversation-kind", {"kind": "keukentafelgesprek"})["conversationKind"] == "keukentafelgesprek"
    assert "already" in no_act(api, 409, "conversation-kind", {"kind": "keukentafelgesprek"})["detail"]
    assert pointers(no_act(api, 400, "conversation-kind", {"kind": "ruzie"})) == {("body", "/kind")}


def test_pausing_going_on_and_stopping(house: House) -> None:
    house.recorded()
    api = Api(house)
    paused = act(api, "recording-pauses")
    assert (paused["agencyRecording"], paused["pausedPrivately"]) == ("paused", True)
    no_act(api, 409, "recording-pauses")
    assert not act(api, "recording-resumptions")["pausedPrivately"]
    assert act(api, "recording-stops")["agencyRecording"] == "stopped"
    assert "does not record" in no_act(api, 409, "recording-stops")["detail"]


def test_what_is_sent_again_under_one_key_is_done_once(api: Api) -> None:
    act(api, "third-persons", {"who": "mijn dochter"}, key="k")
    act(api, "third-persons", {"who": "mijn dochter"}, key="k")
    assert api.house.tags.count("third-person:present") == 1
    act(api, "third-persons", {"who": "mijn dochter"}, key="l")
    assert api.house.tags.count("third-person:present") == 2


def test_what_was_ignored_is_tried_again_under_its_key(api: Api) -> None:
    """Who got no answer must not take a refusal for a success."""
    assert no_act(api, 409, "objections", OBJECTION, key="k") == no_act(api, 409, "objections", OBJECTION, key="k")
    api.house.hears(Heard.REQUEST, "ik neem dit gesprek op")
    for _ in range(2):
        assert act(api, "objections", OBJECTION, key="k")["callerRecording"] == "objected"
    assert api.house.tags.count("objection:raised") == 1


@pytest.mark.parametrize("path", BODIES)
def test_a_call_that_is_over_or_not_yours_or_no_call(api: Api, path: str) -> None:
    body = BODIES[path]
    api.bad(404, "POST", f"/calls/{'0' * 32}/{path}", body=body)
    for role in (Role.COMMITTEE, Role.AUDITOR, Role.ADMINISTRATOR, Role.PRIVACY_OFFICER):
        api.bad(403, "POST", f"/calls/{api.house.call.call_id}/{path}", role, body)
    api.house.post("/voice/status", {"CallSid": api.house.call.call_sid, "CallStatus": "completed"})
    no_act(api, 409, path, body)


@pytest.mark.parametrize("path", [path for path, body in BODIES.items() if body is None])
def test_what_needs_no_body_takes_none(api: Api, path: str) -> None:
    assert pointers(no_act(api, 400, path, {"by": "iemand"})) == {("body", "")}
