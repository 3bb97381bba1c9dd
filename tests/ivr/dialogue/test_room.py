"""Who is in the room, hold, and how announcements and waits end."""

from collections.abc import Callable

import pytest

from ivr.dialogue.effects import (
    Announce,
    CloseRoom,
    CollectRecording,
    PauseRecording,
    PromptKey,
    ResumeRecording,
    RingEmployee,
    StartRecording,
    StartTimer,
    StopRecording,
    StopTimer,
)
from ivr.dialogue.events import (
    CallAnswered,
    CallEnded,
    CallerJoined,
    ConsentLogged,
    EmployeeJoined,
    EmployeeLeft,
    EmployeeUnreachable,
    Heard,
    HoldEnded,
    HoldStarted,
    LegAnswered,
    PromptPlayed,
    RecordingStarted,
    StarPressed,
    Timer,
    TimerExpired,
)
from ivr.dialogue.states import AgencyRecording, Employee, State
from tests.ivr.dialogue.playing import (
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

NOT_ANSWERED = TimerExpired(Timer.RECORDING_START)


def waiting() -> Call:
    call = Call()
    call.play(CallAnswered())
    call.keyed(None)
    call.play(CallerJoined())
    return call


def paused() -> Call:
    call = recording()
    call.play(HoldStarted())
    return call


# ---------------------------------------------------------------- coming and going


def test_the_employee_is_rung_once() -> None:
    call = waiting()
    call.play(CallerJoined(), StarPressed())
    call.keyed("2")
    call.play(CallerJoined())
    assert kinds(call.effects).count(RingEmployee) == 1


def test_an_employee_who_joins_first_waits_for_the_caller() -> None:
    call = waiting()
    call.play(StarPressed(), EmployeeJoined())
    call.keyed("1")
    call.play(ConsentLogged(7))
    assert call.state() is State.TALKING
    assert announced(call.play(CallerJoined())) == [PromptKey.ALLOWED_RECORDING]


def test_a_caller_whom_nobody_answers_is_told_so() -> None:
    call = waiting()
    call.play(EmployeeUnreachable("busy"))
    assert (call.state(), call.told()) == (State.CLOSING, PromptKey.EMPLOYEE_UNREACHABLE)


def test_also_a_caller_who_is_just_answering_by_key() -> None:
    call = waiting()
    call.play(StarPressed(), EmployeeUnreachable("no-answer"))
    assert call.state() is State.KEYPAD
    call.keyed("1")
    call.play(ConsentLogged(7))
    assert (call.state(), call.told()) == (State.CLOSING, PromptKey.EMPLOYEE_UNREACHABLE)


def test_an_employee_cannot_leave_before_being_rung_nor_join_after_leaving() -> None:
    call = Call()
    call.play(CallAnswered(), EmployeeLeft(), EmployeeUnreachable(), EmployeeJoined())
    assert call.now.employee is Employee.ABSENT
    call.keyed(None)
    call.play(CallerJoined(), EmployeeLeft(), EmployeeJoined())
    assert (call.state(), call.now.employee) == (State.CLOSING, Employee.LEFT)


def test_an_employee_who_answers_after_the_caller_hung_up_is_not_left_alone() -> None:
    call = waiting()
    assert CloseRoom in kinds(call.play(CallEnded()))
    assert kinds(call.play(EmployeeJoined())) == [CloseRoom]


@pytest.mark.parametrize(
    ("make", "then"),
    [
        (waiting, State.CLOSING),
        (talking, State.CLOSING),
        (asking, State.CLOSING),
        (announcing, State.CLOSING),
        (starting, State.CLOSING),
        (recording, State.OFFERING),
        (paused, State.OFFERING),
    ],
)
def test_an_employee_leaves(make: Callable[[], Call], then: State) -> None:
    """Whatever runs stops at once, and a caller with a recording is offered the copy."""
    call = make()
    ran = call.now.agency_recording in (AgencyRecording.STARTED, AgencyRecording.PAUSED)
    effects = call.play(EmployeeLeft())
    assert call.state() is then
    assert (CollectRecording in kinds(effects)) == ran
    assert call.play(EmployeeLeft()) == []
    late = call.play(NOT_ANSWERED, HoldEnded(), RecordingStarted("RE1"), RecordingStarted("RE2"))
    assert not {StartRecording, ResumeRecording} & set(kinds(late))
    assert kinds(late).count(StopRecording) == kinds(late).count(CollectRecording) == (1 if ran else 2)


def test_the_end_of_a_leg_that_is_not_the_employees_changes_nothing() -> None:
    """Two phones were rung for one call; whoever joined is the employee."""
    call = waiting()
    call.play(EmployeeJoined("CA1"))
    assert call.play(EmployeeLeft("CA2")) == []
    assert call.now.employee is Employee.PRESENT
    assert "employee:left" in tags(call.play(EmployeeLeft("CA1")))


def test_an_employee_who_leaves_during_the_announcement_blocks_the_recording() -> None:
    call = announcing()
    assert "recording:blocked" in tags(call.play(EmployeeLeft()))
    assert call.now.agency_recording is AgencyRecording.BLOCKED


def test_an_employee_who_leaves_while_the_carrier_is_asked_to_record_stops_what_may_run() -> None:
    call = starting()
    assert StopRecording in kinds(call.play(EmployeeLeft()))
    assert kinds(call.play(RecordingStarted("RE1"))) == [StopRecording, CollectRecording]


# ---------------------------------------------------------------- the announcement


def test_recording_waits_for_the_end_of_its_announcement() -> None:
    call = announcing()
    effects = call.played()
    assert kinds(effects) == [StartTimer, StartRecording]
    assert tags(effects) == ["prompt:played", "recording:announced"]


def test_a_failed_announcement_blocks_the_recording_and_both_are_told() -> None:
    call = announcing()
    effects = call.failed()
    assert tags(effects) == ["prompt:failed", "recording:blocked"]
    assert announced(effects) == [PromptKey.BLOCKED]
    call.all_played()
    assert (call.state(), call.now.agency_recording) == (State.TALKING, AgencyRecording.BLOCKED)
    assert StartRecording not in kinds(call.effects)


def test_an_announcement_whose_end_is_never_reported_blocks_too_and_its_late_end_changes_nothing() -> None:
    call = announcing()
    announcement = call.sounding
    assert "recording:blocked" in tags(call.play(TimerExpired(Timer.PROMPT, announcement)))
    assert call.play(PromptPlayed(announcement)) == []
    assert StartRecording not in kinds(call.effects)


@pytest.mark.parametrize("leave", [CallEnded(), EmployeeLeft()])
def test_an_announcement_that_is_cut_short_blocks_too(leave: CallEnded | EmployeeLeft) -> None:
    call = announcing()
    effects = call.play(leave)
    assert "recording:blocked" in tags(effects)
    assert "prompt:failed" in tags(effects)


def test_an_announcement_that_waits_is_not_made_once_it_would_be_untrue() -> None:
    call = asking()
    call.play(heard(Heard.NO), heard(Heard.REQUEST))  # DECLINED sounds, the question waits
    call.all_played()
    call.play(heard(Heard.YES), heard(Heard.STOP))
    call.play(ConsentLogged(7))
    assert PromptKey.ALLOWED_RECORDING not in announced(call.effects + call.all_played())


def test_two_announcements_never_overlap() -> None:
    call = announcing()
    assert Announce not in kinds(call.play(heard(Heard.COPY), heard(Heard.STOP)))
    assert announced(call.all_played()) == [PromptKey.COPY_NOTED, PromptKey.WITHDRAWN]


# ---------------------------------------------------------------- the carrier does not answer


def test_a_start_that_is_not_answered_is_asked_for_once_more() -> None:
    call = starting()
    assert kinds(call.play(NOT_ANSWERED)) == [StartTimer, StartRecording]
    call.play(RecordingStarted("RE1"))
    assert call.state() is State.RECORDING
    assert call.play(NOT_ANSWERED) == []


def test_then_it_is_given_up_and_what_may_run_is_stopped() -> None:
    call = starting()
    effects = call.play(NOT_ANSWERED, NOT_ANSWERED)
    assert kinds(effects)[2:] == [StopRecording, StopTimer, Announce]
    assert call.now.agency_recording is AgencyRecording.FAILED
    assert kinds(call.play(RecordingStarted("RE1"))) == [StopRecording, CollectRecording]


# ---------------------------------------------------------------- hold


def test_hold_pauses_and_its_end_is_announced_before_recording_goes_on() -> None:
    call = recording()
    effects = call.play(HoldStarted())
    assert kinds(effects) == [PauseRecording, Announce]
    assert announced(effects) == [PromptKey.PAUSED_HOLD]
    assert tags(effects) == ["hold:started", "recording:paused"]
    call.played()
    assert announced(call.play(HoldEnded())) == [PromptKey.RESUMED]
    assert kinds(call.played()) == [ResumeRecording]
    assert call.now.agency_recording is AgencyRecording.STARTED


def test_the_pause_is_told_even_if_it_is_over_by_then() -> None:
    call = paused()
    call.play(HoldEnded())
    assert announced(call.all_played()) == [PromptKey.RESUMED]
    assert call.state() is State.RECORDING


def test_resuming_that_could_not_be_announced_stops_the_recording() -> None:
    call = paused()
    call.all_played()
    call.play(HoldEnded())
    assert kinds(call.failed()) == [StopRecording, CollectRecording]
    assert (call.state(), call.now.agency_recording) == (State.TALKING, AgencyRecording.STOPPED)


def test_resuming_is_announced_again_after_a_second_hold() -> None:
    call = paused()
    call.all_played()
    call.play(HoldEnded())
    resumed = call.sounding
    call.play(HoldStarted(), HoldEnded())
    assert ResumeRecording not in kinds(call.play(PromptPlayed(resumed)))
    assert kinds(call.played()) == [ResumeRecording]


def test_resuming_waits_for_a_caller_who_left_with_the_star() -> None:
    call = paused()
    call.all_played()
    call.play(HoldEnded())
    resumed = call.sounding
    call.play(StarPressed())
    assert ResumeRecording not in kinds(call.play(PromptPlayed(resumed), CallerJoined()))
    assert kinds(call.played()) == [ResumeRecording]
    assert call.now.queue == ()


def test_the_announcement_is_made_again_after_a_hold() -> None:
    call = announcing()
    first = call.sounding
    call.play(HoldStarted(), HoldEnded())
    assert call.state() is State.ANNOUNCING
    assert StartRecording not in kinds(call.play(PromptPlayed(first)))
    assert StartRecording in kinds(call.played())


def test_a_recording_that_starts_on_hold_is_paused_at_once() -> None:
    call = starting()
    call.play(HoldStarted())
    effects = call.play(RecordingStarted("RE1"))
    assert kinds(effects) == [StopTimer, PauseRecording, Announce]
    assert call.tags.count("hold:started") == 1


def test_a_recording_that_starts_after_a_hold_goes_on_only_when_that_was_announced() -> None:
    call = starting()
    call.play(HoldStarted(), HoldEnded())
    effects = call.play(RecordingStarted("RE1"))
    assert PauseRecording in kinds(effects)
    assert announced(effects) == [PromptKey.RESUMED]
    assert kinds(call.played()) == [ResumeRecording]


def test_a_start_that_is_not_answered_is_not_repeated_on_hold() -> None:
    call = starting()
    call.play(HoldStarted())
    assert kinds(call.play(NOT_ANSWERED)) == [StopTimer, StopRecording]
    assert announced(call.play(HoldEnded())) == [PromptKey.ALLOWED_RECORDING]


def test_the_employee_on_hold_while_the_caller_is_at_the_keypad_hears_no_announcement() -> None:
    call = at_the_keypad()
    call.play(HoldStarted())
    call.keyed("1")
    call.play(ConsentLogged(7))
    call.all_played()
    assert announced(call.play(CallerJoined())) == []
    assert announced(call.play(HoldEnded())) == [PromptKey.ALLOWED_RECORDING]


@pytest.mark.parametrize("late", [HoldEnded(), CallerJoined(), LegAnswered(1, "1")])
def test_what_comes_late_in_the_room_changes_nothing(late: HoldEnded | CallerJoined | LegAnswered) -> None:
    call = recording()
    was = call.now
    assert call.play(late) == []
    assert call.now == was
