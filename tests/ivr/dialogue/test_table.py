"""The table is complete and exact; every situation that can be reached is sound and leads on."""

from collections import defaultdict
from itertools import chain

import pytest

from ivr.dialogue.agency_recording import has_ground
from ivr.dialogue.effects import Announce
from ivr.dialogue.events import CallEnded, EmployeeLeft, Event
from ivr.dialogue.machine import step
from ivr.dialogue.rules import AgencyRecords, Rules
from ivr.dialogue.states import GONE, RUNNING, AgencyRecording, CallerRecording, Dialogue, Employee, State
from ivr.dialogue.table import AFTERWARDS, ANSWERING, HANDLERS, ON_LEG, missing
from tests.ivr.dialogue.continuing import LONGEST, next_fair_event
from tests.ivr.dialogue.exploring import HOLD, OBJECTIONS, PARTS, Part, Seen, explore

S = State
ASKED = (S.ASKING, *ANSWERING, S.LOGGING)
NEEDS_EMPLOYEE = (S.TALKING, S.ASKING, S.ANNOUNCING, S.STARTING, S.RECORDING, S.PAUSED)


def test_every_state_answers_every_event() -> None:
    assert missing() == []


@pytest.fixture(scope="module")
def seen() -> list[Seen]:
    """What can happen to an ordinary call while at most one prompt waits (half a million answers of the machine)."""
    return list(explore(PARTS[0]))


@pytest.mark.slow
def test_the_table_names_exactly_the_states_that_each_event_leads_to(seen: list[Seen]) -> None:
    """No answer leads elsewhere, and no handler names a state that none of its places leads to."""
    led_to: dict[tuple[State, type[Event]], set[State]] = defaultdict(set)
    for one in chain(seen, *map(explore, PARTS[1:])):
        assert misfits(one.step.dialogue) == [], one
        if one.step.ignored is None:
            led_to[one.before.state, type(one.event)].add(one.step.dialogue.state)
    assert led_to.keys() == HANDLERS.keys()
    named: dict[tuple[str, type[Event]], set[State]] = defaultdict(set)
    found: dict[tuple[str, type[Event]], set[State]] = defaultdict(set)
    for (state, event), handler in HANDLERS.items():
        assert led_to[state, event] <= handler.to, (state, event)
        named[handler.handle.__name__, event] |= handler.to - {state}
        found[handler.handle.__name__, event] |= led_to[state, event] - {state}
    assert named == found


@pytest.mark.parametrize(
    "rules", [Rules(agency_records=AgencyRecords.NEVER), Rules(offer_copy=False, can_text=False, reprompts=0)]
)
def test_no_policy_leads_anywhere_else(rules: Rules) -> None:
    for one in explore(Part(rules, (*HOLD, *OBJECTIONS))):
        if one.step.ignored is None:
            assert one.step.dialogue.state in HANDLERS[one.before.state, type(one.event)].to


def misfits(d: Dialogue) -> list[str]:
    sounds = d.speaking is not None and d.speaking.prompt_id == d.sounding
    sound = {
        "the state says whether the agency records, but while something is asked or logged": d.state in ASKED
        or (d.agency_recording is AgencyRecording.STARTED) == (d.state is S.RECORDING),
        "and whether it pauses": d.state in ASKED
        or (d.agency_recording is AgencyRecording.PAUSED) == (d.state is S.PAUSED),
        "what runs has a ground, but while something is asked": d.state in ASKED
        or d.agency_recording not in RUNNING
        or has_ground(d),
        "a refusal stands while the caller is objected to": d.caller_recording is not CallerRecording.OBJECTED
        or d.refusal is not None,
        "in the room the caller is told what sounds there, on the leg something else": d.speaking is None
        or sounds == d.in_room,
        "who answers by key has been asked": d.state not in (*ANSWERING, S.OFFERING) or d.speaking is not None,
        "who is on the own leg is not in the room": d.state not in ON_LEG or not d.in_room,
        "the question and the announcement are put to both": d.state not in (S.ASKING, S.ANNOUNCING) or d.in_room,
        "nobody talks to an employee who is not there": d.state not in NEEDS_EMPLOYEE or d.employee is Employee.PRESENT,
        "without the employee the call comes to its end": d.employee not in GONE
        or d.state in (*ANSWERING, S.LOGGING, *AFTERWARDS, S.ENDED),
        "nothing sounds where the employee was never": d.state not in (S.GREETING, S.WAITING) or d.sounding is None,
    }
    return [what for what, holds in sound.items() if not holds]


@pytest.mark.slow
def test_announcements_never_overlap(seen: list[Seen]) -> None:
    for one in seen:
        announced = [effect for effect in one.step.effects if isinstance(effect, Announce)]
        assert len(announced) <= 1
        if announced and one.before.sounding is not None:
            assert getattr(one.event, "prompt_id", None) == one.before.sounding


@pytest.mark.slow
@pytest.mark.parametrize("answered", [True, False])
def test_from_everywhere_the_call_goes_on_and_comes_to_its_end(seen: list[Seen], answered: bool) -> None:
    """No question, prompt or wait lasts for ever, not even where the carrier reports nothing."""
    for dialogue in {one.before for one in seen}:
        rested = come_to_rest(dialogue, answered=answered)
        assert rested.state in (S.TALKING, S.RECORDING, S.CLOSING, S.ENDED)
        assert (rested.queue, rested.speaking) == ((), None)
        parted = come_to_rest(step(rested, EmployeeLeft()).dialogue, answered=answered)
        assert parted.state in (S.CLOSING, S.ENDED)
        ended = step(parted, CallEnded()).dialogue
        assert ended.state is S.ENDED


def come_to_rest(dialogue: Dialogue, *, answered: bool) -> Dialogue:
    for _ in range(LONGEST):
        event = next_fair_event(dialogue, answered=answered)
        if event is None:
            return dialogue
        dialogue = step(dialogue, event).dialogue
    pytest.fail(f"this call goes round in circles: {dialogue}")
