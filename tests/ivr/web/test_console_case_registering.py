"""Registering cases in the console: each kind by who may, under the right profile, once, with nothing lost."""

import re
from datetime import timedelta

import pytest
from werkzeug.test import TestResponse

from config.policy import Role
from ivr.cases.case import Case, Kind, Request
from tests.builders import House
from tests.ivr.web.console_cases import SCRIPT, Office
from tests.ivr.web.forms import Form, form_to
from tests.ivr.web.signed_in import Colleague, sign_in

ROLES = {
    "channel-request": {Role.EMPLOYEE, Role.SUPERVISOR, Role.PRIVACY_OFFICER, Role.COMMITTEE},
    "covert": {Role.EMPLOYEE, Role.SUPERVISOR, Role.PRIVACY_OFFICER},
    "misuse": {Role.EMPLOYEE, Role.SUPERVISOR, Role.PRIVACY_OFFICER},
    "complaint": {Role.EMPLOYEE, Role.SUPERVISOR, Role.PRIVACY_OFFICER, Role.COMMITTEE},
    "citizen-copy": {Role.EMPLOYEE, Role.SUPERVISOR},
    "training": {Role.EMPLOYEE, Role.SUPERVISOR},
}
AT_COUNTER = {"channel": "balie", "asked_at": "2026-11-03T13:30", "conversation": "gewoon", "third_persons": "nee"}


@pytest.fixture
def office(house: House) -> Office:
    return Office(house)


def form_of(person: Colleague, kind: str, query: str = "") -> Form:
    answer = person.get(f"/console/zaken/nieuw/{kind}{query}")
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return form_to(answer.get_data(as_text=True), f"/nieuw/{kind}")


def registered(person: Colleague, kind: str, query: str = "", **values: str) -> TestResponse:
    form = form_of(person, kind, query)
    return person.post(form.action, form.values | values)


def all_cases(house: House) -> list[Case]:
    return list(house.wiring.cases.list(None))


@pytest.mark.parametrize("role", Role)
def test_who_may_register_what(office: Office, role: Role) -> None:
    for kind, roles in ROLES.items():
        status = office[role].get(f"/console/zaken/nieuw/{kind}").status_code
        assert status == (200 if role in roles else 403), kind
    if role is not Role.ADMINISTRATOR:
        page = office.page(role, "")
        links = set(re.findall(r'href="/console/zaken/nieuw/([a-z-]+)"', page))
        # the example agency neither asks for copies nor uses recordings for training
        assert links == {kind for kind, roles in ROLES.items() if role in roles} - {"citizen-copy", "training"}


def test_a_request_at_the_counter_is_registered_in_dutch_time(office: Office) -> None:
    answer = registered(office[Role.EMPLOYEE], "channel-request", **AT_COUNTER)
    (case,) = all_cases(office.house)
    assert answer.status_code == 303
    assert f"/console/zaken/{case.case_id}" in answer.location
    assert isinstance(case.about, Request)
    assert case.about.asked_at.isoformat() == "2026-11-03T12:30:00+00:00"
    assert (case.channel, case.about.third_persons, case.call_id) == ("balie", False, None)
    page = office[Role.EMPLOYEE].get(answer.location).get_data(as_text=True)
    assert "De zaak is vastgelegd." in page


def test_a_request_from_elsewhere_is_about_no_call_of_ours(office: Office) -> None:
    office.house.together()
    call_id = office.house.call.call_id
    answer = registered(office[Role.EMPLOYEE], "channel-request", f"?gesprek={call_id}", **AT_COUNTER, gesprek=call_id)
    assert answer.status_code == 303
    (case,) = all_cases(office.house)
    assert (case.call_id, case.channel) == (None, "balie")


def test_the_profiles_own_texts_are_shown(office: Office) -> None:
    person = office[Role.SUPERVISOR]
    texts = {
        "channel-request": "Zeg het tegen de medewerker voordat het gesprek begint.",
        "covert": "Wij horen dat u een gesprek met ons heeft opgenomen",
        "misuse": "Besluit of verdere stappen nodig zijn, en leg dat uit.",
        "complaint": "de klachtencommissie van gemeente Voorbeeld",
    }
    for kind, text in texts.items():
        assert text in person.get(f"/console/zaken/nieuw/{kind}").get_data(as_text=True)


@pytest.mark.parametrize("kind", ["covert", "misuse", "complaint"])
def test_a_case_of_a_call_falls_under_that_call(office: Office, kind: str) -> None:
    office.house.together()
    call = office.house.call
    texts = {"discovered": "zei het zelf", "report": "op internet", "complaint": "weigerde"}
    choices = {"published": "nee", "what": "cutting"}
    answer = registered(office[Role.SUPERVISOR], kind, f"?gesprek={call.call_id}", **texts, **choices)
    assert answer.status_code == 303
    (case,) = all_cases(office.house)
    assert (case.call_id, case.policy_digest, case.channel) == (call.call_id, call.policy_digest, "phone")


def test_the_number_of_a_call_can_be_filled_in(office: Office) -> None:
    office.house.together()
    person = office[Role.COMMITTEE]
    wrong = registered(person, "complaint", complaint="weigerde", gesprek="0123")
    assert wrong.status_code == 422
    page = wrong.get_data(as_text=True)
    assert 'href="#nieuw-gesprek"' in page
    form = form_to(page, "/nieuw/complaint")
    assert form.values["complaint"] == "weigerde"
    fixed = person.post(form.action, form.values | {"gesprek": office.house.call.call_id})
    assert fixed.status_code == 303
    assert all_cases(office.house)[0].call_id == office.house.call.call_id


def test_a_published_recording_becomes_misuse_at_once(office: Office) -> None:
    registered(office[Role.EMPLOYEE], "covert", discovered="stond online", published="ja")
    assert {case.kind for case in all_cases(office.house)} == {Kind.COVERT, Kind.MISUSE}


def test_a_form_that_is_sent_twice_opens_one_case(office: Office) -> None:
    form = form_of(office[Role.EMPLOYEE], "covert")
    sent = form.values | {"discovered": "zei het zelf", "published": "nee"}
    answers = [office[Role.EMPLOYEE].post(form.action, sent) for _ in range(3)]
    assert {answer.location for answer in answers} == {answers[0].location}
    assert len(all_cases(office.house)) == 1


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({}, {"channel", "asked_at", "conversation", "third_persons"}),
        (AT_COUNTER | {"channel": "zeppelin", "conversation": "<script>"}, {"channel", "conversation"}),
        (AT_COUNTER | {"asked_at": "2026-13-45T99:99"}, {"asked_at"}),
        (AT_COUNTER | {"asked_at": "2027-01-01T12:00"}, {"asked_at"}),
        (AT_COUNTER | {"third_persons": "misschien"}, {"third_persons"}),
        (AT_COUNTER | {"remark": "x" * 2001}, {"remark"}),
        (AT_COUNTER | {"remark": "na\x00m"}, {"remark"}),
    ],
)
def test_all_that_is_wrong_is_told_at_once_and_nothing_is_opened(
    office: Office, values: dict[str, str], wrong: set[str]
) -> None:
    answer = registered(office[Role.EMPLOYEE], "channel-request", **values)
    assert answer.status_code == 422
    assert set(re.findall(r'href="#nieuw-(\w+)"', answer.get_data(as_text=True))) == wrong
    assert all_cases(office.house) == []
    kept = form_to(answer.get_data(as_text=True), "/nieuw/channel-request").values
    assert kept.get("asked_at", "") == values.get("asked_at", "")


def test_another_agencys_call_does_not_exist(office: Office) -> None:
    office.house.together()
    call_id = office.house.call.call_id
    stranger = sign_in(office.house, Role.SUPERVISOR, ["ind"], "ver.weg")
    assert stranger.get(f"/console/zaken/nieuw/complaint?gesprek={call_id}").status_code == 404
    assert stranger.get("/console/zaken/nieuw/complaint?organisatie=example").status_code == 404
    assert registered(stranger, "complaint", complaint="weigerde", gesprek=call_id).status_code == 422
    assert registered(stranger, "complaint", complaint="weigerde", organisatie="example").status_code == 404
    both = sign_in(office.house, Role.SUPERVISOR, ["ind", "example"], "twee.petten")
    query = "?organisatie=ind"
    assert registered(both, "complaint", query, complaint="weigerde", gesprek=call_id).status_code == 422
    assert all_cases(office.house) == []


@pytest.mark.parametrize("kind", ["refusal", "niets", "%00", "..", "x" * 3000])
def test_what_cannot_be_registered_has_no_page(office: Office, kind: str) -> None:
    assert office[Role.SUPERVISOR].get(f"/console/zaken/nieuw/{kind}").status_code == 404


def test_a_form_that_is_not_ours_is_refused(office: Office) -> None:
    person = office[Role.SUPERVISOR]
    for forged in ({"key": ""}, {"key": "Z" * 32}):
        answer = registered(person, "covert", discovered="zei het zelf", published="nee", **forged)
        assert answer.status_code == 403
    assert all_cases(office.house) == []


def test_who_works_for_several_agencies_chooses_first(office: Office) -> None:
    both = sign_in(office.house, Role.SUPERVISOR, ["example", "ind"], "twee.petten")
    page = both.get("/console/zaken/nieuw/channel-request").get_data(as_text=True)
    chooser = form_to(page, "/nieuw/channel-request")
    assert chooser.options["organisatie"] == ["example", "ind"]
    form = form_of(both, "channel-request", "?organisatie=ind")
    assert form.options["channel"] == ["asielgehoor", "ambtelijke-commissie", "loket"]
    assert form.values["organisatie"] == "ind"


def test_what_the_profile_does_not_do_is_said(office: Office) -> None:
    page = office[Role.SUPERVISOR].get("/console/zaken/nieuw/training").get_data(as_text=True)
    assert "Deze organisatie doet dit niet." in page
    forged = {"key": "a" * 32, "organisatie": "example", "gesprek": ""}
    assert office[Role.SUPERVISOR].post("/console/zaken/nieuw/training", forged).status_code == 422
    assert all_cases(office.house) == []


def test_a_copy_is_asked_for_one_call(office: Office) -> None:
    ind = sign_in(office.house, Role.SUPERVISOR, ["ind"], "ind.leiding")
    answer = registered(ind, "citizen-copy")
    assert answer.status_code == 422
    assert "Vul het nummer van het gesprek in." in answer.get_data(as_text=True)


def test_a_script_in_the_form_is_only_text(office: Office) -> None:
    office.house.clock.pass_s(timedelta(hours=1).total_seconds())
    person = office[Role.SUPERVISOR]
    long = SCRIPT + "x" * 2001
    for kind, names in {
        "covert": ["discovered"],
        "misuse": ["report"],
        "complaint": ["complaint", "gesprek"],
        "channel-request": ["remark", "asked_at", "channel"],
    }.items():
        answer = registered(person, kind, **dict.fromkeys(names, long))
        assert answer.status_code == 422
        assert SCRIPT not in answer.get_data(as_text=True)
        assert "&lt;script&gt;" in answer.get_data(as_text=True)
