"""`/console/inzage`: whose lines are shown to whom, filters, pages, the file; and the API's lines."""

import csv
import io

import pytest

from config.policy import Role
from storage.records import TrailRow
from tests.builders import House
from tests.ivr.web.asking_api import Api
from tests.ivr.web.signed_in import Colleague, sign_in

PATH = "/console/inzage"
SCRIPT = "<script>alert(1)</script>"


@pytest.fixture
def piet(house: House) -> Colleague:
    return sign_in(house, Role.PRIVACY_OFFICER, name="p.groen")


def add(house: House, **changes: object) -> None:
    row = {
        "at": house.clock.now(),
        "actor": "l.smit",
        "role": "leidinggevende",
        "action": "getCall",
        "object": "call-1",
        "agency": "example",
        "result": 200,
        "origin": "10.0.0.1",
    }
    with house.wiring.database.transaction() as unit:
        unit.trail.append(TrailRow(**row | changes))  # type: ignore[arg-type]


def rows(answer_text: str) -> int:
    return answer_text.count("<tr>") - 1 if "<tbody>" in answer_text else 0


def test_a_line_says_who_what_when_about_what_and_with_what_result(house: House, piet: Colleague) -> None:
    add(house, result=403)
    page = piet.get(PATH).text
    for told in ("l.smit", "leidinggevende", "Gesprek opgevraagd (API)", "call-1", "geweigerd", "10.0.0.1"):
        assert told in page
    assert "3 november 2026, 14.05 uur" in page


def test_looking_at_the_trail_leaves_a_line_too(house: House, piet: Colleague) -> None:
    piet.get(PATH)
    assert "Inzagelogboek bekeken" in piet.get(PATH, **{"Accept-Language": "nl"}).text.split("<tbody>")[1]
    assert piet.get(f"{PATH}/bestand").status_code == 200
    assert "Inzagelogboek gedownload" in piet.get(PATH).text.split("<tbody>")[1]


def test_only_lines_of_own_agencies_are_shown(house: House, piet: Colleague) -> None:
    """A line of no agency, such as a refused look elsewhere, belongs to the agencies of whoever left it."""
    stranger = sign_in(house, Role.AUDITOR, ["ind"], name="s.vreemd")
    sign_in(house, Role.SUPERVISOR, name="l.smit")
    add(house, agency="ind", object="foreign-1")
    add(house, actor="s.vreemd", agency=None, object="foreign-2")
    add(house, actor="l.smit", agency=None, object="ours-1")
    add(house, actor="nobody", agency=None, object="unknown-1")
    seen = piet.get(PATH).text
    assert [one in seen for one in ("foreign-1", "foreign-2", "ours-1", "unknown-1")] == [False, False, True, True]
    seen = stranger.get(PATH).text
    assert [one in seen for one in ("foreign-1", "foreign-2", "ours-1", "unknown-1")] == [True, True, False, True]
    file = piet.get(f"{PATH}/bestand").text
    assert [one in file for one in ("foreign-1", "foreign-2", "ours-1")] == [False, False, True]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("wie=l.smit", 2),
        ("wie=niemand", 0),
        ("over=call-2", 1),
        ("wat=getCase", 1),
        ("van=2026-11-04", 1),
        ("van=2026-11-03&tot=2026-11-03&wie=l.smit", 1),
        ("wie=l.smit&voor=1", 0),
        ("wie=l.smit&voor=x", 2),
        ("wie=l.smit&voor=99999999999999999999", 2),
    ],
)
def test_filters(house: House, piet: Colleague, query: str, expected: int) -> None:
    add(house)
    house.clock.pass_s(86_400)
    add(house, object="call-2", action="getCase")
    piet = sign_in(house, Role.AUDITOR, name="c.trole")
    assert rows(piet.get(f"{PATH}?{query}").text) == expected


def test_a_wrong_date_is_told_at_its_field_and_nothing_is_searched(house: House, piet: Colleague) -> None:
    add(house)
    wrong = piet.get(f"{PATH}?van=gisteren&wie={SCRIPT}")
    assert wrong.status_code == 422
    assert 'id="van-fault"' in wrong.text
    assert 'value="gisteren"' in wrong.text
    assert SCRIPT not in wrong.text
    assert rows(wrong.text) == 0
    assert 'id="tot-fault"' in piet.get(f"{PATH}?van=2026-11-04&tot=2026-11-03").text
    assert piet.get(f"{PATH}/bestand?tot=9999-99-99").status_code == 422
    assert piet.get(f"{PATH}?tot=9999-12-31").status_code == 422


def test_pages_follow_one_another_without_loss(house: House, piet: Colleague) -> None:
    for number in range(120):
        add(house, object=f"call-{number:03}")
    seen: list[str] = []
    query = "?over=&wie=l.smit"
    while query:
        page = piet.get(PATH + query).text
        seen += [f"call-{number:03}" for number in range(119, -1, -1) if f"call-{number:03}" in page]
        link = page.partition('--next" href="')[2].partition('"')[0]
        query = link.removeprefix(PATH).replace("&amp;", "&")
    assert seen == [f"call-{number:03}" for number in range(119, -1, -1)]


def test_stored_texts_cannot_run_in_the_page_or_in_a_spreadsheet(house: House, piet: Colleague) -> None:
    add(house, actor=SCRIPT, object="=1+1", action=SCRIPT, origin="@x")
    assert SCRIPT not in piet.get(PATH).text
    header, *lines = csv.reader(io.StringIO(piet.get(f"{PATH}/bestand").text))
    row = dict(zip(header, lines[-1], strict=True))
    assert (row["object"], row["origin"], row["actor"]) == ("'=1+1", "'@x", SCRIPT)


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.SUPERVISOR, Role.COMMITTEE, Role.ADMINISTRATOR])
def test_others_may_not_look(house: House, role: Role) -> None:
    somebody = sign_in(house, role)
    assert somebody.get(PATH).status_code == 403
    assert somebody.get(f"{PATH}/bestand").status_code == 403


def test_the_api_leaves_lines_of_what_was_done_and_refused(house: House) -> None:
    house.stopped(5)
    api, call_id = Api(house), house.call.call_id
    api.good("GET", f"/calls/{call_id}")
    api.bad(403, "GET", "/calls", Role.ADMINISTRATOR)
    api.bad(404, "GET", "/calls/nothing")
    api.bad(409, "POST", f"/calls/{call_id}/objections/withdrawal")
    api.bad(400, "POST", f"/calls/{call_id}/objections", body={"reason": 1})
    with house.wiring.database.reading() as unit:
        lines = [line.row for line in unit.trail.stream(0, 99)]
    assert [(line.actor, line.action, line.object, line.agency, line.result) for line in lines] == [
        ("a.medewerker", "getCall", call_id, "example", 200),
        ("a.beheerder", "listCalls", "", None, 403),
        ("a.medewerker", "getCall", "nothing", None, 404),
        ("a.medewerker", "withdrawObjection", call_id, "example", 409),
        ("a.medewerker", "objectToRecording", call_id, None, 400),
    ]
