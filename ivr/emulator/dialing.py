"""Ringing registered parties, and the plain bridge of two legs that Dial makes."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any, Protocol

from ivr.emulator.exchange import Exchange
from ivr.emulator.legs import NO_CALLBACK, Callback, Leg, Party


class Busy(Exception):
    """The party does not want the call."""


class Phone(Protocol):
    """A registered address."""

    async def ring(self, leg: Leg) -> Party:
        """Ring until somebody answers; cancelled when the caller gives up. Raises Busy."""
        ...


@dataclass(frozen=True)
class Callee:
    address: str
    callback: Callback = NO_CALLBACK


def address_key(address: str) -> str:
    """One spelling per address: `client:` before a bare identity, SIP parameters and headers dropped."""
    if address.startswith(("sip:", "sips:")):
        return address.partition(";")[0].partition("?")[0]
    return address if address.startswith(("+", "client:")) else f"client:{address}"


async def ring(leg: Leg, timeout_s: float) -> bool:
    """Ring the leg's party; True once it is in progress. Otherwise the leg has ended with the reason."""
    leg.report_progress("initiated")
    phone = leg.exchange.phones.get(address_key(leg.to))
    if phone is None:
        leg.end("failed")
        return False
    leg.set_status("ringing")
    leg.report_progress("ringing")
    try:
        async with asyncio.timeout(timeout_s):
            party = await phone.ring(leg)
    except TimeoutError:
        leg.end("no-answer")
        return False
    except Busy:
        leg.end("busy")
        return False
    leg.answer(party)
    return True


class Bridge:
    """A `Room` of two legs that simply hear each other."""

    def __init__(self, exchange: Exchange, one: Leg, other: Leg) -> None:
        self._exchange = exchange
        self._legs = (one, other)
        self._held: set[Leg] = set()

    def open(self) -> None:
        self._exchange.rooms.add(self)
        for leg in self._legs:
            leg.room = self

    def close(self) -> None:
        self._exchange.rooms.discard(self)
        for leg in self._legs:
            leg.room = None

    def mix(self) -> None:
        one, other = self._legs
        if not self._held:
            one.arriving, other.arriving = other.inbound, one.inbound

    def hearers_of(self, leg: Leg) -> list[Leg]:
        return [] if self._held else [other for other in self._legs if other is not leg]

    def set_hold_by(self, leg: Leg, on: bool) -> None:
        self._held = {other for other in self._legs if on and other is not leg}


async def dial(
    leg: Leg, callees: list[Callee], caller_id: str, timeout_s: float, limit_s: float, hang_up_on_star: bool
) -> dict[str, str]:
    """Ring all, bridge with the first who answers, until one side ends it. Gives the fields of the action request."""
    children = [
        Leg(leg.exchange, caller_id, callee.address, "outbound-dial", parent_sid=leg.sid, callback=callee.callback)
        for callee in callees
    ]
    ringing = {asyncio.create_task(ring(child, timeout_s)): child for child in children}
    winner: Leg | None = None
    try:
        waiting = set(ringing)
        while waiting and winner is None:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            winner = next((ringing[task] for task in done if task.result()), None)
        for task in waiting:
            task.cancel()
            ringing[task].end("canceled")
        if winner is None:
            return {"DialCallStatus": children[-1].status if children else "failed", "DialBridged": "false"}
        await _talk(leg, winner, limit_s, hang_up_on_star)
    finally:
        for child in children:
            child.end("completed" if child.in_progress else "canceled")
    return {
        "DialCallStatus": "completed",
        "DialCallSid": winner.sid,
        "DialCallDuration": str(winner.duration_s),
        "DialBridged": "true",
    }


async def _talk(leg: Leg, child: Leg, limit_s: float, hang_up_on_star: bool) -> None:
    bridge = Bridge(leg.exchange, leg, child)
    bridge.open()
    try:
        async with asyncio.timeout(limit_s):
            ended = child.ended_event.wait()
            await (first_of(ended, pressed_star(leg)) if hang_up_on_star else ended)
    except TimeoutError:
        pass  # timeLimit: the bridge closes
    finally:
        leg.digits = None
        bridge.close()


async def pressed_star(leg: Leg) -> None:
    """Listens for the one key that hangupOnStar knows."""
    keys: asyncio.Queue[str] = asyncio.Queue()
    leg.digits = keys
    while await keys.get() != "*":
        pass


async def first_of(*works: Coroutine[Any, Any, object]) -> None:
    """Wait for the first to finish and cancel the others."""
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
