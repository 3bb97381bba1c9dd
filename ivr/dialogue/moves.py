"""PURE. The moves that several transitions share: asking, confirming, announcing, stopping, parting."""

from ivr.dialogue.effects import (
    CollectRecording,
    MoveCaller,
    OfferTicket,
    PauseRecording,
    PromptKey,
    StartRecording,
    StartTimer,
    StopRecording,
    StopTimer,
)
from ivr.dialogue.events import Timer
from ivr.dialogue.states import GONE, AgencyRecording, CallerRecording, Dialogue, Employee, State
from ivr.dialogue.table import ON_LEG
from ivr.dialogue.turn import Turn

S = State
QUESTIONS = (PromptKey.CONFIRM, PromptKey.CONFIRM_AGAIN)
RUNNING = (AgencyRecording.STARTED, AgencyRecording.PAUSED)


# ---------------------------------------------------------------- the room


def send_to_room(turn: Turn) -> None:
    turn.leave_room()
    turn.wish(MoveCaller())


def resume(turn: Turn) -> None:
    """Nothing is being asked: back to the room, announce the agency's recording where it is permitted, or just talk."""
    if turn.dialogue.employee in GONE:
        part(turn)
        return
    if turn.dialogue.state in ON_LEG:
        send_to_room(turn)
    if turn.dialogue.employee is not Employee.PRESENT:
        turn.go(S.WAITING)
    elif may_announce(turn.dialogue):
        turn.go(S.ANNOUNCING)
        turn.set(announcement=turn.say(PromptKey.ALLOWED_RECORDING))
    else:
        turn.go(S.TALKING)


def may_announce(d: Dialogue) -> bool:
    """The agency may tell that it records: permitted by a durable entry, never done before, and both will hear it."""
    return (
        d.in_room
        and not d.on_hold
        and d.rules.agency_records
        and d.caller_recording is CallerRecording.CONFIRMED
        and d.consent_entry is not None
        and d.agency_recording is AgencyRecording.NONE
    )


# ---------------------------------------------------------------- the question


def request(turn: Turn) -> None:
    """The caller wants to record (R3); what was confirmed before does not count for it."""
    turn.set(caller_recording=CallerRecording.ANNOUNCED, consent_entry=None, asked=1)
    turn.unsay(PromptKey.KEYS_ONLY)
    turn.note("consent:requested")


def ask(turn: Turn) -> None:
    """Put the question, to both where both are there."""
    request(turn)
    if turn.dialogue.in_room and turn.dialogue.employee is Employee.PRESENT:
        turn.go(S.ASKING)
        turn.say(PromptKey.CONFIRM)
    else:
        turn.go(S.ASKING_ALONE)
        turn.say_on_leg(PromptKey.CONFIRM)


def question_waits(d: Dialogue) -> bool:
    """The question was not put yet: something else sounds, or somebody is on hold."""
    return any(prompt.key in QUESTIONS for prompt in d.queue)


def answer_is_awaited(d: Dialogue) -> bool:
    """The question was put into the room, both heard it, and now it is the caller's turn."""
    return d.state is S.ASKING and d.speaking is None and not d.on_hold and not question_waits(d)


def ask_again(turn: Turn) -> None:
    """Unclear or silent: once more, then the keypad."""
    d = turn.dialogue
    if d.asked > d.rules.reprompts:
        ask_by_key(turn)
        return
    turn.set(asked=d.asked + 1)
    if d.state is S.ASKING:
        turn.say(PromptKey.CONFIRM_AGAIN)
    else:
        turn.say_on_leg(PromptKey.CONFIRM_AGAIN)


def ask_by_key(turn: Turn) -> None:
    """Keys are not reported inside a conference: the leg leaves for a moment, and the employee hears why."""
    turn.wish(StopTimer(Timer.ANSWER))
    turn.go(S.KEYPAD)
    turn.say_on_leg(PromptKey.KEYPAD)
    explain_absence(turn)


def explain_absence(turn: Turn) -> None:
    """Tell the employee where the caller is; what sounds in the room is let out first."""
    if turn.dialogue.employee is Employee.PRESENT and turn.dialogue.sounding is None:
        turn.say_aside(PromptKey.KEYPAD_EMPLOYEE)


def confirm(turn: Turn, channel: str, words: str, confidence: float) -> None:
    """A yes: written down durably before anything else happens."""
    turn.wish(StopTimer(Timer.ANSWER))
    turn.set(caller_recording=CallerRecording.CONFIRMED)
    turn.log_consent({"answer": words}, channel=channel, confidence=f"{confidence:.2f}")
    if turn.dialogue.state in ON_LEG:
        send_to_room(turn)
    turn.go(S.LOGGING)


def decline(turn: Turn, channel: str, words: str) -> None:
    """A no never costs the caller anything: the call just goes on."""
    turn.wish(StopTimer(Timer.ANSWER))
    turn.set(caller_recording=CallerRecording.DECLINED)
    turn.note("consent:refused", {"answer": words}, channel=channel)
    turn.say(PromptKey.DECLINED)
    resume(turn)


def leave_unconfirmed(turn: Turn, reason: str) -> None:
    """Neither yes nor no: it counts as not confirmed."""
    if turn.dialogue.caller_recording is CallerRecording.ANNOUNCED:
        turn.set(caller_recording=CallerRecording.UNCONFIRMED)
        turn.note("consent:unconfirmed", reason=reason)


# ---------------------------------------------------------------- the agency's recording


def start_recording(turn: Turn) -> None:
    turn.set(agency_recording=AgencyRecording.ANNOUNCED, start_tries=1)
    turn.go(S.STARTING)
    turn.note("recording:announced", entry=str(turn.dialogue.consent_entry))
    turn.wish(StartTimer(Timer.RECORDING_START, turn.dialogue.rules.start_timeout_s), StartRecording())


def block(turn: Turn, reason: str) -> None:
    """The announcement was not heard out, so the agency does not record (R9)."""
    turn.set(agency_recording=AgencyRecording.BLOCKED)
    turn.note("recording:blocked", reason=reason)


def give_up_recording(turn: Turn, reason: str) -> None:
    """The carrier does not record; both are told, so that nobody believes otherwise."""
    turn.set(agency_recording=AgencyRecording.FAILED)
    turn.wish(StopTimer(Timer.RECORDING_START))
    turn.note("recording:failed", reason=reason)
    turn.say(PromptKey.BLOCKED)
    resume(turn)


def pause_recording(turn: Turn) -> None:
    """Silence from now on, until it was announced that the recording goes on (R5)."""
    turn.set(agency_recording=AgencyRecording.PAUSED)
    turn.go(S.PAUSED)
    turn.wish(PauseRecording())
    turn.note("recording:paused", reason="on hold")


def announce_resuming(turn: Turn) -> None:
    turn.unsay(PromptKey.RESUMED)
    turn.set(announcement=turn.say(PromptKey.RESUMED))


def mark_stopped(turn: Turn, reason: str) -> None:
    """The recording has ended, or ends with what was just wished for."""
    turn.set(agency_recording=AgencyRecording.STOPPED)
    turn.note("recording:stopped", reason=reason)
    turn.wish(CollectRecording())


def stop_recording(turn: Turn, reason: str) -> None:
    """End the agency's recording where it runs, or where its start was not answered and it perhaps does."""
    if turn.dialogue.agency_recording in RUNNING:
        turn.wish(StopRecording())
        mark_stopped(turn, reason)
    elif turn.dialogue.state is S.STARTING:
        turn.set(agency_recording=AgencyRecording.NONE)
        turn.wish(StopTimer(Timer.RECORDING_START), StopRecording())


def withdraw(turn: Turn, words: str) -> None:
    """ "Stop de opname" ends it."""
    turn.set(caller_recording=CallerRecording.WITHDRAWN)
    turn.note("consent:withdrawn", {"words": words})
    stop_recording(turn, "withdrawn")
    turn.say(PromptKey.WITHDRAWN)
    resume(turn)


# ---------------------------------------------------------------- the end of the conversation


def part(turn: Turn) -> None:
    """The employee has gone: nothing is recorded any more (139a-c Sr), the caller is offered the copy (R4)."""
    unreachable = turn.dialogue.employee is Employee.UNREACHABLE
    reason = "employee unreachable" if unreachable else "employee left"
    if turn.dialogue.state is S.ANNOUNCING:
        block(turn, reason)
    stop_recording(turn, reason)
    leave_unconfirmed(turn, reason)
    turn.cut_off("aside")
    turn.set(on_hold=False, queue=(), asked=1)
    turn.wish(StopTimer(Timer.ANSWER))
    d = turn.dialogue
    if unreachable:
        close(turn, PromptKey.EMPLOYEE_UNREACHABLE)
    elif not has_recording(d):
        close(turn, PromptKey.COPY_UNAVAILABLE if d.wants_copy else PromptKey.GOODBYE)
    elif d.wants_copy:
        give_copy(turn)
    elif not d.rules.offer_copy:
        close(turn, PromptKey.GOODBYE)
    else:
        turn.go(S.OFFERING)
        turn.note("copy:offered")
        turn.say_on_leg(PromptKey.COPY_OFFER)


def has_recording(d: Dialogue) -> bool:
    """There is something to copy, as far as is known."""
    return d.recording_sid is not None and d.agency_recording is not AgencyRecording.FAILED


def close(turn: Turn, last_words: PromptKey) -> None:
    turn.go(S.CLOSING)
    turn.say_on_leg(last_words)


def give_copy(turn: Turn) -> None:
    by_sms = turn.dialogue.rules.can_sms
    turn.wish(OfferTicket(by_sms))
    close(turn, PromptKey.COPY_SMS if by_sms else PromptKey.COPY_CODE)


def decline_copy(turn: Turn, channel: str) -> None:
    turn.note("copy:declined", channel=channel)
    close(turn, PromptKey.COPY_DECLINED)


def note_copy_wish(turn: Turn, channel: str, words: str) -> None:
    turn.set(wants_copy=True)
    turn.note("copy:wanted", {"answer": words}, channel=channel)
