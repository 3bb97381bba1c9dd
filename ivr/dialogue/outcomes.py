"""PURE. What the log, the carrier and the employee answer, and the call's end."""

from ivr.dialogue.effects import (
    CloseCall,
    CloseRoom,
    CollectRecording,
    PromptKey,
    RestartStream,
    StopTimer,
)
from ivr.dialogue.events import (
    CallEnded,
    ConsentLogged,
    CopyFailed,
    CopySent,
    HoldStarted,
    ObjectionRaised,
    ObjectionWithdrawn,
    RecordingKept,
    RecordingRefused,
    RecordingStarted,
    StreamLost,
    Timer,
)
from ivr.dialogue.moves import (
    ask,
    give_up_recording,
    leave_unconfirmed,
    resume,
    stop_recording,
)
from ivr.dialogue.room import pause
from ivr.dialogue.states import AgencyRecording, CallerRecording, Employee
from ivr.dialogue.table import AFTERWARDS, LIVE, NOTHING_ASKED, OVER, TOGETHER, S, ignore, on
from ivr.dialogue.turn import Ignored, Turn

# ---------------------------------------------------------------- the log and the carrier answer


@on([S.LOGGING], ConsentLogged, [S.ANNOUNCING, S.TALKING, S.WAITING, S.CLOSING])
def consent_logged(turn: Turn, event: ConsentLogged) -> None:
    turn.set(consent_entry=event.number)
    d = turn.dialogue
    if not d.rules.agency_records or d.agency_recording is not AgencyRecording.NONE:
        turn.say(PromptKey.ALLOWED)
    resume(turn)


ignore([s for s in S if s is not S.LOGGING], ConsentLogged, "no confirmation waits to be logged")


@on([S.STARTING], RecordingStarted, [S.RECORDING, S.PAUSED])
def recording_started(turn: Turn, event: RecordingStarted) -> None:
    turn.set(recording_sid=event.recording_sid, agency_recording=AgencyRecording.STARTED)
    turn.go(S.RECORDING)
    turn.wish(StopTimer(Timer.RECORDING_START))
    turn.note("recording:started", recording_sid=event.recording_sid)
    if turn.dialogue.on_hold:
        pause(turn, HoldStarted())


@on([s for s in LIVE if s is not S.STARTING], RecordingStarted, [])
def recording_started_too_late(turn: Turn, event: RecordingStarted) -> None:
    """The reason to record has gone since it was asked for: end it at once."""
    if turn.dialogue.recording_sid == event.recording_sid:
        raise Ignored("this recording is known")
    turn.set(recording_sid=event.recording_sid, agency_recording=AgencyRecording.STARTED)
    stop_recording(turn, "started too late")


@on([S.ENDED], RecordingStarted, [])
def recording_started_after_the_end(turn: Turn, event: RecordingStarted) -> None:
    if turn.dialogue.recording_sid == event.recording_sid:
        raise Ignored("this recording is known")
    turn.set(recording_sid=event.recording_sid, agency_recording=AgencyRecording.STOPPED)
    turn.note("recording:stopped", reason="the call ended")
    turn.wish(CollectRecording())


@on([S.STARTING], RecordingRefused, [S.TALKING])
def recording_refused(turn: Turn, event: RecordingRefused) -> None:
    give_up_recording(turn, event.reason)


ignore([s for s in S if s is not S.STARTING], RecordingRefused, "no start is waited for")

KEPT = {
    "ok": (AgencyRecording.STORED, "recording:stored"),
    "degraded": (AgencyRecording.DEGRADED, "recording:degraded"),
    "failed": (AgencyRecording.FAILED, "recording:failed"),
}


@on(S, RecordingKept, [])
def recording_kept(turn: Turn, event: RecordingKept) -> None:
    """The recording's end is known; the collecting job logged the particulars."""
    kept, _ = KEPT[event.outcome]
    if turn.dialogue.agency_recording is not AgencyRecording.STOPPED:
        raise Ignored("no recording waits to be kept")
    turn.set(agency_recording=kept)


@on(S, CopySent, [])
def copy_sent(turn: Turn, _event: CopySent) -> None:
    turn.note("copy:sent", channel="sms")


@on(S, CopyFailed, [])
def copy_failed(turn: Turn, event: CopyFailed) -> None:
    turn.note("copy:failed", reason=event.reason)


@on(LIVE, StreamLost, [])
def stream_lost(turn: Turn, _event: StreamLost) -> None:
    turn.note("stream:lost")
    turn.wish(RestartStream())


ignore([S.ENDED], StreamLost, OVER)


# ---------------------------------------------------------------- objection (R1, R7)


@on([*TOGETHER, S.KEYPAD], ObjectionRaised, [S.TALKING, S.CLOSING])
def object_to_it(turn: Turn, event: ObjectionRaised) -> None:
    if turn.dialogue.caller_recording not in (CallerRecording.ANNOUNCED, CallerRecording.CONFIRMED):
        raise Ignored(NOTHING_ASKED)
    turn.set(caller_recording=CallerRecording.OBJECTED)
    turn.note("objection:raised", {"employee": event.employee}, reason=event.reason, alternative=event.alternative)
    turn.wish(StopTimer(Timer.ANSWER))
    stop_recording(turn, "objection")
    turn.say(PromptKey.OBJECTION, reason=event.reason_spoken, alternative=event.alternative_spoken)
    resume(turn)


ignore(
    [S.GREETING, S.WAITING, S.ASKING_ALONE, *AFTERWARDS, S.ENDED], ObjectionRaised, "the employee is not on the line"
)


@on([S.TALKING], ObjectionWithdrawn, [S.ANNOUNCING, S.ASKING, S.ASKING_ALONE])
def withdraw_objection(turn: Turn, event: ObjectionWithdrawn) -> None:
    if turn.dialogue.caller_recording is not CallerRecording.OBJECTED:
        raise Ignored("no objection stands")
    turn.note("objection:withdrawn", {"employee": event.employee})
    turn.say(PromptKey.OBJECTION_WITHDRAWN)
    if turn.dialogue.consent_entry is None:
        ask(turn)
    else:
        turn.set(caller_recording=CallerRecording.CONFIRMED)
        resume(turn)


ignore([s for s in S if s is not S.TALKING], ObjectionWithdrawn, "no objection stands")


# ---------------------------------------------------------------- the end


@on(LIVE, CallEnded, [S.ENDED])
def call_ended(turn: Turn, event: CallEnded) -> None:
    d = turn.dialogue
    leave_unconfirmed(turn, "hung up")
    if d.agency_recording in (AgencyRecording.STARTED, AgencyRecording.PAUSED):
        turn.set(agency_recording=AgencyRecording.STOPPED)
        turn.note("recording:stopped", reason="the call ended")
        turn.wish(CollectRecording())
    turn.leave_room()
    turn.wish(*(StopTimer(timer) for timer in Timer))
    if d.employee in (Employee.PRESENT, Employee.RINGING):
        turn.wish(CloseRoom())
    turn.set(employee=Employee.LEFT, queue=(), aside=None)
    turn.note("call:ended", reason=event.reason)
    turn.go(S.ENDED)
    turn.wish(CloseCall())


ignore([S.ENDED], CallEnded, OVER)
