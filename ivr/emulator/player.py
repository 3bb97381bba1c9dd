"""Sound that plays out frame by frame to an audience, and the record of who heard what to the end."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from ivr.emulator.audio import FRAME_SAMPLES, SILENCE, Samples, silence
from ivr.emulator.events import utc_now


@dataclass(frozen=True)
class Clip:
    """Sound, and the words in it; no words: nobody waits for it."""

    samples: Samples
    text: str = ""


def pause(duration_s: float) -> Clip:
    return Clip(silence(duration_s))


@dataclass(eq=False)
class Utterance:
    text: str
    hearers: list["Hearer"]
    started_at: datetime
    ended_at: datetime | None = None
    completed: bool = False


class Hearer(Protocol):
    @property
    def name(self) -> str: ...

    def utterance_started(self, utterance: Utterance) -> None: ...

    def utterance_finished(self, utterance: Utterance) -> None:
        """Only for one that was played to the end."""
        ...


class _Playing:
    def __init__(self, clip: Clip) -> None:
        self.clip = clip
        self.position = 0
        self.utterance: Utterance | None = None
        self.done: asyncio.Future[bool] = asyncio.get_running_loop().create_future()


class Player:
    """One clip after the other.

    `audience` is asked when a spoken clip begins, `report` gets it when it ends; music has neither.
    """

    def __init__(
        self, audience: Callable[[], Iterable[Hearer]] = list, report: Callable[[Utterance], None] | None = None
    ) -> None:
        self._audience = audience
        self._report = report
        self._queue: deque[_Playing] = deque()

    def next_frame(self) -> Samples:
        if not self._queue:
            return SILENCE
        playing = self._queue[0]
        if playing.position == 0:
            self._begin(playing)
        samples = playing.clip.samples
        frame = samples[playing.position : playing.position + FRAME_SAMPLES]
        playing.position += FRAME_SAMPLES
        if playing.position >= len(samples):
            self._queue.popleft()
            self._end(playing, completed=True)
            if len(frame) < FRAME_SAMPLES:
                padded = SILENCE.copy()
                padded[: len(frame)] = frame
                return padded
        return frame

    def enqueue(self, clip: Clip) -> asyncio.Future[bool]:
        """Its result is True when the clip was played to the end, False when it was stopped."""
        playing = _Playing(clip)
        self._queue.append(playing)
        return playing.done

    async def play(self, clip: Clip) -> bool:
        """As `enqueue`, waiting for the end; cancelling the wait stops the clip."""
        done = self.enqueue(clip)
        try:
            return await asyncio.shield(done)
        except asyncio.CancelledError:
            self._drop(done)
            raise

    def stop(self) -> None:
        """Cut off what plays and forget what waits."""
        while self._queue:
            self._end(self._queue.popleft(), completed=False)

    def _drop(self, done: asyncio.Future[bool]) -> None:
        for playing in [playing for playing in self._queue if playing.done is done]:
            self._queue.remove(playing)
            self._end(playing, completed=False)

    def _begin(self, playing: _Playing) -> None:
        if playing.clip.text:
            playing.utterance = Utterance(playing.clip.text, list(self._audience()), utc_now())
            for hearer in playing.utterance.hearers:
                hearer.utterance_started(playing.utterance)

    def _end(self, playing: _Playing, completed: bool) -> None:
        if not playing.done.done():
            playing.done.set_result(completed)
        utterance = playing.utterance
        if utterance is None:
            return
        utterance.ended_at = utc_now()
        utterance.completed = completed
        if self._report:
            self._report(utterance)
        if completed:
            for hearer in utterance.hearers:
                hearer.utterance_finished(utterance)
