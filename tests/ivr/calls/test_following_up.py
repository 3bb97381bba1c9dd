"""What a call leaves to do: written in the call's own transaction, under the profile that the call was told by."""

from pathlib import Path

from ivr.dialogue.events import EmployeeLeft, Heard, LegAnswered, ObjectionRaised, ObjectionWithdrawn
from storage.records import CaseFilter, CaseRecord
from tests.builders import CALL_SID, EMPLOYEE_SID, House

EXAMPLE = (Path(__file__).parents[3] / "config" / "policies" / "example.toml").read_text(encoding="utf-8")


def cases(house: House) -> list[CaseRecord]:
    with house.wiring.database.reading() as unit:
        return list(unit.cases.list(CaseFilter(), 100, None))


def house_with(folder: Path, url: str, *changes: tuple[str, str]) -> House:
    """A service whose example agency has another profile."""
    document = EXAMPLE
    for old, new in changes:
        assert old in document
        document = document.replace(old, new)
    profiles = folder / f"profiles-{len(list(folder.iterdir()))}"
    profiles.mkdir()
    (profiles / "example.toml").write_text(document, encoding="utf-8")
    return House(folder, url, profiles=profiles)


def test_a_promised_alternative_becomes_a_case_with_its_deadline(house: House) -> None:
    house.recorded()
    house.happens(ObjectionRaised("privacy", "verslag"))
    [case] = cases(house)
    assert (case.kind, case.state, case.call_id) == ("refusal", "promised", house.call.call_id)
    assert case.due_at is not None
    assert (case.due_at - case.opened_at).days == 10
    house.happens(ObjectionWithdrawn())
    assert cases(house)[0].closed_at is not None
    assert house.tags.count("refusal:promised") == house.tags.count("refusal:lapsed") == 1


def test_an_alternative_that_is_kept_on_the_call_needs_no_case(house: House) -> None:
    house.recorded()
    house.happens(ObjectionRaised("privacy", "meeluisteren"))
    assert cases(house) == []


def test_a_caller_who_recorded_is_asked_for_a_copy_and_about_learning(tmp_path: Path, sqlite_url: str) -> None:
    changes = ("ask_theirs = false", "ask_theirs = true"), ("training = false", "training = true")
    house = house_with(tmp_path, sqlite_url, *changes)
    house.recorded()
    house.happens(EmployeeLeft())
    house.hears(Heard.NO, "nee")
    assert [case.kind for case in cases(house)] == ["citizen-copy"]
    speaking = house.dialogue.speaking
    assert speaking is not None
    house.happens(LegAnswered(speaking.prompt_id, "1"))
    assert sorted(case.kind for case in cases(house)) == ["citizen-copy", "training"]
    assert house.entry("training:asked").facts["agreed"] == "yes"
    house.close()


def test_a_changed_profile_never_changes_what_an_old_call_was_told(tmp_path: Path, sqlite_url: str) -> None:
    before = house_with(tmp_path, sqlite_url)
    before.confirmed()
    before.close()
    after = house_with(
        tmp_path, sqlite_url, ('version = "2"', 'version = "3"'), ("gemeente Voorbeeld", "gemeente Anders")
    )
    after.carrier.asked += before.carrier.asked
    after.announced(4)
    played = after.entry("prompt:played").facts
    assert "gemeente Voorbeeld" in str(played["text"])
    assert played["profile_version"] == "2"
    record = after.wiring.consent_record(after.call.call_id)
    assert record["policy"] == {"agency": "example", "version": "2", "digest": after.call.policy_digest}
    after.dial_in(CallSid="CA" + "9" * 32)
    other = after.wiring.driver.find("CA" + "9" * 32)
    assert other is not None
    assert other.policy_digest != after.call.policy_digest
    after.close()


def test_the_employees_own_sentence_stands_beside_the_log(house: House) -> None:
    """It may speak of somebody, so it can be erased."""
    house.recorded()
    house.happens(ObjectionRaised("anders", "verslag", reason_text="Mevrouw Jansen wil het niet", employee="balie 3"))
    house.announced(5)
    spoken = house.entry("prompt:played")
    assert "text" not in spoken.facts
    assert "Mevrouw Jansen wil het niet." in spoken.personal["text"]
    raised = house.entry("objection:raised")
    assert raised.personal == {"employee": "balie 3", "reason_text": "Mevrouw Jansen wil het niet"}


def test_the_addresses_are_rung_in_turn(tmp_path: Path, sqlite_url: str) -> None:
    two = '["client:balie-1", "sip:balie-2@voorbeeld.example"]'
    house = house_with(
        tmp_path, sqlite_url, ('to = ["client:medewerker"]', f"to = {two}"), ("rounds = 1", "rounds = 2")
    )
    house.dial_in()
    house.leg(1)
    house.room("participant-join", 1, CALL_SID)
    for attempt in range(1, 4):
        leg = f"CA{attempt:032d}"
        house.room("participant-leave", attempt + 1, leg, ParticipantCallStatus="no-answer")
        form = {"CallSid": leg, "CallStatus": "no-answer", "SequenceNumber": "2"}
        house.post(f"/voice/employee/{house.call.call_id}", form)
    rung = [asked.arguments[1] for asked in house.carrier.asked if asked.verb == "ring_employee"]
    assert rung == ["client:balie-1", "sip:balie-2@voorbeeld.example"] * 2
    house.room("participant-join", 9, EMPLOYEE_SID)
    assert house.dialogue.state == "talking"
    house.close()


def test_a_line_for_an_excluded_kind_greets_accordingly(tmp_path: Path, sqlite_url: str) -> None:
    excluded = """\
numbers = ["+31201234567"]
spoken.nl = "Dit is een gesprek om te bemiddelen."
spoken.en = "This is a mediation talk."
alternative = "verslag"
excluded = true
"""
    kind = 'text.en = "An ordinary conversation."\n'
    house = house_with(tmp_path, sqlite_url, (f"{kind}excluded = false\n", kind + excluded))
    said = house.dial_in().get_data(as_text=True)
    assert "Dit is een gesprek om te bemiddelen. Daarom kunt u dit gesprek niet opnemen." in said
    assert house.entry("call:opened").facts["kind"] == "gewoon"
    house.close()
