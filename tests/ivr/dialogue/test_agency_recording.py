"""The agency's own recording: of every call, and as the alternative to the caller's."""

import pytest

from ivr.dialogue.effects import (
    FollowRefusal,
    LapseRefusal,
    LogConsent,
    Note,
    PauseRecording,
    PromptKey,
    ResumeRecording,
    StartRecording,
    StopRecording,
)
from ivr.dialogue.events import (
    ConsentLogged,
    EmployeeLeft,
    Heard,
    HoldEnded,
    HoldStarted,
    ObjectionRaised,
    ObjectionWithdrawn,
    RecordingStarted,
    StarPressed,
)
from ivr.dialogue.rules import Rules
from ivr.dialogue.states import AgencyRecording, CallerRecording, State
from tests.ivr.dialogue.playing import (
    ALWAYS,
    OBJECTION,
    OBJECTION_WITH_OUR_RECORDING,
    always_recording,
    announced,
    asking,
    heard,
    kinds,
    recording,
    tags,
    talking,
)

# ---------------------------------------------------------------- an agency that records every call


def test_every_call_is_recorded_after_it_was_permitted_logged_and_announced() -> None:
    call = talking(ALWAYS)
    assert "recording:permitted" in call.tags
    assert StartRecording not in kinds(call.effects)
    assert announced(call.play(ConsentLogged(7))) == [PromptKey.RECORDING_ALWAYS]
    assert StartRecording in kinds(call.played())


def test_an_announcement_that_was_cut_short_is_no_permission_to_record_in_secret() -> None:
    call = talking(ALWAYS)
    call.play(ConsentLogged(7))
    assert StartRecording not in kinds(call.failed())
    assert call.now.agency_recording is AgencyRecording.BLOCKED


@pytest.mark.parametrize(
    ("answer", "then"), [(Heard.YES, CallerRecording.CONFIRMED), (Heard.NO, CallerRecording.DECLINED)]
)
def test_whatever_the_caller_answers_the_agency_goes_on(answer: Heard, then: CallerRecording) -> None:
    call = always_recording()
    assert announced(call.play(heard(Heard.REQUEST))) == [PromptKey.CONFIRM]
    call.played()
    effects = call.play(heard(answer))
    if answer is Heard.YES:
        effects += call.play(ConsentLogged(8))
        assert announced(effects) == [PromptKey.ALLOWED]
    assert StopRecording not in kinds(effects)
    assert (call.state(), call.now.caller_recording) == (State.RECORDING, then)


def test_a_wish_that_comes_while_the_recording_starts_waits_for_it() -> None:
    call = talking(ALWAYS)
    call.play(ConsentLogged(7))
    call.all_played()
    assert tags(call.play(heard(Heard.REQUEST))) == ["request:heard"]
    assert call.play(heard(Heard.REQUEST)) == []
    assert announced(call.play(RecordingStarted("RE1"))) == [PromptKey.CONFIRM]
    assert (call.state(), call.now.agency_recording) == (State.ASKING, AgencyRecording.STARTED)


def test_hold_under_the_question_pauses_what_runs_until_it_was_announced_that_it_goes_on() -> None:
    call = always_recording()
    call.play(heard(Heard.REQUEST))
    call.played()
    assert PauseRecording in kinds(call.play(HoldStarted()))
    call.all_played()
    call.play(HoldEnded())
    call.played()
    call.play(heard(Heard.NO))
    assert call.state() is State.PAUSED
    assert ResumeRecording not in kinds(call.effects)
    assert ResumeRecording in kinds(call.all_played())
    assert call.state() is State.RECORDING


def test_who_takes_the_wish_back_hears_that_the_agency_goes_on() -> None:
    call = always_recording()
    call.play(heard(Heard.REQUEST))
    call.played()
    call.play(heard(Heard.YES), ConsentLogged(8))
    call.all_played()
    assert announced(call.play(heard(Heard.STOP))) == [PromptKey.AGENCY_GOES_ON]
    assert (call.state(), call.now.caller_recording) == (State.RECORDING, CallerRecording.WITHDRAWN)


def test_who_wants_the_agency_to_stop_is_told_that_it_records() -> None:
    call = always_recording()
    assert announced(call.play(heard(Heard.STOP))) == [PromptKey.AGENCY_RECORDS_YES]
    assert call.now.agency_recording is AgencyRecording.STARTED


def test_an_objection_leaves_the_agencys_recording_as_it_is() -> None:
    call = always_recording()
    call.play(heard(Heard.REQUEST))
    call.played()
    assert StopRecording not in kinds(call.play(OBJECTION))
    assert call.state() is State.RECORDING


def test_nobody_is_recorded_while_only_the_caller_is_left() -> None:
    call = always_recording()
    call.play(StarPressed())
    assert call.state() is State.KEYPAD
    assert StopRecording in kinds(call.play(EmployeeLeft()))


# ---------------------------------------------------------------- an objection whose alternative is our recording


def test_the_agencys_recording_as_alternative_is_announced_before_it_starts() -> None:
    call = asking()
    effects = call.play(OBJECTION_WITH_OUR_RECORDING)
    assert LogConsent in kinds(effects)
    assert "objection:raised" in tags(effects)
    call.play(ConsentLogged(9))
    assert call.now.caller_recording is CallerRecording.OBJECTED
    assert announced(call.effects)[-1] is PromptKey.OBJECTION
    assert announced(call.played()) == [PromptKey.RECORDING_INSTEAD]
    assert StartRecording in kinds(call.played())


def test_where_the_alternative_fails_nobody_is_told_that_they_may_record() -> None:
    call = asking()
    call.play(OBJECTION_WITH_OUR_RECORDING, ConsentLogged(9))
    call.played()
    assert announced(call.failed()) == [PromptKey.BLOCKED_INSTEAD]


def test_the_agencys_recording_as_alternative_goes_on_where_it_runs() -> None:
    call = recording()
    effects = call.play(OBJECTION_WITH_OUR_RECORDING)
    assert StopRecording not in kinds(effects)
    assert (call.state(), call.now.caller_recording) == (State.RECORDING, CallerRecording.OBJECTED)
    call.all_played()
    call.play(ObjectionWithdrawn())
    assert (call.state(), call.now.caller_recording) == (State.RECORDING, CallerRecording.CONFIRMED)


def test_it_ends_when_the_objection_is_taken_back_and_the_caller_does_not_record() -> None:
    call = asking()
    call.play(OBJECTION_WITH_OUR_RECORDING, ConsentLogged(9))
    call.all_played()
    call.play(RecordingStarted("RE1"), ObjectionWithdrawn())
    call.all_played()
    assert StopRecording in kinds(call.play(heard(Heard.NO)))
    assert call.state() is State.TALKING


def test_reason_and_alternative_go_out_by_sms_where_that_can_be() -> None:
    for can_text in (True, False):
        call = asking(Rules(can_text=can_text))
        effects = call.play(OBJECTION)
        assert FollowRefusal("verslag", by_sms=can_text) in effects
        assert ("objection:not-sent" in tags(effects)) is not can_text
        assert LapseRefusal() in call.play(ObjectionWithdrawn())


def test_the_employees_own_words_are_personal() -> None:
    call = asking()
    own = ObjectionRaised("anders", "verslag", reason_text="Er is een kind bij.", employee="balie 3")
    [note] = [e for e in call.play(own) if isinstance(e, Note) and e.tag == "objection:raised"]
    assert dict(note.personal) == {"employee": "balie 3", "reason_text": "Er is een kind bij."}
    assert dict(note.facts) == {"reason": "anders", "alternative": "verslag"}
