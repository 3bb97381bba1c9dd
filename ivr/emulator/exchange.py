"""The switch room: everything that lives on the carrier, and the one clock that moves its sound."""

import asyncio
import logging
import secrets
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ivr.emulator.audio import FRAME_MS
from ivr.emulator.events import EventLog, iso
from ivr.emulator.player import Utterance
from ivr.emulator.webhooks import Webhooks

if TYPE_CHECKING:
    from ivr.emulator.conference import Conference
    from ivr.emulator.dialing import Phone
    from ivr.emulator.legs import Leg
    from ivr.emulator.messages import Message
    from ivr.emulator.recording import Recording
    from ivr.emulator.stream import Stream

log = logging.getLogger(__name__)

_MAX_LAG_S = 2.0


@dataclass(frozen=True)
class Settings:
    account_sid: str
    auth_token: str
    voice_url: str
    state_dir: Path
    voice_fallback_url: str = ""
    status_callback: str = ""
    number: str = "+31201234567"


def new_sid(prefix: str) -> str:
    return prefix + secrets.token_hex(16)


def rfc2822(at: datetime) -> str:
    return format_datetime(at)


class Room(Protocol):
    """A place where legs hear each other."""

    def mix(self) -> None:
        """Set what arrives at each leg in it, for this frame."""
        ...

    def hearers_of(self, leg: "Leg") -> list["Leg"]: ...

    def set_hold_by(self, leg: "Leg", on: bool) -> None:
        """`leg` puts all others on hold, as a desk phone does."""
        ...


class Exchange:
    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.base_url = ""
        """Ours, known once the server listens."""
        self.events = EventLog()
        self.webhooks = Webhooks(settings.auth_token, self.events)
        self.legs: dict[str, Leg] = {}
        self.conferences: dict[str, Conference] = {}
        self.recordings: dict[str, Recording] = {}
        self.streams: dict[str, Stream] = {}
        self.messages: dict[str, Message] = {}
        self.phones: dict[str, Phone] = {}
        self.live: set[Leg] = set()
        self.rooms: set[Room] = set()
        self._wake = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        await self.webhooks.start()
        self.spawn(self._tick_forever())

    async def stop(self) -> None:
        for leg in list(self.live):
            leg.end("completed")
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self.webhooks.stop()

    def spawn(self, work: Coroutine[object, object, None]) -> asyncio.Task[None]:
        """Run in the background; a failure is an event and a log line, never silence."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self.events.add("error", message=f"{type(error).__name__}: {error}")
            log.error("a task of the local carrier failed", exc_info=error)

    def connect(self, leg: "Leg") -> None:
        """From now on the leg has sound."""
        self.live.add(leg)
        self._wake.set()

    def disconnect(self, leg: "Leg") -> None:
        self.live.discard(leg)

    def report_prompt(self, utterance: Utterance) -> None:
        self.events.add(
            "prompt",
            text=utterance.text,
            to=[hearer.name for hearer in utterance.hearers],
            completed=utterance.completed,
            **times_of(utterance),
        )

    def report_error(self, code: int, message: str, **fields: object) -> None:
        self.events.add("error", code=code, message=message, **fields)

    async def _tick_forever(self) -> None:
        """A frame every 20 ms by deadline, so no drift; asleep while nobody is on the line."""
        loop = asyncio.get_running_loop()
        while True:
            self._wake.clear()
            if not self.live:
                await self._wake.wait()
            deadline = loop.time()
            while self.live:
                self._tick()
                deadline += FRAME_MS / 1000
                lag_s = loop.time() - deadline
                if lag_s > _MAX_LAG_S:
                    self.report_error(0, f"the machine could not keep up: {lag_s:.1f} s of sound skipped")
                    deadline = loop.time()
                await asyncio.sleep(max(0.0, -lag_s))

    def _tick(self) -> None:
        legs = list(self.live)
        for leg in legs:
            leg.take_inbound()
        for room in list(self.rooms):
            room.mix()
        for leg in legs:
            leg.deliver()


def times_of(utterance: Utterance) -> dict[str, str | None]:
    ended_at = utterance.ended_at
    return {"started_at": iso(utterance.started_at), "ended_at": iso(ended_at) if ended_at else None}
