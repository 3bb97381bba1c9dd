"""One case in the console: what is shown to whom, what can be done, and what goes wrong without anything being lost."""

import re
from datetime import timedelta
from itertools import product

import pytest

from config.policy import Role
from ivr.cases.acts import (
    ComplaintReceived,
    CopyAsked,
    CopyReceived,
    CovertRecordingRegistered,
    EmployeeAnswered,
    ListeningNeeded,
    MessageSent,
    MisuseReported,
    RequestRegistered,
    TalkPlanned,
    TrainingAsked,
)
from ivr.cases.case import Case, Complaint, Misuse, State
from tests.builders import BEGAN, House
from tests.ivr.web.console_cases import COMPLAINT, COVERT, SCRIPT, Office
from tests.ivr.web.forms import form_to, forms_of
from tests.ivr.web.signed_in import sign_in

AT_COUNTER = RequestRegistered("balie", BEGAN, "gewoon", third_persons=True)


@pytest.fixture
def office(house: House) -> Office:
    return Office(house)


def offered(office: Office, role: Role, case: Case) -> set[str]:
    """The acts of the forms on the case's page."""
    return offered_on(office.page(role, f"/{case.case_id}"))


def offered_on(page: str) -> set[str]:
    return {form.action.rsplit("/", 1)[1] for form in forms_of(page) if "/doen/" in form.action}


# ---------------------------------------------------------------- what is shown


def test_a_case_tells_what_is_known_and_what_was_done(office: Office) -> None:
    case = office.opened(COVERT)
    office.did(case, MessageSent("met een brief"), Role.EMPLOYEE)
    office.did(case, TalkPlanned(BEGAN.date() + timedelta(days=3)), Role.SUPERVISOR)
    page = office.page(Role.SUPERVISOR, f"/{case.case_id}")
    assert "Heimelijke opname" in page
    assert "Er is een datum voor het gesprek met de burger." in page
    assert "6 november 2026" in page
    for told in ("zei het zelf", "met een brief", "medewerker: medewerker", "leidinggevende: leidinggevende"):
        assert told in page
    assert page.index("Er is een gesprek met de burger gepland") < page.index("Er is een opname ontdekt")


def test_texts_and_names_are_for_who_may_see_them(office: Office) -> None:
    case = office.opened(CovertRecordingRegistered("dat van mevrouw De Vries", published=False))
    for role in (Role.EMPLOYEE, Role.AUDITOR):
        page = office.page(role, f"/{case.case_id}")
        assert "De Vries" not in page
        assert "leidinggevende: leidinggevende" not in page
        assert "Uw rol mag die niet lezen." in page
    assert "De Vries" in office.page(Role.PRIVACY_OFFICER, f"/{case.case_id}")


def test_an_erased_text_is_said_to_be_erased(office: Office) -> None:
    case = office.opened(COVERT)
    with office.house.wiring.database.transaction() as unit:
        (entry,) = unit.log.list_call(case.case_id)
        unit.log.erase_personal([entry.number])
    page = office.page(Role.SUPERVISOR, f"/{case.case_id}")
    assert "Deze tekst is gewist." in page
    assert "zei het zelf" not in page


def test_a_case_shows_its_steps_and_the_next_one(office: Office) -> None:
    case = office.opened(MisuseReported(Misuse.PUBLICATION, "op sociale media"))
    form = form_to(office.page(Role.SUPERVISOR, f"/{case.case_id}"), "/doen/step-done")
    assert form.values["step"] == "verwijderen-vragen"
    assert office.fill_in(Role.SUPERVISOR, case, "step-done", result="het is weg").status_code == 303
    page = office.page(Role.SUPERVISOR, f"/{case.case_id}")
    assert form_to(page, "/doen/step-done").values["step"] == "gesprek"
    assert page.count("Vraag de burger om de opname offline te halen.") == 2  # among the steps, and in the history


def test_a_case_of_a_wish_that_was_refused_leads_to_its_promise(office: Office) -> None:
    case = office.opened(AT_COUNTER, Role.EMPLOYEE)
    answer = office.fill_in(Role.EMPLOYEE, case, "refused", reason="privacy", alternative="verslag")
    assert answer.status_code == 303
    (promise,) = [one for one in office.house.wiring.cases.list(None) if one.from_case == case.case_id]
    assert f'href="/console/zaken/{case.case_id}"' in office.page(Role.EMPLOYEE, f"/{promise.case_id}")
    page = office.page(Role.EMPLOYEE, f"/{case.case_id}")
    assert "De opname raakt de privacy van iemand" in page
    assert "Aan de balie" in page


def test_a_copy_that_was_handed_in_is_told_by_size_digest_and_state(office: Office, house: House) -> None:
    lead = sign_in(house, Role.SUPERVISOR, ["ind"], "ind.leiding")
    actor = lead.signed_in.user.actor
    case = house.wiring.cases.open(CopyAsked(), "ind", actor)
    address = f"/console/zaken/{case.case_id}"
    assert "Controlegetal" not in lead.get(address).get_data(as_text=True)
    house.wiring.cases.act(case.case_id, CopyReceived("ab" * 32, 1_900_000, scanned=True), actor)
    page = lead.get(address).get_data(as_text=True)
    for told in ("ab" * 32, "1,9 MB", "nog niet vergeleken", "Gecontroleerd op kwaadaardige software"):
        assert told in page
    assert offered_on(page) == {"destroyed"}


# ---------------------------------------------------------------- what can be done


@pytest.mark.parametrize(
    ("role", "acts"),
    [
        (Role.EMPLOYEE, {"message-sent"}),
        (Role.SUPERVISOR, {"message-sent"}),
        (Role.PRIVACY_OFFICER, {"message-sent"}),
        (Role.AUDITOR, set()),
    ],
)
def test_each_role_is_offered_its_own_acts(office: Office, role: Role, acts: set[str]) -> None:
    case = office.opened(COVERT)
    assert offered(office, role, case) == acts
    told = office.did(case, MessageSent("met een brief"), Role.EMPLOYEE)
    later = {"talk-planned", "closed"} if role in (Role.SUPERVISOR, Role.PRIVACY_OFFICER) else set()
    assert offered(office, role, told) == later


def test_what_would_be_refused_is_not_offered_but_explained(office: Office) -> None:
    cutting = office.opened(MisuseReported(Misuse.CUTTING, "er mist een stuk"))
    assert offered(office, Role.SUPERVISOR, cutting) == {"evidence-added", "closed"}
    assert "moeten eerst worden vergeleken" in office.page(Role.SUPERVISOR, f"/{cutting.case_id}")
    of_no_call = office.opened(COMPLAINT)
    assert offered(office, Role.COMMITTEE, of_no_call) == {"judged-without-listening"}
    assert "hoort niet bij een telefoongesprek" in office.page(Role.COMMITTEE, f"/{of_no_call.case_id}")


def test_an_act_is_done_and_said_to_be_done(office: Office) -> None:
    case = office.opened(COVERT)
    answer = office.fill_in(Role.EMPLOYEE, case, "message-sent", how="met een brief")
    assert answer.status_code == 303
    assert office.tags(case) == ["covert:registered", "covert:message-sent"]
    page = office[Role.EMPLOYEE].get(answer.location).get_data(as_text=True)
    assert 'role="status"' in page


def test_a_form_that_is_sent_twice_does_one_act(office: Office) -> None:
    case = office.opened(MisuseReported(Misuse.PUBLICATION, "op sociale media"))
    form = form_to(office.page(Role.SUPERVISOR, f"/{case.case_id}"), "/doen/step-done")
    sent = form.values | {"result": "het is weg"}
    answers = [office[Role.SUPERVISOR].post(form.action, sent).status_code for _ in range(3)]
    assert answers == [303, 303, 303]
    assert office.tags(case) == ["misuse:reported", "misuse:step-done"]


def test_the_employee_answers_for_themselves_and_staff_for_the_caller(office: Office, house: House) -> None:
    house.together()
    uwv = sign_in(house, Role.EMPLOYEE, ["uwv"], "uwv.medewerker")
    lead = sign_in(house, Role.SUPERVISOR, ["uwv"], "uwv.leiding")
    case = house.wiring.cases.open(TrainingAsked(), "uwv", lead.signed_in.user.actor)
    address = f"/console/zaken/{case.case_id}"
    for_lead = form_to(lead.get(address).get_data(as_text=True), "/doen/answered")
    for_employee = form_to(uwv.get(address).get_data(as_text=True), "/doen/answered")
    assert for_lead.values["party"] == "caller"
    assert for_employee.options["party"] == ["caller", "employee"]
    forged = for_lead.values | {"party": "employee", "agrees": "ja"}
    assert lead.post(for_lead.action, forged).status_code == 422
    assert uwv.post(for_employee.action, for_employee.values | {"party": "employee", "agrees": "ja"}).status_code == 303
    assert house.wiring.cases.get(case.case_id).history[-1].personal["by"] == "uwv.medewerker"


def test_the_whole_way_of_a_complaint(office: Office) -> None:
    office.house.together()
    case = office.opened(COMPLAINT, call=True)
    assert office[Role.COMMITTEE]
    office.fill_in(Role.COMMITTEE, case, "listening-needed", why="de lezingen verschillen")
    office.fill_in(Role.EMPLOYEE, case, "employee-answered", objects="ja", reason="het ging over mijn kind")
    office.fill_in(Role.COMMITTEE, case, "third-persons-weighed", weighing="alleen het deel zonder het kind")
    granted = office.fill_in(
        Role.COMMITTEE,
        case,
        "access-granted",
        people="klachtencommissie, medewerker",
        until="2026-11-08T12:30",
        weighing="nodig om te oordelen",
    )
    assert granted.status_code == 303
    about = office.now(case.case_id).about
    assert isinstance(about, Complaint)
    assert about.access is not None
    assert about.access.people == ("klachtencommissie", "medewerker")
    assert about.access.until.isoformat() == "2026-11-08T11:30:00+00:00"
    page = office.page(Role.COMMITTEE, f"/{case.case_id}")
    assert "klachtencommissie, medewerker" in page
    assert "8 november 2026, 12.30 uur" in page
    assert "2 mensen, met naam" in office.page(Role.EMPLOYEE, f"/{case.case_id}")


# ---------------------------------------------------------------- what goes wrong


def test_faults_are_tied_to_their_fields_and_values_are_kept(office: Office) -> None:
    office.house.together()
    case = office.opened(COMPLAINT, call=True)
    office.did(case, ListeningNeeded("nodig"), Role.COMMITTEE)
    answer = office.fill_in(Role.EMPLOYEE, case, "employee-answered", objects="ja", reason="")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'href="#employee-answered-reason"' in page
    assert re.search(
        r'<textarea[^>]+id="employee-answered-reason"[^>]+aria-describedby="[^"]*employee-answered-reason-fault', page
    )
    form = form_to(page, "/doen/employee-answered")
    assert form.values["objects"] == "ja"
    assert office[Role.EMPLOYEE].post(form.action, form.values | {"reason": "te persoonlijk"}).status_code == 303


@pytest.mark.parametrize(
    ("values", "wrong"),
    [
        ({}, {"people", "until", "weighing"}),
        ({"people": "klachtencommissie", "until": "morgen", "weighing": "x" * 2001}, {"until", "weighing"}),
        ({"people": "Mevrouw De Vries", "until": "2026-11-04T12:00", "weighing": "nodig"}, {"people"}),
        ({"people": "niemand", "until": "2026-11-04T12:00", "weighing": "nodig"}, {"people"}),
        ({"people": "ver.weg", "until": "2026-11-04T12:00", "weighing": "nodig"}, {"people"}),
        ({"people": "weg", "until": "2026-11-04T12:00", "weighing": "nodig"}, {"people"}),
        ({"people": "klachtencommissie", "until": "2026-11-01T12:00", "weighing": "nodig"}, {"until"}),
        ({"people": "klachtencommissie", "until": "2027-11-01T12:00", "weighing": "nodig"}, {"until"}),
        ({"people": "klachtencommissie", "until": "0001-01-01T00:00", "weighing": "nodig"}, {"until"}),
        ({"people": "klachtencommissie", "until": "2026-11-04T12:00", "weighing": "na\x00m"}, {"weighing"}),
        (
            {"people": ",".join(["klachtencommissie"] * 21), "until": "2026-11-04T12:00", "weighing": "ja ja"},
            {"people"},
        ),
    ],
)
def test_all_that_is_wrong_is_told_at_once(office: Office, values: dict[str, str], wrong: set[str]) -> None:
    sign_in(office.house, Role.COMMITTEE, ["ind"], "ver.weg")
    sign_in(office.house, Role.COMMITTEE, name="weg")
    office.house.wiring.users.disable("weg")
    office.house.together()
    case = office.opened(COMPLAINT, call=True)
    office.did(case, ListeningNeeded("nodig"), Role.COMMITTEE)
    office.did(case, EmployeeAnswered(objects=False), Role.COMMITTEE)
    answer = office.fill_in(Role.COMMITTEE, case, "access-granted", **values)
    assert answer.status_code == 422
    assert set(re.findall(r'href="#access-granted-(\w+)"', answer.get_data(as_text=True))) == wrong
    assert office.now(case.case_id).state is State.WEIGHING


def test_a_case_that_moved_on_says_what_changed_and_keeps_what_was_typed(office: Office) -> None:
    case = office.opened(COVERT)
    office.did(case, MessageSent("met een brief"), Role.EMPLOYEE)
    form = form_to(office.page(Role.SUPERVISOR, f"/{case.case_id}"), "/doen/closed")
    office.did(case, TalkPlanned(BEGAN.date()), Role.PRIVACY_OFFICER)
    typed = form.values | {"outcome": "alles is besproken"}
    answer = office[Role.SUPERVISOR].post(form.action, typed)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "Intussen deed iemand anders iets met deze zaak." in page
    assert "Er kwam 1 handeling bij." in page
    again = form_to(page, "/doen/closed")
    assert again.values["outcome"] == "alles is besproken"
    assert office.now(case.case_id).state is State.PLANNED
    assert office[Role.SUPERVISOR].post(again.action, again.values).status_code == 303
    assert office.now(case.case_id).state is State.CLOSED


def test_what_was_typed_is_not_lost_where_the_act_is_no_longer_possible(office: Office) -> None:
    case = office.opened(COVERT)
    form = form_to(office.page(Role.EMPLOYEE, f"/{case.case_id}"), "/doen/message-sent")
    office.did(case, MessageSent("met een brief"), Role.SUPERVISOR)
    answer = office[Role.EMPLOYEE].post(form.action, form.values | {"how": "per brief van vandaag"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 409
    assert "per brief van vandaag" in page
    assert "Uw tekst is niet verloren." in page
    assert office.tags(case) == ["covert:registered", "covert:message-sent"]


@pytest.mark.parametrize("act", ["played", "compared", "received", "niets", "registered", "..%2f.."])
def test_an_act_that_is_not_done_by_hand_has_no_address(office: Office, act: str) -> None:
    case = office.opened(COVERT)
    form = form_to(office.page(Role.EMPLOYEE, f"/{case.case_id}"), "/doen/message-sent")
    answer = office[Role.EMPLOYEE].post(f"/console/zaken/{case.case_id}/doen/{act}", form.values)
    assert answer.status_code == 404


@pytest.mark.parametrize(
    "forged", [{"key": ""}, {"key": "x" * 32}, {"version": "-1"}, {"version": "9" * 50}, {"version": ""}]
)
def test_a_form_that_is_not_ours_is_refused(office: Office, forged: dict[str, str]) -> None:
    case = office.opened(COVERT)
    form = form_to(office.page(Role.EMPLOYEE, f"/{case.case_id}"), "/doen/message-sent")
    answer = office[Role.EMPLOYEE].post(form.action, form.values | {"how": "met een brief"} | forged)
    assert answer.status_code == 403
    assert office.tags(case) == ["covert:registered"]


def test_an_act_of_another_role_is_refused_even_where_the_form_is_made_up(office: Office) -> None:
    case = office.opened(COVERT)
    made_up = {"key": "a" * 32, "version": "0", "how": "met een brief", "outcome": "klaar"}
    for act in ("closed", "talk-planned", "judged-without-listening", "delivered"):
        answer = office[Role.EMPLOYEE].post(f"/console/zaken/{case.case_id}/doen/{act}", made_up | {"on": "2026-11-10"})
        assert answer.status_code == 409, act
    assert office[Role.AUDITOR].post(f"/console/zaken/{case.case_id}/doen/message-sent", made_up).status_code == 403
    assert office.tags(case) == ["covert:registered"]


def test_another_agencys_case_does_not_exist(office: Office) -> None:
    case = office.opened(COVERT)
    stranger = sign_in(office.house, Role.SUPERVISOR, ["ind"], "ver.weg")
    made_up = {"key": "a" * 32, "version": "0", "how": "met een brief"}
    assert stranger.get(f"/console/zaken/{case.case_id}").status_code == 404
    assert stranger.post(f"/console/zaken/{case.case_id}/doen/message-sent", made_up).status_code == 404
    assert stranger.get(f"/console/zaken/{case.case_id}/geluid").status_code == 404
    for path in ("0" * 32, "%00", "..", "x" * 3000, "%F0%9F%92%A9"):
        assert office[Role.SUPERVISOR].get(f"/console/zaken/{path}").status_code == 404


def test_the_committee_has_no_business_with_other_cases(office: Office) -> None:
    case = office.opened(COVERT)
    assert office[Role.COMMITTEE].get(f"/console/zaken/{case.case_id}").status_code == 404


def test_whoever_looks_or_acts_leaves_a_line(office: Office) -> None:
    case = office.opened(COVERT)
    office.fill_in(Role.EMPLOYEE, case, "message-sent", how="met een brief")
    with office.house.wiring.database.reading() as unit:
        lines = unit.trail.list_object(case.case_id, 10)
    assert [(line.action, line.result, line.agency) for line in lines] == [
        ("case_act", 303, "example"),
        ("case", 200, "example"),
    ]


# ---------------------------------------------------------------- stored script


ENDS = {"closed", "access-refused", "allowed", "judged-without-listening", "lapsed"}
ROLES = [Role.COMMITTEE, Role.EMPLOYEE, Role.SUPERVISOR, Role.PRIVACY_OFFICER]
TYPED = {"until": "2026-11-08T12:30", "on": "2026-11-08", "people": "klachtencommissie"}
CHOSEN = {"objects": "ja", "misuse": "nee", "reason": "anders", "alternative": "verslag"}


def do_everything(office: Office, case: Case) -> set[str]:
    """Whatever anybody is offered, once, with a script in each field for text; what ends the case comes last."""
    done: set[str] = set()
    for ends, role in [*product([False], ROLES * 4), *product([True], ROLES)]:
        answer = office[role].get(f"/console/zaken/{case.case_id}")
        assert SCRIPT not in answer.get_data(as_text=True)
        for form in forms_of(answer.get_data(as_text=True)):
            act = form.action.rsplit("/", 1)[-1]
            if "/doen/" not in form.action or (act in ENDS) is not ends or act in done:
                continue
            texts = {name: SCRIPT for name in form.names if not form.values.get(name)}
            chosen = {name: value for name, value in CHOSEN.items() if name in form.options}
            sent = office[role].post(form.action, form.values | texts | TYPED | chosen)
            assert sent.status_code == 303, sent.get_data(as_text=True)
            done.add(act)
            break
    return done


def test_a_script_in_any_text_is_only_text(office: Office) -> None:
    office.house.together()
    assert office[Role.COMMITTEE]
    cases = [
        office.opened(CovertRecordingRegistered(SCRIPT, published=False)),
        office.opened(ComplaintReceived(SCRIPT), call=True),
        office.opened(MisuseReported(Misuse.PUBLICATION, SCRIPT)),
        office.opened(RequestRegistered("balie", BEGAN, "gewoon", third_persons=False, remark=SCRIPT)),
        office.promised(),
    ]
    done = {case.kind: do_everything(office, case) for case in cases}
    assert done == {
        "covert": {"message-sent", "talk-planned", "closed"},
        "complaint": {"listening-needed", "employee-answered", "third-persons-weighed", "access-granted", "closed"},
        "misuse": {"evidence-added", "step-done", "closed"},
        "channel-request": {"refused", "closed"},
        "refusal": {"delivered"},
    }
    for case in cases:
        page = office.page(Role.PRIVACY_OFFICER, f"/{case.case_id}")
        assert SCRIPT not in page
        assert "&lt;script&gt;" in page
