"""PURE. What comes up on the call beside the wish to record: third persons, pauses, questions, the kind of talk."""

from ivr.dialogue.agency_recording import (
    announce_resuming,
    block,
    pause_recording,
    stop_recording,
)
from ivr.dialogue.effects import PromptKey
from ivr.dialogue.events import (
    Heard,
    KindNamed,
    PauseAsked,
    ResumeAsked,
    StopAsked,
    ThirdPersonPresent,
    UtteranceHeard,
)
from ivr.dialogue.moves import allow_again, refuse_kind, resume, told_of
from ivr.dialogue.rules import AgencyRecords
from ivr.dialogue.states import RUNNING, AgencyRecording, CallerRecording, State
from ivr.dialogue.table import AFTERWARDS, ANSWERING, NO_REQUEST, OVER, PARTING, TOGETHER, S, ignore, on
from ivr.dialogue.turn import Ignored, Turn

BEFORE = (S.GREETING, S.WAITING)
DURING = (*BEFORE, *ANSWERING, *TOGETHER)
NOT_RECORDING = "the agency does not record"
NO_PAUSE = "nobody asked for a pause"
BEGINNING = (S.ANNOUNCING, S.STARTING)


# ---------------------------------------------------------------- what the caller says


def answer_matter(turn: Turn, event: UtteranceHeard) -> None:
    """Answer what is neither a wish nor an answer of the caller's."""
    match event.heard:
        case Heard.WHY:
            tell_why(turn, event.text)
        case Heard.THIRD_PERSON:
            tell_of_third_person(turn, "caller", event.text)
        case Heard.VIDEO:
            turn.note("video:asked", {"words": event.text})
            turn.say(PromptKey.SOUND_ONLY)
        case Heard.AGENCY_RECORDS:
            tell_whether_agency_records(turn, event.text)
        case Heard.PAUSE:
            pause_privately(turn, "caller", event.text)
        case Heard.RESUME:
            resume_after_private(turn, "caller", event.text)
        case _:
            raise Ignored(NO_REQUEST)


def tell_why(turn: Turn, words: str) -> None:
    """The caller may ask why (R7): the reason again, and that the employee explains it."""
    refusal = turn.dialogue.refusal
    if refusal is None:
        raise Ignored("nothing was refused")
    turn.note("reason:asked", {"words": words})
    params = told_of(refusal)
    del params["alternative"]
    turn.say(PromptKey.WHY, **params)


def tell_whether_agency_records(turn: Turn, words: str) -> None:
    """Never silence about a recording that the agency itself makes (R9)."""
    d = turn.dialogue
    if d.state in BEGINNING:
        raise Ignored("it is just being announced")
    turn.note("agency-recording:asked", {"words": words})
    match d.agency_recording:
        case AgencyRecording.STARTED:
            turn.say(PromptKey.AGENCY_RECORDS_YES)
        case AgencyRecording.PAUSED:
            turn.say(PromptKey.AGENCY_RECORDS_PAUSED)
        case AgencyRecording.NONE if d.rules.agency_records is not AgencyRecords.NEVER and not d.exclusion:
            turn.say(PromptKey.AGENCY_RECORDS_LATER)
        case _:
            turn.say(PromptKey.AGENCY_RECORDS_NOT)


# ---------------------------------------------------------------- somebody else takes part


def tell_of_third_person(turn: Turn, by: str, who: str) -> None:
    """Everybody on the line hears which recordings run; the record is flagged for whoever weighs that person's privacy.

    What begins later is announced to everybody anyway.
    """
    turn.set(third_person=True)
    turn.note("third-person:present", {"who": who}, by=by)
    d = turn.dialogue
    caller_records = d.caller_recording is CallerRecording.CONFIRMED
    if caller_records and d.agency_recording in RUNNING:
        turn.say(PromptKey.THIRD_PERSON_BOTH)
    elif caller_records:
        turn.say(PromptKey.THIRD_PERSON_CALLER)
    elif d.agency_recording in RUNNING:
        turn.say(PromptKey.THIRD_PERSON_AGENCY)


@on(DURING, ThirdPersonPresent, [])
def third_person_present(turn: Turn, event: ThirdPersonPresent) -> None:
    tell_of_third_person(turn, event.by, event.who)


ignore(AFTERWARDS, ThirdPersonPresent, PARTING)


# ---------------------------------------------------------------- something private


def pause_privately(turn: Turn, by: str, words: str = "") -> None:
    """The agency's recording keeps silence until somebody says that it may go on: announced and logged (R5)."""
    d = turn.dialogue
    if d.private:
        raise Ignored("it is paused already")
    if d.agency_recording not in RUNNING and d.state not in BEGINNING:
        raise Ignored(NOT_RECORDING)
    turn.set(private=True, announcement=None)
    turn.note("pause:asked", {"words": words}, by=by)
    if d.agency_recording is AgencyRecording.STARTED:
        pause_recording(turn, "something private")
    elif d.state is S.ANNOUNCING:
        turn.go(S.TALKING)
    turn.say(PromptKey.PAUSED_PRIVATE)


def resume_after_private(turn: Turn, by: str, words: str = "") -> None:
    d = turn.dialogue
    if not d.private:
        raise Ignored(NO_PAUSE)
    turn.set(private=False)
    turn.note("pause:ended", {"words": words}, by=by)
    if d.state is S.PAUSED:
        announce_resuming(turn)
    elif d.state is S.TALKING:
        resume(turn)


@on([S.RECORDING], PauseAsked, [S.PAUSED])
@on([S.ANNOUNCING], PauseAsked, [S.TALKING])
@on([*ANSWERING, S.ASKING, S.LOGGING, S.STARTING, S.PAUSED], PauseAsked, [])
def pause_asked(turn: Turn, event: PauseAsked) -> None:
    pause_privately(turn, event.by)


@on([S.TALKING], ResumeAsked, [S.ANNOUNCING])
@on([S.KEYPAD, S.ASKING, S.LOGGING, S.STARTING, S.PAUSED], ResumeAsked, [])
def resume_asked(turn: Turn, event: ResumeAsked) -> None:
    resume_after_private(turn, event.by)


ignore([*BEFORE, S.TALKING], PauseAsked, NOT_RECORDING)
ignore([*BEFORE, S.ASKING_ALONE, S.ANNOUNCING, S.RECORDING], ResumeAsked, NO_PAUSE)


@on([S.ANNOUNCING, S.RECORDING, S.PAUSED], StopAsked, [S.TALKING])
@on([S.STARTING], StopAsked, [S.TALKING, S.ASKING, S.ASKING_ALONE, S.KEYPAD])
@on([*ANSWERING, S.ASKING, S.LOGGING], StopAsked, [])
def stop_asked(turn: Turn, event: StopAsked) -> None:
    """The employee ends the agency's recording; what the caller does is theirs."""
    d = turn.dialogue
    reason = "stopped by the employee"
    if d.state in BEGINNING:
        stop_recording(turn, reason)
        block(turn, reason)
    elif d.agency_recording in RUNNING:
        stop_recording(turn, reason)
    else:
        raise Ignored(NOT_RECORDING)
    turn.note("stop:asked", {"employee": event.employee})
    turn.set(private=False)
    turn.say(PromptKey.WITHDRAWN)
    if d.state in (*BEGINNING, S.RECORDING, S.PAUSED):
        resume(turn)


ignore([*BEFORE, S.TALKING], StopAsked, NOT_RECORDING)
for about_recording in (PauseAsked, ResumeAsked, StopAsked):
    ignore(AFTERWARDS, about_recording, PARTING)


# ---------------------------------------------------------------- the kind of conversation


@on([S.TALKING], KindNamed, [S.ASKING, S.ASKING_ALONE, S.KEYPAD, S.LOGGING, S.ANNOUNCING])
@on([S.LOGGING], KindNamed, [S.WAITING, S.TALKING, *AFTERWARDS])
@on([S.ANNOUNCING, S.RECORDING, S.PAUSED], KindNamed, [S.TALKING])
@on([S.STARTING], KindNamed, [S.TALKING, S.ASKING, S.ASKING_ALONE])
@on([S.GREETING, S.WAITING, *ANSWERING, S.ASKING], KindNamed, [])
def kind_named(turn: Turn, event: KindNamed) -> None:
    """A kind that may not be recorded ends what runs; a question that was put is answered first."""
    d = turn.dialogue
    if d.kind == event.kind:
        raise Ignored("it is this kind already")
    turn.set(kind=event.kind, exclusion=event.alternative)
    excluded = "yes" if event.alternative else "no"
    turn.note("conversation:kind", {"employee": event.employee}, kind=event.kind, excluded=excluded)
    if d.state in (S.GREETING, *ANSWERING, S.ASKING):
        return
    if event.alternative and d.caller_recording is CallerRecording.CONFIRMED:
        refuse_kind(turn)
    elif not event.alternative and d.refusal is not None and d.refusal.by_kind:
        allow_again(turn)
    elif d.state is not S.LOGGING and (event.alternative or d.state is S.TALKING):
        resume(turn)


ignore(AFTERWARDS, KindNamed, PARTING)
for about_call in (ThirdPersonPresent, PauseAsked, ResumeAsked, StopAsked, KindNamed):
    ignore([State.ENDED], about_call, OVER)
