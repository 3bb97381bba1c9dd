"""PURE. Who is in the room, hold, and how announcements end."""

from ivr.dialogue.effects import (
    PauseRecording,
    PromptKey,
    ResumeRecording,
    RingEmployee,
    StartRecording,
    StartTimer,
)
from ivr.dialogue.events import (
    CallerJoined,
    EmployeeJoined,
    EmployeeLeft,
    EmployeeUnreachable,
    HoldEnded,
    HoldStarted,
    PromptFailed,
    PromptPlayed,
    Timer,
    TimerExpired,
)
from ivr.dialogue.moves import (
    ask_again,
    block,
    give_up_recording,
    leave_unconfirmed,
    part,
    resume,
    start_recording,
    stop_recording,
)
from ivr.dialogue.states import AgencyRecording, Employee
from ivr.dialogue.table import AFTERWARDS, BEFORE_ROOM, ON_LEG, OVER, PARTING, TOGETHER, S, ignore, on
from ivr.dialogue.turn import Ignored, Turn

# ---------------------------------------------------------------- the room


@on([S.WAITING], CallerJoined, [S.TALKING, S.ANNOUNCING])
def caller_joined_first(turn: Turn, _event: CallerJoined) -> None:
    turn.set(in_room=True)
    if turn.dialogue.employee is Employee.ABSENT:
        turn.set(employee=Employee.RINGING)
        turn.wish(RingEmployee())
    resume(turn)


@on(TOGETHER, CallerJoined, [S.ANNOUNCING])
def caller_came_back(turn: Turn, _event: CallerJoined) -> None:
    if turn.dialogue.in_room:
        raise Ignored("the caller is in the room")
    turn.set(in_room=True)
    if turn.dialogue.state is S.TALKING:
        resume(turn)
    elif turn.dialogue.state is S.PAUSED and not turn.dialogue.on_hold:
        # The caller was away when it was said that the recording goes on.
        turn.say(PromptKey.RESUMED)
    else:
        turn.speak_next()


ignore([*ON_LEG, S.ENDED], CallerJoined, "the leg has left the room since")


@on([*BEFORE_ROOM, S.WAITING], EmployeeJoined, [S.TALKING, S.ANNOUNCING])
def employee_joined(turn: Turn, _event: EmployeeJoined) -> None:
    if turn.dialogue.employee in (Employee.PRESENT, Employee.LEFT):
        raise Ignored("the employee was here before")
    turn.set(employee=Employee.PRESENT)
    turn.note("employee:joined")
    if turn.dialogue.state is S.WAITING and turn.dialogue.in_room:
        resume(turn)
    elif turn.dialogue.state is S.WAITING:
        turn.go(S.TALKING)


ignore([*TOGETHER, *AFTERWARDS, S.ENDED], EmployeeJoined, "the employee was here before")


@on([S.WAITING, *TOGETHER, *BEFORE_ROOM], EmployeeLeft, [S.OFFERING, S.CLOSING])
def employee_left(turn: Turn, _event: EmployeeLeft) -> None:
    if turn.dialogue.employee is Employee.LEFT:
        raise Ignored(PARTING)
    turn.note("employee:left")
    if turn.dialogue.state in BEFORE_ROOM:
        # The caller is just answering by key or hearing the greeting: that is finished first.
        turn.set(employee=Employee.LEFT)
    else:
        part(turn)


ignore([*AFTERWARDS, S.ENDED], EmployeeLeft, PARTING)


@on([S.WAITING, *BEFORE_ROOM], EmployeeUnreachable, [S.CLOSING])
def employee_unreachable(turn: Turn, event: EmployeeUnreachable) -> None:
    if turn.dialogue.employee in (Employee.PRESENT, Employee.LEFT):
        raise Ignored("the employee was here before")
    turn.note("employee:left", reason=event.reason)
    turn.set(employee=Employee.LEFT)
    if turn.dialogue.state is S.WAITING:
        leave_unconfirmed(turn, "employee unreachable")
        turn.go(S.CLOSING)
        turn.say_on_leg(PromptKey.EMPLOYEE_UNREACHABLE)


ignore([*TOGETHER, *AFTERWARDS, S.ENDED], EmployeeUnreachable, "the employee was here before")


# ---------------------------------------------------------------- hold: the agency does not record a caller on hold


@on([S.RECORDING], HoldStarted, [S.PAUSED])
def pause(turn: Turn, _event: HoldStarted) -> None:
    turn.set(on_hold=True, agency_recording=AgencyRecording.PAUSED)
    turn.go(S.PAUSED)
    turn.wish(PauseRecording())
    turn.note("hold:started")
    turn.note("recording:paused", reason="on hold")
    turn.say(PromptKey.PAUSED_HOLD)


@on([s for s in TOGETHER if s not in (S.RECORDING, S.ANNOUNCING)], HoldStarted, [])
def hold(turn: Turn, _event: HoldStarted) -> None:
    if turn.dialogue.on_hold:
        raise Ignored("somebody is on hold already")
    turn.set(on_hold=True)
    turn.note("hold:started")


@on([S.ANNOUNCING], HoldStarted, [S.TALKING])
def hold_during_the_announcement(turn: Turn, _event: HoldStarted) -> None:
    """Who is on hold hears nothing: the announcement does not count and is made again afterwards."""
    turn.set(on_hold=True)
    turn.note("hold:started")
    turn.go(S.TALKING)


ignore([S.WAITING, *ON_LEG, S.ENDED], HoldStarted, "nobody talks")


@on(TOGETHER, HoldEnded, [S.ANNOUNCING])
def hold_ended(turn: Turn, _event: HoldEnded) -> None:
    if not turn.dialogue.on_hold:
        raise Ignored("nobody is on hold")
    turn.set(on_hold=False)
    turn.note("hold:ended")
    if turn.dialogue.state is S.PAUSED:
        turn.say(PromptKey.RESUMED)
    elif turn.dialogue.state is S.TALKING:
        resume(turn)


@on([S.KEYPAD], HoldEnded, [])
def hold_ended_meanwhile(turn: Turn, _event: HoldEnded) -> None:
    turn.set(on_hold=False)


ignore([S.GREETING, S.ASKING_ALONE, S.WAITING, *AFTERWARDS, S.ENDED], HoldEnded, "nobody is on hold")


# ---------------------------------------------------------------- how prompts end


def prompt_ended(turn: Turn, prompt_id: int, failure: str | None) -> None:
    prompt = turn.finish_prompt(prompt_id, failure)
    d = turn.dialogue
    key = prompt.key if prompt else None
    if d.state is S.ANNOUNCING and prompt_id == d.announcement:
        if failure is None:
            start_recording(turn)
        else:
            block(turn, failure)
    elif d.state is S.ASKING and key in (PromptKey.CONFIRM, PromptKey.CONFIRM_AGAIN):
        if failure is None:
            turn.wish(StartTimer(Timer.ANSWER, d.rules.answer_timeout_s))
        else:
            ask_again(turn)
    elif d.state is S.PAUSED and key is PromptKey.RESUMED and not d.on_hold:
        if failure is None:
            turn.set(agency_recording=AgencyRecording.STARTED)
            turn.go(S.RECORDING)
            turn.wish(ResumeRecording())
            turn.note("recording:resumed")
        else:
            # Going on without having said so would be a recording in secret.
            stop_recording(turn, "resuming could not be announced")
            resume(turn)
    turn.speak_next()


@on([S.WAITING, *TOGETHER, *ON_LEG], PromptPlayed, [S.STARTING, S.RECORDING])
def prompt_played(turn: Turn, event: PromptPlayed) -> None:
    prompt_ended(turn, event.prompt_id, None)


@on([S.WAITING, *TOGETHER, *ON_LEG], PromptFailed, [S.TALKING, S.KEYPAD])
def prompt_failed(turn: Turn, event: PromptFailed) -> None:
    prompt_ended(turn, event.prompt_id, event.reason)


ignore([S.ENDED], PromptPlayed, OVER)
ignore([S.ENDED], PromptFailed, OVER)


@on([S.WAITING, *TOGETHER, *ON_LEG], TimerExpired, [S.TALKING, S.KEYPAD])
def timer_expired(turn: Turn, event: TimerExpired) -> None:
    d = turn.dialogue
    if event.timer is Timer.PROMPT and event.prompt_id is not None:
        prompt_ended(turn, event.prompt_id, "its end was not reported")
    elif event.timer is Timer.ANSWER and d.state is S.ASKING and d.speaking is None:
        turn.note("answer:silence", asked=str(d.asked))
        ask_again(turn)
    elif event.timer is Timer.RECORDING_START and d.state is S.STARTING:
        if d.start_tries < 2:
            # A second start of a running recording changes nothing at the carrier, so asking again is safe.
            turn.set(start_tries=d.start_tries + 1)
            turn.wish(StartTimer(Timer.RECORDING_START, d.rules.start_timeout_s), StartRecording())
        else:
            give_up_recording(turn, "the carrier did not answer")
    else:
        raise Ignored("nothing waits for it any more")


ignore([S.ENDED], TimerExpired, OVER)
