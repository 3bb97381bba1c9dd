"""PURE. The moves that several transitions share: going on, asking, confirming, refusing, withdrawing."""

from dataclasses import replace

from ivr.dialogue.agency_recording import (
    announce_recording,
    announce_resuming,
    has_ground,
    may_announce,
    needs_permission,
    records_always,
    stop_recording,
    tell_blocked,
)
from ivr.dialogue.effects import FollowRefusal, MoveCaller, OfferReceipt, PromptKey, StopTimer
from ivr.dialogue.events import Timer
from ivr.dialogue.farewell import part
from ivr.dialogue.states import GONE, RUNNING, AgencyRecording, CallerRecording, Dialogue, Employee, Refusal, State
from ivr.dialogue.table import ON_LEG
from ivr.dialogue.turn import Turn

S = State
QUESTIONS = (PromptKey.CONFIRM, PromptKey.CONFIRM_AGAIN)


# ---------------------------------------------------------------- going on


def send_to_room(turn: Turn) -> None:
    turn.leave_room()
    turn.wish(MoveCaller())


def resume(turn: Turn) -> None:
    """Nothing is being asked: back to the room, and on with the agency's recording as things stand, or just talk."""
    if turn.dialogue.employee in GONE:
        part(turn)
        return
    if turn.dialogue.state in ON_LEG:
        send_to_room(turn)
    if not has_ground(turn.dialogue):
        stop_recording(turn, "nothing permits it any more")
    d = turn.dialogue
    if d.employee is not Employee.PRESENT:
        turn.go(S.WAITING)
    elif d.wish_waits:
        turn.set(wish_waits=False)
        ask(turn)
    elif d.agency_recording is AgencyRecording.STARTED:
        turn.go(S.RECORDING)
    elif d.agency_recording is AgencyRecording.PAUSED:
        turn.go(S.PAUSED)
        if d.announcement is None:
            announce_resuming(turn)
    elif needs_permission(d):
        turn.log_consent("recording:permitted", {}, basis="profile")
        turn.go(S.LOGGING)
    elif may_announce(d):
        announce_recording(turn)
    else:
        turn.go(S.TALKING)


def give_up_recording(turn: Turn, reason: str) -> None:
    """The carrier does not record; both are told, so that nobody believes otherwise."""
    turn.set(agency_recording=AgencyRecording.FAILED)
    turn.wish(StopTimer(Timer.RECORDING_START))
    turn.note("recording:failed", reason=reason)
    tell_blocked(turn)
    resume(turn)


# ---------------------------------------------------------------- the question


def request(turn: Turn) -> None:
    """The caller wants to record (R3); what was confirmed before does not count for it."""
    d = turn.dialogue
    permit = d.consent_entry if records_always(d) else None
    turn.set(caller_recording=CallerRecording.ANNOUNCED, consent_entry=permit, asked=1)
    turn.unsay(PromptKey.KEYS_ONLY)
    turn.note("consent:requested")


def is_understood(d: Dialogue) -> bool:
    """The caller is listened to, and speaks the language that is listened for."""
    return d.listening and d.language == d.rules.language


def ask(turn: Turn) -> None:
    """Put the question, to both where both are there; by key where nobody would hear the answer."""
    request(turn)
    turn.set(announcement=None)
    if not is_understood(turn.dialogue):
        ask_by_key(turn)
    elif turn.dialogue.in_room and turn.dialogue.employee is Employee.PRESENT:
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
    """A yes: written down durably before anything else happens. A kind of conversation may stand in its way (R1)."""
    turn.wish(StopTimer(Timer.ANSWER))
    told = {"channel": channel, "confidence": f"{confidence:.2f}"}
    turn.set(caller_recording=CallerRecording.CONFIRMED)
    if turn.dialogue.exclusion:
        turn.note("answer:yes", {"answer": words}, **told)
        refuse_kind(turn)
        return
    turn.log_consent("consent:given", {"answer": words}, **told)
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


# ---------------------------------------------------------------- refusing and allowing again (R1, R7)


def refuse(turn: Turn, refusal: Refusal, employee: str) -> None:
    """The caller may not record: they hear why, what is offered instead and how to complain, and get it by SMS."""
    d = turn.dialogue
    turn.set(
        caller_recording=CallerRecording.OBJECTED,
        refusal=replace(refusal, confirmed=d.caller_recording is CallerRecording.CONFIRMED),
        wish_waits=False,
    )
    turn.wish(StopTimer(Timer.ANSWER))
    tag = "request:excluded" if refusal.by_kind else "objection:raised"
    personal = {"employee": employee, "reason_text": refusal.reason_text}
    facts = {"reason": refusal.reason, "alternative": refusal.alternative}
    permitted = has_ground(turn.dialogue)
    starts = permitted and refusal.agency_records and d.agency_recording is AgencyRecording.NONE
    if starts:
        turn.log_consent(tag, personal, **facts)
    else:
        turn.note(tag, personal, **facts)
    turn.wish(FollowRefusal(refusal.alternative, by_sms=d.rules.can_text))
    if d.rules.gives_links:
        turn.wish(OfferReceipt(by_sms=True))
    if not d.rules.can_text:
        turn.note("objection:not-sent", reason="the caller's number cannot have an SMS")
    if not permitted:
        stop_recording(turn, "objection")
    turn.say(PromptKey.EXCLUDED if refusal.by_kind else PromptKey.OBJECTION, **told_of(refusal))
    if starts:
        if d.state in ON_LEG:
            send_to_room(turn)
        turn.go(S.LOGGING)
    elif not (permitted and d.state is S.STARTING):
        resume(turn)


def refuse_kind(turn: Turn) -> None:
    """The kind of conversation may not be recorded."""
    d = turn.dialogue
    refuse(turn, Refusal(d.kind, d.exclusion, by_kind=True), "")


def told_of(refusal: Refusal) -> dict[str, str]:
    """What names a refusal's words: codes, and the employee's own sentence where there is one."""
    reason = {"kind": refusal.reason} if refusal.by_kind else {"reason": refusal.reason}
    own = {"reason_text": refusal.reason_text} if refusal.reason_text else {}
    return {**reason, **own, "alternative": refusal.alternative}


def allow_again(turn: Turn) -> None:
    """The refusal is off: what was confirmed before it counts again, else the caller is asked."""
    d = turn.dialogue
    confirmed = d.refusal is not None and d.refusal.confirmed and d.consent_entry is not None
    turn.set(refusal=None, caller_recording=CallerRecording.CONFIRMED if confirmed else CallerRecording.ANNOUNCED)
    if d.state is S.STARTING:
        turn.set(wish_waits=not confirmed)
    elif confirmed:
        resume(turn)
    else:
        ask(turn)


# ---------------------------------------------------------------- withdrawing


def withdraw(turn: Turn, words: str) -> None:
    """ "Stop de opname" ends it. An agency that records every call goes on, and says so (R9)."""
    turn.set(caller_recording=CallerRecording.WITHDRAWN)
    turn.note("consent:withdrawn", {"words": words})
    if records_always(turn.dialogue):
        turn.say(PromptKey.AGENCY_GOES_ON)
        return
    d = turn.dialogue
    told = d.agency_recording in RUNNING or d.state in (S.ANNOUNCING, S.STARTING)
    stop_recording(turn, "withdrawn")
    turn.say(PromptKey.WITHDRAWN if told else PromptKey.WITHDRAWN_YOURS)
    resume(turn)
