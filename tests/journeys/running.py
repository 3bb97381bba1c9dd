"""The whole service beside the local carrier, and calls on it: scripts, deadlines, and what a call left behind."""

import io
import os
import subprocess
import sys
import time
import wave
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, Self, TypeVar

import numpy as np
import pytest
from sqlalchemy import select

from ivr.calls.jobs import JobKind
from ivr.demo.household import Household
from ivr.demo.play import Script
from ivr.demo.timeline import Timeline, carrier_line, log_line
from ivr.emulator.audio import RATE_HZ, Samples
from ivr.wiring import Wiring
from storage.records import LoggedEntry
from storage.tables import jobs
from tests.guards.tree import ROOT
from tests.journeys.agencies import first_address, number_of

T = TypeVar("T")
Event = dict[str, Any]
Step = dict[str, Any]

OVER_WITHIN_S = 150
"""Far more than any journey takes: only what never happens gets there."""

PACE_S = 0.3
MOST_WORK = 16
NUMBERS = count(1)
"""Each call of a test session has its own."""


# ---------------------------------------------------------------- what people do


def say(text: str, voice: str = "nl") -> Step:
    """In a voice that the recogniser was tried with."""
    return {"say": text, "voice": voice, "words_per_minute": 130}


def hear(words: str) -> Step:
    """Wait until words like these were spoken to the end."""
    return {"wait_heard": words, "timeout_s": 60}


def hear_begin(words: str) -> Step:
    return {"wait_start_of": words, "timeout_s": 60}


def press(digits: str) -> Step:
    return {"press": digits}


def pause(duration_s: float) -> Step:
    return {"wait_s": duration_s}


HANG_UP: Step = {"hang_up": True}
SKIP_GREETING: Script = [hear_begin("Welkom bij"), press("5")]
"""Any key ends the greeting."""

RECORD_BY_KEY: Script = [hear_begin("Welkom bij"), press("1"), hear_begin("toets kiezen"), press("1")]
YES_AFTER_STAR: Script = [press("*"), hear_begin("toets kiezen"), pause(2), press("1")]
"""So slowly that the employee hears meanwhile where the caller is."""

ASK_BY_KEY: Script = [*SKIP_GREETING, hear("Waarmee kan ik"), *YES_AFTER_STAR]
"""During the call, without a word."""

UNTIL_RECORDED = hear("neemt ook .* op")
NO_COPY: Script = [hear_begin("kopie van onze opname"), press("2")]


@dataclass(frozen=True, eq=False)
class Plan:
    """A call before it is made, to an agency's number. Without a `number` the caller has a mobile one; `desk` is the
    address at which the employee answers, the agency's first one where it is not named. `work` is what somebody does
    beside the phone while the call goes on."""

    caller: Script
    employee: Script
    number: str | None = None
    answers: bool = True
    agency: str = "example"
    desk: str | None = None
    work: "Callable[[Call], None] | None" = None


# ---------------------------------------------------------------- the service


@dataclass
class Desk:
    """Who answers at an address from now on, and the calls that were made since."""

    script: Script
    name: str
    unrung: "list[Call]" = field(default_factory=list)


class Service:
    """A household of processes, and the calls that are made on it."""

    def __init__(self, household: Household) -> None:
        self.household = household
        self.wiring = Wiring(household.settings)
        self._desks: dict[str, Desk] = {}
        self._beside = ThreadPoolExecutor(MOST_WORK, thread_name_prefix="work")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._beside.shutdown()
        self.wiring.database.close()

    def call(self, plan: Plan) -> "Call":
        """Make the call. Another employee takes a phone once all earlier calls to it were put through."""
        number = next(NUMBERS)
        address = plan.desk or first_address(plan.agency)
        desk = self._desks.get(address)
        if desk is None or plan.employee is not desk.script:
            for call in [] if desk is None else desk.unrung:
                self.wait_until(f"{call.caller} is put through", call.was_put_through)
            desk = self._desks[address] = Desk(plan.employee, f"employee {number}")
            self.household.register(address, plan.employee, desk.name, answer=plan.answers)
        caller, dialled = f"caller {number}", plan.number or f"+316{number:08d}"
        sid = self.household.call(dialled, plan.caller, caller, number_of(plan.agency))
        call = Call(self, sid, caller, desk.name, dialled, address)
        desk.unrung.append(call)
        return call if plan.work is None else replace(call, work=self._beside.submit(plan.work, call))

    def fail(self, **faults: object) -> None:
        """Ask the local carrier for mishaps (`ivr/emulator/faults.py`), in place of those asked for before."""
        self.household.control("PUT", "faults", faults)

    def events(self, kind: str, **wanted: object) -> list[Event]:
        """Everything of a kind, with these fields, that the local carrier saw."""
        return [
            event
            for event in self.household.events(0)
            if event["kind"] == kind and all(event.get(name) == value for name, value in wanted.items())
        ]

    def wait_until(self, what: str, found: Callable[[], T], within_s: float = OVER_WITHIN_S) -> T:
        """The first thing found that is true. Looks again at every event of the carrier, and at a slow pace."""
        deadline = time.monotonic() + within_s
        while not (result := found()):
            self.household.check()
            if time.monotonic() > deadline:
                pytest.fail(f"never happened: {what}")
            self.household.events(len(self.household.events(0)), wait_s=PACE_S)
        return result

    def command(self, *arguments: str) -> int:
        """Run `spelregel ...` with the settings of this service; gives its exit code."""
        with start_command(*arguments, environment=self.household.environment) as process:
            sys.stdout.write("".join(process.communicate()))
        return process.returncode


def start_command(*arguments: str, environment: Mapping[str, str], folder: Path = ROOT) -> subprocess.Popen[str]:
    """`spelregel ...` on its way."""
    return subprocess.Popen(
        [sys.executable, "-m", "ivr", *arguments],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


# ---------------------------------------------------------------- one call


@dataclass(frozen=True)
class Call:
    """A call on its way, or over. `caller` and `employee` are the parties' names in the carrier's events; `address` is
    where the employee answers."""

    service: Service
    sid: str
    caller: str
    employee: str
    number: str
    address: str
    work: "Future[None] | None" = None

    @property
    def call_id(self) -> str:
        found = self.service.wait_until("the service knows the call", lambda: self.service.wiring.driver.find(self.sid))
        assert found is not None
        return found.call_id

    def was_put_through(self) -> bool:
        """The employee's phone rings (or rang), or the call is over."""
        events = self.service.household.events(0)
        rung = [e for e in events if e["kind"] == "call" and e["to"] == self.address and e["status"] == "ringing"]
        dialled = [e["n"] for e in events if e["kind"] == "call" and e["callSid"] == self.sid]
        return self.is_over() or any(event["n"] > dialled[0] for event in rung)

    def is_over(self) -> bool:
        ended = {"completed", "busy", "failed", "no-answer", "canceled"}
        return any(event["status"] in ended for event in self.service.events("call", callSid=self.sid))

    def finish(self) -> "Call":
        """Wait until the call is over and its jobs are done; tells the whole story to whoever reads a failed test."""
        try:
            if self.work is not None:
                self.work.result()
            self.service.wait_until("the call ends", self.is_over)
            self.service.wait_until("the service closes the call", self._is_closed)
            self.service.wait_until(f"the jobs of the call are done: {self.jobs()}", lambda: not self.jobs())
        finally:
            sys.stdout.write(self.story())
        return self

    def _is_closed(self) -> bool:
        found = self.service.wiring.driver.find(self.sid)
        return found is not None and found.closed_at is not None

    def jobs(self) -> list[str]:
        """What is still to be done for this call, timers apart."""
        call_id = self.call_id
        with self.service.wiring.database.snapshot() as connection:
            rows = connection.execute(
                select(jobs.c.kind, jobs.c.state, jobs.c.payload).where(jobs.c.kind != JobKind.TIMER)
            ).all()
        ours = [row for row in rows if call_id == row.payload.get("call_id") or self.sid == row.payload.get("call_sid")]
        return [f"{row.kind} {row.state}" for row in ours]

    # ------------------------------------------------------------ the log

    def entries(self) -> list[LoggedEntry]:
        call_id = self.call_id
        with self.service.wiring.database.transaction() as unit:
            return list(unit.log.list_call(call_id))

    def entry(self, tag: str) -> LoggedEntry:
        """The only one of its kind."""
        [found] = [entry for entry in self.entries() if entry.tag == tag]
        return found

    def tags(self) -> list[str]:
        """In order; prompts with their key: `prompt:played confirm`."""
        return [" ".join(filter(None, (entry.tag, str(entry.facts.get("key", ""))))) for entry in self.entries()]

    def wait_for(self, tag: str) -> None:
        self.service.wait_until(f"{tag} of {self.caller}", lambda: tag in self.tags())

    # ------------------------------------------------------------ what was said and heard

    def prompts(self) -> list[Event]:
        """What the bot said to the caller or to this employee."""
        heard = self.service.events("prompt")
        return [event for event in heard if {self.caller, self.employee} & set(event["to"])]

    def heard_by_caller(self) -> list[str]:
        """The bot's words that the caller heard to the end."""
        return [event["text"] for event in self.prompts() if event["completed"] and self.caller in event["to"]]

    def heard_by_employee(self) -> list[str]:
        return [event["text"] for event in self.prompts() if event["completed"] and self.employee in event["to"]]

    def heard_by_both(self) -> list[str]:
        both = {self.caller, self.employee}
        return [event["text"] for event in self.prompts() if event["completed"] and both <= set(event["to"])]

    def said(self) -> list[Event]:
        """What the two people said, in order."""
        said = [*self.service.events("said", party=self.caller), *self.service.events("said", party=self.employee)]
        return sorted(said, key=lambda event: str(event["started_at"]))

    def messages(self) -> list[str]:
        return [event["body"] for event in self.service.events("sms", to=self.number)]

    def answered_after_s(self, words: str, prompt: str) -> float:
        """From the end of the caller's sound to the beginning of what the bot said to them.

        The synthetic voice ends every text with half a second of silence, which belongs to its sound.
        """
        ended = next(event["ended_at"] for event in self.said() if words in event["text"])
        began = next(event["started_at"] for event in self.prompts() if prompt in event["text"])
        return (datetime.fromisoformat(began) - datetime.fromisoformat(ended)).total_seconds()

    # ------------------------------------------------------------ the agency's recording

    def carrier_recordings(self) -> list[Event]:
        """Every change of a recording of this call at the carrier; none: it never recorded."""
        return self.service.events("recording", callSid=self.sid)

    def recording(self) -> "Recording":
        """As stored by the agency, decrypted."""
        call_id = self.call_id
        with self.service.wiring.database.transaction() as unit:
            row = unit.recordings.find_for_call(call_id)
        assert row is not None
        with self.service.wiring.store.open(row.object_key) as stored, wave.open(stored) as wav:
            assert (wav.getnchannels(), wav.getsampwidth(), wav.getframerate()) == (2, 2, RATE_HZ)
            both = np.frombuffer(wav.readframes(wav.getnframes()), dtype="<i2").reshape(-1, 2)
        started = next(event["at"] for event in self.carrier_recordings() if event["status"] == "in-progress")
        return Recording(datetime.fromisoformat(started), both[:, 0], both[:, 1])

    def story(self) -> str:
        """Who said what and what was logged, as in the demo."""
        out = io.StringIO()
        timeline = Timeline(out)
        events: Iterable[Event] = self.service.household.events(0)
        ours = [
            event
            for event in events
            if event.get("party") in (self.caller, self.employee)
            or {self.caller, self.employee} & set(event.get("to") or [])
            or self.number == event.get("to")
        ]
        timeline.add([line for line in map(carrier_line, ours) if line is not None])
        timeline.add([log_line(entry) for entry in self.entries()])
        timeline.print_rest()
        return out.getvalue()


@dataclass(frozen=True)
class Recording:
    """`caller` is what the caller said, `room` what the caller heard: employee and bot. 8 000 Hz."""

    started_at: datetime
    caller: Samples
    room: Samples

    def at_s(self, moment: datetime | str) -> float:
        """Where a moment of the call lies in the recording."""
        at = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
        return (at.astimezone(UTC) - self.started_at).total_seconds()

    def spans(self, call: Call, party: str) -> list[tuple[float, float]]:
        """Begin and end, in seconds, of what the party said while it ran."""
        said = [event for event in call.said() if event["party"] == party]
        spans = [(self.at_s(event["started_at"]), self.at_s(event["ended_at"])) for event in said]
        return [span for span in spans if 0 <= span[0] < self.caller.size / RATE_HZ]


QUESTION = "U wilt dit gesprek opnemen. Klopt dat? Zeg ja of nee."
ALLOWED = "Dat mag. U kunt dit gesprek nu opnemen. Vanaf nu neemt ook gemeente Voorbeeld dit gesprek op."
DECLINED = "Dat is goed. U neemt het gesprek niet op. Het gesprek gaat gewoon verder."
"""What the bot says, word for word."""

ASK = [*SKIP_GREETING, hear("Waarmee kan ik"), say("Ik wil dit gesprek opnemen."), hear("Klopt dat")]
"""A caller who skips the greeting and wants to record; the answer is still to come."""

GREET = [pause(0.5), say("Waarmee kan ik u helpen?")]
PART = [pause(1), say("Tot ziens."), HANG_UP]
"""How an employee begins and ends."""
