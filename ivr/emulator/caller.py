"""Scripted parties: they dial in or answer, speak, press keys, wait for what they hear, and hang up.

A script is a list of steps, each an object with one of these keys:

    {"say": "tekst", "voice": "nl+m3", "words_per_minute": 150}
    {"play": "file.wav"}
    {"wait_s": 1}
    {"wait_heard": "regex", "timeout_s": 30}
    {"wait_start_of": "regex", "timeout_s": 30}
    {"press": "1"}                              several digits are pressed one after the other
    {"record": "file.wav"}                      its own telephone records what it says and hears, until the call ends
    {"hold": true}                              puts the others in the room on hold, or takes them off
    {"hang_up": true}

What a party hears is a row of texts: prompts on its line, announcements, and what other scripted parties say to it.
**Rule for waiting.** `wait_heard` looks through the texts that were *played to the end*, in the order in which they
ended, from the first one that no earlier `wait_heard` has passed; the text that matches, and those before it, are then
passed. So a text that ended while the script was busy still counts, and none counts twice. `wait_start_of` does so
over the texts in the order in which they *began* (interrupted ones too); a text passed by `wait_heard` is passed there
as well. A wait that times out is an event, and the party hangs up. Regexes ignore case.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ivr.emulator.audio import BadAudio, Samples, read_wav, samples_of
from ivr.emulator.dialing import Busy
from ivr.emulator.exchange import Exchange, times_of
from ivr.emulator.legs import Leg, Party
from ivr.emulator.own_recording import OwnRecording
from ivr.emulator.player import Clip, Player, Utterance
from ivr.emulator.voice import synthesise

_ACTIONS = ("say", "play", "wait_s", "wait_heard", "wait_start_of", "press", "record", "hold", "hang_up")
_DIGIT_GAP_S = 0.15
_DEFAULT_WPM = 150


class BadScript(ValueError):
    """A step that cannot be done."""


@dataclass(frozen=True)
class Step:
    action: str
    value: Any
    voice: str = "nl+m3"
    words_per_minute: int = _DEFAULT_WPM
    timeout_s: float = 30.0


def read_script(steps: object) -> list[Step]:
    """Raises BadScript."""
    if not isinstance(steps, Sequence) or isinstance(steps, str):
        raise BadScript("a script is a list of steps")
    return [_read_step(step) for step in steps]


def _read_step(step: object) -> Step:
    if not isinstance(step, Mapping):
        raise BadScript(f"a step is an object, not {step!r}")
    actions = [name for name in _ACTIONS if name in step]
    options = {name: value for name, value in step.items() if name not in _ACTIONS}
    if len(actions) != 1 or not set(options) <= {"voice", "words_per_minute", "timeout_s"}:
        raise BadScript(f"a step has one of {', '.join(_ACTIONS)} and its options: {dict(step)}")
    action, value = actions[0], step[actions[0]]
    try:
        if action in ("wait_heard", "wait_start_of"):
            value = re.compile(value, re.IGNORECASE)
        elif action == "play":
            value = read_wav(Path(value).read_bytes())
        elif action == "record":
            value = Path(value)
            if not value.parent.is_dir():
                raise BadScript(f"record: there is no folder {value.parent}")
    except (re.error, TypeError, OSError, BadAudio) as error:
        raise BadScript(f"{action}: {error}") from error
    return Step(action, value, **options)


class ScriptedParty:
    """One party on one leg."""

    def __init__(self, exchange: Exchange, name: str, script: Sequence[Step]) -> None:
        self.name = name
        self._exchange = exchange
        self._script = script
        self._mouth = Player(self._listeners, self._report_said)
        self._started: list[Utterance] = []
        self._finished: list[Utterance] = []
        self._passed_started = self._passed_finished = 0
        self._news = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._leg: Leg | None = None
        self._recording: OwnRecording | None = None

    # ------------------------------------------------------------ as a Party

    def speak_frame(self) -> Samples:
        frame = self._mouth.next_frame()
        if self._recording:
            self._recording.speak(frame)
        return frame

    def hear_frame(self, frame: Samples) -> None:
        """Scripts wait for words, which come as utterances; a recording wants the sound."""
        if self._recording:
            self._recording.hear(frame)

    def utterance_started(self, utterance: Utterance) -> None:
        self._started.append(utterance)
        self._news.set()

    def utterance_finished(self, utterance: Utterance) -> None:
        self._finished.append(utterance)
        self._news.set()

    def connected(self, leg: Leg) -> None:
        self._leg = leg
        self._task = self._exchange.spawn(self._run(leg))

    def ended(self, status: str) -> None:  # noqa: ARG002 -- of no use to a script
        self._mouth.stop()
        self._stop_recording()
        if self._task and self._task is not asyncio.current_task():
            self._task.cancel()

    def _stop_recording(self) -> None:
        if self._recording:
            self._recording.close()
        self._recording = None

    def _listeners(self) -> list[Party]:
        if self._leg is None or self._leg.room is None:
            return []
        return [leg.party for leg in self._leg.room.hearers_of(self._leg) if leg.party]

    def _report_said(self, utterance: Utterance) -> None:
        self._exchange.events.add(
            "said",
            party=self.name,
            text=utterance.text,
            to=[hearer.name for hearer in utterance.hearers],
            completed=utterance.completed,
            **times_of(utterance),
        )

    # ------------------------------------------------------------ the script

    async def _run(self, leg: Leg) -> None:
        for step in self._script:
            try:
                if not await self._do(leg, step):
                    return
            except TimeoutError:
                what = step.value.pattern
                self._exchange.events.add(
                    "script-timeout",
                    party=self.name,
                    callSid=leg.sid,
                    step={step.action: what},
                    timeout_s=step.timeout_s,
                )
                leg.hang_up()
                return

    async def _do(self, leg: Leg, step: Step) -> bool:
        """False ends the script."""
        match step.action:
            case "say":
                speech = await asyncio.to_thread(
                    synthesise, step.value, step.voice, words_per_minute=step.words_per_minute
                )
                await self._mouth.play(Clip(samples_of(speech), step.value))
            case "play":
                await self._mouth.play(Clip(step.value, "(sound)"))
            case "wait_s":
                await asyncio.sleep(float(step.value))
            case "wait_heard":
                async with asyncio.timeout(step.timeout_s):
                    await self._wait_heard(step.value)
            case "wait_start_of":
                async with asyncio.timeout(step.timeout_s):
                    await self._wait_start_of(step.value)
            case "press":
                for digit in str(step.value):
                    leg.press(digit)
                    await asyncio.sleep(_DIGIT_GAP_S)
            case "record":
                self._stop_recording()
                self._recording = OwnRecording(step.value)
            case "hold":
                if leg.room:
                    leg.room.set_hold_by(leg, bool(step.value))
            case "hang_up":
                leg.hang_up()
                return False
        return True

    async def _wait_heard(self, pattern: re.Pattern[str]) -> None:
        while True:
            self._news.clear()
            for index in range(self._passed_finished, len(self._finished)):
                utterance = self._finished[index]
                if pattern.search(utterance.text):
                    self._passed_finished = index + 1
                    self._passed_started = max(self._passed_started, self._started.index(utterance) + 1)
                    return
            await self._news.wait()

    async def _wait_start_of(self, pattern: re.Pattern[str]) -> None:
        while True:
            self._news.clear()
            for index in range(self._passed_started, len(self._started)):
                if pattern.search(self._started[index].text):
                    self._passed_started = index + 1
                    return
            await self._news.wait()


class ScriptedPhone:
    """A registered address that answers by itself, with a fresh party for every call."""

    def __init__(
        self, exchange: Exchange, name: str, script: Sequence[Step], answer_after_s: float, answer: bool | str
    ) -> None:
        self._exchange = exchange
        self._name = name
        self._script = script
        self._answer_after_s = answer_after_s
        self._answer = answer

    async def ring(self, leg: Leg) -> Party:
        await asyncio.sleep(self._answer_after_s)
        if self._answer == "busy":
            raise Busy(self._name)
        if not self._answer:
            await leg.ended_event.wait()
            raise Busy(self._name)
        return ScriptedParty(self._exchange, self._name, self._script)
