"""Asking, answering and keys: yes, no, unclear, silence and hang-up are different facts."""

from collections.abc import Callable

import pytest

from ivr.dialogue.effects import (
    Announce,
    LogConsent,
    MoveCaller,
    PromptKey,
    RingEmployee,
    StartRecording,
    StartTimer,
    StopTimer,
)
from ivr.dialogue.events import (
    CallAnswered,
    CallEnded,
    CallerJoined,
    ConsentLogged,
    EmployeeJoined,
    EmployeeLeft,
    Event,
    Heard,
    HoldEnded,
    HoldStarted,
    LegAnswered,
    PromptFailed,
    PromptPlayed,
    StarPressed,
    Timer,
    TimerExpired,
)
from ivr.dialogue.rules import Rules
from ivr.dialogue.states import CallerRecording, Employee, State
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
    tags,
    talking,
)

SILENCE = TimerExpired(Timer.ANSWER)


def test_a_call_from_greeting_to_talk() -> None:
    call = Call()
    assert kinds(call.play(CallAnswered())) == [MoveCaller]
    assert call.told() is PromptKey.GREETING
    call.keyed(None)
    assert call.state() is State.WAITING
    assert kinds(call.play(CallerJoined())) == [RingEmployee]
    call.play(EmployeeJoined())
    assert call.state() is State.TALKING
    assert call.tags == ["call:opened", "prompt:played", "employee:joined"]


def test_a_confirmed_wish_is_logged_before_anything_else() -> None:
    call = asking()
    assert kinds(call.play(heard(Heard.YES, "ja hoor"))) == [StopTimer, LogConsent]
    assert announced(call.play(ConsentLogged(7))) == [PromptKey.ALLOWED_RECORDING]
    assert StartRecording in kinds(call.played())


def test_the_question_is_put_to_both_and_then_waited_for() -> None:
    call = talking()
    assert announced(call.play(heard(Heard.REQUEST, "ik neem dit op"))) == [PromptKey.CONFIRM]
    assert call.now.caller_recording is CallerRecording.ANNOUNCED
    assert call.played()[-1] == StartTimer(Timer.ANSWER, call.now.rules.answer_timeout_s)


def test_a_yes_may_break_into_the_question() -> None:
    call = talking()
    call.play(heard(Heard.REQUEST), heard(Heard.YES))
    assert call.state() is State.LOGGING


def test_a_yes_to_something_else_is_no_answer_to_a_question_that_was_not_put_yet() -> None:
    call = asking()
    call.play(heard(Heard.NO))  # DECLINED sounds
    call.play(heard(Heard.REQUEST), heard(Heard.YES))
    assert call.state() is State.ASKING
    call.played()
    assert call.told() is PromptKey.CONFIRM
    call.play(heard(Heard.YES))
    assert call.state() is State.LOGGING


def test_a_no_costs_nothing() -> None:
    call = asking()
    effects = call.play(heard(Heard.NO, "nee"))
    assert announced(effects) == [PromptKey.DECLINED]
    assert tags(effects) == ["consent:refused"]
    assert call.state() is State.TALKING
    call.all_played()
    call.play(heard(Heard.REQUEST))
    assert call.state() is State.ASKING


def test_a_no_before_the_question_was_put_takes_the_question_back() -> None:
    call = asking()
    call.play(heard(Heard.NO), heard(Heard.REQUEST), heard(Heard.NO))
    assert announced(call.all_played()) == [PromptKey.DECLINED]


@pytest.mark.parametrize("answer", [heard(Heard.UNCLEAR), heard(Heard.REQUEST), SILENCE])
def test_unclear_or_silent_twice_leads_to_the_keypad(answer: Event) -> None:
    call = asking()
    assert announced(call.play(answer)) == [PromptKey.CONFIRM_AGAIN]
    call.played()
    effects = call.play(answer)
    assert call.state() is State.KEYPAD
    assert call.told() is PromptKey.KEYPAD
    assert announced(effects) == [PromptKey.KEYPAD_EMPLOYEE]


def test_an_unclear_sound_while_the_question_is_being_put_changes_nothing() -> None:
    call = talking()
    call.play(heard(Heard.REQUEST), heard(Heard.UNCLEAR))
    assert call.ignored is not None


def test_key_1_says_yes_and_brings_the_caller_back() -> None:
    call = at_the_keypad()
    assert kinds(call.keyed("1")) == [StopTimer, LogConsent, MoveCaller]
    call.play(ConsentLogged(7))
    assert call.state() is State.TALKING  # on the way back to the room
    call.played()  # the word to the employee has ended
    assert announced(call.play(CallerJoined())) == [PromptKey.ALLOWED_RECORDING]


def test_key_2_says_no() -> None:
    call = at_the_keypad()
    call.keyed("2")
    assert (call.state(), call.now.caller_recording) == (State.TALKING, CallerRecording.DECLINED)
    call.played()
    assert announced(call.play(CallerJoined())) == [PromptKey.DECLINED]


@pytest.mark.parametrize("digit", [None, "5", "*"])
def test_no_key_or_another_one_counts_as_not_confirmed(digit: str | None) -> None:
    call = at_the_keypad()
    assert MoveCaller in kinds(call.keyed(digit))
    assert (call.state(), call.now.caller_recording) == (State.TALKING, CallerRecording.UNCONFIRMED)
    call.played()
    assert announced(call.play(CallerJoined())) == [PromptKey.UNCONFIRMED]


def test_at_the_keypad_a_spoken_no_counts_and_a_spoken_yes_does_not() -> None:
    call = at_the_keypad()
    call.play(heard(Heard.YES))
    assert call.state() is State.KEYPAD
    call.play(heard(Heard.NO))
    assert call.now.caller_recording is CallerRecording.DECLINED


@pytest.mark.parametrize("make", [asking, at_the_keypad])
def test_hanging_up_under_the_question_is_not_an_answer(make: Callable[[], Call]) -> None:
    call = make()
    call.play(CallEnded())
    assert call.now.caller_recording is CallerRecording.UNCONFIRMED
    assert "consent:unconfirmed" in call.tags
    assert "consent:refused" not in call.tags


# ---------------------------------------------------------------- before the employee is there


def test_a_request_in_the_greeting_is_asked_alone() -> None:
    call = Call()
    call.play(CallAnswered(), heard(Heard.REQUEST))
    assert (call.state(), call.told()) == (State.ASKING_ALONE, PromptKey.CONFIRM)
    assert kinds(call.play(heard(Heard.YES))) == [StopTimer, LogConsent, MoveCaller]
    call.play(ConsentLogged(7))
    assert call.state() is State.WAITING
    call.play(CallerJoined())
    assert announced(call.play(EmployeeJoined())) == [PromptKey.ALLOWED_RECORDING]


def test_a_request_while_waiting_is_asked_alone_while_the_employee_is_rung() -> None:
    call = Call()
    call.play(CallAnswered())
    call.keyed(None)
    call.play(CallerJoined(), heard(Heard.REQUEST), EmployeeJoined())
    assert call.state() is State.ASKING_ALONE
    call.keyed(None)
    assert call.told() is PromptKey.CONFIRM_AGAIN
    call.keyed(None)
    assert call.told() is PromptKey.KEYPAD
    call.keyed("1")
    call.play(ConsentLogged(7))
    call.all_played()
    assert announced(call.play(CallerJoined())) == [PromptKey.ALLOWED_RECORDING]


def test_the_employee_may_come_before_the_yes_is_logged() -> None:
    call = Call()
    call.play(CallAnswered())
    call.keyed(None)
    call.play(CallerJoined(), heard(Heard.REQUEST), heard(Heard.YES), EmployeeJoined(), CallerJoined())
    assert announced(call.play(ConsentLogged(7))) == [PromptKey.ALLOWED_RECORDING]


def test_key_1_in_the_greeting_is_confirmed_by_key() -> None:
    call = Call()
    call.play(CallAnswered())
    call.keyed("1")
    assert (call.state(), call.told()) == (State.KEYPAD, PromptKey.KEYPAD)
    assert "request:keyed" in call.tags
    call.keyed(None)
    assert (call.state(), call.now.caller_recording) == (State.WAITING, CallerRecording.UNCONFIRMED)


def test_a_decision_made_alone_is_told_when_both_are_there() -> None:
    call = Call()
    call.play(CallAnswered(), heard(Heard.REQUEST), heard(Heard.NO), CallerJoined())
    assert announced(call.play(EmployeeJoined())) == [PromptKey.DECLINED]


# ---------------------------------------------------------------- the star


def test_the_star_in_the_room_leads_to_the_keypad_and_the_employee_hears_why() -> None:
    call = talking()
    effects = call.play(StarPressed())
    assert kinds(effects) == [StopTimer, MoveCaller, Announce]
    assert announced(effects) == [PromptKey.KEYPAD_EMPLOYEE]
    assert call.told() is PromptKey.KEYPAD


def test_the_employee_hears_why_only_after_what_sounds_in_the_room() -> None:
    call = talking()
    call.play(heard(Heard.REQUEST))
    question = call.sounding
    assert Announce not in kinds(call.play(StarPressed()))
    assert announced(call.play(PromptPlayed(question))) == [PromptKey.KEYPAD_EMPLOYEE]
    assert announced(call.played()) == []


def test_nothing_is_said_to_the_caller_who_is_back_while_the_employee_is_being_told_why() -> None:
    call = at_the_keypad()
    call.keyed("2")
    assert announced(call.play(CallerJoined())) == []
    assert announced(call.played()) == [PromptKey.DECLINED]


def test_the_star_during_the_announcement_makes_it_again() -> None:
    call = announcing()
    first = call.sounding
    call.play(StarPressed(), CallerJoined())
    assert call.state() is State.ANNOUNCING
    assert announced(call.effects).count(PromptKey.ALLOWED_RECORDING) == 1
    assert StartRecording not in kinds(call.play(PromptPlayed(first)))
    assert StartRecording in kinds(call.played())


def test_the_star_while_recording_changes_nothing() -> None:
    call = recording()
    assert kinds(call.play(StarPressed())) == [MoveCaller]
    call.play(CallerJoined())
    assert call.state() is State.RECORDING


def test_an_objection_that_the_caller_walked_out_on_is_told_again() -> None:
    call = asking()
    call.play(OBJECTION)
    objected = call.sounding
    call.play(StarPressed(), CallerJoined(), PromptPlayed(objected))
    assert call.told() is PromptKey.OBJECTION


# ---------------------------------------------------------------- hold under the question


def test_a_question_that_somebody_on_hold_did_not_hear_is_put_again() -> None:
    call = talking()
    call.play(heard(Heard.REQUEST), HoldStarted())
    assert StartTimer not in kinds(call.played())
    call.play(SILENCE, heard(Heard.UNCLEAR))
    assert call.ignored is not None
    assert announced(call.play(HoldEnded())) == [PromptKey.CONFIRM]
    assert StartTimer in kinds(call.played())


def test_a_request_on_hold_is_asked_when_both_can_hear_it() -> None:
    call = talking()
    call.play(HoldStarted())
    assert announced(call.play(heard(Heard.REQUEST))) == []
    assert announced(call.play(HoldEnded())) == [PromptKey.CONFIRM]


# ---------------------------------------------------------------- late, doubled, forged


def test_doubled_and_late_events_change_nothing() -> None:
    call = talking()
    call.play(heard(Heard.REQUEST))
    question = call.sounding
    call.played()
    was = call.now
    for late in (PromptPlayed(question), PromptFailed(question, "late"), LegAnswered(1, "1"), CallAnswered()):
        assert call.play(late) == []
        assert call.ignored is not None
    assert call.now == was


def test_an_announcements_end_does_not_end_what_is_said_on_the_leg() -> None:
    call = Call()
    call.play(CallAnswered())
    call.keyed("1")
    assert call.now.speaking is not None
    call.play(PromptPlayed(call.now.speaking.prompt_id))
    assert call.told() is PromptKey.KEYPAD


def test_the_question_that_cannot_be_announced_is_asked_by_key() -> None:
    call = talking()
    call.play(heard(Heard.REQUEST))
    assert announced(call.failed()) == [PromptKey.CONFIRM_AGAIN]
    call.failed()
    assert call.state() is State.KEYPAD


def test_reprompts_follow_the_policy() -> None:
    call = asking(Rules(reprompts=0))
    call.play(heard(Heard.UNCLEAR))
    assert call.state() is State.KEYPAD


def test_an_employee_who_is_gone_is_noticed_after_the_answer() -> None:
    call = at_the_keypad()
    call.play(EmployeeLeft())
    assert (call.state(), call.now.employee) == (State.KEYPAD, Employee.LEFT)
    call.keyed("1")
    call.play(ConsentLogged(7))
    assert (call.state(), call.told()) == (State.CLOSING, PromptKey.GOODBYE)
    assert StartRecording not in kinds(call.effects)
