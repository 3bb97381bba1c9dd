"""A call's page: what it shows to whom, notes, and the consent record."""

import json

import pytest

from config.policy import Role
from ivr.calls.notes import LONGEST_NOTE
from ivr.dialogue.events import Heard, ObjectionRaised, ThirdPersonPresent
from storage.records import NewEntry
from tests.builders import CALLER, House
from tests.ivr.web.recorded import page_of, stored_call
from tests.ivr.web.signed_in import Colleague, sign_in

SCRIPT = "<script>alert('ja')</script>"
ESCAPED = "&lt;script&gt;alert(&#39;ja&#39;)&lt;/script&gt;"
KEY = "0" * 32


@pytest.fixture
def stored(house: House) -> House:
    stored_call(house)
    return house


@pytest.fixture
def mia(stored: House) -> Colleague:
    return sign_in(stored, Role.SUPERVISOR)


def notes_of(house: House) -> list[str]:
    with house.wiring.database.reading() as unit:
        return [note.text for note in unit.notes.list_call(house.call.call_id)]


# ---------------------------------------------------------------- what is shown


def test_the_page_tells_the_call_from_its_first_second(stored: House, mia: Colleague) -> None:
    page = mia.get(page_of(stored)).text
    for told in (
        "Gesprek van 3 november 2026, 14.05 uur",
        "gemeente Voorbeeld",
        "eindigt op 678",
        "Bevestigd en toegestaan",
        "Het gesprek is begonnen",
        "ik neem dit gesprek op",
        "zekerheid 90 %",
        "U wilt dit gesprek opnemen. Klopt dat? Zeg ja of nee.",
        "(helemaal uitgesproken)",
        "De opname door de organisatie is gestopt",
        "het gesprek was afgelopen",
        "volledigheid 100 %",
    ):
        assert told in page, told
    assert CALLER not in page


def test_every_entry_has_its_line_in_order(stored: House, mia: Colleague) -> None:
    page = mia.get(page_of(stored)).text
    places = [page.index(f'id="regel-{entry.number}"') for entry in stored.entries]
    assert places == sorted(places)


def test_an_announcement_that_was_cut_short_is_marked(house: House) -> None:
    house.confirmed()
    house.announced(4, "announcement-fail", ReasonAnnouncementFailed=SCRIPT)
    page = sign_in(house, Role.SUPERVISOR).get(page_of(house)).text
    assert "niet helemaal gehoord" in page
    assert ESCAPED in page
    assert SCRIPT not in page
    assert "Dit gesprek is nog bezig" in page


def test_an_objection_is_told_with_reason_and_alternative(house: House) -> None:
    house.recorded()
    policy = house.wiring.agencies.now("example")
    reason, alternative = policy.objection_reasons[0], policy.alternatives[0]
    house.happens(ObjectionRaised(reason.code, alternative.code, alternative.agency_records, employee="Jan"))
    page = sign_in(house, Role.SUPERVISOR).get(page_of(house)).text
    assert reason.text["nl"] in page
    assert alternative.text["nl"] in page
    assert "door Jan" in page


def test_a_call_without_a_recording_says_so(house: House) -> None:
    house.together()
    page = sign_in(house, Role.SUPERVISOR).get(page_of(house)).text
    assert "Er is geen opname van de organisatie om naar te luisteren." in page
    assert "Niet over gesproken" in page


def test_what_callers_said_is_text_and_nothing_else(house: House) -> None:
    house.together()
    house.hears(Heard.REQUEST, SCRIPT)
    house.happens(ThirdPersonPresent(by="caller", who=SCRIPT))
    page = sign_in(house, Role.SUPERVISOR).get(page_of(house)).text
    assert page.count(ESCAPED) == 2
    assert SCRIPT not in page


# ---------------------------------------------------------------- to whom


def test_another_agencys_call_does_not_exist(stored: House) -> None:
    stranger = sign_in(stored, Role.SUPERVISOR, agencies=["ind"])
    for suffix in ("", "/opnamebewijs.json", "/geluid", "/golfvorm.svg"):
        assert stranger.get(page_of(stored, suffix)).status_code == 404
    for suffix in ("/controle", "/notities", "/luisteren"):
        form = {"note": "Zomaar.", "key": KEY, "purpose": "rules-kept"}
        assert stranger.post(page_of(stored, suffix), form).status_code == 404
    assert notes_of(stored) == []
    assert "recording:played" not in stored.tags


@pytest.mark.parametrize("call_id", ["nobody", "..", "%2e%2e%2fetc%2fpasswd", "x" * 5000])
def test_a_call_that_is_none_is_not_found(stored: House, mia: Colleague, call_id: str) -> None:
    assert mia.get(f"/console/gesprekken/{call_id}").status_code in (404, 308)


def test_an_auditor_sees_that_it_went_by_the_rules_and_not_what_was_said(stored: House, mia: Colleague) -> None:
    mia.post(page_of(stored, "/notities"), {"note": "Alleen voor ons.", "key": KEY})
    page = sign_in(stored, Role.AUDITOR).get(page_of(stored)).text
    assert "U wilt dit gesprek opnemen. Klopt dat?" in page
    assert "Woorden en namen zijn voor u niet zichtbaar." in page
    assert "Wie heeft gekeken en geluisterd" in page
    for hidden in ("ik neem dit gesprek op", "eindigt op", "Alleen voor ons.", "Open de speler"):
        assert hidden not in page, hidden


@pytest.mark.parametrize("role", [Role.EMPLOYEE, Role.COMMITTEE, Role.ADMINISTRATOR])
def test_who_may_not_find_calls_gets_no_page(stored: House, role: Role) -> None:
    assert sign_in(stored, role).get(page_of(stored)).status_code == 403


def test_who_looked_is_told(stored: House, mia: Colleague) -> None:
    mia.get(page_of(stored))
    page = mia.get(page_of(stored)).text
    assert "Gesprek bekeken" in page
    assert "leidinggevende" in page


def test_the_network_address_is_for_who_sees_the_trail(stored: House, mia: Colleague) -> None:
    mia.get(page_of(stored))
    assert "vanaf 127.0.0" not in mia.get(page_of(stored)).text
    assert "vanaf 127.0.0" in sign_in(stored, Role.PRIVACY_OFFICER).get(page_of(stored)).text


# ---------------------------------------------------------------- the consent record


def test_the_consent_record_is_a_file(stored: House, mia: Colleague) -> None:
    answer = mia.get(page_of(stored, "/opnamebewijs.json"))
    assert answer.headers["Content-Disposition"].startswith("attachment; filename=opnamebewijs-")
    record = json.loads(answer.data)
    assert record == stored.wiring.consent_record(stored.call.call_id)
    assert "ik neem dit gesprek op" in answer.text


def test_the_record_has_no_personal_values_for_who_may_not_see_them(stored: House) -> None:
    answer = sign_in(stored, Role.AUDITOR).get(page_of(stored, "/opnamebewijs.json"))
    assert "ik neem dit gesprek op" not in answer.text
    assert len(json.loads(answer.data)["log_entries"]) == len(stored.entries)


# ---------------------------------------------------------------- notes


def test_a_note_is_kept_with_author_and_time(stored: House, mia: Colleague) -> None:
    answer = mia.post(page_of(stored, "/notities"), {"note": f"Regel 1.\r\n{SCRIPT}", "key": KEY})
    assert answer.status_code == 303
    assert answer.location.endswith("#notities")
    assert "Het is toegevoegd." in mia.get(answer.location).text
    with stored.wiring.database.reading() as unit:
        (note,) = unit.notes.list_call(stored.call.call_id)
    assert (note.author, note.at, note.text) == ("leidinggevende", stored.clock.now(), f"Regel 1.\n{SCRIPT}")
    page = mia.get(page_of(stored)).text
    assert ESCAPED in page
    assert SCRIPT not in page
    assert not any("note" in tag for tag in stored.tags)


def test_a_form_that_is_sent_twice_is_one_note(stored: House, mia: Colleague) -> None:
    for text in ("Nagebeld.", "Nagebeld."):
        assert mia.post(page_of(stored, "/notities"), {"note": text, "key": KEY}).status_code == 303
    assert notes_of(stored) == ["Nagebeld."]
    stored.clock.pass_s(1)
    mia.post(page_of(stored, "/notities"), {"note": "Nagebeld. Nog iets.", "key": KEY})
    assert notes_of(stored) == ["Nagebeld.", "Nagebeld. Nog iets."]


@pytest.mark.parametrize(
    ("note", "told"),
    [
        ("", "Schrijf eerst iets op."),
        (" \n", "Schrijf eerst iets op."),
        ("x" * (LONGEST_NOTE + 1), "hooguit 4000 tekens"),
        ("half\x00", "kunnen wij niet bewaren"),
    ],
)
def test_a_note_that_cannot_be_kept_comes_back_with_its_fault(
    stored: House, mia: Colleague, note: str, told: str
) -> None:
    answer = mia.post(page_of(stored, "/notities"), {"note": note, "key": KEY})
    assert answer.status_code == 422
    assert told in answer.text
    assert 'id="note-fault"' in answer.text
    assert note.strip().replace("\x00", "") in answer.text
    assert f'value="{KEY}"' in answer.text
    assert notes_of(stored) == []


def test_a_form_without_our_key_is_refused_with_the_text_kept(stored: House, mia: Colleague) -> None:
    answer = mia.post(page_of(stored, "/notities"), {"note": "Mijn tekst.", "key": SCRIPT})
    assert answer.status_code == 422
    assert "Mijn tekst." in answer.text
    assert SCRIPT not in answer.text


def test_notes_are_for_who_may_write_them(stored: House) -> None:
    auditor = sign_in(stored, Role.AUDITOR)
    assert auditor.post(page_of(stored, "/notities"), {"note": "Gezien.", "key": KEY}).status_code == 403
    assert notes_of(stored) == []


def test_hundreds_of_entries_are_one_page(stored: House, mia: Colleague) -> None:
    call_id, at = stored.call.call_id, stored.clock.now()
    with stored.wiring.database.transaction() as unit:
        for number in range(300):
            unit.log.append(NewEntry(call_id, f"e{number}", "copy:opened", at, {"ticket": "sms"}))
    page = mia.get(page_of(stored))
    assert page.status_code == 200
    assert page.text.count("De pagina met de kopie is geopend") == 300


def test_the_page_speaks_english_too(stored: House, mia: Colleague) -> None:
    """What was said stays in the language in which it was said."""
    page = mia.get(page_of(stored, "?taal=en")).text
    for told in ("Confirmed and allowed", "certainty 90 %", "During the call", "Legal hold", "Open the player"):
        assert told in page, told
    assert '<blockquote lang="nl">U wilt dit gesprek opnemen. Klopt dat? Zeg ja of nee.</blockquote>' in page
