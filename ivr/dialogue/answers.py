"""PURE. What the caller says and keys, from the greeting to the copy."""

from ivr.dialogue.agency_recording import records_always
from ivr.dialogue.effects import PromptKey, StopTimer
from ivr.dialogue.events import CallAnswered, Heard, LegAnswered, StarPressed, Timer, UtteranceHeard
from ivr.dialogue.farewell import (
    decline_copy,
    give_copy,
    has_recording,
    leave_unconfirmed,
    note_copy_wish,
    note_training,
    say_last_words,
)
from ivr.dialogue.matters import answer_matter, resume_after_private, tell_whether_agency_records
from ivr.dialogue.moves import (
    answer_is_awaited,
    ask,
    ask_again,
    ask_by_key,
    confirm,
    decline,
    question_waits,
    request,
    resume,
    send_to_room,
    withdraw,
)
from ivr.dialogue.states import AgencyRecording, CallerRecording
from ivr.dialogue.table import AFTERWARDS, BACK, ON_LEG, OVER, STARTED_BEFORE, TOGETHER, S, ignore, on
from ivr.dialogue.turn import Ignored, Turn

OTHER_LANGUAGE = "9"
"""The key that changes the bot's language in the greeting."""

RECORDS = (S.LOGGING, S.ANNOUNCING, S.STARTING, S.RECORDING, S.PAUSED)


# ---------------------------------------------------------------- the beginning


@on([S.GREETING], CallAnswered, [])
def greet(turn: Turn, _event: CallAnswered) -> None:
    if turn.dialogue.speaking is not None:
        raise Ignored(STARTED_BEFORE)
    d = turn.dialogue
    turn.note("call:opened", None, **({"kind": d.kind} if d.kind else {}))
    welcome(turn)


def welcome(turn: Turn) -> None:
    """A kind of conversation that may not be recorded says so at once."""
    d = turn.dialogue
    if d.exclusion:
        turn.say_on_leg(PromptKey.GREETING_EXCLUDED, kind=d.kind)
    else:
        turn.say_on_leg(PromptKey.GREETING)


ignore([s for s in S if s is not S.GREETING], CallAnswered, STARTED_BEFORE)


@on([S.GREETING], LegAnswered, [S.WAITING, S.KEYPAD])
def greeting_ended(turn: Turn, event: LegAnswered) -> None:
    d = turn.dialogue
    end_leg_prompt(turn, event)
    if event.digit == "1":
        turn.note("request:keyed", digit="1")
        request(turn)
        ask_by_key(turn)
    elif event.digit == OTHER_LANGUAGE and d.rules.other_language not in ("", d.language):
        turn.set(language=d.rules.other_language)
        turn.note("language:chosen", language=d.rules.other_language)
        welcome(turn)
    else:
        resume(turn)


def end_leg_prompt(turn: Turn, event: LegAnswered) -> None:
    turn.end_on_leg(event.prompt_id, None if event.digit is None else f"cut short by key {event.digit}")


# ---------------------------------------------------------------- what the caller says


@on([S.GREETING, S.WAITING], UtteranceHeard, [S.ASKING_ALONE, S.KEYPAD])
@on([S.TALKING], UtteranceHeard, [S.ASKING, S.ASKING_ALONE, S.KEYPAD, S.ANNOUNCING])
@on([S.LOGGING], UtteranceHeard, [S.WAITING, S.TALKING, *AFTERWARDS])
@on([S.ANNOUNCING], UtteranceHeard, [S.TALKING, S.ASKING, S.KEYPAD])
@on([S.STARTING], UtteranceHeard, [S.TALKING, S.ASKING, S.ASKING_ALONE])
@on([S.RECORDING], UtteranceHeard, [S.TALKING, S.ASKING, S.ASKING_ALONE, S.KEYPAD, S.PAUSED])
@on([S.PAUSED], UtteranceHeard, [S.TALKING, S.ASKING, S.ASKING_ALONE, S.KEYPAD])
def heard_in_conversation(turn: Turn, event: UtteranceHeard) -> None:
    d = turn.dialogue
    match event.heard:
        case Heard.REQUEST:
            heard_a_wish(turn, event)
        case Heard.STOP if d.caller_recording is CallerRecording.CONFIRMED or may_stop_agency(turn):
            withdraw(turn, event.text)
        case Heard.STOP if d.agency_recording is AgencyRecording.STARTED:
            # An agency that records every call goes on; the caller gets an answer (R9).
            tell_whether_agency_records(turn, event.text)
        case Heard.COPY if has_recording(d) or d.state in RECORDS:
            note_wish_for_later(turn, event)
        case _:
            answer_matter(turn, event)


def may_stop_agency(turn: Turn) -> bool:
    """The agency records, or is about to, for the caller's sake alone."""
    return turn.dialogue.state in RECORDS and not records_always(turn.dialogue)


def heard_a_wish(turn: Turn, event: UtteranceHeard) -> None:
    d = turn.dialogue
    if d.caller_recording is CallerRecording.CONFIRMED:
        raise Ignored("the recording was confirmed before")
    if d.caller_recording is CallerRecording.OBJECTED:
        raise Ignored("an objection stands")
    if d.wish_waits or d.state is S.LOGGING:
        raise Ignored("the wish is known")
    turn.note(
        "request:heard",
        {"words": event.text, "evidence": "; ".join(event.evidence)},
        confidence=f"{event.confidence:.2f}",
    )
    if d.state is S.STARTING:
        turn.set(wish_waits=True)
    else:
        ask(turn)


def note_wish_for_later(turn: Turn, event: UtteranceHeard) -> None:
    """The copy is handed over when the employee has left."""
    if turn.dialogue.wants_copy:
        raise Ignored("the wish for a copy was noted before")
    note_copy_wish(turn, "speech", event.text)
    turn.say(PromptKey.COPY_NOTED)


@on([S.ASKING], UtteranceHeard, [S.TALKING, S.KEYPAD, S.LOGGING, S.ANNOUNCING, S.RECORDING, S.PAUSED])
@on([S.ASKING_ALONE], UtteranceHeard, [S.LOGGING, *BACK])
def heard_an_answer(turn: Turn, event: UtteranceHeard) -> None:
    d = turn.dialogue
    match event.heard:
        case Heard.YES if not question_waits(d):
            confirm(turn, "speech", event.text, event.confidence)
        case Heard.NO | Heard.STOP:
            decline(turn, "speech", event.text)
        case Heard.UNCLEAR | Heard.REQUEST if answer_is_awaited(d):
            turn.wish(StopTimer(Timer.ANSWER))
            turn.note("answer:unclear", {"answer": event.text}, asked=str(d.asked))
            ask_again(turn)
        case _:
            # While the question is being put, only a clear answer breaks in; on the leg its own time-out asks again.
            raise Ignored("not an answer to the question")


@on([S.KEYPAD], UtteranceHeard, [S.LOGGING, *BACK])
def heard_at_the_keypad(turn: Turn, event: UtteranceHeard) -> None:
    if event.heard not in (Heard.NO, Heard.STOP):
        raise Ignored("here only a key says yes")
    decline(turn, "speech", event.text)


@on([S.OFFERING], UtteranceHeard, [S.LEARNING, S.CLOSING])
def heard_about_the_copy(turn: Turn, event: UtteranceHeard) -> None:
    d = turn.dialogue
    if event.heard in (Heard.YES, Heard.COPY):
        note_copy_wish(turn, "speech", event.text)
        give_copy(turn)
    elif event.heard is Heard.NO:
        decline_copy(turn, "speech")
    elif event.heard is Heard.UNCLEAR and d.asked <= d.rules.reprompts:
        put_again(turn, event, PromptKey.COPY_OFFER)
    else:
        raise Ignored("not an answer to the offer")


@on([S.LEARNING], UtteranceHeard, [S.CLOSING])
def heard_about_learning(turn: Turn, event: UtteranceHeard) -> None:
    d = turn.dialogue
    if event.heard in (Heard.YES, Heard.NO):
        note_training(turn, "speech", agreed=event.heard is Heard.YES, words=event.text)
    elif event.heard is Heard.UNCLEAR and d.asked <= d.rules.reprompts:
        put_again(turn, event, PromptKey.TRAINING_OFFER)
    else:
        raise Ignored("not an answer to the question")


def put_again(turn: Turn, event: UtteranceHeard, question: PromptKey) -> None:
    """A question after the talk that was answered unclearly; there is no keypad behind it, it has keys itself."""
    asked = turn.dialogue.asked
    turn.note("answer:unclear", {"answer": event.text}, asked=str(asked))
    turn.set(asked=asked + 1)
    turn.say_on_leg(question)


ignore([S.CLOSING, S.ENDED], UtteranceHeard, OVER)


# ---------------------------------------------------------------- keys


@on([S.ASKING_ALONE], LegAnswered, [S.LOGGING, S.KEYPAD, *BACK])
@on([S.KEYPAD], LegAnswered, [S.LOGGING, *BACK])
def answered_by_key(turn: Turn, event: LegAnswered) -> None:
    end_leg_prompt(turn, event)
    if event.digit == "1":
        confirm(turn, "key", "toets 1", 1.0)
    elif event.digit == "2":
        decline(turn, "key", "toets 2")
    else:
        turn.note("answer:silence" if event.digit is None else "answer:unclear", asked=str(turn.dialogue.asked))
        if turn.dialogue.state is S.ASKING_ALONE:
            ask_again(turn)
        else:
            leave_unconfirmed(turn, "no answer by key")
            turn.say(PromptKey.UNCONFIRMED)
            resume(turn)


@on([S.OFFERING], LegAnswered, [S.LEARNING, S.CLOSING])
def offer_answered_by_key(turn: Turn, event: LegAnswered) -> None:
    end_leg_prompt(turn, event)
    if event.digit == "1":
        note_copy_wish(turn, "key", "toets 1")
        give_copy(turn)
    else:
        decline_copy(turn, "silence" if event.digit is None else "key")


@on([S.LEARNING], LegAnswered, [S.CLOSING])
def learning_answered_by_key(turn: Turn, event: LegAnswered) -> None:
    end_leg_prompt(turn, event)
    note_training(turn, "silence" if event.digit is None else "key", agreed=event.digit == "1")


@on([S.CLOSING], LegAnswered, [])
def last_words_ended(turn: Turn, event: LegAnswered) -> None:
    end_leg_prompt(turn, event)
    say_last_words(turn)


ignore([S.WAITING, *TOGETHER, S.ENDED], LegAnswered, "the leg is in the room")


@on([S.WAITING, S.TALKING, S.ASKING, S.RECORDING, S.PAUSED], StarPressed, [S.KEYPAD])
@on([S.ANNOUNCING], StarPressed, [S.TALKING, S.KEYPAD])
@on([S.LOGGING, S.STARTING], StarPressed, [])
def star_pressed(turn: Turn, _event: StarPressed) -> None:
    d = turn.dialogue
    if d.private and d.state is not S.ASKING:
        # The way without speech to say that the agency's recording may go on: announced when the caller is back.
        send_to_room(turn)
        resume_after_private(turn, "caller", "toets *")
    elif d.caller_recording in (CallerRecording.CONFIRMED, CallerRecording.OBJECTED):
        # There is nothing to confirm: back to the room. An announcement that was left does not count, and is made anew.
        send_to_room(turn)
        if d.state is S.ANNOUNCING:
            turn.go(S.TALKING)
    else:
        if d.caller_recording is not CallerRecording.ANNOUNCED and not d.wish_waits:
            turn.note("request:keyed", digit="*")
        if d.state in (S.LOGGING, S.STARTING):
            turn.set(wish_waits=True)
            send_to_room(turn)
        else:
            if d.caller_recording is not CallerRecording.ANNOUNCED:
                request(turn)
            ask_by_key(turn)
    if d.speaking is not None and d.speaking.key not in (PromptKey.KEYS_ONLY, PromptKey.PAUSED_PRIVATE):
        # What the caller walked out on, such as an objection and the way to complain, is told when they are back;
        # the key that they just pressed is not.
        turn.say(d.speaking.key, **dict(d.speaking.params))


ignore([*ON_LEG, S.ENDED], StarPressed, "the leg is not in the room")
