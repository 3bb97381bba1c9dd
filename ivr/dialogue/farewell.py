"""PURE. The end of the conversation: the copy (R4), what the caller is asked for, the last words."""

from ivr.dialogue.agency_recording import block, stop_recording
from ivr.dialogue.effects import AskTheirs, NoteTraining, OfferReceipt, OfferTicket, PromptKey, StopTimer
from ivr.dialogue.events import Timer
from ivr.dialogue.states import AgencyRecording, CallerRecording, Dialogue, Employee, State
from ivr.dialogue.turn import Turn

S = State


def leave_unconfirmed(turn: Turn, reason: str) -> None:
    """Neither yes nor no: it counts as not confirmed."""
    if turn.dialogue.caller_recording is CallerRecording.ANNOUNCED:
        turn.set(caller_recording=CallerRecording.UNCONFIRMED)
        turn.note("consent:unconfirmed", reason=reason)


def part(turn: Turn) -> None:
    """The employee has gone: nothing is recorded any more (139a-c Sr), the caller is offered the copy (R4)."""
    unreachable = turn.dialogue.employee is Employee.UNREACHABLE
    reason = "employee unreachable" if unreachable else "employee left"
    if turn.dialogue.state is S.ANNOUNCING:
        block(turn, reason)
    stop_recording(turn, reason)
    leave_unconfirmed(turn, reason)
    turn.cut_off("aside")
    turn.set(on_hold=False, private=False, wish_waits=False, queue=(), asked=1)
    turn.wish(StopTimer(Timer.ANSWER))
    d = turn.dialogue
    if unreachable:
        turn.set(last_words=(PromptKey.EMPLOYEE_UNREACHABLE, *receipt_words(turn)))
        say_last_words(turn)
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
    """Say the last words; before them comes the question about learning, after them the request for a copy."""
    d = turn.dialogue
    asks_theirs = d.rules.ask_theirs and d.caller_recording is CallerRecording.CONFIRMED
    turn.set(last_words=(last_words, PromptKey.ASK_THEIRS) if asks_theirs else (last_words,))
    if asks_theirs:
        turn.wish(AskTheirs(d.rules.can_text))
    elif last_words is PromptKey.GOODBYE:
        turn.set(last_words=(*receipt_words(turn), last_words))
    elif last_words not in (PromptKey.COPY_SMS, PromptKey.COPY_CODE):
        turn.set(last_words=(last_words, *receipt_words(turn)))
    if d.rules.ask_training and has_recording(d):
        turn.go(S.LEARNING)
        turn.set(asked=1)
        turn.say_on_leg(PromptKey.TRAINING_OFFER)
    else:
        say_last_words(turn)


def needs_code(d: Dialogue) -> bool:
    """The caller was refused and can have no link by SMS: the receipt of the call is behind a code (R7)."""
    return d.refusal is not None and not d.rules.gives_links


def receipt_words(turn: Turn) -> tuple[PromptKey, ...]:
    if not needs_code(turn.dialogue):
        return ()
    turn.wish(OfferReceipt(by_sms=False))
    return (PromptKey.RECEIPT_CODE,)


def say_last_words(turn: Turn) -> None:
    """The next of them; when all were said the leg's document is to hang up."""
    turn.go(S.CLOSING)
    if turn.dialogue.last_words:
        first, *rest = turn.dialogue.last_words
        turn.set(last_words=tuple(rest))
        turn.say_on_leg(first)


def give_copy(turn: Turn) -> None:
    by_sms = turn.dialogue.rules.gives_links
    turn.wish(OfferTicket(by_sms))
    close(turn, PromptKey.COPY_SMS if by_sms else PromptKey.COPY_CODE)


def decline_copy(turn: Turn, channel: str) -> None:
    turn.note("copy:declined", channel=channel)
    close(turn, PromptKey.COPY_DECLINED)


def note_copy_wish(turn: Turn, channel: str, words: str) -> None:
    turn.set(wants_copy=True)
    turn.note("copy:wanted", {"answer": words}, channel=channel)


def note_training(turn: Turn, channel: str, *, agreed: bool, words: str = "") -> None:
    """Only a clear yes counts as one; the employee is asked apart, and both have to agree."""
    turn.note("training:asked", {"answer": words}, channel=channel, agreed="yes" if agreed else "no")
    turn.wish(NoteTraining(agreed))
    say_last_words(turn)
