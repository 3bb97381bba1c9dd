"""Events in any order, late, doubled and forged: what must never happen does not (see `watching`)."""

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from ivr.dialogue.events import (
    CallEnded,
    EmployeeLeft,
    Event,
    Heard,
    HoldEnded,
    HoldStarted,
    LegAnswered,
    PromptFailed,
    PromptPlayed,
    RecordingKept,
    RecordingStarted,
    StarPressed,
    Timer,
    TimerExpired,
    UtteranceHeard,
)
from ivr.dialogue.rules import AgencyRecords, Rules
from ivr.dialogue.states import Dialogue, State
from tests.ivr.dialogue.continuing import LONGEST, next_fair_event
from tests.ivr.dialogue.exploring import EVERYTHING_ELSE, events_for
from tests.ivr.dialogue.watching import Watcher

AS_IT_SHOULD = None
PATH: tuple[Event | None, ...] = (
    *[AS_IT_SHOULD] * 4,  # the greeting, both join
    UtteranceHeard(Heard.REQUEST),
    AS_IT_SHOULD,
    UtteranceHeard(Heard.YES),
    *[AS_IT_SHOULD] * 3,  # logged, announced, started
    HoldStarted(),
)
"""The straight way through a call. Runs begin anywhere on it, or chance would hardly ever get that far."""


class AnyCall(RuleBasedStateMachine):
    """Half of what happens is what should; the rest is anything at all."""

    def __init__(self) -> None:
        super().__init__()
        self.watcher = Watcher()
        self.dialogue = Dialogue()

    @initialize(
        rules=st.builds(
            Rules,
            reprompts=st.integers(0, 2),
            agency_records=st.sampled_from(AgencyRecords),
            offer_copy=st.booleans(),
            copy_by_sms=st.booleans(),
            can_text=st.booleans(),
            ask_theirs=st.booleans(),
            ask_training=st.booleans(),
            attempts=st.integers(1, 3),
            other_language=st.sampled_from(["", "en"]),
        ),
        still_to_go=st.integers(0, len(PATH)),
    )
    def begin(self, rules: Rules, still_to_go: int) -> None:
        self.dialogue = Dialogue(rules=rules)
        for event in PATH[: len(PATH) - still_to_go]:
            self.happen_or_go_on(event)

    def happen(self, event: Event) -> None:
        self.dialogue = self.watcher.follow(self.dialogue, event)

    def happen_or_go_on(self, event: Event | None) -> None:
        event = event or next_fair_event(self.dialogue, answered=True)
        if event is not None:
            self.happen(event)

    @rule(times=st.integers(1, 3))
    def what_should_happen(self, times: int) -> None:
        for _ in range(times):
            self.happen_or_go_on(AS_IT_SHOULD)

    @rule(heard=st.sampled_from(Heard))
    def the_caller_says(self, heard: Heard) -> None:
        self.happen(UtteranceHeard(heard))

    @rule()
    def the_caller_asks_and_confirms(self) -> None:
        """The way to a recording, wherever the call is now."""
        for event in PATH[4:7]:
            self.happen_or_go_on(event)

    @rule(event=st.sampled_from([StarPressed(), HoldStarted(), HoldEnded(), *EVERYTHING_ELSE]))
    def somebody_does(self, event: Event) -> None:
        self.happen(event)

    @rule(choice=st.integers(0, 10_000))
    def anything_happens(self, choice: int) -> None:
        # Ends of the call and the talk are left out here: they come often enough below, and end the run's interest.
        events = [e for e in events_for(self.dialogue) if not isinstance(e, CallEnded | EmployeeLeft)]
        self.happen(events[choice % len(events)])

    @rule(choice=st.integers(0, 10_000), digit=st.sampled_from([None, "1", "2", "7"]))
    def an_old_prompt_is_reported(self, choice: int, digit: str | None) -> None:
        prompt_id = 1 + choice % (self.dialogue.prompts_made + 2)
        ends = (
            PromptPlayed(prompt_id),
            PromptFailed(prompt_id, "late"),
            TimerExpired(Timer.PROMPT, prompt_id),
            LegAnswered(prompt_id, digit),
        )
        self.happen(ends[choice % len(ends)])

    @rule(event=st.sampled_from([EmployeeLeft(), CallEnded(), RecordingKept("nonsense")]), sure=st.integers(0, 4))
    def somebody_goes(self, event: Event, sure: int) -> None:
        if sure == 0:
            self.happen(event)

    def teardown(self) -> None:
        """However it went so far, it comes to its end."""
        for _ in range(LONGEST):
            event = next_fair_event(self.dialogue, answered=False)
            if event is None:
                break
            self.happen(event)
        else:
            raise AssertionError("this call goes round in circles")
        for last in (EmployeeLeft(), CallEnded(), RecordingStarted("RE8")):
            self.happen(last)
        assert self.dialogue.state is State.ENDED


TestAnyCall = AnyCall.TestCase
TestAnyCall.settings = settings(max_examples=300, stateful_step_count=60, deadline=None, derandomize=True)
