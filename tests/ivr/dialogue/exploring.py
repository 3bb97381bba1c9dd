"""Walks through everything that can happen to a dialogue: all situations within reach, each answered every event."""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ivr.dialogue.effects import Prompt
from ivr.dialogue.events import (
    CallAnswered,
    CallEnded,
    CallerJoined,
    ConsentLogged,
    CopyFailed,
    CopySent,
    EmployeeJoined,
    EmployeeLeft,
    EmployeeUnreachable,
    Event,
    Heard,
    HoldEnded,
    HoldStarted,
    LegAnswered,
    ListeningRestored,
    ListeningUnavailable,
    ObjectionWithdrawn,
    PromptFailed,
    PromptPlayed,
    RecordingKept,
    RecordingRefused,
    RecordingStarted,
    StarPressed,
    StreamLost,
    Timer,
    TimerExpired,
    UtteranceHeard,
)
from ivr.dialogue.machine import Step, step
from ivr.dialogue.rules import Rules
from ivr.dialogue.states import CallerRecording, Dialogue, State
from tests.ivr.dialogue.playing import OBJECTION

ANNOUNCED = (State.ANNOUNCING, State.STARTING, State.PAUSED)
OVER = (State.OFFERING, State.CLOSING, State.ENDED)

ALWAYS: tuple[Event, ...] = (
    CallAnswered(),
    CallerJoined(),
    EmployeeJoined(),
    EmployeeLeft(),
    EmployeeUnreachable(),
    HoldStarted(),
    HoldEnded(),
    StarPressed(),
    StreamLost(),
    ListeningUnavailable(),
    ListeningRestored(),
    CallEnded(),
    CopySent(),
    CopyFailed("no such number"),
    ConsentLogged(7),
    RecordingStarted("RE1"),
    RecordingStarted("RE2"),
    RecordingRefused("no"),
    RecordingKept("ok"),
    RecordingKept("failed"),
    TimerExpired(Timer.ANSWER),
    TimerExpired(Timer.RECORDING_START),
    OBJECTION,
    ObjectionWithdrawn(),
    *(UtteranceHeard(heard) for heard in Heard),
)


def events_for(dialogue: Dialogue) -> Iterator[Event]:
    """Every kind of event; those about prompts for each one that is known, and for one that never was."""
    yield from ALWAYS
    told = {prompt.prompt_id for prompt in (dialogue.speaking, dialogue.aside, *dialogue.queue) if prompt}
    for prompt_id in sorted(told | ({dialogue.sounding} if dialogue.sounding else set()) | {10_000}):
        yield PromptPlayed(prompt_id)
        yield PromptFailed(prompt_id, "cut short")
        yield TimerExpired(Timer.PROMPT, prompt_id)
        for digit in (None, "1", "2", "5"):
            yield LegAnswered(prompt_id, digit)


@dataclass(frozen=True)
class Seen:
    """One answer of the machine, in a situation that can be reached."""

    before: Dialogue
    event: Event
    step: Step


def situation(dialogue: Dialogue) -> Dialogue:
    """What can make a difference from here on: prompts numbered from 1, without what each new stretch sets anew."""
    known = [prompt for prompt in (dialogue.speaking, dialogue.aside, *dialogue.queue) if prompt]
    ids = {prompt.prompt_id: number for number, prompt in enumerate(known, start=1)}

    def anew(prompt_id: int | None) -> int | None:
        return None if prompt_id is None else ids.get(prompt_id, 0)

    def renumbered(prompt: Prompt | None) -> Prompt | None:
        return prompt and replace(prompt, prompt_id=ids[prompt.prompt_id])

    sounding = anew(dialogue.sounding)
    if sounding == 0:  # what sounds is known to nobody any more, and still has its own number
        sounding = len(ids) + 1
        ids[dialogue.sounding or 0] = sounding
    state = dialogue.state
    return replace(
        dialogue,
        asked=dialogue.asked if state in (State.ASKING, State.ASKING_ALONE, State.OFFERING) else 0,
        start_tries=dialogue.start_tries if state is State.STARTING else 0,
        caller_recording=dialogue.caller_recording if state not in OVER else CallerRecording.NONE,
        speaking=renumbered(dialogue.speaking),
        aside=renumbered(dialogue.aside),
        queue=tuple(replace(prompt, prompt_id=ids[prompt.prompt_id]) for prompt in dialogue.queue),
        sounding=sounding,
        announcement=anew(dialogue.announcement) if state in ANNOUNCED else None,
        recording_sid=dialogue.recording_sid and "RE1",
        prompts_made=len(ids) + 1,
    )


def explore(rules: Rules, longest_queue: int) -> Iterator[Seen]:
    """Breadth first from the call's beginning; dialogues with more prompts waiting than that are not followed."""
    start = Dialogue(rules=rules)
    reached = {start}
    todo = deque([start])
    while todo:
        dialogue = todo.popleft()
        for event in events_for(dialogue):
            answer = step(dialogue, event)
            yield Seen(dialogue, event, answer)
            then = situation(answer.dialogue)
            if then not in reached and len(then.queue) <= longest_queue:
                reached.add(then)
                todo.append(then)
