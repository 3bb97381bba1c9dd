"""One event: load, step, save, run the effects in order, feed their results back as events.

State, consent-log entries, timers and jobs are written in one transaction; only after it is durable is the carrier
asked for anything. What is lost between the two (a crash, a carrier that does not answer) is noticed by the timers
and orders that were written with it.
"""

import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from uuid import uuid4

from ivr.calls.agencies import Agencies
from ivr.calls.asking import CarrierDesk
from ivr.calls.facts import facts_of
from ivr.calls.numbers import NumberKey
from ivr.calls.orders import Order, find_order, is_wanted
from ivr.calls.writing import Writer
from ivr.carrier.links import Links
from ivr.dialogue.effects import CloseCall, Effect, FollowRefusal, OfferTicket, Prompt, PromptKey
from ivr.dialogue.events import CallAnswered, ConsentLogged, Event, RecordingStarted, StreamLost
from ivr.dialogue.machine import Step, step
from ivr.dialogue.states import Dialogue
from ivr.ports import Clock, Database, Unit
from storage.errors import DuplicateCall, VersionConflict
from storage.records import CallRecord

TRIES = 20
"""Two processes that move one call at once try in turn; each try means that somebody else got on."""

TWICE = "it came twice"

WORK_AT_ONCE = (OfferTicket, FollowRefusal, CloseCall)
"""Effects that leave a job which is due at once; the worker finds the others by itself."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One fact on its way to a call. `key` names it where it may be delivered twice.

    `forgets_ignored`: one that changed nothing may come again under its key, and is then tried again.
    """

    event: Event
    key: str | None = None
    conference_sid: str | None = None
    leg_waits: bool = False
    forgets_ignored: bool = False


class Undone(Exception):
    """Takes the key of an event that changed nothing back: nothing else was written."""

    def __init__(self, call: CallRecord, moved: Step) -> None:
        super().__init__(moved.ignored)
        self.call = call
        self.moved = moved


@dataclass(frozen=True, slots=True)
class Told:
    """A call after an event and all that followed; `ignored` says why the event itself changed nothing, else None."""

    call: CallRecord
    dialogue: Dialogue
    ignored: str | None


class CallDriver:
    """Moves calls. Safe to share between threads and to run in many processes."""

    def __init__(
        self,
        database: Database,
        desk: CarrierDesk,
        agencies: Agencies,
        links: Links,
        numbers: NumberKey,
        clock: Clock,
        wake_worker: Callable[[], None],
    ) -> None:
        self._database = database
        self._desk = desk
        self._agencies = agencies
        self._links = links
        self._numbers = numbers
        self._clock = clock
        self._wake_worker = wake_worker

    def open(self, call_sid: str, called: str, caller: str) -> tuple[CallRecord, Dialogue]:
        """Begin a call, or find the one that this call_sid has already. Raises `UnknownAgency`."""
        policy = self._agencies.for_number(called)
        try:
            with self._database.transaction() as unit:
                call = unit.calls.find_by_sid(call_sid)
                if call is None:
                    call = CallRecord(
                        call_id=uuid4().hex,
                        call_sid=call_sid,
                        agency=policy.slug,
                        policy_digest=policy.digest,
                        opened_at=self._clock.now(),
                        dialogue=self._agencies.begin(policy, called, caller).to_json(),
                        line=called,
                    )
                    unit.policies.keep(policy.digest, policy.slug, policy.version, policy.document, call.opened_at)
                    unit.calls.insert(call)
                    unit.calls.set_caller_number(call.call_id, caller, self._numbers.hash_of(caller))
                call, moved = self._step(unit, call.call_id, Arrival(CallAnswered(), leg_waits=True))
        except DuplicateCall:
            # The carrier asked twice at once, and the other request was first.
            return self.open(call_sid, called, caller)
        return call, moved.dialogue

    def find(self, call_sid: str) -> CallRecord | None:
        with self._database.reading() as unit:
            return unit.calls.find_by_sid(call_sid)

    def look(self, call_id: str) -> tuple[CallRecord, Dialogue]:
        """The call as it is. Raises `UnknownCall`."""
        with self._database.reading() as unit:
            call = unit.calls.get(call_id)
        return call, Dialogue.from_json(call.dialogue)

    def handle(
        self,
        call_id: str,
        event: Event,
        *,
        key: str | None = None,
        conference_sid: str | None = None,
        leg_waits: bool = False,
    ) -> tuple[CallRecord, Dialogue]:
        """Give a call one event and carry out what follows; gives the call and its dialogue after all of it.

        `key` is the carrier's own name of the event: what comes twice changes nothing. `leg_waits`: the caller's leg
        gets its document as the answer to this request. Raises `UnknownCall`.
        """
        told = self._carry_out(call_id, Arrival(event, key, conference_sid, leg_waits))
        return told.call, told.dialogue

    def tell(self, call_id: str, event: Event, key: str | None) -> "Told":
        """As `handle`, for people who want to know whether the event took effect; what did not may be tried again."""
        return self._carry_out(call_id, Arrival(event, key, forgets_ignored=True))

    def _carry_out(self, call_id: str, arrival: Arrival) -> "Told":
        call, first = self._move(call_id, arrival)
        arrivals: deque[Arrival] = deque()
        moved = first
        while True:
            for effect in moved.effects:
                order = find_order(effect, leg_waits=arrival.leg_waits)
                answers = self._desk.ask(call, effect) if order is None else self._desk.give(call, order)
                arrivals.extend(Arrival(answer, leg_waits=arrival.leg_waits) for answer in answers)
            if any(isinstance(effect, WORK_AT_ONCE) for effect in moved.effects):
                self._wake_worker()
            if not arrivals:
                return Told(call, moved.dialogue, first.ignored)
            call, moved = self._move(call_id, arrivals.popleft())

    def repeat(self, call_id: str, order: Order) -> None:
        """Give an order again that was not struck out. Raises `CarrierBusy`, `UnknownCall`."""
        call, dialogue = self.look(call_id)
        if is_wanted(order, dialogue):
            for answer in self._desk.repeat(call, order):
                self.handle(call_id, answer)

    def lose_stream(self, call_id: str, stream_sid: str) -> None:
        """A media stream broke off. Only the newest one of a call counts, and it is lost once, whoever reports it.

        One that never got as far as its `start` is unknown here: the watch over running calls asks for the next.
        Raises `UnknownCall`.
        """
        with self._database.reading() as unit:
            newest = unit.streams.find_latest(call_id)
        if newest is not None and newest.stream_sid == stream_sid:
            self.handle(call_id, StreamLost(), key=f"{stream_sid}:lost")

    def words(self, call: CallRecord, prompt: Prompt) -> str:
        """The exact text of a prompt of this call."""
        policy = self._agencies.by_digest(call.agency, call.policy_digest)
        code_of = self._links.receipt_code if prompt.key is PromptKey.RECEIPT_CODE else self._links.copy_code
        return self._agencies.speaker(policy).words(prompt, code_of(call.call_id))

    def _move(self, call_id: str, arrival: Arrival) -> tuple[CallRecord, Step]:
        for _ in range(TRIES):
            try:
                with self._database.transaction() as unit:
                    call, moved = self._step(unit, call_id, arrival)
                    if arrival.forgets_ignored and moved.ignored not in (None, TWICE):
                        raise Undone(call, moved)
                    return call, moved
            except VersionConflict:
                continue
            except Undone as undone:
                return undone.call, undone.moved
        raise VersionConflict(f"call {call_id} was moved by others {TRIES} times in a row")

    def _step(self, unit: Unit, call_id: str, arrival: Arrival) -> tuple[CallRecord, Step]:
        """One move in one transaction: the new dialogue and everything that it wrote are there together or not."""
        call = unit.calls.get(call_id)
        dialogue = Dialogue.from_json(call.dialogue)
        now = self._clock.now()
        if arrival.key is not None and not unit.inbox.take(f"{call_id}:{arrival.key}", now):
            return call, Step(dialogue, ignored=TWICE)
        if arrival.conference_sid is not None:
            call = replace(call, conference_sid=arrival.conference_sid)
        if isinstance(arrival.event, RecordingStarted):
            call = replace(call, recording_sid=arrival.event.recording_sid)
        policy = self._agencies.by_digest(call.agency, call.policy_digest)
        facts = facts_of(call, dialogue, policy)
        speaker = self._agencies.speaker(policy)
        writer = Writer(unit, call, policy, speaker, self._links, now, leg_waits=arrival.leg_waits)
        events: deque[Event] = deque([arrival.event])
        effects: list[Effect] = []
        while events:
            event = events.popleft()
            moved = step(dialogue, event)
            about = {"call_id": call_id, "event": type(event).__name__, "state": moved.dialogue.state}
            log.info("event" if moved.ignored is None else "event ignored", extra={**about, "reason": moved.ignored})
            prompts = _prompts(dialogue) | _prompts(moved.dialogue)
            for effect in moved.effects:
                entry = writer.write(effect, prompts)
                if entry is not None:
                    # The entry becomes durable with this very move, before any effect that it permits is asked for.
                    events.append(ConsentLogged(entry.number))
            effects += moved.effects
            dialogue = moved.dialogue
        if not effects and moved.ignored is not None:
            return call, moved
        saved = unit.calls.save(replace(writer.call, dialogue=dialogue.to_json()))
        found_by = facts_of(saved, dialogue, policy)
        if call.version == 0 or found_by != facts:
            unit.search.put(found_by)
        return saved, Step(dialogue, tuple(effects))


def _prompts(dialogue: Dialogue) -> dict[int, Prompt]:
    told = (dialogue.speaking, dialogue.aside, *dialogue.queue)
    return {prompt.prompt_id: prompt for prompt in told if prompt is not None}
