"""PURE. The agency's own recording (R9): what it rests on, and how it is started, paused and ended."""

from ivr.dialogue.effects import (
    CollectRecording,
    PauseRecording,
    PromptKey,
    StartRecording,
    StartTimer,
    StopRecording,
    StopTimer,
)
from ivr.dialogue.events import Timer
from ivr.dialogue.rules import AgencyRecords
from ivr.dialogue.states import RUNNING, AgencyRecording, CallerRecording, Dialogue, Employee, State
from ivr.dialogue.turn import Turn

S = State


def records_always(d: Dialogue) -> bool:
    return d.rules.agency_records is AgencyRecords.ALWAYS


def has_ground(d: Dialogue) -> bool:
    """What the recording rests on: the profile, the caller's own recording, or an objection whose alternative it is.

    A kind of conversation that may not be recorded is recorded by nobody.
    """
    if d.exclusion:
        return False
    if records_always(d):
        return True
    if d.caller_recording is CallerRecording.OBJECTED:
        return d.refusal is not None and d.refusal.agency_records
    return d.rules.agency_records is AgencyRecords.WITH_THE_CALLER and d.caller_recording is CallerRecording.CONFIRMED


def needs_permission(d: Dialogue) -> bool:
    """The agency records every call, and the entry that permits this recording is not written yet."""
    return (
        records_always(d)
        and has_ground(d)
        and d.employee is Employee.PRESENT
        and d.consent_entry is None
        and d.agency_recording is AgencyRecording.NONE
    )


def may_announce(d: Dialogue) -> bool:
    """The agency may tell that it records: permitted by a durable entry, never done before, and both will hear it."""
    return (
        d.in_room
        and not d.on_hold
        and not d.private
        and has_ground(d)
        and d.consent_entry is not None
        and d.agency_recording is AgencyRecording.NONE
    )


def announce_recording(turn: Turn) -> None:
    match turn.dialogue.caller_recording:
        case CallerRecording.CONFIRMED:
            key = PromptKey.ALLOWED_RECORDING
        case CallerRecording.OBJECTED:
            key = PromptKey.RECORDING_INSTEAD
        case _:
            key = PromptKey.RECORDING_ALWAYS
    turn.go(S.ANNOUNCING)
    turn.set(announcement=turn.say(key))


def start_recording(turn: Turn) -> None:
    turn.set(agency_recording=AgencyRecording.ANNOUNCED, start_tries=1)
    turn.go(S.STARTING)
    turn.note("recording:announced", entry=str(turn.dialogue.consent_entry))
    turn.wish(StartTimer(Timer.RECORDING_START, turn.dialogue.rules.start_timeout_s), StartRecording())


def block(turn: Turn, reason: str) -> None:
    """It was announced, or was being announced, and is not made (R9)."""
    turn.set(agency_recording=AgencyRecording.BLOCKED)
    turn.note("recording:blocked", reason=reason)


def tell_blocked(turn: Turn) -> None:
    """The caller's own recording does not hang on ours, unless it was refused."""
    refused = turn.dialogue.refusal is not None
    turn.say(PromptKey.BLOCKED_INSTEAD if refused else PromptKey.BLOCKED)


def pause_recording(turn: Turn, reason: str) -> None:
    """Silence from now on, until it was announced that the recording goes on (R5)."""
    turn.set(agency_recording=AgencyRecording.PAUSED, announcement=None)
    if turn.dialogue.state in (S.STARTING, S.RECORDING):
        turn.go(S.PAUSED)
    turn.wish(PauseRecording())
    turn.note("recording:paused", reason=reason)


def announce_resuming(turn: Turn) -> None:
    """Said to both; it goes on when that was heard out."""
    d = turn.dialogue
    if d.in_room and not d.on_hold and not d.private:
        turn.set(announcement=turn.say(PromptKey.RESUMED))


def mark_stopped(turn: Turn, reason: str) -> None:
    """The recording has ended, or ends with what was just wished for."""
    turn.set(agency_recording=AgencyRecording.STOPPED)
    turn.note("recording:stopped", reason=reason)
    turn.wish(CollectRecording())


def stop_recording(turn: Turn, reason: str) -> None:
    """End it where it runs, or where its start was not answered and it perhaps does."""
    if turn.dialogue.agency_recording in RUNNING:
        turn.wish(StopRecording())
        mark_stopped(turn, reason)
    elif turn.dialogue.state is S.STARTING:
        turn.set(agency_recording=AgencyRecording.NONE)
        turn.wish(StopTimer(Timer.RECORDING_START), StopRecording())
