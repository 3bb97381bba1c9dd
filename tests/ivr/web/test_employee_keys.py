"""An employee with a plain phone: `*`, a menu on their own leg, and back; every key, and all that may go wrong."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from werkzeug.test import TestResponse

from ivr.calls.employee_menu import Place
from ivr.dialogue.effects import PromptKey
from ivr.dialogue.events import Heard, ObjectionRaised, ResumeAsked
from ivr.dialogue.states import AgencyRecording, CallerRecording, Employee, State
from tests.builders import CALL_SID, EMPLOYEE_SID, House, xml_of

EXAMPLE = (Path(__file__).parents[3] / "config" / "policies" / "example.toml").read_text(encoding="utf-8")
EXCLUDED = """excluded = true
alternative = "verslag"
spoken.nl = "Dit is een bemiddelingsgesprek."
spoken.en = "This is a mediation talk."
"""
DESK = "+31207654321"
SECOND_SID = "CA" + "4" * 32
VISIT = "0" * 32

OBJECT = "Wilt u bezwaar maken tegen de opname? Toets 1."
WITHDRAW = "Wilt u uw bezwaar intrekken? Toets 2."
THIRD_PERSON = "Is er nog iemand bij het gesprek? Toets 3."
PAUSE = "Moet onze opname even stil zijn? Toets 4."
RESUME = "Mag onze opname weer verder? Toets 4."
STOP = "Wilt u onze opname stoppen? Toets 5."
KIND = "Wilt u zeggen wat voor gesprek dit is? Toets 6."
BACK = "Wilt u terug naar het gesprek? Toets een sterretje."
DONE = "Het is doorgegeven. U gaat terug naar het gesprek."
OBJECTED = "Uw bezwaar is doorgegeven. U gaat terug naar het gesprek."
NOT_NOW = "Dat kan nu niet. U gaat terug naar het gesprek."
OVER = "Het gesprek is afgelopen."


@dataclass
class Phone:
    """The employee's leg, as the carrier tells of it. `action` is where the next key goes."""

    house: House
    action: str = ""
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(100, 200)))

    def form(self, **fields: str) -> dict[str, str]:
        return {"CallSid": EMPLOYEE_SID, "To": DESK, "CallStatus": "in-progress", **fields}

    def post(self, path: str, **fields: str) -> TestResponse:
        answer = self.house.post(f"/voice/employee/{self.house.call.call_id}{path}", self.form(**fields))
        if "<Gather" in answer.get_data(as_text=True):
            self.action = urlsplit(xml_of(answer.data)[0].attrib["action"]).path
        return answer

    def star(self) -> list[str]:
        """Gives what the menu says; the room tells that the leg left it, too."""
        answer = self.post("/left", DialCallStatus="answered")
        self.left_room()
        return texts(answer)

    def left_room(self, **fields: str) -> None:
        number = next(self.numbers)
        self.house.room("participant-leave", number, EMPLOYEE_SID, **{"ParticipantCallStatus": "in-progress", **fields})

    def press(self, digits: str, **fields: str) -> TestResponse:
        return self.post(
            self.action.removeprefix(f"/voice/employee/{self.house.call.call_id}"), Digits=digits, **fields
        )

    def press_all(self, keys: str) -> TestResponse:
        answers = [self.press(key) for key in keys]
        return answers[-1]

    def rejoin(self) -> None:
        self.house.room("participant-join", next(self.numbers), EMPLOYEE_SID)

    def ends(self, status: str = "completed", leg: str = EMPLOYEE_SID) -> None:
        form = self.form(CallSid=leg, CallStatus=status, SequenceNumber=str(next(self.numbers)))
        self.house.post(f"/voice/employee/{self.house.call.call_id}", form)


def texts(answer: TestResponse) -> list[str]:
    return [said.text or "" for said in xml_of(answer.data).iter("Say")]


def is_back(answer: TestResponse) -> bool:
    """The document ends in the room."""
    return [verb.tag for verb in xml_of(answer.data)][-1] == "Dial"


@pytest.fixture
def house(tmp_path: Path, sqlite_url: str) -> Iterator[House]:
    profiles = tmp_path / "profiles"
    profiles.mkdir()
    document = EXAMPLE.replace("keys = false", "keys = true")
    before, _, after = document.rpartition("excluded = false\n")
    (profiles / "example.toml").write_text(before + EXCLUDED + after, encoding="utf-8")
    house = House(tmp_path, sqlite_url, profiles=profiles)
    yield house
    house.close()


@pytest.fixture
def phone(house: House) -> Phone:
    return Phone(house)


# ---------------------------------------------------------------- ringing


def test_whoever_is_rung_gets_a_leg_with_keys_in_the_callers_room(house: House, phone: Phone) -> None:
    house.dial_in()
    house.leg(1)
    house.room("participant-join", 1, CALL_SID)
    [rung] = house.carrier.asked
    assert (rung.verb, rung.arguments[-2:]) == ("ring_employee", ("employee", "keys"))
    [dial] = xml_of(phone.post("/leg").data)
    assert dial.attrib["hangupOnStar"] == "true"
    assert dial[0].text == house.call.call_id
    assert dial[0].attrib["participantLabel"] == "employee"
    house.room("participant-join", 2, EMPLOYEE_SID)
    assert house.dialogue.state is State.TALKING


def test_a_second_phone_that_answers_is_not_wanted_and_its_end_is_not_the_employees(house: House, phone: Phone) -> None:
    house.together()
    assert [verb.tag for verb in xml_of(phone.post("/leg", CallSid=SECOND_SID).data)] == ["Hangup"]
    phone.ends(leg=SECOND_SID)
    assert house.dialogue.employee is Employee.PRESENT
    phone.ends()
    assert house.tags.count("employee:left") == 1


def test_an_employee_who_answers_after_the_caller_hung_up_hears_nothing(house: House, phone: Phone) -> None:
    house.dial_in()
    house.leg(1)
    house.room("participant-join", 1, CALL_SID)
    house.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"})
    assert [verb.tag for verb in xml_of(phone.post("/leg").data)] == ["Hangup"]


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled"])
def test_a_phone_that_is_not_answered_is_told_by_the_leg_alone(house: House, phone: Phone, status: str) -> None:
    house.dial_in()
    house.leg(1)
    house.room("participant-join", 1, CALL_SID)
    phone.ends(status)
    assert house.entry("employee:unreached").facts["reason"] == status


# ---------------------------------------------------------------- the keys


def test_an_employee_with_a_plain_phone_objects_by_key(house: House, phone: Phone) -> None:
    """The caller waits, unrecorded; once the employee is back both hear reason, alternative and complaint route."""
    house.recorded()
    said = phone.star()
    assert said == [OBJECT, THIRD_PERSON, PAUSE, STOP, KIND, BACK]
    assert house.tags[-2:] == ["hold:started", "recording:paused"]
    assert "Zolang u in de wacht staat" in house.text_of(house.carrier.asked[-1])
    house.announced(5)

    reasons = texts(phone.press("1"))
    assert reasons[0] == "Kies uw reden."
    assert "De opname raakt de privacy van iemand die bij het gesprek betrokken is. Toets 2." in reasons
    assert reasons[-2:] == ["Heeft u een andere reden? Legt u die zelf uit aan de beller. Toets 9.", BACK]
    offers = texts(phone.press("2"))
    assert offers[:2] == [
        "Kies wat u de beller aanbiedt.",
        "De beller krijgt een schriftelijk verslag van het gesprek. Toets 1.",
    ]
    answer = phone.press("1")
    assert (texts(answer), is_back(answer)) == ([OBJECTED], True)

    raised = house.entry("objection:raised")
    assert (raised.facts["reason"], raised.facts["alternative"]) == ("privacy", "verslag")
    assert raised.personal == {"employee": DESK}
    assert house.dialogue.agency_recording is AgencyRecording.STOPPED
    phone.rejoin()
    assert house.tags.count("hold:ended") == 1
    told = house.text_of(house.carrier.asked[-1])
    assert "De opname raakt de privacy van iemand anders. " in told
    assert "U krijgt een schriftelijk verslag van dit gesprek." in told
    assert "kunt u een klacht indienen" in told


@pytest.mark.parametrize(
    ("keys", "tag", "facts"),
    [
        ("3", "third-person:present", {"by": "employee"}),
        ("4", "pause:asked", {"by": "employee"}),
        ("5", "stop:asked", {}),
        ("61", "conversation:kind", {"kind": "gewoon", "excluded": "no"}),
        ("62", "conversation:kind", {"kind": "keukentafelgesprek", "excluded": "yes"}),
    ],
)
def test_every_other_key(house: House, phone: Phone, keys: str, tag: str, facts: dict[str, str]) -> None:
    house.recorded()
    phone.star()
    answer = phone.press_all(keys)
    assert (texts(answer), is_back(answer)) == ([DONE], True)
    assert facts.items() <= house.entry(tag).facts.items()
    phone.rejoin()
    assert house.dialogue.employee is Employee.PRESENT
    assert not house.dialogue.on_hold


def test_a_reason_outside_the_list_is_explained_by_the_employee(house: House, phone: Phone) -> None:
    house.recorded()
    phone.star()
    phone.press_all("193")
    raised = house.entry("objection:raised")
    assert (raised.facts["reason"], raised.facts["alternative"]) == ("anders", "meeluisteren")
    assert raised.personal["reason_text"] == "De medewerker legt u de reden zelf uit."


def test_the_menu_speaks_to_the_employee_and_the_reason_to_the_caller(house: House, phone: Phone) -> None:
    """Each in their own language."""
    house.dial_in()
    house.leg(1, Digits="9")
    house.leg(2)
    house.room("participant-join", 1, CALL_SID)
    house.room("participant-join", 2, EMPLOYEE_SID)
    house.hears(Heard.REQUEST, "I record this")
    assert phone.star()[0] == OBJECT
    phone.press_all("191")
    assert house.entry("objection:raised").personal["reason_text"] == "The employee will explain the reason to you."


def test_the_agencys_recording_may_be_what_is_offered(house: House, phone: Phone) -> None:
    house.recorded()
    phone.star()
    phone.press_all("112")
    assert house.dialogue.agency_recording is AgencyRecording.PAUSED
    house.announced(5)
    phone.rejoin()
    assert house.dialogue.caller_recording is CallerRecording.OBJECTED
    assert "stop_recording" not in house.carrier.verbs()


def test_an_objection_that_stands_can_be_withdrawn(house: House, phone: Phone) -> None:
    house.recorded()
    house.happens(ObjectionRaised("privacy", "verslag"))
    assert WITHDRAW in phone.star()
    assert texts(phone.press("2")) == [DONE]
    assert house.entry("objection:withdrawn").personal == {"employee": DESK}


def test_a_pause_is_ended_by_the_same_key_on_another_visit(house: House, phone: Phone) -> None:
    house.recorded()
    phone.star()
    phone.press("4")
    phone.rejoin()
    said = phone.star()
    assert RESUME in said
    assert PAUSE not in said
    assert texts(phone.press("4")) == [DONE]
    assert house.tags.count("pause:ended") == 1


def test_a_pause_that_the_caller_has_ended_meanwhile_does_not_begin_again(house: House, phone: Phone) -> None:
    house.recorded()
    phone.star()
    phone.press("4")
    phone.rejoin()
    phone.star()
    house.happens(ResumeAsked(by="caller"))
    assert texts(phone.press("4")) == [NOT_NOW]
    assert house.tags.count("pause:asked") == 1


def test_only_what_is_possible_now_is_offered(house: House, phone: Phone) -> None:
    """Nobody can object beforehand, and a recording that does not run is not stopped."""
    house.together()
    assert phone.star() == [THIRD_PERSON, KIND, BACK]
    phone.press("*")
    phone.rejoin()
    house.hears(Heard.REQUEST, "ik neem dit gesprek op")
    assert phone.star() == [OBJECT, THIRD_PERSON, KIND, BACK]


def test_a_question_that_was_not_heard_out_is_put_again_once_the_employee_is_back(house: House, phone: Phone) -> None:
    house.together()
    house.hears(Heard.REQUEST, "ik neem dit gesprek op")
    phone.star()
    house.announced(3)
    phone.press("*")
    phone.rejoin()
    assert house.dialogue.speaking is not None
    assert house.dialogue.speaking.key is PromptKey.CONFIRM


# ---------------------------------------------------------------- other keys, and none


@pytest.mark.parametrize(
    ("digits", "told"), [("*", []), ("", []), ("7", [NOT_NOW]), ("#", [NOT_NOW]), ("12", [NOT_NOW])]
)
@pytest.mark.parametrize("keys", ["", "1", "11", "6"])
def test_a_key_that_means_nothing_leads_back(
    house: House, phone: Phone, keys: str, digits: str, told: list[str]
) -> None:
    house.recorded()
    phone.star()
    for key in keys:
        phone.press(key)
    before = house.tags
    answer = phone.press(digits)
    assert (texts(answer), is_back(answer)) == (told, True)
    assert house.tags == before


@pytest.mark.parametrize("key", ["1", "2", "4", "5"])
def test_what_was_not_offered_is_not_possible(house: House, phone: Phone, key: str) -> None:
    house.together()
    phone.star()
    answer = phone.press(key)
    assert (texts(answer), is_back(answer)) == ([NOT_NOW], True)
    assert house.tags[-1] == "hold:started"


# ---------------------------------------------------------------- late, doubled, out of order


def test_what_comes_twice_is_done_once_and_answered_alike(house: House, phone: Phone) -> None:
    house.recorded()
    phone.star()
    phone.star()
    for key in "12":
        assert phone.press(key).data
    first, second = phone.press("1"), phone.press("1")
    assert first.data == second.data
    assert house.tags.count("objection:raised") == house.tags.count("hold:started") == 1


def test_the_same_key_on_two_visits_is_two_acts(house: House, phone: Phone) -> None:
    house.recorded()
    for _ in range(2):
        phone.star()
        phone.press("3")
        phone.rejoin()
    assert house.tags.count("third-person:present") == 2


def test_the_room_may_tell_late_that_the_leg_left(house: House, phone: Phone) -> None:
    house.recorded()
    phone.post("/left", DialCallStatus="answered")
    phone.press("*")
    phone.rejoin()
    phone.left_room()
    assert not house.dialogue.on_hold
    assert house.dialogue.employee is Employee.PRESENT


def test_a_call_that_ended_meanwhile_is_said_to_be_over(house: House, phone: Phone) -> None:
    house.recorded()
    phone.star()
    phone.press("1")
    house.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"})
    before = house.tags
    answer = phone.press("1")
    assert texts(answer) == [OVER]
    assert [verb.tag for verb in xml_of(answer.data)][-1] == "Hangup"
    assert [verb.tag for verb in xml_of(phone.post("/left").data)] == ["Hangup"]
    assert house.tags == before


def test_a_call_that_ends_with_the_last_key_is_said_to_be_over(house: House, phone: Phone) -> None:
    """The objection was chosen, and nobody is there to hear it."""
    house.recorded()
    phone.star()
    phone.press_all("11")
    house.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"})
    assert texts(phone.press("1")) == [OVER]
    assert "objection:raised" not in house.tags


@pytest.mark.parametrize("told_by", ["the leg", "the leg, twice", "the menu's address"])
def test_an_employee_who_hangs_up_in_the_menu_has_left(house: House, phone: Phone, told_by: str) -> None:
    house.recorded()
    phone.star()
    phone.press("1")
    if told_by == "the menu's address":
        assert [verb.tag for verb in xml_of(phone.press("", CallStatus="completed").data)] == ["Hangup"]
    for _ in range(told_by.count(",") + 1):
        phone.ends()
    assert house.tags.count("employee:left") == 1
    assert house.dialogue.agency_recording is AgencyRecording.STOPPED
    assert house.dialogue.state is State.OFFERING


def test_an_employee_who_hangs_up_in_the_room_has_left_once(house: House, phone: Phone) -> None:
    """Told three times: by the action, the room and the leg."""
    house.recorded()
    assert [verb.tag for verb in xml_of(phone.post("/left", CallStatus="completed").data)] == ["Hangup"]
    phone.left_room(ParticipantCallStatus="completed")
    phone.ends()
    assert house.tags.count("employee:left") == 1
    assert "hold:started" not in house.tags


def test_a_room_that_emptied_meanwhile_is_found_again(house: House, phone: Phone) -> None:
    """The caller left for the keypad too, so the conference ended; announcements go to the new one."""
    house.together()
    phone.star()
    house.post(f"/voice/left/{house.call.call_id}", {"CallStatus": "in-progress"})
    phone.press("*")
    new = "CF" + "9" * 32
    house.room("participant-join", 1, EMPLOYEE_SID, ConferenceSid=new)
    assert house.call.conference_sid == new
    assert not house.dialogue.on_hold


# ---------------------------------------------------------------- what is not from the carrier

PATHS = ["/leg", "/left", *(f"/{VISIT}/{place}" for place in (Place.ACTS, Place.REASONS, "alternatives/privacy"))]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("signature", ["", "x", "L/OH5YylLD5NRKLltdqwSvS0BnU="])
def test_what_is_not_signed_is_refused(house: House, phone: Phone, path: str, signature: str) -> None:
    house.recorded()
    before = (house.dialogue, house.tags)
    address = f"/voice/employee/{house.call.call_id}{path}"
    assert house.post(address, phone.form(Digits="3"), signature=signature).status_code == 403
    assert (house.dialogue, house.tags) == before


@pytest.mark.parametrize("path", PATHS)
def test_a_call_that_is_not_ours_is_not_found(house: House, phone: Phone, path: str) -> None:
    house.recorded()
    assert house.post(f"/voice/employee/{'0' * 32}{path}", phone.form(Digits="1")).status_code == 404


@pytest.mark.parametrize(
    "place", ["", "taart", "acts/1", "alternatives", "alternatives/taart", "alternatives/privacy/1"]
)
def test_a_question_that_there_is_not_is_not_found(house: House, phone: Phone, place: str) -> None:
    house.recorded()
    assert phone.post(f"/{VISIT}/{place}", Digits="1").status_code == 404


@pytest.mark.parametrize("visit", ["1", "0" * 31, "0" * 4000])
def test_a_visit_that_there_cannot_be_is_not_found(house: House, phone: Phone, visit: str) -> None:
    house.recorded()
    assert phone.post(f"/{visit}/{Place.ACTS}", Digits="3").status_code == 404
    assert "third-person:present" not in house.tags
