"""PURE. What the log and the carrier answer, objections, and the call's end."""

from ivr.dialogue.agency_recording import block, mark_stopped, pause_recording
from ivr.dialogue.effects import CloseCall, CloseRoom, LapseRefusal, PromptKey, RestartStream, StopRecording, StopTimer
from ivr.dialogue.events import (
    CallEnded,
    ConsentLogged,
    CopyFailed,
    CopySent,
    ListeningRestored,
    ListeningUnavailable,
    ObjectionRaised,
    ObjectionWithdrawn,
    RecordingKept,
    RecordingRefused,
    RecordingStarted,
    RefusalNotSent,
    RefusalSent,
    StreamLost,
    Timer,
)
from ivr.dialogue.farewell import leave_unconfirmed
from ivr.dialogue.moves import allow_again, ask_by_key, give_up_recording, refuse, resume
from ivr.dialogue.rules import AgencyRecords
from ivr.dialogue.states import RUNNING, AgencyRecording, CallerRecording, Employee, Refusal
from ivr.dialogue.table import AFTERWARDS, BACK, LIVE, NOTHING_ASKED, OVER, TOGETHER, S, ignore, on
from ivr.dialogue.turn import Ignored, Turn

SETTLED = (CallerRecording.CONFIRMED, CallerRecording.OBJECTED)
"""What the caller says changes it no more, but for "stop"."""

# ---------------------------------------------------------------- the log and the carrier answer


@on([S.LOGGING], ConsentLogged, [S.ASKING, S.ASKING_ALONE, S.KEYPAD, S.ANNOUNCING, *BACK])
def consent_logged(turn: Turn, event: ConsentLogged) -> None:
    turn.set(consent_entry=event.number)
    d = turn.dialogue
    announces = d.rules.agency_records is not AgencyRecords.NEVER and d.agency_recording is AgencyRecording.NONE
    if d.caller_recording is CallerRecording.CONFIRMED and not announces:
        turn.say(PromptKey.ALLOWED)
    resume(turn)


ignore([s for s in S if s is not S.LOGGING], ConsentLogged, "no confirmation waits to be logged")


@on([S.STARTING], RecordingStarted, [S.RECORDING, S.PAUSED, S.ASKING, S.ASKING_ALONE, S.KEYPAD])
def recording_started(turn: Turn, event: RecordingStarted) -> None:
    turn.set(recording_sid=event.recording_sid, agency_recording=AgencyRecording.STARTED)
    turn.wish(StopTimer(Timer.RECORDING_START))
    turn.note("recording:started", recording_sid=event.recording_sid)
    if turn.dialogue.announcement is None:
        # Somebody was put on hold, or asked for a pause, since it was announced.
        pause_recording(turn, "on hold" if turn.dialogue.on_hold else "something private")
        if turn.dialogue.on_hold:
            turn.say(PromptKey.PAUSED_HOLD)
        elif turn.dialogue.private:
            turn.say(PromptKey.PAUSED_PRIVATE)
    resume(turn)


@on([s for s in LIVE if s not in (S.STARTING, S.RECORDING, S.PAUSED)], RecordingStarted, [])
def recording_started_too_late(turn: Turn, event: RecordingStarted) -> None:
    """The reason to record has gone since it was asked for: end it at once."""
    know_late_recording(turn, event)
    turn.wish(StopRecording())
    mark_stopped(turn, "started too late")


ignore([S.RECORDING, S.PAUSED], RecordingStarted, "the agency records already")


@on([S.ENDED], RecordingStarted, [])
def recording_started_after_the_end(turn: Turn, event: RecordingStarted) -> None:
    know_late_recording(turn, event)
    mark_stopped(turn, "the call ended")


def know_late_recording(turn: Turn, event: RecordingStarted) -> None:
    if turn.dialogue.recording_sid == event.recording_sid:
        raise Ignored("this recording is known")
    turn.set(recording_sid=event.recording_sid)


@on([S.STARTING], RecordingRefused, [S.TALKING, S.ASKING, S.ASKING_ALONE, S.KEYPAD])
def recording_refused(turn: Turn, event: RecordingRefused) -> None:
    give_up_recording(turn, event.reason)


ignore([s for s in S if s is not S.STARTING], RecordingRefused, "no start is waited for")

RECORDS = (S.STARTING, S.RECORDING, S.PAUSED)
KEPT = {
    "ok": AgencyRecording.STORED,
    "degraded": AgencyRecording.DEGRADED,
    "failed": AgencyRecording.FAILED,
}


@on([s for s in S if s not in RECORDS], RecordingKept, [])
def recording_kept(turn: Turn, event: RecordingKept) -> None:
    """The recording's end is known; the collecting job logged the particulars."""
    if turn.dialogue.agency_recording is not AgencyRecording.STOPPED or event.outcome not in KEPT:
        raise Ignored("no recording waits to be kept")
    turn.set(agency_recording=KEPT[event.outcome])


ignore(RECORDS, RecordingKept, "the agency still records")


@on(S, CopySent, [])
def copy_sent(turn: Turn, _event: CopySent) -> None:
    turn.note("copy:sent", channel="sms")


@on(S, CopyFailed, [])
def copy_failed(turn: Turn, event: CopyFailed) -> None:
    turn.note("copy:failed", reason=event.reason)


@on(S, RefusalSent, [])
def refusal_sent(turn: Turn, _event: RefusalSent) -> None:
    turn.note("objection:sent", channel="sms")


@on(S, RefusalNotSent, [])
def refusal_not_sent(turn: Turn, event: RefusalNotSent) -> None:
    turn.note("objection:not-sent", reason=event.reason)


@on(LIVE, StreamLost, [])
def stream_lost(turn: Turn, _event: StreamLost) -> None:
    turn.note("stream:lost")
    turn.wish(RestartStream())


ignore([S.ENDED], StreamLost, OVER)


LISTENED_TO = "the caller is listened to already"


@on([S.ASKING, S.ASKING_ALONE], ListeningUnavailable, [S.KEYPAD])
@on([s for s in LIVE if s not in (S.ASKING, S.ASKING_ALONE)], ListeningUnavailable, [])
def listening_unavailable(turn: Turn, _event: ListeningUnavailable) -> None:
    """A question that waits for a spoken answer is put by key; who may yet want to record hears how that goes now."""
    d = turn.dialogue
    if not d.listening:
        raise Ignored("nobody listened before")
    turn.set(listening=False)
    turn.note("listening:unavailable")
    if d.state in (S.ASKING, S.ASKING_ALONE):
        ask_by_key(turn)
    elif d.state in (S.GREETING, S.WAITING, S.TALKING, S.RECORDING, S.PAUSED) and d.caller_recording not in SETTLED:
        turn.say(PromptKey.KEYS_ONLY)


@on([s for s in LIVE if s not in (S.ASKING, S.ASKING_ALONE)], ListeningRestored, [])
def listening_restored(turn: Turn, _event: ListeningRestored) -> None:
    if turn.dialogue.listening:
        raise Ignored(LISTENED_TO)
    turn.set(listening=True)
    turn.note("listening:restored")
    turn.unsay(PromptKey.KEYS_ONLY)


ignore([S.ASKING, S.ASKING_ALONE], ListeningRestored, LISTENED_TO)
for about_listening in (ListeningUnavailable, ListeningRestored):
    ignore([S.ENDED], about_listening, OVER)


# ---------------------------------------------------------------- objection (R1, R7)

NOT_ON_THE_LINE = "the employee is not on the line"
NO_OBJECTION = "no objection stands"


@on([S.TALKING], ObjectionRaised, [S.LOGGING])
@on([S.ASKING], ObjectionRaised, [S.TALKING, S.LOGGING, S.ANNOUNCING, S.RECORDING, S.PAUSED])
@on([S.KEYPAD], ObjectionRaised, [S.TALKING, S.LOGGING, S.RECORDING, S.PAUSED])
@on([S.LOGGING], ObjectionRaised, [S.TALKING, S.ANNOUNCING, S.RECORDING, S.PAUSED])
@on([S.ANNOUNCING], ObjectionRaised, [S.TALKING, S.LOGGING])
@on([S.STARTING, S.RECORDING, S.PAUSED], ObjectionRaised, [S.TALKING])
def object_to_it(turn: Turn, event: ObjectionRaised) -> None:
    """At any moment from the caller's wish on; never beforehand: a general ban is improper conduct (2015/038)."""
    if turn.dialogue.employee is not Employee.PRESENT:
        raise Ignored(NOT_ON_THE_LINE)
    if turn.dialogue.caller_recording not in (CallerRecording.ANNOUNCED, CallerRecording.CONFIRMED):
        raise Ignored(NOTHING_ASKED)
    refusal = Refusal(event.reason, event.alternative, event.reason_text, agency_records=event.agency_records)
    refuse(turn, refusal, event.employee)


ignore([S.GREETING, S.WAITING, S.ASKING_ALONE, *AFTERWARDS, S.ENDED], ObjectionRaised, NOT_ON_THE_LINE)


@on([S.TALKING], ObjectionWithdrawn, [S.ASKING, S.ASKING_ALONE, S.KEYPAD, S.ANNOUNCING])
@on([S.ANNOUNCING], ObjectionWithdrawn, [S.TALKING, S.ASKING])
@on([S.RECORDING, S.PAUSED], ObjectionWithdrawn, [S.ASKING, S.ASKING_ALONE])
@on([S.STARTING], ObjectionWithdrawn, [])
def withdraw_objection(turn: Turn, event: ObjectionWithdrawn) -> None:
    d = turn.dialogue
    if d.caller_recording is not CallerRecording.OBJECTED or d.refusal is None or d.refusal.by_kind:
        raise Ignored(NO_OBJECTION)
    turn.note("objection:withdrawn", {"employee": event.employee})
    turn.wish(LapseRefusal())
    turn.say(PromptKey.OBJECTION_WITHDRAWN)
    allow_again(turn)


ignore([s for s in S if s not in TOGETHER or s in (S.ASKING, S.LOGGING)], ObjectionWithdrawn, NO_OBJECTION)


# ---------------------------------------------------------------- the end


@on(LIVE, CallEnded, [S.ENDED])
def call_ended(turn: Turn, event: CallEnded) -> None:
    d = turn.dialogue
    leave_unconfirmed(turn, "hung up")
    if d.state is S.ANNOUNCING:
        block(turn, "the call ended")
    if d.agency_recording in RUNNING:
        mark_stopped(turn, "the call ended")
    turn.leave_room()
    turn.cut_off("aside")
    turn.wish(*(StopTimer(timer) for timer in Timer))
    if d.employee in (Employee.PRESENT, Employee.RINGING):
        turn.wish(CloseRoom())
        turn.set(employee=Employee.LEFT)
    turn.set(on_hold=False, private=False, wish_waits=False, sounding=None, queue=())
    turn.note("call:ended", reason=event.reason)
    turn.go(S.ENDED)
    turn.wish(CloseCall())


ignore([S.ENDED], CallEnded, OVER)
