"""The calls that go on now, as employees and others see them, and what employees do there."""

import re
from urllib.parse import quote

import pytest
from werkzeug.test import TestResponse

from config.policy import Role
from ivr.dialogue.events import Heard
from storage.records import TrailRow
from tests.builders import CALL_SID, CALLER, NUMBER, House
from tests.ivr.web.signed_in import Colleague, sign_in

OBJECTION = {"reason": "derde-persoon", "reason_text": "", "alternative": "verslag"}
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def employee(house: House) -> Colleague:
    return sign_in(house, Role.EMPLOYEE)


def call_page(house: House, who: Colleague, query: str = "") -> str:
    answer = who.get(f"/console/nu/{house.call.call_id}{query}")
    assert answer.status_code == 200
    return answer.text


def act(house: House, colleague: Colleague, path: str, **fields: str) -> TestResponse:
    return colleague.post(f"/console/nu/{house.call.call_id}/{path}", fields)


def offered(page: str) -> set[str]:
    """The acts whose forms are shown."""
    frames = re.findall(r'<(?:div|details) class="live-act" data-act="([a-z-]+)"([^>]*)>', page)
    return {name for name, marks in frames if "hidden" not in marks}


def poll_of(page: str) -> str:
    found = re.search(r'hx-get="([^"]+)"', page)
    assert found is not None
    return found[1].replace("&amp;", "&")


# ---------------------------------------------------------------- the list


def test_without_calls_the_page_says_so(employee: Colleague) -> None:
    page = employee.get("/console/nu").text
    assert "Er is nu niemand aan de lijn." in page


def test_the_list_shows_each_call_with_its_two_recordings(house: House, employee: Colleague) -> None:
    house.together()
    house.hears(Heard.REQUEST, "ik neem dit gesprek op")
    page = employee.get("/console/nu").text
    assert "Gesprek van 14.05 uur" in page
    assert "Vraag aan de beller" in page
    assert "Wil opnemen, wacht op bevestiging" in page
    assert "Neemt niet op" in page
    assert f'href="/console/nu/{house.call.call_id}"' in page
    assert "In het gesprek van 14.05 uur wil de beller opnemen." in page
    assert CALLER not in page


def test_calls_of_other_agencies_are_not_there(house: House) -> None:
    house.together()
    stranger = sign_in(house, Role.SUPERVISOR, ["ind"])
    assert "Er is nu niemand aan de lijn." in stranger.get("/console/nu").text
    for rest in ("", "/stand"):
        assert stranger.get(f"/console/nu/{house.call.call_id}{rest}").status_code == 404
        assert stranger.get(f"/console/nu/nergens{rest}").status_code == 404
    assert act(house, stranger, "pauze").status_code == 404


def test_one_may_look_at_one_telephone_or_one_agency(house: House) -> None:
    house.together()
    mia = sign_in(house, Role.EMPLOYEE, ["example", "ind"])
    shown, empty = "Gesprek van 14.05 uur", "Op deze lijn is nu geen gesprek."
    assert shown in mia.get("/console/nu?toestel=client:medewerker&instantie=example").text
    assert empty in mia.get("/console/nu?toestel=client:vervanger").text
    assert empty in mia.get("/console/nu?instantie=ind").text
    line = quote(NUMBER)
    assert shown in mia.get(f"/console/nu?lijn={line}").text
    assert empty in mia.get("/console/nu?lijn=%2B31000000001").text
    assert f"lijn={line}" in poll_of(mia.get(f"/console/nu?lijn={line}").text)
    assert shown in mia.get("/console/nu?instantie=uwv").text  # not one of hers: no choice at all
    page = mia.get("/console/nu?toestel=client:medewerker").text
    assert '<option value="client:medewerker" selected>' in page
    assert "toestel=client:medewerker" in poll_of(page)


@pytest.mark.parametrize("role", [Role.COMMITTEE, Role.ADMINISTRATOR])
def test_who_has_nothing_to_do_with_calls_sees_none(house: House, role: Role) -> None:
    house.together()
    nobody = sign_in(house, role)
    assert nobody.get("/console/nu").status_code == 403
    assert nobody.get(f"/console/nu/{house.call.call_id}").status_code == 403


# ---------------------------------------------------------------- up to date


def test_a_page_that_has_everything_gets_nothing(house: House, employee: Colleague) -> None:
    house.together()
    poll = poll_of(employee.get("/console/nu").text)
    assert employee.get(poll).status_code == 204
    house.hears(Heard.REQUEST, "ik neem dit gesprek op")
    house.wiring.live.list(["example"], now=True)
    news = employee.get(poll)
    assert news.status_code == 200
    assert "Vraag aan de beller" in news.text
    assert "<h1" not in news.text
    assert employee.get(poll_of(news.text)).status_code == 204


def test_the_part_of_a_call_follows_the_call_and_stops_with_it(house: House, employee: Colleague) -> None:
    house.together()
    poll = poll_of(call_page(house, employee))
    assert employee.get(poll).status_code == 204
    house.hears(Heard.REQUEST, "ik neem dit gesprek op")
    house.wiring.live.list(["example"], now=True)
    news = employee.get(poll).text
    assert 'data-possible="name-kind object third-person"' in news
    assert "ik neem dit gesprek op" in news
    house.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"})
    house.wiring.live.list(["example"], now=True)
    end = employee.get(poll_of(news)).text
    assert "Het gesprek is afgelopen." in end
    assert "hx-get" not in end


def test_asking_again_leaves_no_lines_in_the_trail(house: House, employee: Colleague) -> None:
    house.together()
    page = call_page(house, employee)
    for _ in range(3):
        employee.get(poll_of(page))
    assert [line.action for line in trail(house)] == ["live_call"]


def trail(house: House) -> list[TrailRow]:
    with house.wiring.database.reading() as unit:
        return list(unit.trail.list_object(house.call.call_id, 100))


# ---------------------------------------------------------------- one call


def test_only_what_the_dialogue_would_take_is_offered(house: House, employee: Colleague) -> None:
    house.together()
    assert offered(call_page(house, employee)) == {"third-person", "name-kind"}
    house.hears(Heard.REQUEST, "ik neem dit gesprek op")
    assert offered(call_page(house, employee)) == {"object", "third-person", "name-kind"}
    house.announced(3)
    house.hears(Heard.YES, "ja")
    house.announced(4)
    assert offered(call_page(house, employee)) == {"object", "pause", "stop", "third-person", "name-kind"}
    assert act(house, employee, "pauze").status_code == 303
    assert offered(call_page(house, employee)) == {"object", "resume", "stop", "third-person", "name-kind"}
    assert act(house, employee, "bezwaar", **OBJECTION).status_code == 303
    assert "withdraw-objection" in offered(call_page(house, employee))


def test_the_instruction_and_new_case_files_are_one_click_away(house: House, employee: Colleague) -> None:
    house.together()
    page, call_id = call_page(house, employee), house.call.call_id
    assert 'href="/spelregels/example/werkinstructie" target="_blank"' in page
    for kind in ("channel-request", "covert", "misuse", "complaint"):
        link = f"/console/zaken/nieuw/{kind}?gesprek={call_id}"
        assert f'href="{link}"' in page
        assert employee.get(link).status_code == 200


@pytest.mark.parametrize("role", [Role.PRIVACY_OFFICER, Role.AUDITOR])
def test_who_may_only_look_has_no_forms(house: House, role: Role) -> None:
    house.recorded()
    onlooker = sign_in(house, role)
    assert "<form" not in call_page(house, onlooker).split("Wat u kunt doen")[1]
    assert act(house, onlooker, "stoppen").status_code == 403
    assert "stop:asked" not in house.tags


def test_what_the_caller_said_is_read_along_during_the_call_only(house: House, employee: Colleague) -> None:
    supervisor, auditor = sign_in(house, Role.SUPERVISOR), sign_in(house, Role.AUDITOR)
    house.together()
    house.hears(Heard.REQUEST, "ik neem dit gesprek op")
    words = "ik neem dit gesprek op"
    assert words in call_page(house, employee)
    assert words not in call_page(house, auditor)
    house.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"})
    assert words not in call_page(house, employee)
    assert words in call_page(house, supervisor)


def test_the_page_says_what_the_bot_says_now(house: House, employee: Colleague) -> None:
    house.dial_in()
    assert 'De bot zegt nu:</strong> <q lang="nl">Welkom bij gemeente Voorbeeld' in call_page(house, employee)


# ---------------------------------------------------------------- acts


def test_an_objection_with_a_reason_of_the_list(house: House, employee: Colleague) -> None:
    house.recorded()
    answer = act(house, employee, "bezwaar", **OBJECTION)
    assert answer.location.startswith(f"/console/nu/{house.call.call_id}?gedaan=call-object.")
    raised = house.entry("objection:raised")
    assert (raised.facts["reason"], raised.facts["alternative"]) == ("derde-persoon", "verslag")
    assert raised.personal["employee"] == "medewerker"
    assert "Uw bezwaar is vastgelegd." in employee.get(answer.location).text
    assert trail(house)[1].action == "live_object"


def test_an_objection_in_ones_own_words_and_its_withdrawal(house: House, employee: Colleague) -> None:
    house.recorded()
    text = "  Er zit een kind\r\n bij\u0000 het gesprek "
    answer = act(house, employee, "bezwaar", reason="anders", reason_text=text, alternative="verslag")
    assert answer.status_code == 303
    assert house.entry("objection:raised").personal["reason_text"] == "Er zit een kind bij het gesprek"
    assert act(house, employee, "bezwaar-intrekken").status_code == 303
    assert "objection:withdrawn" in house.tags


@pytest.mark.parametrize(
    ("changed", "field", "words"),
    [
        ({"reason": ""}, "reason", "Kies een reden."),
        ({"reason": "zomaar"}, "reason", "Kies een reden uit de lijst."),
        ({"reason": "anders"}, "reason_text", "Schrijf de reden op in een zin."),
        ({"reason": "anders", "reason_text": "x"}, "reason_text", "Gebruik minstens 3 tekens."),
        ({"reason": "anders", "reason_text": "x" * 201}, "reason_text", "Gebruik hooguit 200 tekens."),
        ({"reason": "anders", "reason_text": "Vertel eerst waarom u opneemt."}, "reason_text", "Vraag de beller hier"),
        ({"reason_text": "en nog iets"}, "reason_text", "U koos al een reden uit de lijst."),
        ({"alternative": ""}, "alternative", "Kies wat u de beller aanbiedt."),
        ({"alternative": "taart"}, "alternative", "Kies een alternatief uit de lijst."),
    ],
)
def test_an_objection_with_faults_comes_back_as_it_was_filled_in(
    house: House, employee: Colleague, changed: dict[str, str], field: str, words: str
) -> None:
    house.recorded()
    filled_in = OBJECTION | changed
    answer = act(house, employee, "bezwaar", **filled_in)
    assert answer.status_code == 422
    assert f'<a href="#{field}">{words}' in answer.text
    assert re.search(f'id="{field}-fault"><span [^>]*>Fout: </span>{re.escape(words)}', answer.text)
    assert filled_in["reason_text"] in answer.text
    assert "objection:raised" not in house.tags


def test_a_third_person_and_the_kind_of_conversation(house: House, employee: Colleague) -> None:
    house.together()
    assert act(house, employee, "iemand-erbij", who="een tolk").status_code == 303
    assert house.entry("third-person:present").personal["who"] == "een tolk"
    assert "Er is nog iemand bij" in call_page(house, employee)
    too_long = act(house, employee, "iemand-erbij", who="x" * 201)
    assert (too_long.status_code, "Gebruik hooguit 200 tekens." in too_long.text) == (422, True)
    assert act(house, employee, "soort-gesprek").status_code == 422
    assert act(house, employee, "soort-gesprek", kind="keukentafelgesprek").status_code == 303
    assert house.entry("conversation:kind").facts["kind"] == "keukentafelgesprek"


def test_pausing_going_on_and_stopping(house: House, employee: Colleague) -> None:
    house.recorded()
    for path in ("pauze", "verder", "stoppen"):
        assert act(house, employee, path).status_code == 303
    told = [tag for tag in house.tags if tag.startswith(("pause:", "stop:"))]
    assert told == ["pause:asked", "pause:ended", "stop:asked"]


def test_a_form_that_is_sent_twice_counts_once(house: House, employee: Colleague) -> None:
    house.together()
    key = "0123456789abcdef" * 2
    for _ in range(2):
        assert act(house, employee, "iemand-erbij", who="een tolk", key=key).status_code == 303
    assert house.tags.count("third-person:present") == 1


def test_of_two_who_object_at_once_the_second_hears_it_and_loses_nothing(house: House, employee: Colleague) -> None:
    house.recorded()
    colleague = sign_in(house, Role.SUPERVISOR)
    for who in (employee, colleague):
        assert "object" in offered(call_page(house, who))
    assert act(house, employee, "bezwaar", **OBJECTION).status_code == 303
    late = act(house, colleague, "bezwaar", reason="anders", reason_text="er zit een kind bij", alternative="verslag")
    assert late.status_code == 409
    assert "of er is al bezwaar gemaakt" in late.text
    assert "er zit een kind bij</textarea>" in late.text
    assert "object" in offered(late.text)
    assert house.tags.count("objection:raised") == 1


def test_a_call_that_ends_while_somebody_writes_loses_nothing(house: House, employee: Colleague) -> None:
    house.stopped()
    late = act(house, employee, "bezwaar", reason="anders", reason_text="er zit een kind bij", alternative="verslag")
    assert late.status_code == 409
    assert "Het gesprek is afgelopen." in late.text
    assert "Uw tekst staat nog in het formulier." in late.text
    assert "er zit een kind bij</textarea>" in late.text
    assert "objection:raised" not in house.tags


def test_nobody_has_to_mend_a_form_that_cannot_be_used_any_more(house: House, employee: Colleague) -> None:
    house.stopped()
    late = act(house, employee, "bezwaar", reason="anders", reason_text="er zit een kind bij", alternative="")
    assert (late.status_code, "Kies wat u" in late.text) == (409, False)


def test_what_somebody_typed_never_becomes_part_of_the_page(house: House, employee: Colleague) -> None:
    house.recorded()
    pages = [
        act(house, employee, "bezwaar", reason=SCRIPT, reason_text=SCRIPT, alternative=SCRIPT, key=SCRIPT).text,
        employee.get(f"/console/nu?toestel={SCRIPT}&instantie={SCRIPT}").text,
    ]
    act(house, employee, "iemand-erbij", who=SCRIPT)
    act(house, employee, "bezwaar", reason="anders", reason_text=SCRIPT, alternative="verslag")
    pages += [call_page(house, employee, f"?gedaan={SCRIPT}"), employee.get("/console/nu").text]
    for page in pages:
        assert SCRIPT not in page
    assert "&lt;script&gt;" in pages[2]


def test_another_site_cannot_act(house: House, employee: Colleague) -> None:
    house.recorded()
    assert act(house, employee, "stoppen", csrf="0" * 64).status_code == 403
    answer = employee.post(f"/console/nu/{house.call.call_id}/stoppen", Origin="https://evil.example")
    assert answer.status_code == 403
    assert "stop:asked" not in house.tags


def test_a_huge_form_is_refused(house: House, employee: Colleague) -> None:
    house.recorded()
    assert act(house, employee, "bezwaar", reason_text="x" * 300_000).status_code == 413
    assert "objection:raised" not in house.tags


def test_several_calls_stand_in_the_order_in_which_they_came(house: House, employee: Colleague) -> None:
    house.together()
    house.clock.pass_s(1200)
    house.dial_in(CallSid="CA" + "7" * 32, From=CALLER, To=NUMBER)
    page = employee.get("/console/nu").text
    assert page.index("Gesprek van 14.05 uur") < page.index("Gesprek van 14.25 uur")
    assert "Er zijn nu 2 gesprekken." in page
