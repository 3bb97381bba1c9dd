"""The browser phone, spoken to over its WebSocket."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import numpy as np
import pytest

from ivr.emulator.audio import FRAME_SAMPLES, tone
from ivr.emulator.phone import JitterBuffer
from tests.ivr.emulator.emulator_customer import CALLER, Customer, run, say

Socket = aiohttp.ClientWebSocketResponse


async def states(socket: Socket) -> AsyncIterator[dict[str, Any]]:
    async for message in socket:
        if message.type == aiohttp.WSMsgType.TEXT:
            yield json.loads(message.data)


async def until(socket: Socket, state: str) -> dict[str, Any]:
    async with asyncio.timeout(15):
        async for told in states(socket):
            if told.get("state") == state:
                return told
    raise AssertionError(f"the phone never told {state}")


async def hear(socket: Socket, frames: int) -> np.ndarray[tuple[int], np.dtype[np.int16]]:
    """That many audible frames."""
    heard: list[bytes] = []
    async with asyncio.timeout(15):
        async for message in socket:
            if message.type == aiohttp.WSMsgType.BINARY:
                assert len(message.data) == 2 * FRAME_SAMPLES
                if np.abs(np.frombuffer(message.data, dtype="<i2").astype(int)).max() > 500:
                    heard.append(message.data)
            if len(heard) == frames:
                break
    return np.frombuffer(b"".join(heard), dtype="<i2")


def test_two_browsers_hear_each_other_and_put_on_hold() -> None:
    async def story(customer: Customer) -> None:
        customer.documents["/voice"] = customer.room("endConferenceOnExit='true'")
        async with customer.socket("/local/phone") as caller, customer.socket("/local/phone") as employee:
            await employee.send_json({"type": "register", "identity": "medewerker"})
            assert (await employee.receive_json())["type"] == "registered"
            await caller.send_json({"type": "call", "from": CALLER, "to": "+31201234567"})
            call_sid = (await until(caller, "in-progress"))["callSid"]
            await customer.wait_for("joined", callSid=call_sid)
            await customer.ring_employee()
            await until(employee, "ringing")
            await employee.send_json({"type": "answer"})
            await until(employee, "in-progress")
            await customer.wait_webhook("/conference-status", event="conference-start")
            for _ in range(3):
                await caller.send_bytes(tone(700, 0.15, 0.4).astype("<i2").tobytes())
            spectrum = np.abs(np.fft.rfft(await hear(employee, 10)))
            assert abs(np.argmax(spectrum) / len(spectrum) * 4000 - 700) < 40
            await employee.send_json({"type": "hold", "on": True})
            await customer.wait_webhook("/conference-status", event="participant-hold")
            assert await hear(caller, 5) is not None  # music
            await caller.send_json({"type": "digit", "digit": "7"})
            await customer.wait_for("digit", digit="7", taken=False)
            await caller.send_json({"type": "hang-up"})
            await until(caller, "completed")
            await until(employee, "completed")

    run(story)


def test_closing_the_page_hangs_up() -> None:
    async def story(customer: Customer) -> None:
        async with customer.socket("/local/phone", Origin="http://localhost:8000") as caller:
            await caller.send_json({"type": "call", "from": CALLER})
            call_sid = (await until(caller, "in-progress"))["callSid"]
            assert len(await hear(caller, 5)) == 5 * FRAME_SAMPLES
        await customer.wait_ended(call_sid)

    run(story, voice=say("Dit is een heel lange welkomsttekst die nog niet uit is."))


def test_a_page_from_elsewhere_is_refused() -> None:
    async def story(customer: Customer) -> None:
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            async with customer.socket("/local/phone", Origin="https://example.com"):
                pass

    run(story)


def test_nonsense_is_answered_and_survived() -> None:
    async def story(customer: Customer) -> None:
        async with customer.socket("/local/phone") as phone:
            for nonsense in ("{", "[]", "{}", '{"type":"digit"}', '{"type":"hang-up"}'):
                await phone.send_str(nonsense)
            await phone.send_bytes(b"abc")
            assert (await phone.receive_json())["type"] == "error"

    run(story)


def test_jitter_buffer_evens_out_bursts() -> None:
    buffer = JitterBuffer()
    ramp = np.arange(1, 3 * FRAME_SAMPLES + 1, dtype=np.int16)
    buffer.add(ramp[:200].tobytes())
    assert not buffer.next_frame().any()
    buffer.add(ramp[200:].tobytes())
    assert np.concatenate([buffer.next_frame() for _ in range(3)]).tolist() == ramp.tolist()
    assert not buffer.next_frame().any()


def test_jitter_buffer_drops_the_oldest_when_it_overflows() -> None:
    buffer = JitterBuffer()
    buffer.add(np.ones(8000, dtype=np.int16).tobytes())
    buffer.add(np.full(8000, 2, dtype=np.int16).tobytes())
    assert set(buffer.next_frame().tolist()) == {2}


def test_one_browser_answers_at_several_addresses_and_gives_them_back() -> None:
    """A plain number, a SIP address and a name; whoever answered there before does so again afterwards."""

    async def story(customer: Customer) -> None:
        phones = customer.phones
        before = dict(phones)
        addresses = ["medewerker", "sip:balie@voorbeeld.example", "+31000000000"]
        keys = {"client:medewerker", "sip:balie@voorbeeld.example", "+31000000000"}
        async with customer.socket("/local/phone") as employee:
            for identity in addresses:
                await employee.send_json({"type": "register", "identity": identity})
                assert await employee.receive_json() == {"type": "registered", "identity": identity}
            (browser,) = {id(phones[key]) for key in keys}
            assert all(id(phone) != browser for phone in before.values())
        async with asyncio.timeout(15):
            while phones != before:
                await asyncio.sleep(0.01)

    run(story)
