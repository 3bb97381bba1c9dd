"""However a profile is written: no reason is a condition, nothing is recorded unannounced, a no ends no call."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from config.demands import find_demand
from config.policy import AgencyPolicy, Policies, PolicyError
from config.policy_file import parse_policy
from config.prompts import load_all_prompts
from ivr.calls.agencies import Agencies
from ivr.calls.speaking import Speaker
from ivr.dialogue.effects import Announce, Effect, Prompt, PromptKey
from ivr.dialogue.events import CallEnded, Event, Heard, LegAnswered, PromptPlayed, UtteranceHeard
from ivr.dialogue.machine import step
from ivr.dialogue.states import GONE, CallerRecording, Dialogue, State
from storage.session import SqlDatabase
from tests.ivr.dialogue.continuing import next_fair_event
from tests.ivr.dialogue.exploring import events_for
from tests.ivr.dialogue.watching import Watcher

CONFIG = Path(__file__).parents[3] / "config"
EXAMPLE = (CONFIG / "policies" / "example.toml").read_text(encoding="utf-8")
NUMBER, CALLER, CODE = "+31201234567", "+31612345678", "0" * 12
ASKS_CALLER = {
    PromptKey.CONFIRM,
    PromptKey.CONFIRM_AGAIN,
    PromptKey.KEYPAD,
    PromptKey.KEYPAD_EMPLOYEE,
}
"""All that may be said between a wish and its answer, beside what was waiting to be said before."""

SENTENCES = (
    "U mag dit gesprek opnemen.",
    "Wij vinden dat prettig!",
    "Waarom wilt u opnemen?",
    "Geef eerst de reden van uw opname.",
    "U moet een verklaring ondertekenen.",
    "U belooft dat u de opname niet bij de rechter gebruikt.",
    "U hoeft niet te zeggen waarom u opneemt.",
    "Opnemen mag alleen met een reden, dus noem uw reden.",
)
DEMANDS = {sentence for sentence in SENTENCES if find_demand(sentence)}
TEXTS = st.lists(st.sampled_from(SENTENCES), min_size=1, max_size=2).map(" ".join)


@st.composite
def profiles(draw: st.DrawFn) -> str:
    """The example's profile with anything else in it that an official might write."""
    flag = st.sampled_from(["true", "false"])
    changes = {
        'parallel_recording = "when-the-caller-records"': "parallel_recording = "
        + json.dumps(draw(st.sampled_from(["always", "never", "when-the-caller-records"]))),
        'languages = ["nl", "en"]': draw(st.sampled_from(['languages = ["nl", "en"]', 'languages = ["en", "nl"]'])),
        "training = false": f"training = {draw(flag)}",
        "offer = true": f"offer = {draw(flag)}",
        "ask_theirs = false": f"ask_theirs = {draw(flag)}",
        'by = "sms"': f'by = "{draw(st.sampled_from(["sms", "code"]))}"',
        "reprompts = 1": f"reprompts = {draw(st.integers(0, 3))}",
        "rounds = 1": f"rounds = {draw(st.integers(1, 3))}",
        "agency_records = true": f"agency_records = {draw(flag)}",
        'opening.nl = "U mag dit gesprek opnemen."': f"opening.nl = {json.dumps(draw(TEXTS))}",
        'spoken.nl = "De opname raakt de privacy van iemand anders."': f"spoken.nl = {json.dumps(draw(TEXTS))}",
        'spoken.nl = "U mag iemand laten meeluisteren."': f"spoken.nl = {json.dumps(draw(TEXTS))}",
    }
    if draw(st.booleans()):
        kind = 'alternative = "verslag"\nspoken.en = "This is a mediation talk."\nexcluded = true'
        number = draw(st.sampled_from(["", f'\nnumbers = ["{NUMBER}"]']))
        changes["excluded = false"] = f"spoken.nl = {json.dumps(draw(TEXTS))}\n{kind}{number}"
    document = EXAMPLE
    for old, new in changes.items():
        assert old in document
        document = document.replace(old, new, 1)
    return document


def read(document: str) -> AgencyPolicy:
    """Profiles that `spelregel policy check` refuses are no profiles; one with a demand in it is always refused."""
    try:
        policy = parse_policy(document, "example")
    except PolicyError:
        assume(False)
        raise
    assert not [demand for demand in DEMANDS if demand in document]
    return policy


def agencies_of(policy: AgencyPolicy) -> Agencies:
    """Today's profile is at hand, so the database is never opened."""
    database = SqlDatabase("sqlite:///never-opened.db")
    return Agencies(Policies({policy.slug: policy}), load_all_prompts(CONFIG / "prompts"), database)


ANYTHING = settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@ANYTHING
@given(document=profiles(), choices=st.lists(st.integers(0, 10_000), max_size=60))
def test_no_profile_records_in_secret_or_ends_a_call_over_a_no(document: str, choices: list[int]) -> None:
    """The watcher of the dialogue knows what must never happen; here any profile sets the rules."""
    policy = read(document)
    watcher = Watcher()
    agencies = agencies_of(policy)
    dialogue = agencies.begin(policy, NUMBER, CALLER)
    watcher.excluded = bool(dialogue.exclusion)
    for choice in choices:
        event = next_fair_event(dialogue, answered=True) if choice % 3 else None
        if event is None:
            events = [event for event in events_for(dialogue) if not isinstance(event, CallEnded)]
            event = events[choice % len(events)]
        dialogue = watcher.follow(dialogue, event)


@ANYTHING
@given(document=profiles(), answer=st.sampled_from([Heard.YES, Heard.NO]))
def test_between_the_wish_and_the_decision_lies_one_question_and_no_reason(document: str, answer: Heard) -> None:
    """What is asked is whether it is so, and nothing else; every word that is said demands nothing."""
    policy = read(document)
    agencies = agencies_of(policy)
    speaker = agencies.speaker(policy)
    call = Played(agencies.begin(policy, NUMBER, CALLER), speaker)
    call.go_on_until(lambda d: d.state in (State.TALKING, State.RECORDING))
    call.happens(UtteranceHeard(Heard.REQUEST))
    asked = call.mark()
    for _ in range(12):
        if call.dialogue.caller_recording is not CallerRecording.ANNOUNCED:
            break
        call.answers(answer)
    assert set(call.said_since(asked)) <= ASKS_CALLER
    decided = call.dialogue.caller_recording
    if answer is Heard.NO:
        assert decided is CallerRecording.DECLINED
        assert call.dialogue.employee not in GONE
    elif call.dialogue.exclusion:
        assert decided is CallerRecording.OBJECTED
    else:
        assert decided is CallerRecording.CONFIRMED


class Played:
    """A call whose every prompt is looked at as it is spoken."""

    def __init__(self, dialogue: Dialogue, speaker: Speaker) -> None:
        self.dialogue = dialogue
        self.said: list[PromptKey] = []
        self._speaker = speaker

    def happens(self, event: Event) -> None:
        before = self.dialogue.speaking
        answer = step(self.dialogue, event)
        self.dialogue = answer.dialogue
        self._look(answer.effects)
        speaking = self.dialogue.speaking
        if speaking is not None and speaking != before and not self.dialogue.in_room:
            self._hear(speaking)

    def _look(self, effects: tuple[Effect, ...]) -> None:
        for effect in effects:
            if isinstance(effect, Announce):
                self._hear(effect.prompt)

    def _hear(self, prompt: Prompt) -> None:
        self.said.append(prompt.key)
        assert find_demand(self._speaker.words(prompt, CODE)) is None

    def go_on_until(self, there: Callable[[Dialogue], bool]) -> None:
        """Both are in the room and nothing is being said."""
        for _ in range(40):
            event = next_fair_event(self.dialogue, answered=True)
            if event is None:
                assert there(self.dialogue)
                return
            self.happens(event)

    def answers(self, answer: Heard) -> None:
        """By voice where the question was put, by key at the keypad."""
        d = self.dialogue
        if d.state is State.KEYPAD and d.speaking is not None:
            self.happens(LegAnswered(d.speaking.prompt_id, "1" if answer is Heard.YES else "2"))
        elif d.sounding is not None:
            self.happens(PromptPlayed(d.sounding))
        else:
            self.happens(UtteranceHeard(answer))

    def mark(self) -> int:
        return len(self.said)

    def said_since(self, mark: int) -> list[PromptKey]:
        """Until the decision, whose own announcement comes after it."""
        return [key for key in self.said[mark:] if key not in DECISIONS]


DECISIONS = {
    PromptKey.ALLOWED,
    PromptKey.ALLOWED_RECORDING,
    PromptKey.DECLINED,
    PromptKey.EXCLUDED,
    PromptKey.RECORDING_ALWAYS,
}


def test_a_demand_in_a_profile_is_refused_with_its_place() -> None:
    assert len(DEMANDS) == 5
    for demand in sorted(DEMANDS):
        document = EXAMPLE.replace("U mag dit gesprek opnemen.", demand)
        with pytest.raises(PolicyError, match=r"opening\.nl may not ask for a reason or a promise"):
            parse_policy(document, "example")
