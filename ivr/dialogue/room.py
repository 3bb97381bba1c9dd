"""PURE. Who is in the room, hold, and how announcements and waits end."""

from ivr.dialogue.agency_recording import (
    announce_resuming,
    block,
    pause_recording,
    start_recording,
    stop_recording,
    tell_blocked,
)
from ivr.dialogue.effects import (
    CloseRoom,
    PromptKey,
    ResumeRecording,
    RingEmployee,
    StartRecording,
    StartTimer,
    StopRecording,
    StopTimer,
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
from ivr.dialogue.farewell import part
from ivr.dialogue.moves import (
    QUESTIONS,
    answer_is_awaited,
    ask_again,
    explain_absence,
    give_up_recording,
    question_waits,
    resume,
)
from ivr.dialogue.states import GONE, AgencyRecording, Dialogue, Employee
from ivr.dialogue.table import (
    AFTERWARDS,
    ANSWERING,
    HERE_BEFORE,
    NO_TALK,
    NOT_RUNG,
    ON_LEG,
    OVER,
    PARTING,
    TOGETHER,
    S,
    ignore,
    on,
)
from ivr.dialogue.turn import Ignored, Turn

# ---------------------------------------------------------------- the room


IN_ROOM = "the caller is in the room"


@on([S.TALKING], CallerJoined, [S.ANNOUNCING])
@on([S.WAITING, S.LOGGING, S.STARTING, S.RECORDING, S.PAUSED], CallerJoined, [])
def caller_joined(turn: Turn, _event: CallerJoined) -> None:
    if turn.dialogue.in_room:
        raise Ignored(IN_ROOM)
    turn.set(in_room=True)
    if turn.dialogue.employee is Employee.ABSENT:
        turn.set(employee=Employee.RINGING, attempts=1)
        turn.wish(RingEmployee())
    if turn.dialogue.state is S.TALKING:
        resume(turn)
    elif turn.dialogue.state is S.PAUSED:
        # The caller was away when it was said that the recording goes on.
        announce_resuming(turn)


ignore([S.ASKING, S.ANNOUNCING], CallerJoined, IN_ROOM)
ignore([*ON_LEG, S.ENDED], CallerJoined, "the leg has left the room since")


@on([S.WAITING], EmployeeJoined, [S.TALKING, S.LOGGING, S.ANNOUNCING])
@on([*ANSWERING, S.LOGGING], EmployeeJoined, [])
def employee_joined(turn: Turn, event: EmployeeJoined) -> None:
    if turn.dialogue.employee is Employee.ABSENT:
        raise Ignored(NOT_RUNG)
    if turn.dialogue.employee is Employee.PRESENT or turn.dialogue.employee in GONE:
        raise Ignored(HERE_BEFORE)
    turn.set(employee=Employee.PRESENT, employee_leg=event.leg)
    turn.note("employee:joined")
    if turn.dialogue.state is S.WAITING:
        resume(turn)


ignore([*(s for s in TOGETHER if s is not S.LOGGING), *AFTERWARDS], EmployeeJoined, HERE_BEFORE)
for about_employee in (EmployeeJoined, EmployeeLeft, EmployeeUnreachable):
    ignore([S.GREETING], about_employee, NOT_RUNG)


@on([S.ENDED], EmployeeJoined, [])
def employee_joined_too_late(turn: Turn, _event: EmployeeJoined) -> None:
    """The caller hung up while the employee's phone rang: nobody is left alone in the room."""
    turn.wish(CloseRoom())


@on([S.WAITING, *TOGETHER], EmployeeLeft, AFTERWARDS)
@on(ANSWERING, EmployeeLeft, [])
def employee_left(turn: Turn, event: EmployeeLeft) -> None:
    if turn.dialogue.employee is Employee.ABSENT:
        raise Ignored(NOT_RUNG)
    if turn.dialogue.employee in GONE:
        raise Ignored(PARTING)
    if event.leg and turn.dialogue.employee_leg not in ("", event.leg):
        raise Ignored("somebody else is the employee")
    turn.note("employee:left")
    go_on_without(turn, Employee.LEFT)


ignore([*AFTERWARDS, S.ENDED], EmployeeLeft, PARTING)


@on([S.WAITING, S.LOGGING], EmployeeUnreachable, [S.CLOSING])
@on(ANSWERING, EmployeeUnreachable, [])
def employee_unreachable(turn: Turn, event: EmployeeUnreachable) -> None:
    """The next address is rung; where there is none left, the call goes on without an employee."""
    d = turn.dialogue
    if d.employee is not Employee.RINGING:
        raise Ignored("nobody is being rung")
    if event.leg and event.leg in d.unreached:
        raise Ignored("this attempt is known to have failed")
    turn.note("employee:unreached", reason=event.reason, attempt=str(d.attempts))
    turn.set(unreached=(*d.unreached, event.leg) if event.leg else d.unreached)
    if d.attempts < d.rules.attempts:
        turn.set(attempts=d.attempts + 1)
        turn.wish(RingEmployee())
    else:
        go_on_without(turn, Employee.UNREACHABLE)


def go_on_without(turn: Turn, gone: Employee) -> None:
    """A caller who is answering on their own leg finishes that first; nobody is recorded meanwhile."""
    turn.set(employee=gone)
    stop_recording(turn, "employee left")
    if turn.dialogue.state not in ANSWERING:
        part(turn)


ignore([*(s for s in TOGETHER if s is not S.LOGGING), *AFTERWARDS, S.ENDED], EmployeeUnreachable, HERE_BEFORE)


# ---------------------------------------------------------------- hold: the agency does not record a caller on hold


NOBODY_HELD = "nobody is on hold"


@on([S.RECORDING], HoldStarted, [S.PAUSED])
@on([S.ANNOUNCING], HoldStarted, [S.TALKING])
@on([*ANSWERING, *(s for s in TOGETHER if s not in (S.RECORDING, S.ANNOUNCING))], HoldStarted, [])
def hold_started(turn: Turn, _event: HoldStarted) -> None:
    """Who is on hold hears nothing: an announcement or question that was not heard out is made again afterwards."""
    if turn.dialogue.employee is not Employee.PRESENT:
        raise Ignored(NO_TALK)
    if turn.dialogue.on_hold:
        raise Ignored("somebody is on hold already")
    turn.set(on_hold=True, announcement=None)
    turn.note("hold:started")
    if turn.dialogue.agency_recording is AgencyRecording.STARTED:
        pause_recording(turn, "on hold")
        turn.say(PromptKey.PAUSED_HOLD)
    if turn.dialogue.state is S.ANNOUNCING:
        turn.go(S.TALKING)
    elif turn.dialogue.state is S.ASKING:
        turn.wish(StopTimer(Timer.ANSWER))


ignore([S.GREETING, S.WAITING, *AFTERWARDS, S.ENDED], HoldStarted, NO_TALK)


@on([S.TALKING], HoldEnded, [S.ANNOUNCING])
@on([*ANSWERING, S.ASKING, S.LOGGING, S.STARTING, S.PAUSED], HoldEnded, [])
def hold_ended(turn: Turn, _event: HoldEnded) -> None:
    if not turn.dialogue.on_hold:
        raise Ignored(NOBODY_HELD)
    turn.set(on_hold=False)
    turn.note("hold:ended")
    match turn.dialogue.state:
        case S.PAUSED:
            announce_resuming(turn)
        case S.TALKING:
            resume(turn)
        case S.ASKING if turn.dialogue.speaking is None and not question_waits(turn.dialogue):
            turn.say(PromptKey.CONFIRM)


ignore([S.GREETING, S.WAITING, S.ANNOUNCING, S.RECORDING, *AFTERWARDS, S.ENDED], HoldEnded, NOBODY_HELD)


# ---------------------------------------------------------------- how announcements end

SOUNDING = (*ANSWERING, *TOGETHER, *AFTERWARDS)
"""States in which something may sound in the room."""


def announcement_ended(turn: Turn, prompt_id: int, failure: str | None) -> None:
    prompt = turn.end_in_room(prompt_id, failure)
    d = turn.dialogue
    if d.state is S.ANNOUNCING and prompt_id == d.announcement:
        permit_recording(turn, failure)
    elif d.state is S.PAUSED and prompt_id == d.announcement:
        go_on_recording(turn, failure)
    elif d.state is S.KEYPAD and prompt is None:
        explain_absence(turn)
    elif prompt is not None and prompt.key in QUESTIONS and answer_is_awaited(d):
        if failure is None:
            turn.wish(StartTimer(Timer.ANSWER, d.rules.answer_timeout_s))
        else:
            ask_again(turn)


def permit_recording(turn: Turn, failure: str | None) -> None:
    if failure is None:
        start_recording(turn)
    else:
        block(turn, failure)
        tell_blocked(turn)
        resume(turn)


def go_on_recording(turn: Turn, failure: str | None) -> None:
    if failure is None:
        turn.set(agency_recording=AgencyRecording.STARTED)
        turn.go(S.RECORDING)
        turn.wish(ResumeRecording())
        turn.note("recording:resumed")
    else:
        # Going on without having said so would be a recording in secret.
        stop_recording(turn, "resuming could not be announced")
        resume(turn)


@on([S.ANNOUNCING], PromptPlayed, [S.STARTING])
@on([S.PAUSED], PromptPlayed, [S.RECORDING])
@on([s for s in SOUNDING if s not in (S.ANNOUNCING, S.PAUSED)], PromptPlayed, [])
def prompt_played(turn: Turn, event: PromptPlayed) -> None:
    announcement_ended(turn, event.prompt_id, None)


@on([S.ANNOUNCING, S.PAUSED], PromptFailed, [S.TALKING])
@on([S.ASKING], PromptFailed, [S.KEYPAD])
@on([s for s in SOUNDING if s not in (S.ANNOUNCING, S.PAUSED, S.ASKING)], PromptFailed, [])
def prompt_failed(turn: Turn, event: PromptFailed) -> None:
    announcement_ended(turn, event.prompt_id, event.reason)


# ---------------------------------------------------------------- waits


@on([S.ANNOUNCING, S.PAUSED], TimerExpired, [S.TALKING])
@on([S.ASKING], TimerExpired, [S.KEYPAD])
@on([S.STARTING], TimerExpired, [S.TALKING, S.ASKING, S.ASKING_ALONE, S.KEYPAD, S.ANNOUNCING])
@on([s for s in SOUNDING if s not in (S.ANNOUNCING, S.PAUSED, S.ASKING, S.STARTING)], TimerExpired, [])
def timer_expired(turn: Turn, event: TimerExpired) -> None:
    d = turn.dialogue
    if event.timer is Timer.PROMPT and event.prompt_id is not None:
        announcement_ended(turn, event.prompt_id, "its end was not reported")
    elif event.timer is Timer.ANSWER and answer_is_awaited(d):
        turn.note("answer:silence", asked=str(d.asked))
        ask_again(turn)
    elif event.timer is Timer.RECORDING_START and d.state is S.STARTING:
        start_was_not_answered(turn, d)
    else:
        raise Ignored("nothing waits for it any more")


def start_was_not_answered(turn: Turn, d: Dialogue) -> None:
    if d.announcement is None:
        # Hold or a pause came after the announcement: nothing is started now, it is announced afresh afterwards.
        stop_recording(turn, "interrupted")
        resume(turn)
    elif d.start_tries < 2:
        # A second start of a running recording changes nothing at the carrier, so asking again is safe.
        turn.set(start_tries=d.start_tries + 1)
        turn.wish(StartTimer(Timer.RECORDING_START, d.rules.start_timeout_s), StartRecording())
    else:
        turn.wish(StopRecording())
        give_up_recording(turn, "the carrier did not answer")


for ending in (PromptPlayed, PromptFailed, TimerExpired):
    ignore([S.GREETING, S.WAITING], ending, "nothing sounds in the room")
    ignore([S.ENDED], ending, OVER)
