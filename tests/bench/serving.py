"""What the running service costs: signed webhooks, and the media process per stream."""

import asyncio
import base64
import json
import secrets
import time
from pathlib import Path

import aiohttp
import psutil
from twilio.request_validator import RequestValidator

from ivr.demo.household import NUMBER, Household, make_environment
from ivr.wiring import Wiring
from tests.bench.table import Row, spread

WEBHOOKS, WEBHOOKS_PER_S = 300, 30
STREAMS, STREAM_S = 20, 10
FRAME_S = 0.02


def measure(folder: Path, model_dir: Path) -> list[Row]:
    """Starts the processes on loopback and ends them."""
    household = Household(make_environment(folder, model_dir), folder)
    Wiring(household.settings).prepare()
    household.start()
    try:
        return asyncio.run(_measure(household))
    finally:
        household.stop()


async def _measure(household: Household) -> list[Row]:
    validator = RequestValidator(household.settings.twilio_auth_token)
    async with aiohttp.ClientSession() as session:
        call_sids, took = await _webhooks(household, validator, session)
        per_stream = await _streams(household, validator, session, call_sids[:STREAMS])
    note = f"{WEBHOOKS_PER_S}/s, signed, opens a call and logs it durably"
    return [
        *spread("webhook /voice/incoming", took, note),
        Row(
            "media process: CPU per silent stream", per_stream, "s/s", f"{STREAMS} streams of 20 ms frames, gate closed"
        ),
    ]


async def _webhooks(
    household: Household, validator: RequestValidator, session: aiohttp.ClientSession
) -> tuple[list[str], list[float]]:
    """Open loop: each leaves on time, whether or not the one before was answered."""
    url = f"{household.settings.public_url}/voice/incoming"
    call_sids = [f"CA{secrets.token_hex(16)}" for _ in range(WEBHOOKS)]
    took: list[float] = []

    async def one(call_sid: str, due: float) -> None:
        form = {"CallSid": call_sid, "From": "+31612345678", "To": NUMBER, "CallStatus": "ringing"}
        headers = {"X-Twilio-Signature": validator.compute_signature(url, form)}
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        async with session.post(url, data=form, headers=headers) as answer:
            await answer.read()
            answer.raise_for_status()
        took.append(time.perf_counter() - due)

    begin = time.perf_counter() + 0.1
    await asyncio.gather(*(one(sid, begin + n / WEBHOOKS_PER_S) for n, sid in enumerate(call_sids)))
    return call_sids, took


async def _streams(
    household: Household, validator: RequestValidator, session: aiohttp.ClientSession, call_sids: list[str]
) -> float:
    """CPU seconds of the media process and its children, per stream and second."""
    url = household.settings.media_url
    signature = validator.compute_signature(url.replace("ws://", "wss://"), {})
    family = psutil.Process(household.processes["media"].pid)
    silence = base64.b64encode(b"\xff" * 160).decode()

    async def one(call_sid: str) -> None:
        stream_sid = f"MZ{secrets.token_hex(16)}"
        async with session.ws_connect(url, headers={"X-Twilio-Signature": signature}) as socket:
            await socket.send_str(json.dumps({"event": "connected", "protocol": "Call", "version": "1.0.0"}))
            start = {
                "streamSid": stream_sid,
                "callSid": call_sid,
                "customParameters": {},
                "mediaFormat": {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1},
            }
            await socket.send_str(json.dumps({"event": "start", "streamSid": stream_sid, "start": start}))
            begin = time.perf_counter()
            for number in range(round(STREAM_S / FRAME_S)):
                await asyncio.sleep(max(0.0, begin + number * FRAME_S - time.perf_counter()))
                media = {"track": "inbound", "timestamp": str(number * 20), "payload": silence}
                await socket.send_str(json.dumps({"event": "media", "streamSid": stream_sid, "media": media}))

    def spent() -> float:
        processes = [family, *family.children(recursive=True)]
        return sum(times.user + times.system for times in (process.cpu_times() for process in processes))

    before = spent()
    await asyncio.gather(*(one(sid) for sid in call_sids))
    return (spent() - before) / len(call_sids) / STREAM_S
