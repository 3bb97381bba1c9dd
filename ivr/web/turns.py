"""Sockets take turns in being read, ten times a second each: cheaper than waking up for every 20 ms frame.

While it is not its turn a socket's transport is paused, and what comes waits in the kernel. The listener wants 100 ms
of audio at a time anyway, so nothing is heard later for it.
"""

import asyncio
from itertools import cycle

GROUPS = 5
TURN_S = 0.02
READ_FOR_S = 0.002
"""Long enough for the event loop to see what waits, too short for the next frame to wake it once more."""


class Turns:
    """The sockets of one process, in groups that are read one after the other.

    `due_at` is when the present turn ought to have begun, on the event loop's clock: what is read now has come by then.
    """

    def __init__(self) -> None:
        self._groups: list[set[asyncio.ReadTransport]] = [set() for _ in range(GROUPS)]
        self.due_at = 0.0

    def join(self, transport: asyncio.ReadTransport) -> None:
        min(self._groups, key=len).add(transport)
        transport.pause_reading()

    def leave(self, transport: asyncio.ReadTransport) -> None:
        """From now on it is read whenever something comes."""
        for group in self._groups:
            group.discard(transport)
        transport.resume_reading()

    async def go_round(self) -> None:
        """Give the turns, until cancelled. After a delay the next turn is due at once, and none is made up for."""
        loop = asyncio.get_running_loop()
        for group in cycle(self._groups):
            self.due_at = max(self.due_at + TURN_S, loop.time())
            await asyncio.sleep(self.due_at - loop.time())
            reading = list(group)
            for transport in reading:
                transport.resume_reading()
            await asyncio.sleep(READ_FOR_S)
            for transport in group.intersection(reading):
                transport.pause_reading()
