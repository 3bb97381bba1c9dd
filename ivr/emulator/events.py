"""What happened, in order, for whoever watches: not a part of the imitated carrier."""

import asyncio
from datetime import UTC, datetime
from typing import Any

Event = dict[str, Any]
"""`n` (counts from 1), `at` (ISO 8601, UTC), `kind`, and what the kind brings along; made to be JSON."""


def iso(at: datetime) -> str:
    return at.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def utc_now() -> datetime:
    return datetime.now(UTC)


class EventLog:
    def __init__(self) -> None:
        self._events: list[Event] = []
        self._added = asyncio.Event()

    def add(self, kind: str, **fields: Any) -> None:
        self._events.append({"n": len(self._events) + 1, "at": iso(utc_now()), "kind": kind, **fields})
        self._added.set()
        self._added = asyncio.Event()

    def since(self, n: int) -> list[Event]:
        """Events with a number above `n`."""
        return self._events[max(0, n) :]

    async def wait_since(self, n: int, timeout_s: float) -> list[Event]:
        """As `since`, but waits up to `timeout_s` for the first one."""
        try:
            async with asyncio.timeout(timeout_s):
                while not self.since(n):
                    await self._added.wait()
        except TimeoutError:
            return []
        return self.since(n)
