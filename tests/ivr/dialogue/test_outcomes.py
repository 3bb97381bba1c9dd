"""What the log, the carrier and the employee answer, withdrawal, the copy, and the call's end."""

from collections.abc import Callable

import pytest

from ivr.dialogue.effects import (
    CloseCall,
    CloseRoom,
    CollectRecording,
    LogConsent,
    MoveCaller,
    OfferTicket,
    PromptKey,
    RestartStream,
    StartRecording,
    StopRecording,
)
from ivr.dialogue.events import (
    CallAnswered,
    CallEnded,
    CallerJoined,
    ConsentLogged,
    CopyFailed,
    CopySent,
    EmployeeJoined,
    EmployeeLeft,
    Event,
    Heard,
    HoldEnded,
    HoldStarted,
    ListeningRestored,
    ListeningUnavailable,
    ObjectionWithdrawn,
    RecordingKept,
    RecordingRefused,
    RecordingStarted,
    StarPressed,
    StreamLost,
)
from ivr.dialogue.rules import AgencyRecords, Rules
from ivr.dialogue.states import AgencyRecording, CallerRecording, State
from tests.ivr.dialogue.playing import (
    OBJECTION,
    Call,
    announced,
    announcing,
    asking,
    at_the_keypad,
    heard,
    kinds,
    recording,
    starting,
    tags,
    talking,
)

Make = Callable[[], Call]


def greeting() -> Call:
    call = Call()
    call.play(CallAnswered())
    return call


def logging() -> Call:
    call = asking()
    call.play(heard(Heard.YES))
    return call


def paused() -> Call:
    call = recording()
    call.play(HoldStarted())
    return call


def offering(rules: Rules | None = None) -> Call:
    call = recording(rules)
    call.play(EmployeeLeft())
    return call


def closing() -> Call:
    call = talking()
    call.play(EmployeeLeft())
    return call


CONFIRMED = [logging, announcing, starting, recording, paused]
EVERYWHERE = [greeting, talking, asking, at_the_keypad, *CONFIRMED, offering, closing]

# ---------------------------------------------------------------- the log and the carrier


def test_a_happy_call_from_request_to_copy() -> None:
    call = recording()
    assert call.state() is State.RECORDING
    assert tags(call.effects)[-3:] == ["prompt:played", "recording:announced", "recording:started"]
    assert kinds(call.play(EmployeeLeft()))[:2] == [StopRecording, CollectRecording]
    assert call.told() is PromptKey.COPY_OFFER
    effects = call.play(heard(Heard.YES))
    assert OfferTicket(by_sms=True) in effects
    assert call.told() is PromptKey.COPY_SMS
    call.keyed(None)
    assert (call.state(), call.told()) == (State.CLOSING, None)
    assert kinds(call.play(CallEnded()))[-1] is CloseCall
    call.play(CopySent(), RecordingKept("ok"))
    assert call.now.agency_recording is AgencyRecording.STORED


def test_an_agency_that_does_not_record_says_only_that_it_is_allowed() -> None:
    call = announcing(Rules(agency_records=AgencyRecords.NEVER))
    assert (call.state(), call.told()) == (State.TALKING, PromptKey.ALLOWED)
    assert StartRecording not in kinds(call.effects + call.all_played())


def test_consent_logged_twice_or_unasked_changes_nothing() -> None:
    call = talking()
    assert call.play(ConsentLogged(6)) == []
    call = announcing()
    assert call.play(ConsentLogged(8)) == []
    assert call.now.consent_entry == 7


def test_a_carrier_that_refuses_is_told_to_both() -> None:
    call = starting()
    assert announced(call.play(RecordingRefused("21220"))) == [PromptKey.BLOCKED]
    assert (call.state(), call.now.agency_recording) == (State.TALKING, AgencyRecording.FAILED)
    assert call.play(RecordingRefused("21220")) == []


@pytest.mark.parametrize("stop", [heard(Heard.STOP), OBJECTION])
def test_a_recording_that_starts_after_its_reason_has_gone_is_stopped_at_once(stop: Event) -> None:
    call = starting()
    assert StopRecording in kinds(call.play(stop))
    assert kinds(call.play(RecordingStarted("RE1"))) == [StopRecording, CollectRecording]
    assert call.play(RecordingStarted("RE1")) == []


def test_a_recording_reported_twice_is_one() -> None:
    call = recording()
    assert call.play(RecordingStarted("RE1"), RecordingStarted("RE2")) == []
    assert (call.state(), call.now.recording_sid) == (State.RECORDING, "RE1")


def test_a_recording_that_is_reported_after_the_call_is_collected() -> None:
    call = starting()
    call.play(CallEnded())
    assert kinds(call.play(RecordingStarted("RE1"))) == [CollectRecording]


@pytest.mark.parametrize(
    ("outcome", "then"),
    [
        ("ok", AgencyRecording.STORED),
        ("degraded", AgencyRecording.DEGRADED),
        ("failed", AgencyRecording.FAILED),
        ("nonsense", AgencyRecording.STOPPED),
    ],
)
def test_what_became_of_the_recording_is_kept(outcome: str, then: AgencyRecording) -> None:
    call = recording()
    assert call.play(RecordingKept(outcome)) == []
    assert call.now.agency_recording is AgencyRecording.STARTED
    call.play(CallEnded(), RecordingKept(outcome))
    assert call.now.agency_recording is then


@pytest.mark.parametrize("make", EVERYWHERE)
def test_a_lost_stream_is_opened_again(make: Make) -> None:
    call = make()
    was = call.now
    assert kinds(call.play(StreamLost())) == [RestartStream]
    assert call.now == was


def test_the_copy_is_noted_as_sent_or_not() -> None:
    call = offering()
    assert tags(call.play(CopySent(), CopyFailed("21614"))) == ["copy:sent", "copy:failed"]


# ---------------------------------------------------------------- withdrawal


@pytest.mark.parametrize("make", CONFIRMED)
def test_stop_ends_it_at_any_moment(make: Make) -> None:
    call = make()
    ran = call.now.agency_recording in (AgencyRecording.STARTED, AgencyRecording.PAUSED)
    effects = call.play(heard(Heard.STOP, "stop de opname"))
    assert call.now.caller_recording is CallerRecording.WITHDRAWN
    assert call.state() is State.TALKING
    assert "consent:withdrawn" in tags(effects)
    assert (CollectRecording in kinds(effects)) == ran
    later = call.play(ConsentLogged(7), RecordingStarted("RE1")) + call.all_played()
    assert StartRecording not in kinds(later)


@pytest.mark.parametrize("make", [asking, at_the_keypad])
def test_stop_under_the_question_is_a_no(make: Make) -> None:
    call = make()
    call.play(heard(Heard.STOP))
    assert call.now.caller_recording is CallerRecording.DECLINED


@pytest.mark.parametrize("make", [greeting, talking, offering, closing])
def test_stop_where_nothing_was_confirmed_changes_nothing(make: Make) -> None:
    call = make()
    assert call.play(heard(Heard.STOP)) == []


def test_after_withdrawal_a_new_request_needs_a_new_entry() -> None:
    call = announcing()
    call.play(heard(Heard.STOP))
    call.all_played()
    call.play(heard(Heard.REQUEST))
    call.played()
    assert LogConsent in kinds(call.play(heard(Heard.YES)))
    call.play(OBJECTION, ObjectionWithdrawn())
    assert call.now.consent_entry is None
    assert call.state() is State.ASKING


# ---------------------------------------------------------------- objection


@pytest.mark.parametrize("make", [asking, at_the_keypad, *CONFIRMED])
def test_an_objection_ends_it_and_the_caller_hears_reason_and_alternative(make: Make) -> None:
    call = make()
    effects = call.play(OBJECTION)
    assert (call.state(), call.now.caller_recording) == (State.TALKING, CallerRecording.OBJECTED)
    assert "objection:raised" in tags(effects)
    assert call.now.agency_recording not in (AgencyRecording.STARTED, AgencyRecording.PAUSED)
    told = [*call.now.queue, *([call.now.speaking] if call.now.speaking else [])]
    assert ("reason", OBJECTION.reason) in [param for prompt in told for param in prompt.params]
    assert call.play(OBJECTION) == []
    assert call.play(heard(Heard.REQUEST)) == []


@pytest.mark.parametrize("make", [greeting, talking, offering, closing])
def test_there_is_nothing_to_object_to_where_nothing_was_asked(make: Make) -> None:
    call = make()
    assert call.play(OBJECTION) == []
    assert call.play(ObjectionWithdrawn()) == []


def test_an_objection_on_hold_is_told_when_the_caller_can_hear_it() -> None:
    call = paused()
    call.all_played()
    assert announced(call.play(OBJECTION)) == []
    assert announced(call.play(HoldEnded())) == [PromptKey.OBJECTION]


def test_objecting_after_leaving_does_not_count() -> None:
    call = at_the_keypad()
    call.play(EmployeeLeft())
    assert call.play(OBJECTION) == []


def test_an_objection_taken_back_before_a_yes_asks_again() -> None:
    call = asking()
    call.play(OBJECTION)
    call.all_played()
    assert announced(call.play(ObjectionWithdrawn())) == [PromptKey.OBJECTION_WITHDRAWN]
    assert announced(call.played()) == [PromptKey.CONFIRM]


def test_an_objection_taken_back_after_a_yes_is_announced_afresh() -> None:
    call = announcing()
    call.play(OBJECTION)
    call.all_played()
    call.play(ObjectionWithdrawn())
    assert announced(call.played()) == [PromptKey.ALLOWED_RECORDING]
    assert StartRecording in kinds(call.played())


def test_an_objection_taken_back_does_not_start_a_second_recording() -> None:
    call = recording()
    call.play(OBJECTION)
    call.all_played()
    call.play(ObjectionWithdrawn())
    assert StartRecording not in kinds(call.all_played())
    assert call.now.caller_recording is CallerRecording.CONFIRMED


def test_the_star_under_an_objection_leads_straight_back() -> None:
    call = asking()
    call.play(OBJECTION)
    assert kinds(call.play(StarPressed())) == [MoveCaller]
    assert call.state() is State.TALKING


# ---------------------------------------------------------------- the copy


@pytest.mark.parametrize("can_sms", [True, False])
def test_key_1_gets_the_copy_by_sms_or_by_code(can_sms: bool) -> None:
    call = offering(Rules(can_text=can_sms))
    assert OfferTicket(by_sms=can_sms) in call.keyed("1")
    assert call.told() is (PromptKey.COPY_SMS if can_sms else PromptKey.COPY_CODE)


@pytest.mark.parametrize("digit", [None, "2", "9"])
def test_silence_or_another_key_gets_no_copy(digit: str | None) -> None:
    call = offering()
    assert OfferTicket not in kinds(call.keyed(digit))
    assert call.told() is PromptKey.COPY_DECLINED


def test_a_spoken_no_gets_no_copy_and_an_unclear_answer_is_asked_again_once() -> None:
    call = offering()
    call.play(heard(Heard.UNCLEAR))
    assert call.told() is PromptKey.COPY_OFFER
    assert call.play(heard(Heard.UNCLEAR)) == []
    call.play(heard(Heard.NO))
    assert call.told() is PromptKey.COPY_DECLINED


def test_a_copy_asked_for_during_the_call_is_handed_over_without_asking() -> None:
    call = recording(Rules(offer_copy=False))
    assert announced(call.play(heard(Heard.COPY))) == [PromptKey.COPY_NOTED]
    assert call.play(heard(Heard.COPY)) == []
    assert OfferTicket in kinds(call.play(EmployeeLeft()))


def test_a_caller_who_wants_a_copy_of_nothing_is_told_so() -> None:
    call = announcing()
    call.play(heard(Heard.COPY))
    call.failed()
    call.play(EmployeeLeft())
    assert call.told() is PromptKey.COPY_UNAVAILABLE


def test_an_agency_that_offers_no_copy_says_goodbye() -> None:
    call = offering(Rules(offer_copy=False))
    assert (call.state(), call.told()) == (State.CLOSING, PromptKey.GOODBYE)


# ---------------------------------------------------------------- the end


@pytest.mark.parametrize("make", EVERYWHERE)
def test_hanging_up_ends_the_call_anywhere(make: Make) -> None:
    call = make()
    ran = call.now.agency_recording in (AgencyRecording.STARTED, AgencyRecording.PAUSED)
    present = call.state() not in (State.GREETING, State.OFFERING, State.CLOSING)
    effects = call.play(CallEnded())
    assert call.state() is State.ENDED
    assert kinds(effects)[-1] is CloseCall
    assert (CollectRecording in kinds(effects)) == ran
    assert (CloseRoom in kinds(effects)) == present
    assert (call.now.speaking, call.now.aside, call.now.sounding, call.now.queue) == (None, None, None, ())
    assert call.play(CallEnded(), EmployeeLeft(), heard(Heard.YES), ConsentLogged(7)) == []


# ---------------------------------------------------------------- nobody listens for a while


def test_who_is_not_listened_to_hears_once_that_there_is_a_key() -> None:
    call = greeting()
    assert tags(call.play(ListeningUnavailable())) == ["listening:unavailable"]
    call.keyed(None)
    assert announced(call.play(CallerJoined(), EmployeeJoined())) == [PromptKey.KEYS_ONLY]
    call.all_played()
    assert call.play(ListeningUnavailable()) == []
    assert call.ignored == "nobody listened before"
    assert announced(call.play(StarPressed())) == [PromptKey.KEYPAD_EMPLOYEE]
    assert (call.state(), call.told()) == (State.KEYPAD, PromptKey.KEYPAD)


def test_who_uses_the_key_is_not_told_of_it_any_more() -> None:
    call = talking()
    call.play(ListeningUnavailable(), StarPressed())
    call.keyed("2")
    call.play(CallerJoined())
    call.all_played()
    assert announced(call.effects).count(PromptKey.KEYS_ONLY) == 1


def heard_alone() -> Call:
    call = greeting()
    call.play(heard(Heard.REQUEST))
    assert call.state() is State.ASKING_ALONE
    return call


@pytest.mark.parametrize("make", [asking, heard_alone])
def test_a_spoken_question_that_nobody_hears_answered_is_put_by_key(make: Make) -> None:
    call = make()
    call.play(ListeningUnavailable())
    assert (call.state(), call.told()) == (State.KEYPAD, PromptKey.KEYPAD)


def test_after_an_objection_the_question_is_put_by_key_too() -> None:
    call = asking()
    call.play(OBJECTION, ListeningUnavailable())
    call.all_played()
    call.play(ObjectionWithdrawn())
    assert (call.state(), call.told()) == (State.KEYPAD, PromptKey.KEYPAD)
    call.keyed("1")
    assert call.state() is State.LOGGING


def test_where_all_is_settled_nothing_is_said() -> None:
    for make in (announcing, recording):
        call = make()
        assert announced(call.play(ListeningUnavailable())) == []
        assert call.now.queue == ()


def test_who_is_listened_to_again_is_not_told_of_the_key() -> None:
    call = greeting()
    call.play(ListeningUnavailable())
    assert tags(call.play(ListeningRestored())) == ["listening:restored"]
    call.keyed(None)
    assert announced(call.play(CallerJoined(), EmployeeJoined())) == []
    assert call.play(ListeningRestored()) == []
    assert call.ignored == "the caller is listened to already"
