"""Searching through all calls in the console: what is found, by whom, and what the address gives away."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from config.policy import Role
from ivr.calls.supervision import MOST_SAVED, PAGE
from ivr.web.console.call_query import Field
from storage.records import CallFacts, CallRecord, CaseRecord, NewEntry
from tests.builders import CALLER, House
from tests.ivr.web.signed_in import Colleague, sign_in

PATH = "/console/gesprekken"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
FACTS = CallFacts(
    "call-1", "example", NOON, "+31201234567", "ended", "confirmed", "stored", "client:medewerker", "", False
)
STORED_SCRIPT = "<script>alert(1)</script>"


def add(house: House, *all_facts: CallFacts) -> None:
    with house.wiring.database.transaction() as unit:
        for facts in all_facts:
            unit.calls.insert(
                CallRecord(facts.call_id, f"CA-{facts.call_id}", facts.agency, "digest", facts.opened_at, "{}")
            )
            unit.search.put(facts)


def say(house: House, call_id: str, told: str = "", answer: str = "") -> None:
    with house.wiring.database.transaction() as unit:
        facts = {"text": told} if told else {}
        unit.log.append(NewEntry(call_id, f"{call_id}:{told}{answer}", "answer:yes", NOON, facts, {"answer": answer}))


def status_of(page: str) -> str:
    found = re.search(r'<p role="status">(.*?)</p>', page, re.DOTALL)
    assert found is not None
    return found.group(1).strip()


def rows_of(page: str) -> int:
    return page.count('<th scope="row">')


def search(user: Colleague, **fields: str) -> str:
    answer = user.client.get(PATH, base_url="http://localhost", query_string=fields)
    assert answer.status_code == 200
    return answer.get_data(as_text=True)


# ---------------------------------------------------------------- finding


def test_nothing_yet_is_said_in_words(house: House) -> None:
    page = search(sign_in(house, Role.SUPERVISOR))
    assert status_of(page) == "0 gesprekken gevonden."
    assert "Er zijn nog geen gesprekken." in page


def test_a_real_call_is_found_by_everything_that_happened_on_it(house: House) -> None:
    house.stopped()
    mia = sign_in(house, Role.SUPERVISOR)
    day = house.call.opened_at.date().isoformat()
    for fields in (
        {},
        {"van": day, "tot": day},
        {"lijn": "+31201234567"},
        {"medewerker": "client:medewerker"},
        {"stand": "afgelopen", "beller": "confirmed", "opname": "stopped"},
        {"derde": "nee"},
        {"woorden": "gesprekken opnemen klopt"},
        {"woorden": "neem"},
    ):
        assert status_of(search(mia, **fields)) == "1 gesprek gevonden.", fields
    for fields in (
        {"van": "2026-11-04"},
        {"tot": "2026-11-02"},
        {"lijn": "+31209999999"},
        {"stand": "bezig"},
        {"beller": "objected"},
        {"derde": "ja"},
        {"zaak": "any"},
        {"woorden": "kamerplant"},
    ):
        assert status_of(search(mia, **fields)) == "0 gesprekken gevonden.", fields


def test_a_call_that_is_going_on_is_found_as_it_is_now(house: House) -> None:
    house.together()
    mia = sign_in(house, Role.SUPERVISOR)
    assert status_of(search(mia, stand="bezig", beller="none")) == "1 gesprek gevonden."


def test_days_are_dutch_days(house: House) -> None:
    """23:30 UTC is half past midnight in the Netherlands."""
    add(house, replace(FACTS, opened_at=datetime(2026, 11, 22, 23, 30, tzinfo=UTC)))
    mia = sign_in(house, Role.SUPERVISOR)
    assert status_of(search(mia, van="2026-11-23", tot="2026-11-23")) == "1 gesprek gevonden."
    assert status_of(search(mia, tot="2026-11-22")) == "0 gesprekken gevonden."


def test_a_row_says_what_the_call_was(house: House) -> None:
    add(house, replace(FACTS, caller_recording="objected", reason="derde-persoon", third_person=True, state="talking"))
    with house.wiring.database.transaction() as unit:
        unit.cases.insert(
            CaseRecord("c", "complaint", "example", "d", "call-1", "received", "x", NOON, None, None, None, "{}")
        )
    page = search(sign_in(house, Role.SUPERVISOR))
    row = page[page.index('<th scope="row">') : page.index("</tbody>")]
    for words in (
        "22 november 2026, 13.00 uur",
        "Bezig",
        "+31201234567",
        "medewerker",
        "Niet toegestaan: er was een zwaarwegende reden",
        "Bewaard",
        "Derde persoon erbij",
        "Reden: Er is iemand anders bij het gesprek die geen opname wil.",
        "Zaak: Klacht",
    ):
        assert words in row, words


def test_many_calls_come_in_pages_that_join(house: House) -> None:
    add(house, *(replace(FACTS, call_id=f"call-{n:03}", opened_at=NOON + timedelta(minutes=n)) for n in range(120)))
    mia = sign_in(house, Role.SUPERVISOR)
    page = search(mia, beller="confirmed")
    assert status_of(page) == "120 gesprekken gevonden."
    sizes = [rows_of(page)]
    while older := re.search(r'<a href="([^"]+)" rel="next">', page):
        address = older.group(1).replace("&amp;", "&")
        assert "beller=confirmed" in address
        page = mia.get(address).get_data(as_text=True)
        sizes.append(rows_of(page))
    assert sizes == [PAGE, PAGE, 20]
    assert status_of(page) == "20 eerdere gesprekken op deze bladzijde."
    assert "Terug naar de nieuwste" in page


def test_a_place_in_the_list_that_is_none(house: House) -> None:
    add(house, FACTS, replace(FACTS, call_id="other", agency="ind"))
    mia = sign_in(house, Role.SUPERVISOR)
    assert mia.get(f"{PATH}?na=nobody").status_code == 404
    assert mia.get(f"{PATH}?na=other").status_code == 404


# ---------------------------------------------------------------- who finds what


def test_calls_of_other_agencies_are_not_there(house: House) -> None:
    add(house, FACTS, replace(FACTS, call_id="other", agency="ind", employee="client:elders"))
    page = search(sign_in(house, Role.SUPERVISOR))
    assert status_of(page) == "1 gesprek gevonden."
    assert "elders" not in page
    both = sign_in(house, Role.SUPERVISOR, ("example", "ind"), name="beide")
    assert status_of(search(both)) == "2 gesprekken gevonden."
    assert status_of(search(both, organisatie="ind")) == "1 gesprek gevonden."


def test_another_agency_cannot_be_asked_for(house: House) -> None:
    add(house, replace(FACTS, agency="ind"))
    answer = sign_in(house, Role.SUPERVISOR).get(f"{PATH}?organisatie=ind")
    assert answer.status_code == 422
    assert rows_of(answer.get_data(as_text=True)) == 0


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.COMMITTEE, Role.ADMINISTRATOR])
def test_who_may_not_find_calls(house: House, role: Role) -> None:
    assert sign_in(house, role).get(PATH).status_code == 403


def test_an_auditor_finds_nothing_by_what_was_answered_or_who_called(house: House) -> None:
    add(house, FACTS)
    say(house, "call-1", told="U wilt opnemen. Klopt dat?", answer="ja voor mijn dossier")
    with house.wiring.database.transaction() as unit:
        unit.calls.set_caller_number("call-1", CALLER, house.wiring.numbers.hash_of(CALLER))
    auditor = sign_in(house, Role.AUDITOR)
    assert status_of(search(auditor, woorden="opnemen")) == "1 gesprek gevonden."
    assert status_of(search(auditor, woorden="dossier")) == "0 gesprekken gevonden."
    page = search(auditor)
    assert 'name="telefoonnummer"' not in page
    assert auditor.get(f"{PATH}?nummer={house.wiring.numbers.hash_of(CALLER)}").status_code == 422
    assert auditor.post(f"{PATH}/nummer", {"telefoonnummer": CALLER}).status_code == 403


def test_a_search_leaves_a_line_in_the_trail(house: House) -> None:
    mia = sign_in(house, Role.SUPERVISOR)
    search(mia, woorden="bezwaar")
    with house.wiring.database.reading() as unit:
        (line,) = unit.trail.list_object("", 9)
    assert (line.actor, line.action, line.agency, line.result) == ("leidinggevende", "calls", "example", 200)


# ---------------------------------------------------------------- the caller's number


@pytest.mark.parametrize("typed", ["+31612345678", "06-1234 5678", "0031 6 12345678", "+31 (0)6 12.34.56.78"])
def test_a_number_is_found_and_stays_out_of_the_address(house: House, typed: str) -> None:
    house.dial_in()
    mia = sign_in(house, Role.SUPERVISOR)
    answer = mia.post(f"{PATH}/nummer", {"telefoonnummer": typed, "stand": "bezig"})
    assert answer.status_code == 303
    assert "12345678" not in answer.location.replace("-", "")
    assert parse_qs(urlsplit(answer.location).query)["stand"] == ["bezig"]
    page = mia.get(answer.location).get_data(as_text=True)
    assert status_of(page) == "1 gesprek gevonden."
    assert "612345678" not in page
    with house.wiring.database.transaction() as unit:
        unit.calls.forget_caller_number(house.call.call_id)
    assert status_of(mia.get(answer.location).get_data(as_text=True)) == "0 gesprekken gevonden."


@pytest.mark.parametrize("typed", ["", "jan", "06", "112", "+31612345678" * 3, STORED_SCRIPT])
def test_what_is_no_number_comes_back_with_the_rest_of_the_search(house: House, typed: str) -> None:
    mia = sign_in(house, Role.SUPERVISOR)
    answer = mia.post(f"{PATH}/nummer", {"telefoonnummer": typed, "woorden": "bezwaar"})
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "Dit is geen telefoonnummer." in page
    assert 'name="woorden" value="bezwaar"' in page.replace('type="text" ', "")
    assert STORED_SCRIPT not in page


def test_a_hash_without_the_secret_finds_nothing(house: House) -> None:
    house.dial_in()
    mia = sign_in(house, Role.SUPERVISOR)
    assert status_of(search(mia, nummer="0" * 32)) == "0 gesprekken gevonden."
    assert mia.get(f"{PATH}?nummer={CALLER.replace('+', '%2B')}").status_code == 422


# ---------------------------------------------------------------- wrong input


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Field.SINCE, "gisteren"),
        (Field.SINCE, "0001-01-01"),
        (Field.UNTIL, "9999-12-31"),
        (Field.UNTIL, "2026-02-30"),
        (Field.STATE, "ended"),
        (Field.CALLER, "CONFIRMED"),
        (Field.RECORDING, "' OR 1=1 --"),
        (Field.THIRD, "misschien"),
        (Field.CASE, "geen"),
        (Field.TEXT, "x" * 201),
        (Field.TEXT, "a\x00b"),
        (Field.LINE, "\ud800"),
        (Field.EMPLOYEE, "x" * 1000),
        (Field.REASON, "a\nb"),
        (Field.NUMBER, "../../etc"),
    ],
)
def test_a_value_that_cannot_be_is_named_beside_its_field(house: House, field: Field, value: str) -> None:
    add(house, FACTS)
    mia = sign_in(house, Role.SUPERVISOR)
    query = {field.value: value.encode("utf-8", "surrogatepass")}
    answer = mia.client.get(PATH, base_url="http://localhost", query_string=query)
    page = answer.get_data(as_text=True)
    if value == "\ud800":  # arrives as replacement signs, which are text
        assert answer.status_code == 200
        return
    assert answer.status_code == 422
    assert rows_of(page) == 0
    assert 'role="alert"' in page


def test_a_period_that_ends_before_it_begins(house: House) -> None:
    answer = sign_in(house, Role.SUPERVISOR).get(f"{PATH}?van=2026-11-02&tot=2026-11-01")
    assert answer.status_code == 422
    assert "Deze dag ligt voor de eerste dag." in answer.get_data(as_text=True)


def test_what_is_stored_or_typed_is_never_code(house: House) -> None:
    add(
        house, replace(FACTS, employee=STORED_SCRIPT, reason=STORED_SCRIPT, line=STORED_SCRIPT, caller_recording="none")
    )
    say(house, "call-1", answer=STORED_SCRIPT)
    mia = sign_in(house, Role.SUPERVISOR)
    assert mia.post(f"{PATH}/bewaren", {"naam": STORED_SCRIPT, "woorden": STORED_SCRIPT}).status_code == 303
    for fields in ({}, {"woorden": STORED_SCRIPT}, {"medewerker": STORED_SCRIPT}, {"reden": '"><script>'}):
        page = search(mia, **fields)
        assert "<script>alert" not in page
        assert '"><script>' not in page


# ---------------------------------------------------------------- searches that are kept


def test_a_search_is_kept_for_its_owner_alone_renamed_and_deleted(house: House) -> None:
    mia, bo = sign_in(house, Role.SUPERVISOR), sign_in(house, Role.SUPERVISOR, name="bo")
    number = "0" * 32
    answer = mia.post(f"{PATH}/bewaren", {"naam": " Bezwaren & ander ", "beller": "objected", "nummer": number})
    query = parse_qs(urlsplit(answer.location).query)
    assert (query["beller"], query["nummer"]) == (["objected"], [number])
    assert "Het is bewaard." in mia.get(answer.location).get_data(as_text=True)
    page = search(mia)
    assert '<a href="/console/gesprekken?beller=objected">Bezwaren &amp; ander</a>' in page
    assert "Bezwaren" not in search(bo)
    assert bo.post(f"{PATH}/verwijderen", {"oude_naam": "Bezwaren & ander"}).status_code == 303
    assert mia.post(f"{PATH}/hernoemen", {"oude_naam": "Bezwaren & ander", "naam": "Weigeringen"}).status_code == 303
    page = search(mia)
    assert ">Weigeringen</a>" in page
    assert ">Bezwaren &amp; ander</a>" not in page
    assert mia.post(f"{PATH}/verwijderen", {"oude_naam": "Weigeringen"}).status_code == 303
    assert "Weigeringen" not in search(mia)


def test_a_name_that_cannot_be_comes_back_with_the_search(house: House) -> None:
    mia = sign_in(house, Role.SUPERVISOR)
    for name in ("", " ", "x" * 81, "a\x00b"):
        answer = mia.post(f"{PATH}/bewaren", {"naam": name, "beller": "objected"})
        assert answer.status_code == 422
        assert '<option value="objected" selected>' in answer.get_data(as_text=True)
    mia.post(f"{PATH}/bewaren", {"naam": "een"})
    mia.post(f"{PATH}/bewaren", {"naam": "twee"})
    answer = mia.post(f"{PATH}/hernoemen", {"oude_naam": "een", "naam": "twee"})
    assert answer.status_code == 422
    assert "Zo heet al een andere zoekopdracht van u" in answer.get_data(as_text=True)
    assert mia.post(f"{PATH}/hernoemen", {"oude_naam": "weg", "naam": "drie"}).status_code == 422


def test_there_is_an_end_to_what_is_kept(house: House) -> None:
    mia = sign_in(house, Role.SUPERVISOR)
    for number in range(MOST_SAVED):
        assert mia.post(f"{PATH}/bewaren", {"naam": f"zoek {number}"}).status_code == 303
    assert mia.post(f"{PATH}/bewaren", {"naam": "nog een"}).status_code == 422
    assert mia.post(f"{PATH}/bewaren", {"naam": "zoek 3", "beller": "objected"}).status_code == 303
    assert len(house.wiring.supervision.list_saved("leidinggevende")) == MOST_SAVED
