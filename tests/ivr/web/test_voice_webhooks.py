"""Whole calls as the carrier tells them, webhook by webhook, and everything that may be wrong with a webhook."""

from collections.abc import Callable
from uuid import UUID

import pytest
from twilio.request_validator import RequestValidator
from werkzeug.datastructures import MultiDict

from ivr.dialogue.effects import PromptKey
from ivr.dialogue.events import Heard
from ivr.dialogue.states import AgencyRecording, CallerRecording, Employee, State
from ivr.errors import CarrierBusy
from tests.builders import AUTH_TOKEN, CALL_SID, CALLER, EMPLOYEE_SID, NUMBER, PUBLIC_URL, ROOM_SID, House, xml_of
from tests.fakes import RECORDING_SID

UNKNOWN = "0" * 32


def verbs_of(house: House) -> list[str]:
    return [asked.verb for asked in house.carrier.take()]


def test_a_call_from_greeting_to_copy(house: House) -> None:
    """Every step: what the carrier is answered, what it is asked, what the consent log holds."""
    answer = house.dial_in()
    call_id = house.call.call_id
    root = xml_of(answer.data)
    assert [child.tag for child in root] == ["Start", "Gather"]
    assert "gemeente Voorbeeld" in answer.get_data(as_text=True)
    assert answer.mimetype == "text/xml"
    assert house.tags == ["call:opened"]

    answer = house.leg(1)
    assert xml_of(answer.data)[0][0].text == call_id
    assert house.tags[-1] == "prompt:played"
    assert verbs_of(house) == []

    house.room("participant-join", 1, CALL_SID)
    assert house.call.conference_sid == ROOM_SID
    assert verbs_of(house) == ["ring_employee"]

    house.room("participant-join", 2, EMPLOYEE_SID)
    assert house.tags[-1] == "employee:joined"
    assert house.dialogue.state is State.TALKING

    house.hears(Heard.REQUEST, "ik wil dit gesprek graag opnemen")
    assert house.tags[-2:] == ["request:heard", "consent:requested"]
    (question,) = house.carrier.asked
    assert question.arguments[0] == ROOM_SID
    assert "Klopt dat?" in house.text_of(question)

    house.announced(3)
    house.carrier.take()
    house.hears(Heard.YES, "ja dat klopt")
    assert house.tags[-2:] == ["prompt:played", "consent:given"]
    assert house.entry("consent:given").personal == {"answer": "ja dat klopt"}
    assert "neemt ook gemeente Voorbeeld" in house.text_of(house.carrier.asked[0])

    house.announced(4)
    assert house.tags[-3:] == ["prompt:played", "recording:announced", "recording:started"]
    assert verbs_of(house) == ["announce", "start_recording"]
    assert house.call.recording_sid == RECORDING_SID

    house.clock.pass_s(30)
    house.room("participant-leave", 5, EMPLOYEE_SID)
    assert house.tags[-3:] == ["employee:left", "recording:stopped", "copy:offered"]
    assert verbs_of(house) == ["stop_recording", "move_caller"]

    answer = house.post(f"/voice/leg/{call_id}", {"CallStatus": "in-progress"})
    assert "kopie van onze opname" in answer.get_data(as_text=True)
    offer = house.dialogue.speaking
    assert offer is not None
    answer = house.leg(offer.prompt_id, Digits="1")
    assert "sms" in answer.get_data(as_text=True)
    assert house.entry("copy:wanted").facts["channel"] == "key"
    last_words = house.dialogue.speaking
    assert last_words is not None
    assert "<Hangup" in house.leg(last_words.prompt_id).get_data(as_text=True)

    house.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"})
    assert house.tags[-1] == "call:ended"
    assert house.call.closed_at is not None
    assert house.wiring.consent_record(call_id)["record_id"] == str(UUID(call_id))


def test_consent_is_durable_before_anything_is_announced(house: House) -> None:
    """At the moment the carrier is asked to announce the recording, the entry is in the database already."""
    seen: list[list[str]] = []
    house.together()
    house.hears(Heard.REQUEST, "ik neem op")
    house.announced(3)
    house.carrier.watch = lambda _: seen.append(house.tags)
    house.hears(Heard.YES, "ja")
    assert [tags[-1] for tags in seen] == ["consent:given"]


def test_an_announcement_that_fails_blocks_the_recording(house: House) -> None:
    house.confirmed()
    house.announced(4, "announcement-fail", ReasonAnnouncementFailed="31000")
    assert house.entry("recording:blocked").facts["reason"] == "31000"
    assert "start_recording" not in house.carrier.verbs()


def test_the_star_leads_to_the_keypad_and_back(house: House) -> None:
    house.together()
    answer = house.post(
        f"/voice/left/{house.call.call_id}", {"CallStatus": "in-progress", "DialCallStatus": "answered"}
    )
    assert "Toets 1 voor ja" in answer.get_data(as_text=True)
    assert "move_caller" not in house.carrier.verbs(), "the answer is the leg's new document"
    prompt = house.dialogue.speaking
    assert prompt is not None
    answer = house.leg(prompt.prompt_id, Digits="1")
    assert xml_of(answer.data)[0].tag == "Dial"
    assert house.dialogue.caller_recording is CallerRecording.CONFIRMED
    assert house.entry("consent:given").facts["channel"] == "key"


@pytest.mark.parametrize("digits", ["12", "*#x", "12*#x", "A", "1 ", "٣"])
def test_anything_but_one_key_is_no_yes(house: House, digits: str) -> None:
    house.dial_in()
    house.leg(1, Digits="1")
    prompt = house.dialogue.speaking
    assert prompt is not None
    assert prompt.key is PromptKey.KEYPAD
    house.leg(prompt.prompt_id, Digits=digits)
    assert "consent:given" not in house.tags
    assert house.tags[-1] == "consent:unconfirmed"
    assert house.entry("prompt:failed").facts["reason"] == "cut short by key ?"


# ---------------------------------------------------------------- who calls


@pytest.mark.parametrize(
    ("number", "kept", "sms"),
    [
        (CALLER, CALLER, True),
        ("+31201111111", "+31201111111", False),
        ("anonymous", "anonymous", False),
        ("", "anonymous", False),
        ("sip:burger@voorbeeld.example", "sip:burger@voorbeeld.example", False),
        ("client:beller", "client:beller", False),
    ],
)
def test_who_calls(house: House, number: str, kept: str, sms: bool) -> None:
    """Only a Dutch mobile number gets an SMS; everybody is served."""
    assert house.dial_in(From=number).status_code == 200
    call_id = house.call.call_id
    with house.wiring.database.transaction() as unit:
        assert unit.calls.find_caller_number(call_id) == kept
    assert house.dialogue.rules.can_text is sms


def test_a_number_without_a_profile_is_told_so(house: House) -> None:
    answer = house.dial_in(To="+31999999999")
    assert [child.tag for child in xml_of(answer.data)] == ["Say", "Hangup"]
    assert "niet in gebruik" in answer.get_data(as_text=True)
    assert stored_calls(house) == 0


@pytest.mark.parametrize("missing", ["CallSid", "To"])
def test_a_call_without_its_name_is_not_stored(house: House, missing: str) -> None:
    assert house.dial_in(**{missing: ""}).status_code == 400
    assert stored_calls(house) == 0


def test_an_incoming_call_that_is_told_twice_is_one_call(house: House) -> None:
    assert house.dial_in().data == house.dial_in().data
    assert stored_calls(house) == 1
    assert house.tags == ["call:opened"]


# ---------------------------------------------------------------- late, doubled, out of order


def test_what_comes_twice_changes_nothing(house: House) -> None:
    house.recorded()
    before = (house.dialogue, house.tags)
    house.carrier.take()
    house.leg(1)
    house.room("participant-join", 1, CALL_SID)
    house.room("participant-join", 2, EMPLOYEE_SID)
    house.room("announcement-end", 4, AnnounceUrl=house.wiring.links.prompt(house.call.call_id, 3))
    assert (house.dialogue, house.tags) == before
    assert house.carrier.asked == []


def test_a_hold_without_a_sequence_number_is_still_heard(house: House) -> None:
    """Where the carrier does not number its callbacks, two of a kind are two facts."""
    house.recorded()
    path = f"/voice/conference/{house.call.call_id}"
    for event in ("participant-hold", "participant-unhold") * 2:
        house.post(path, {"ConferenceSid": ROOM_SID, "StatusCallbackEvent": event, "CallSid": CALL_SID})
    assert house.tags.count("hold:started") == house.tags.count("hold:ended") == 2


def test_leaving_before_joining_is_passed_over(house: House) -> None:
    house.dial_in()
    house.leg(1)
    house.room("participant-leave", 2, EMPLOYEE_SID)
    assert house.dialogue.state is State.WAITING
    house.room("participant-join", 1, CALL_SID)
    assert house.dialogue.employee is Employee.RINGING


def test_an_end_that_is_announced_twice_under_two_numbers_counts_once(house: House) -> None:
    house.confirmed()
    house.announced(4)
    house.announced(5)
    assert house.carrier.verbs().count("start_recording") == 1
    assert house.tags.count("recording:announced") == 1


def test_the_recording_is_complete_before_the_call_is_said_to_be_over(house: House) -> None:
    """The caller hung up: the recording's callback overtakes the call's. It is collected when the end is known."""
    house.recorded()
    house.recording("completed", RECORDING_SID)
    house.run_jobs()
    assert "download_recording" not in house.carrier.verbs()
    house.post("/voice/status", {"CallSid": CALL_SID, "CallStatus": "completed"})
    assert house.tags[-2:] == ["recording:stopped", "call:ended"]
    assert house.waiting()["waiting"] >= 1


def test_a_start_that_was_answered_by_callback_only(house: House) -> None:
    """The answer to our request was lost; the recording's own callback says that it runs."""
    house.confirmed()
    house.carrier.fail("start_recording", CarrierBusy("no answer"))
    house.announced(4)
    states = [house.dialogue.state]
    house.recording("in-progress", RECORDING_SID)
    states.append(house.dialogue.state)
    assert states == [State.STARTING, State.RECORDING]
    assert house.call.recording_sid == RECORDING_SID


def test_a_recording_that_nobody_wants_any_more_is_stopped_and_collected(house: House) -> None:
    """The start was not answered and the caller withdrew meanwhile: whatever runs is stopped, and is known later."""
    house.confirmed()
    house.carrier.fail("start_recording", CarrierBusy("no answer"))
    house.announced(4)
    house.carrier.take()
    house.hears(Heard.STOP, "stop de opname")
    stop = next(asked for asked in house.carrier.asked if asked.verb == "stop_recording")
    assert stop.arguments == (CALL_SID, "Twilio.CURRENT")
    house.recording("completed", RECORDING_SID)
    assert house.call.recording_sid == RECORDING_SID
    assert house.dialogue.agency_recording is AgencyRecording.STOPPED
    assert house.tags[-1] == "recording:stopped"


@pytest.mark.parametrize("first", ["the employee's leg", "the room"])
def test_the_employee_who_cannot_be_reached(house: House, first: str) -> None:
    """Told twice, by the employee's leg and by the room, in either order."""
    house.dial_in()
    house.leg(1)
    house.room("participant-join", 1, CALL_SID)

    def told_by_leg() -> None:
        form = {"CallSid": EMPLOYEE_SID, "CallStatus": "no-answer", "SequenceNumber": "2"}
        house.post(f"/voice/employee/{house.call.call_id}", form)

    def told_by_room() -> None:
        house.room("participant-leave", 2, EMPLOYEE_SID, ParticipantCallStatus="no-answer")

    for tell in (told_by_room, told_by_leg, told_by_room) if first == "the room" else (told_by_leg, told_by_room):
        tell()
    assert house.entry("employee:unreached").facts["reason"] == "no-answer"
    assert house.carrier.verbs() == ["ring_employee", "move_caller"]
    assert "geen medewerker vrij" in house.post(f"/voice/leg/{house.call.call_id}").get_data(as_text=True)


def test_the_employee_who_hangs_up_is_reported_twice(house: House) -> None:
    house.recorded()
    house.room("participant-leave", 5, EMPLOYEE_SID, ParticipantCallStatus="completed")
    form = {"CallSid": EMPLOYEE_SID, "CallStatus": "completed", "SequenceNumber": "3"}
    house.post(f"/voice/employee/{house.call.call_id}", form)
    assert house.tags.count("employee:left") == 1


def test_a_stream_that_failed_is_asked_for_once(house: House) -> None:
    house.together()
    call_id = house.call.call_id
    with house.wiring.database.transaction() as unit:
        unit.streams.opened("MZ1", call_id, house.clock.now())
    house.carrier.take()
    for stream_sid in ("MZ-never-began", "MZ1", "MZ1"):
        house.post(f"/voice/stream/{call_id}", {"StreamEvent": "stream-error", "StreamSid": stream_sid})
    assert house.carrier.verbs() == ["start_stream"]
    assert house.tags.count("stream:lost") == 1


@pytest.mark.parametrize("path", ["leg/{call}", "leg/{call}/1", "left/{call}"])
def test_a_leg_that_asks_after_the_end_is_hung_up(house: House, path: str) -> None:
    house.together()
    form = {"CallStatus": "completed"}
    house.post(f"/voice/left/{house.call.call_id}", form)
    assert house.tags[-1] == "call:ended"
    assert "<Hangup" in house.post("/voice/" + path.format(call=house.call.call_id), form).get_data(as_text=True)


# ---------------------------------------------------------------- what is not from the carrier

POSTS = [
    "/voice/incoming",
    "/voice/leg/{call}",
    "/voice/leg/{call}/1",
    "/voice/left/{call}",
    "/voice/conference/{call}",
    "/voice/employee/{call}",
    "/voice/recording/{call}",
    "/voice/stream/{call}",
    "/voice/status",
    "/voice/ringing",
]


@pytest.mark.parametrize("path", POSTS)
@pytest.mark.parametrize("signature", ["", "x", "L/OH5YylLD5NRKLltdqwSvS0BnU=", "é"])
def test_what_is_not_signed_is_refused_and_leaves_nothing(house: House, path: str, signature: str) -> None:
    house.dial_in()
    before = (house.dialogue, house.tags, house.waiting())
    form = {"CallSid": CALL_SID, "CallStatus": "completed", "StatusCallbackEvent": "participant-leave", "To": NUMBER}
    answer = house.post(path.format(call=house.call.call_id), form, signature=signature)
    assert answer.status_code == 403
    assert (house.dialogue, house.tags, house.waiting()) == before
    assert_says_nothing(answer.get_data(as_text=True))


def test_the_signature_covers_every_field_and_the_query(house: House) -> None:
    form = {"CallSid": CALL_SID, "From": CALLER, "To": NUMBER}
    signature = RequestValidator(AUTH_TOKEN).compute_signature(f"{PUBLIC_URL}/voice/incoming", form)
    for path, changed in (
        ("/voice/incoming", form | {"From": "+31600000000"}),
        ("/voice/incoming", form | {"Added": ""}),
        ("/voice/incoming?x=1", form),
        ("/voice/%69ncoming", form),
    ):
        assert house.post(path, changed, signature=signature).status_code == 403
    assert stored_calls(house) == 0
    assert house.post("/voice/incoming", form, signature=signature).status_code == 200


def test_fields_that_repeat_or_are_unknown_are_signed_too(house: House) -> None:
    form = MultiDict([("CallSid", CALL_SID), ("To", NUMBER), ("New", "b"), ("New", "a"), ("New", "b"), ("Empty", "")])
    form.update({f"SipHeader_{n}": "x" for n in range(300)})
    assert house.post("/voice/incoming", form).status_code == 200


@pytest.mark.parametrize("path", [path for path in POSTS if "{call}" in path])
def test_an_unknown_call_is_not_found(house: House, path: str) -> None:
    form = {"CallSid": CALL_SID, "CallStatus": "completed", "RecordingStatus": "completed"}
    answer = house.post(path.format(call=UNKNOWN), form)
    assert answer.status_code == 404
    assert stored_calls(house) == 0
    assert house.waiting() == {"waiting": 0, "taken": 0, "parked": 0}
    assert_says_nothing(answer.get_data(as_text=True))


def test_the_end_of_an_unknown_call_is_passed_over(house: House) -> None:
    assert house.post("/voice/status", {"CallSid": "CAunknown", "CallStatus": "completed"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [(path, "GET", 405) for path in POSTS]
    + [("/voice/incoming/", "POST", 404), ("/voice/leg/{call}/one", "POST", 404), ("/voice/ringing.wav", "POST", 405)],
)
def test_other_methods_and_addresses(house: House, path: str, method: str, status: int) -> None:
    """Never a redirect: it would lose the fields and break the signature."""
    answer = house.client.open(path.format(call=UNKNOWN), method=method, base_url=PUBLIC_URL)
    assert answer.status_code == status
    assert_says_nothing(answer.get_data(as_text=True))


def test_a_form_that_is_too_large_is_not_read(house: House) -> None:
    assert house.dial_in(Padding="x" * 300_000).status_code == 413
    assert stored_calls(house) == 0


def test_a_body_that_is_no_text_is_refused(house: House) -> None:
    answer = house.client.post(
        "/voice/incoming",
        base_url=PUBLIC_URL,
        data=b"CallSid=\xff\xfe&To=%ff%fe",
        content_type="application/x-www-form-urlencoded",
        headers={"X-Twilio-Signature": "x"},
    )
    assert answer.status_code == 403
    assert stored_calls(house) == 0


# ---------------------------------------------------------------- announcements


def test_an_announcement_is_read_by_who_knows_its_token(house: House) -> None:
    house.together()
    house.hears(Heard.REQUEST, "ik neem op")
    call_id, links = house.call.call_id, house.wiring.links
    speaking = house.dialogue.speaking
    assert speaking is not None
    number = speaking.prompt_id

    def status(prompt_id: int, token: str, call: str = call_id) -> int:
        return house.client.post(f"/voice/prompt/{call}/{prompt_id}/{token}", base_url=PUBLIC_URL).status_code

    assert status(number, links.prompt_token(call_id, number)) == 200
    assert status(number, "0" * 32) == 403
    assert status(number, "é") == 403
    assert status(number, links.prompt_token(call_id, 1)) == 403, "the token of another prompt"
    assert status(number, links.prompt_token("other", number)) == 403, "the token of another call"
    assert status(1, links.prompt_token(call_id, 1)) == 404, "a prompt that is over"
    assert status(1, links.prompt_token(UNKNOWN, 1), UNKNOWN) == 404


@pytest.mark.parametrize("url", ["", "http://elsewhere/", "/voice/prompt/", "/voice/prompt/a/b/c", "/voice/prompt/a/1"])
def test_the_end_of_an_announcement_that_is_not_ours(house: House, url: str) -> None:
    house.confirmed()
    house.room("announcement-end", 4, AnnounceUrl=url)
    assert house.dialogue.state is State.ANNOUNCING


def test_the_tone_while_the_employee_is_rung(house: House) -> None:
    answer = house.post("/voice/ringing")
    assert xml_of(answer.data)[0].text == f"{PUBLIC_URL}/voice/ringing.wav"
    tone = house.client.get("/voice/ringing.wav", base_url=PUBLIC_URL)
    assert tone.mimetype == "audio/x-wav"
    assert len(tone.data) == 44 + 5 * 16_000


# ---------------------------------------------------------------- when our own house is in trouble


@pytest.mark.parametrize("path", ["/voice/incoming", "/voice/status", "/voice/left/{call}", "/voice/conference/{call}"])
def test_without_a_database_the_carrier_is_told_to_come_back(
    house: House, path: str, harm_database: Callable[[House], None]
) -> None:
    """503: the carrier asks the fallback address for a document, and brings callbacks again."""
    house.dial_in()
    target = path.format(call=house.call.call_id)
    harm_database(house)
    answer = house.post(
        target,
        {"CallSid": CALL_SID, "To": NUMBER, "CallStatus": "completed", "StatusCallbackEvent": "participant-hold"},
    )
    assert answer.status_code == 503
    assert_says_nothing(answer.get_data(as_text=True))


@pytest.fixture
def harm_database() -> Callable[[House], None]:
    """The disk is gone: nothing can be read or written any more."""

    def harm(house: House) -> None:
        house.wiring.database.close()
        path = house.folder / "spelregel.db"
        for suffix in ("", "-wal", "-shm"):
            path.with_name(path.name + suffix).unlink(missing_ok=True)
        path.mkdir()

    return harm


def stored_calls(house: House) -> int:
    with house.wiring.database.transaction() as unit:
        return len(unit.calls.list_open())


def assert_says_nothing(text: str) -> None:
    """About our insides."""
    assert "Traceback" not in text
    assert "sqlite" not in text.lower()
    assert ".py" not in text
