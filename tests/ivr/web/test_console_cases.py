"""The list of case files: what is late first, narrowed down, in pages; nothing of other agencies."""

import re
from datetime import timedelta

import pytest

from config.policy import Role
from ivr.cases.acts import Closed, Delivered, MessageSent, RequestRegistered
from ivr.web.console.cases import AT_ONCE
from tests.builders import BEGAN, House
from tests.ivr.web.console_cases import COMPLAINT, COVERT, Office
from tests.ivr.web.signed_in import sign_in

LINK = re.compile(r'href="/console/zaken/([0-9a-f]{32})"')
DAY_S = timedelta(days=1).total_seconds()


@pytest.fixture
def office(house: House) -> Office:
    return Office(house)


def listed(office: Office, query: str = "", role: Role = Role.SUPERVISOR) -> list[str]:
    return LINK.findall(office.page(role, query))


def test_an_empty_list_says_that_nothing_has_to_be_done(office: Office) -> None:
    assert "Er lopen nu geen zaken" in office.page(Role.SUPERVISOR, "")
    assert "Er zijn geen zaken die hierbij passen" in office.page(Role.SUPERVISOR, "?soort=covert")


def test_what_is_due_first_stands_first_and_says_how_late_it_is(office: Office) -> None:
    office.house.together()
    covert, promise = office.opened(COVERT), office.promised()
    complaint = office.opened(COMPLAINT)
    office.house.clock.pass_s(11 * DAY_S)
    assert listed(office) == [promise.case_id, complaint.case_id, covert.case_id]
    page = office.page(Role.SUPERVISOR, "")
    assert "1 dag te laat" in page
    assert "nog 3 dagen" in page
    assert "Stuur de beller het verslag van het gesprek." in page
    office.house.clock.pass_s(3 * DAY_S - 3600)
    assert "nog vandaag" in office.page(Role.SUPERVISOR, "")
    office.house.clock.pass_s(2 * 3600)
    assert "vandaag verlopen" in office.page(Role.SUPERVISOR, "")


def test_the_list_is_narrowed_down(office: Office) -> None:
    office.house.together()
    covert, promise, complaint = office.opened(COVERT), office.promised(), office.opened(COMPLAINT)
    told = office.did(office.opened(COVERT), MessageSent("per brief"), Role.SUPERVISOR)
    ended = office.did(told, Closed("besproken"), Role.SUPERVISOR)
    assert listed(office, "?soort=covert") == [covert.case_id]
    assert listed(office, "?soort=covert&stand=alle") in (
        [covert.case_id, ended.case_id],
        [ended.case_id, covert.case_id],
    )
    assert listed(office, "?stand=gesloten") == [ended.case_id]
    assert listed(office, "?soort=complaint&stand=received") == [complaint.case_id]
    assert listed(office, "?van-mij=on") == [covert.case_id]
    assert listed(office, "?van-mij=on", Role.EMPLOYEE) == [promise.case_id]
    office.house.clock.pass_s(11 * DAY_S)
    assert listed(office, "?te-laat=on") == [promise.case_id]


@pytest.mark.parametrize(
    "query", ["?soort=alles&stand=x", "?stand=told", "?organisatie=ind", "?soort=%00", "?stand=<script>", "?onbekend=1"]
)
def test_what_is_no_filter_is_left_out(office: Office, query: str) -> None:
    case = office.opened()
    assert listed(office, query) == [case.case_id]


def test_a_long_list_comes_in_pages_and_keeps_its_filter(office: Office) -> None:
    made = set()
    for _ in range(AT_ONCE + 2):
        made.add(office.opened().case_id)
        office.house.clock.pass_s(1)
    first = office.page(Role.SUPERVISOR, "?soort=covert&van-mij=on")
    (onward,) = re.findall(r'href="/console/zaken(\?[^"]+)" rel="next"', first)
    second = office.page(Role.SUPERVISOR, onward.replace("&amp;", "&"))
    assert "soort=covert" in onward
    assert "van-mij=on" in onward
    assert (len(LINK.findall(first)), len(LINK.findall(second))) == (AT_ONCE, 2)
    assert {*LINK.findall(first), *LINK.findall(second)} == made
    assert 'rel="next"' not in second


@pytest.mark.parametrize("after", ["x" * 5000, "%00", "..", "0" * 32])
def test_a_page_after_nothing_is_not_found(office: Office, after: str) -> None:
    assert office[Role.SUPERVISOR].get(f"/console/zaken?na={after}").status_code == 404


def test_other_agencies_cases_are_not_there(office: Office) -> None:
    case = office.opened()
    stranger = sign_in(office.house, Role.SUPERVISOR, ["ind"], "ver.weg")
    assert case.case_id not in stranger.get("/console/zaken").get_data(as_text=True)
    assert stranger.get(f"/console/zaken?na={case.case_id}").status_code == 404


def test_who_works_for_several_agencies_sees_which_is_which(office: Office) -> None:
    case = office.opened()
    both = sign_in(office.house, Role.SUPERVISOR, ["example", "ind"], "twee.petten")
    page = both.get("/console/zaken").get_data(as_text=True)
    assert "gemeente Voorbeeld" in page
    assert LINK.findall(both.get("/console/zaken?organisatie=example").get_data(as_text=True)) == [case.case_id]
    assert LINK.findall(both.get("/console/zaken?organisatie=ind").get_data(as_text=True)) == []


def test_the_committee_sees_complaints_and_what_belongs_to_them(office: Office) -> None:
    office.house.together()
    office.opened(COVERT)
    assert listed(office, role=Role.COMMITTEE) == []
    complaint = office.opened(COMPLAINT)
    promise = office.promised()
    assert listed(office, role=Role.COMMITTEE) == [complaint.case_id]
    of_the_call = office.opened(COMPLAINT, call=True)
    assert set(listed(office, role=Role.COMMITTEE)) == {complaint.case_id, of_the_call.case_id, promise.case_id}
    own = office.opened(RequestRegistered("balie", BEGAN, "gewoon", third_persons=False), Role.COMMITTEE)
    assert own.case_id in listed(office, role=Role.COMMITTEE)


def test_a_promise_is_delivered_from_the_list_in_two_clicks(office: Office) -> None:
    office.house.together()
    promise = office.promised()
    page = office.page(Role.EMPLOYEE, "")
    assert f"/console/zaken/{promise.case_id}#doen-delivered" in page
    answer = office.fill_in(Role.EMPLOYEE, promise, "delivered", how="met de post gestuurd")
    assert answer.status_code == 303
    assert office.now(promise.case_id).closed_at == office.house.clock.now()
    assert office.tags(promise) == ["refusal:promised", "refusal:delivered"]
    assert listed(office, role=Role.EMPLOYEE) == []


def test_who_may_not_deliver_is_not_asked_to(office: Office) -> None:
    office.house.together()
    promise = office.promised()
    assert "#doen-delivered" not in office.page(Role.AUDITOR, "")
    assert "#doen-delivered" in office.page(Role.SUPERVISOR, "")
    office.did(promise, Delivered("met de post"), Role.EMPLOYEE)
    assert "#doen-delivered" not in office.page(Role.SUPERVISOR, "?stand=alle")


@pytest.mark.parametrize(
    ("role", "status"),
    [(role, 403 if role is Role.ADMINISTRATOR else 200) for role in Role],
)
def test_who_may_see_the_list(office: Office, role: Role, status: int) -> None:
    assert office[role].get("/console/zaken").status_code == status


def test_case_files_can_be_read_in_english(office: Office) -> None:
    case = office.opened(COVERT)
    assert "Covert recording" in office.page(Role.SUPERVISOR, "?taal=en")
    page = office.page(Role.SUPERVISOR, f"/{case.case_id}?taal=en")
    for text in ("Message sent", "How was that done?", "A recording was discovered that nobody had announced"):
        assert text in page
    assert "We have heard that you recorded a conversation" in page
