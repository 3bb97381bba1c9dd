"""PURE. What the caller says and keys, from the greeting to the copy."""

from ivr.dialogue.effects import PromptKey, StopTimer
from ivr.dialogue.events import CallAnswered, Heard, LegAnswered, StarPressed, Timer, UtteranceHeard
from ivr.dialogue.moves import (
    answer_is_awaited,
    ask,
    ask_again,
    ask_by_key,
    confirm,
    decline,
    decline_copy,
    give_copy,
    has_recording,
    leave_unconfirmed,
    note_copy_wish,
    question_waits,
    request,
    resume,
    send_to_room,
    withdraw,
)
from ivr.dialogue.states import CallerRecording
from ivr.dialogue.table import BACK, NO_REQUEST, ON_LEG, OVER, STARTED_BEFORE, TOGETHER, S, ignore, on
from ivr.dialogue.turn import Ignored, Turn

# ---------------------------------------------------------------- the beginning


@on([S.GREETING], CallAnswered, [])
def greet(turn: Turn, _event: CallAnswered) -> None:
    if turn.dialogue.speaking is not None:
        raise Ignored(STARTED_BEFORE)
    turn.note("call:opened")
    turn.say_on_leg(PromptKey.GREETING)


ignore([s for s in S if s is not S.GREETING], CallAnswered, STARTED_BEFORE)


@on([S.GREETING], LegAnswered, [S.WAITING, S.KEYPAD])
def greeting_ended(turn: Turn, event: LegAnswered) -> None:
    end_leg_prompt(turn, event)
    if event.digit == "1":
        turn.note("request:keyed", digit="1")
        request(turn)
        ask_by_key(turn)
    else:
        resume(turn)


def end_leg_prompt(turn: Turn, event: LegAnswered) -> None:
    turn.end_on_leg(event.prompt_id, None if event.digit is None else f"cut short by key {event.digit}")


# ---------------------------------------------------------------- what the caller says


@on([S.GREETING, S.WAITING], UtteranceHeard, [S.ASKING_ALONE])
@on([S.TALKING], UtteranceHeard, [S.ASKING, S.ASKING_ALONE])
def heard_while_listening(turn: Turn, event: UtteranceHeard) -> None:
    d = turn.dialogue
    if event.heard is Heard.REQUEST:
        if d.caller_recording is CallerRecording.CONFIRMED:
            raise Ignored("the recording was confirmed before")
        if d.caller_recording is CallerRecording.OBJECTED:
            raise Ignored("an objection stands")
        turn.note(
            "request:heard",
            {"words": event.text, "evidence": "; ".join(event.evidence)},
            confidence=f"{event.confidence:.2f}",
        )
        ask(turn)
    elif event.heard is Heard.STOP and d.caller_recording is CallerRecording.CONFIRMED:
        withdraw(turn, event.text)
    elif event.heard is Heard.COPY and has_recording(d):
        note_wish_for_later(turn, event)
    else:
        raise Ignored(NO_REQUEST)


def note_wish_for_later(turn: Turn, event: UtteranceHeard) -> None:
    """The copy is handed over when the employee has left."""
    if turn.dialogue.wants_copy:
        raise Ignored("the wish for a copy was noted before")
    note_copy_wish(turn, "speech", event.text)
    turn.say(PromptKey.COPY_NOTED)


@on([S.ASKING], UtteranceHeard, [S.LOGGING, S.TALKING, S.KEYPAD])
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


@on([S.KEYPAD], UtteranceHeard, BACK)
def heard_at_the_keypad(turn: Turn, event: UtteranceHeard) -> None:
    if event.heard not in (Heard.NO, Heard.STOP):
        raise Ignored("here only a key says yes")
    decline(turn, "speech", event.text)


@on([S.LOGGING], UtteranceHeard, BACK)
@on([S.ANNOUNCING, S.STARTING, S.RECORDING, S.PAUSED], UtteranceHeard, [S.TALKING])
def heard_while_recording(turn: Turn, event: UtteranceHeard) -> None:
    if event.heard is Heard.STOP:
        withdraw(turn, event.text)
    elif event.heard is Heard.COPY:
        note_wish_for_later(turn, event)
    else:
        raise Ignored(NO_REQUEST)


@on([S.OFFERING], UtteranceHeard, [S.CLOSING])
def heard_about_the_copy(turn: Turn, event: UtteranceHeard) -> None:
    d = turn.dialogue
    if event.heard in (Heard.YES, Heard.COPY):
        note_copy_wish(turn, "speech", event.text)
        give_copy(turn)
    elif event.heard is Heard.NO:
        decline_copy(turn, "speech")
    elif event.heard is Heard.UNCLEAR and d.asked <= d.rules.reprompts:
        turn.note("answer:unclear", {"answer": event.text}, asked=str(d.asked))
        turn.set(asked=d.asked + 1)
        turn.say_on_leg(PromptKey.COPY_OFFER)
    else:
        raise Ignored("not an answer to the offer")


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


@on([S.OFFERING], LegAnswered, [S.CLOSING])
def offer_answered_by_key(turn: Turn, event: LegAnswered) -> None:
    end_leg_prompt(turn, event)
    if event.digit == "1":
        note_copy_wish(turn, "key", "toets 1")
        give_copy(turn)
    else:
        decline_copy(turn, "silence" if event.digit is None else "key")


@on([S.CLOSING], LegAnswered, [])
def last_words_ended(turn: Turn, event: LegAnswered) -> None:
    end_leg_prompt(turn, event)


ignore([S.WAITING, *TOGETHER, S.ENDED], LegAnswered, "the leg is in the room")


@on([S.WAITING, S.TALKING, S.ASKING], StarPressed, [S.KEYPAD])
@on([S.ANNOUNCING], StarPressed, [S.TALKING])
@on([S.LOGGING, S.STARTING, S.RECORDING, S.PAUSED], StarPressed, [])
def star_pressed(turn: Turn, _event: StarPressed) -> None:
    d = turn.dialogue
    if d.caller_recording in (CallerRecording.CONFIRMED, CallerRecording.OBJECTED):
        # There is nothing to confirm: back to the room. An announcement that was left does not count, and is made anew.
        send_to_room(turn)
        if d.state is S.ANNOUNCING:
            turn.go(S.TALKING)
    else:
        if d.caller_recording is not CallerRecording.ANNOUNCED:
            turn.note("request:keyed", digit="*")
            request(turn)
        ask_by_key(turn)
    if d.speaking is not None and d.speaking.key is not PromptKey.KEYS_ONLY:
        # What the caller walked out on, such as an objection and the way to complain, is told when they are back;
        # the key that they just pressed is not.
        turn.say(d.speaking.key, **dict(d.speaking.params))


ignore([*ON_LEG, S.ENDED], StarPressed, "the leg is not in the room")
