"""An outsider who sees only events and effects of one call, and knows what must never happen."""

from ivr.dialogue.agency_recording import records_always
from ivr.dialogue.effects import (
    Announce,
    CollectRecording,
    Effect,
    LogConsent,
    PromptKey,
    ResumeRecording,
    StartRecording,
    StartTimer,
    StopRecording,
    StopTimer,
)
from ivr.dialogue.events import (
    ConsentLogged,
    EmployeeLeft,
    EmployeeUnreachable,
    Event,
    Heard,
    HoldEnded,
    HoldStarted,
    KindNamed,
    LegAnswered,
    ObjectionRaised,
    PauseAsked,
    PromptFailed,
    PromptPlayed,
    RecordingStarted,
    ResumeAsked,
    StarPressed,
    StopAsked,
    Timer,
    TimerExpired,
    UtteranceHeard,
)
from ivr.dialogue.machine import step
from ivr.dialogue.moves import answer_is_awaited
from ivr.dialogue.states import GONE, RUNNING, Dialogue, State

ANNOUNCEMENTS = (PromptKey.ALLOWED_RECORDING, PromptKey.RECORDING_ALWAYS, PromptKey.RECORDING_INSTEAD)
ASKED = (State.ASKING, State.ASKING_ALONE, State.KEYPAD)


class Watcher:
    """Follows a call step by step."""

    def __init__(self) -> None:
        self.sounding: int | None = None
        self.announcement: int | None = None  # the last one that the agency records, made since anybody was on hold
        self.resuming: int | None = None  # the last one that the recording goes on, likewise
        self.consent_wished = self.consent_logged = self.heard_out = False
        self.on_hold = self.gone = self.uncollected = self.private = self.excluded = False
        self.timers: set[Timer] = set()
        self.prompts: list[int] = []

    def follow(self, before: Dialogue, event: Event) -> Dialogue:
        """Step, and look whether all is right."""
        frozen = before.to_json()
        answer = step(before, event)
        assert answer == step(before, event)
        assert before.to_json() == frozen
        assert Dialogue.from_json(answer.dialogue.to_json()) == answer.dialogue
        if answer.ignored is not None:
            assert (answer.dialogue, answer.effects) == (before, ())
        self._take(before, event, ignored=answer.ignored is not None)
        for effect in answer.effects:
            self._see(before, event, effect)
        self._look_back(before, event, answer.dialogue, answer.effects)
        return answer.dialogue

    def _take(self, before: Dialogue, event: Event, *, ignored: bool) -> None:
        """What an event means, whatever the machine makes of it."""
        match event:
            case PromptPlayed(prompt_id) | PromptFailed(prompt_id) | TimerExpired(Timer.PROMPT, prompt_id):
                if prompt_id == self.sounding:
                    self.sounding = None
                    if isinstance(event, PromptPlayed) and prompt_id == self.announcement:
                        self.heard_out = self.consent_logged
            case TimerExpired(timer):
                self.timers.discard(timer)
            case ConsentLogged() if self.consent_wished and not ignored:
                self.consent_logged = True
            case HoldStarted() if not ignored:
                self.on_hold, self.heard_out, self.announcement, self.resuming = True, False, None, None
            case HoldEnded():
                self.on_hold = False
            case ObjectionRaised(agency_records=False) if not ignored:
                self.heard_out, self.announcement = False, None
            case KindNamed(alternative=alternative) if not ignored:
                self.excluded = bool(alternative)
            case PauseAsked() | UtteranceHeard(Heard.PAUSE) if not ignored:
                self.private, self.heard_out, self.announcement, self.resuming = True, False, None, None
            case ResumeAsked() | UtteranceHeard(Heard.RESUME) | StarPressed() | StopAsked() if not ignored:
                self.private = self.private and isinstance(event, StarPressed) and not before.private
            case UtteranceHeard(Heard.NO | Heard.STOP) | LegAnswered(digit="2") if not (
                ignored or records_always(before)
            ):
                self.consent_wished = self.consent_logged = self.heard_out = False
                self.announcement = None
            case RecordingStarted() if not ignored:
                self.uncollected = True
            case EmployeeLeft() | EmployeeUnreachable() if not ignored:
                self.gone = True
            case _:
                pass

    def _see(self, before: Dialogue, event: Event, effect: Effect) -> None:
        match effect:
            case LogConsent(tag):
                assert permits(tag, before, event)
                self.consent_wished, self.consent_logged, self.heard_out = True, False, False
            case StartRecording():
                assert self.consent_logged
                assert self.heard_out
                assert not self.on_hold
                assert not self.gone
                assert not self.private
                assert not self.excluded
            case ResumeRecording():
                assert isinstance(event, PromptPlayed)
                assert event.prompt_id == self.resuming
                assert not self.on_hold
                assert not self.gone
                assert not self.private
            case Announce(prompt):
                assert self.sounding is None, "two announcements overlap"
                self.sounding = prompt.prompt_id
                self.prompts.append(prompt.prompt_id)
                if prompt.key in ANNOUNCEMENTS:
                    self.announcement, self.heard_out = prompt.prompt_id, False
                if prompt.key is PromptKey.RESUMED:
                    self.resuming = prompt.prompt_id
            case CollectRecording():
                self.uncollected = False
            case StartTimer(timer):
                self.timers.add(timer)
            case StopTimer(timer):
                self.timers.discard(timer)
            case _:
                pass

    def _look_back(self, before: Dialogue, event: Event, after: Dialogue, effects: tuple[Effect, ...]) -> None:
        said_no = event in (UtteranceHeard(Heard.NO), LegAnswered(getattr(event, "prompt_id", 0), "2"))
        if said_no and before.state in ASKED and before.employee not in GONE:
            assert after.state not in (State.OFFERING, State.LEARNING, State.CLOSING, State.ENDED)
        if self.gone and before.agency_recording in RUNNING:
            assert StopRecording() in effects
        if after.state is State.ENDED:
            assert after.agency_recording not in RUNNING
            assert not self.uncollected
        if answer_is_awaited(after):
            assert Timer.ANSWER in self.timers
        if after.state is State.STARTING:
            assert Timer.RECORDING_START in self.timers
        if after.sounding is not None:
            assert after.sounding == self.sounding


def permits(tag: str, before: Dialogue, event: Event) -> bool:
    """A yes of the caller; a profile by which every call is recorded; an objection whose alternative it is."""
    match tag:
        case "consent:given":
            return is_a_yes(before, event)
        case "recording:permitted":
            return records_always(before)
        case _:
            return isinstance(event, ObjectionRaised) and event.agency_records and tag == "objection:raised"


def is_a_yes(before: Dialogue, event: Event) -> bool:
    """A spoken yes under the question, or key 1 under the question or at the keypad: nothing else is one."""
    match event:
        case UtteranceHeard(Heard.YES):
            return before.state in (State.ASKING, State.ASKING_ALONE)
        case LegAnswered(prompt_id, "1"):
            asked = before.speaking is not None and before.speaking.prompt_id == prompt_id
            return asked and before.state in (State.ASKING_ALONE, State.KEYPAD)
        case _:
            return False
