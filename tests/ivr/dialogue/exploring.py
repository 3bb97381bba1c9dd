"""Walks through everything that can happen to a dialogue: all situations within reach, each answered every event."""

from collections import deque
from collections.abc import Iterable, Iterator
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
    KindNamed,
    LegAnswered,
    ListeningRestored,
    ListeningUnavailable,
    ObjectionWithdrawn,
    PauseAsked,
    PromptFailed,
    PromptPlayed,
    RecordingKept,
    RecordingRefused,
    RecordingStarted,
    RefusalNotSent,
    RefusalSent,
    ResumeAsked,
    StarPressed,
    StopAsked,
    StreamLost,
    ThirdPersonPresent,
    Timer,
    TimerExpired,
    UtteranceHeard,
)
from ivr.dialogue.machine import Step, step
from ivr.dialogue.rules import AgencyRecords, Rules
from ivr.dialogue.states import CallerRecording, Dialogue, State
from tests.ivr.dialogue.playing import EXCLUDED, OBJECTION, OBJECTION_WITH_OUR_RECORDING

ANNOUNCED = (State.ANNOUNCING, State.STARTING, State.PAUSED)
OVER = (State.OFFERING, State.CLOSING, State.ENDED)

CARRIER: tuple[Event, ...] = (
    CallAnswered(),
    CallerJoined(),
    EmployeeJoined(),
    EmployeeLeft(),
    EmployeeUnreachable(),
    StarPressed(),
    StreamLost(),
    CallEnded(),
    CopySent(),
    CopyFailed("no such number"),
    RefusalSent(),
    RefusalNotSent("no such number"),
    ConsentLogged(7),
    RecordingStarted("RE1"),
    RecordingStarted("RE2"),
    RecordingRefused("no"),
    RecordingKept("ok"),
    RecordingKept("failed"),
    TimerExpired(Timer.ANSWER),
    TimerExpired(Timer.RECORDING_START),
    *(UtteranceHeard(heard) for heard in (Heard.REQUEST, Heard.YES, Heard.NO, Heard.UNCLEAR, Heard.STOP, Heard.COPY)),
)
HOLD = (HoldStarted(), HoldEnded())
LISTENING = (ListeningUnavailable(), ListeningRestored())
OBJECTIONS = (OBJECTION, ObjectionWithdrawn())
PAUSES = (PauseAsked(), ResumeAsked(), StopAsked(), UtteranceHeard(Heard.PAUSE), UtteranceHeard(Heard.RESUME))
QUESTIONS = (
    *(UtteranceHeard(heard) for heard in (Heard.WHY, Heard.VIDEO, Heard.AGENCY_RECORDS, Heard.THIRD_PERSON)),
    ThirdPersonPresent(),
)
KINDS = (KindNamed("gewoon"), EXCLUDED)

ALL_IN = Rules(agency_records=AgencyRecords.ALWAYS)
LEARNING = Rules(ask_training=True, ask_theirs=True)


@dataclass(frozen=True)
class Part:
    """A part of all that can happen: the whole at once is too much to walk through."""

    rules: Rules
    events: tuple[Event, ...]
    longest_queue: int = 0


PARTS = (
    Part(Rules(), (*HOLD, *OBJECTIONS), 1),
    Part(Rules(), (*HOLD, *LISTENING, *OBJECTIONS)),
    Part(Rules(), LISTENING, 1),
    Part(Rules(), (*HOLD, OBJECTION_WITH_OUR_RECORDING, ObjectionWithdrawn())),
    Part(Rules(), (*HOLD, *PAUSES)),
    Part(Rules(), (*OBJECTIONS, *QUESTIONS)),
    Part(LEARNING, (*KINDS, *LISTENING, OBJECTION)),
    Part(LEARNING, HOLD),
    Part(ALL_IN, (*HOLD, *OBJECTIONS)),
    Part(ALL_IN, (*PAUSES, *LISTENING)),
    Part(ALL_IN, (*PAUSES, *QUESTIONS)),
    Part(ALL_IN, (*HOLD, *KINDS)),
    Part(Rules(other_language="en", attempts=2), LISTENING),
)


def events_for(dialogue: Dialogue, others: Iterable[Event] | None = None) -> Iterator[Event]:
    """Every kind of event, or only these beside the carrier's; those about prompts for each one that is known, and for
    one that never was."""
    yield from CARRIER
    yield from EVERYTHING_ELSE if others is None else others
    told = {prompt.prompt_id for prompt in (dialogue.speaking, dialogue.aside, *dialogue.queue) if prompt}
    for prompt_id in sorted(told | ({dialogue.sounding} if dialogue.sounding else set()) | {10_000}):
        yield PromptPlayed(prompt_id)
        yield PromptFailed(prompt_id, "cut short")
        yield TimerExpired(Timer.PROMPT, prompt_id)
        for digit in (None, "1", "2", "9"):
            yield LegAnswered(prompt_id, digit)


EVERYTHING_ELSE = (
    *(*HOLD, *LISTENING, *OBJECTIONS, OBJECTION_WITH_OUR_RECORDING, *PAUSES),
    *(*QUESTIONS, *KINDS),
)


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
        third_person=False,
        unreached=(),
    )


def explore(part: Part) -> Iterator[Seen]:
    """Breadth first from the call's beginning; dialogues with more prompts waiting than that are not followed."""
    start = Dialogue(rules=part.rules)
    reached = {start}
    todo = deque([start])
    while todo:
        dialogue = todo.popleft()
        for event in events_for(dialogue, part.events):
            answer = step(dialogue, event)
            yield Seen(dialogue, event, answer)
            then = situation(answer.dialogue)
            if then not in reached and len(then.queue) <= part.longest_queue:
                reached.add(then)
                todo.append(then)
