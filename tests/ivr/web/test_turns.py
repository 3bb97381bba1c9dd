"""Sockets that are read in turns; real time passes only as far as the turns themselves take."""

import asyncio
from collections.abc import Callable

from ivr.web.turns import GROUPS, Turns


class Transport(asyncio.ReadTransport):
    """Notes when it is read."""

    def __init__(self) -> None:
        super().__init__()
        self.is_read = True
        self.times_read = 0

    def pause_reading(self) -> None:
        self.is_read = False

    def resume_reading(self) -> None:
        self.times_read += not self.is_read
        self.is_read = True


def go_round(turns: Turns, until: Callable[[], bool]) -> None:
    async def run() -> None:
        rounds = asyncio.create_task(turns.go_round())
        while not until():
            await asyncio.sleep(0)
        rounds.cancel()

    asyncio.run(run())


def test_everybody_gets_a_turn_and_few_at_once() -> None:
    turns, sockets = Turns(), [Transport() for _ in range(2 * GROUPS)]
    for socket in sockets:
        turns.join(socket)
    assert not any(socket.is_read for socket in sockets), "it is nobody's turn yet"
    most: list[int] = []

    def all_had_two() -> bool:
        most.append(sum(socket.is_read for socket in sockets))
        return all(socket.times_read >= 2 for socket in sockets)

    go_round(turns, all_had_two)
    assert max(most) == 2
    assert max(socket.times_read for socket in sockets) <= 3


def test_who_leaves_is_read_whenever_something_comes() -> None:
    turns, leaving, staying = Turns(), Transport(), Transport()
    turns.join(leaving)
    turns.join(staying)
    turns.leave(leaving)
    go_round(turns, lambda: staying.times_read >= 2)
    assert (leaving.is_read, leaving.times_read) == (True, 1)


def test_who_leaves_in_its_own_turn_is_not_paused_after_it() -> None:
    turns, leaving, staying = Turns(), Transport(), Transport()
    turns.join(leaving)
    turns.join(staying)

    def the_other_had_two_more() -> bool:
        if leaving.times_read == 1 and staying.times_read <= 1:
            turns.leave(leaving)
        return staying.times_read >= 3

    go_round(turns, the_other_had_two_more)
    assert (leaving.is_read, leaving.times_read) == (True, 1)
