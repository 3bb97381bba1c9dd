"""How many calls one core listens to with Vosk, what of that is not recognition, and what comes back after a call.

The Korean model that a package carries stands in for the Dutch one. Nobody announces anything, as in nearly all calls.
Server and client have a core of their own where there are two; a client that is late itself voids the run, so its own
lateness stands in the notes.
"""

import asyncio
import base64
import json
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import aiohttp
import numpy as np
import psutil
from twilio.request_validator import RequestValidator

from config import settings
from ivr.demo.household import NUMBER, make_environment
from ivr.emulator.voice import synthesise
from ivr.serving import gunicorn_arguments
from ivr.wiring import Wiring
from speech.audio import encode_mulaw
from tests.bench.table import Row, percentile
from tests.speech import korean

RATE_HZ, FRAME_BYTES, FRAME_S = 8000, 160, 0.02
CALM = 20
"""Streams that any core keeps up with, so that what they cost is all that they cost."""

STEPS = (45, 60)
WARM_UP_S, MEASURED_S = 10, 30
LAG_GOAL_S = 1.0
SHORT_CALLS, AT_ONCE, SHORT_S = 2000, 40, 4.0


@dataclass(frozen=True, slots=True)
class Load:
    """What a number of streams cost: the server's CPU seconds per stream second; lag and the client's own lateness in
    seconds; and how many of the streams were not listened to in the end, for want of capacity."""

    cpu: float
    lag_p95_s: float
    late_p99_s: float
    unheard: int


def measure(folder: Path) -> list[Row]:
    if korean.find_model() is None:
        return []
    frames = call_frames()
    silent, calm = (press(folder / engine, engine, frames, CALM) for engine in ("silent", "vosk"))
    note = f"{CALM} streams of 20 ms frames"
    rows = [
        Row("media: CPU per message without recognition", silent.cpu * FRAME_S * 1e6, "us", note),
        Row("media: share that is not recognition", silent.cpu / calm.cpu, "", f"{note}; goal: 0.25 or less"),
    ]
    loads = [press(folder / f"vosk-{streams}", "vosk", frames, streams) for streams in STEPS]
    for streams, load in zip(STEPS, loads, strict=True):
        unheard = f"{load.unheard} streams not listened to" if load.unheard else "all listened to"
        note = f"{unheard}; CPU {load.cpu:.4f} s/s a stream; client late p99 {load.late_p99_s * 1e3:.0f} ms"
        rows.append(Row(f"media: p95 lag, {streams} streams on a core, at most", load.lag_p95_s, "s", note))
    rows += [memory(folder / f"memory-{processes}", processes) for processes in (1, 2)]
    return [*rows, leak(folder / "leak", frames)]


def call_frames() -> list[str]:
    """Nearly a minute of a caller who announces nothing, as base64 of 20 ms frames; two fifths are speech."""
    rng = np.random.default_rng(7)
    pieces = []
    for number, text in enumerate(korean.TALK):
        pieces += [synthesise(text, "ko", RATE_HZ, 150), bytes(2 * int((3.2 + 0.3 * (number % 5)) * RATE_HZ))]
    sound = np.frombuffer(b"".join(pieces), "<i2") + rng.normal(0, 6, sum(map(len, pieces)) // 2)
    mulaw = encode_mulaw(np.clip(sound, -32768, 32767).astype("<i2").tobytes())
    return [base64.b64encode(mulaw[at : at + FRAME_BYTES]).decode() for at in range(0, len(mulaw), FRAME_BYTES)]


# ---------------------------------------------------------------- the media processes under load


class Media:
    """Media processes on loopback, with as many open calls as are wanted."""

    def __init__(self, folder: Path, engine: str, processes: int) -> None:
        folder.mkdir(parents=True)
        environment = make_environment(folder, folder / "models") | {"SPELREGEL_MEDIA_PROCESSES": str(processes)}
        self.settings = settings.load(environment)
        self._wiring = Wiring(self.settings)
        self._wiring.prepare()
        command = gunicorn_arguments("media", self.settings, graceful_s=1)
        command[-1] = f"tests.bench.load_server:{engine}()"
        self.log = folder / "media.log"
        with self.log.open("wb") as output:
            self._popen = subprocess.Popen(command, env={**os.environ, **environment}, stdout=output, stderr=output)
        self._master = psutil.Process(self._popen.pid)
        self._await()

    def _await(self) -> None:
        while self._popen.poll() is None:
            try:
                self.metrics()
                return
            except OSError:
                time.sleep(0.2)
        sys.exit(f"the media process under load did not start: {self.log.read_text()}")

    def stop(self) -> None:
        self._popen.terminate()
        self._popen.wait()

    def open_call(self) -> str:
        call_sid = f"CA{secrets.token_hex(16)}"
        self._wiring.driver.open(call_sid, NUMBER, "+31612345678")
        return call_sid

    def signature(self) -> str:
        url = self.settings.media_url.replace("ws://", "wss://")
        return str(RequestValidator(self.settings.twilio_auth_token).compute_signature(url, {}))

    def processes(self) -> list[psutil.Process]:
        return [self._master, *self._master.children(recursive=True)]

    def pin(self, core: int) -> None:
        for process in self.processes():
            process.cpu_affinity([core])

    def cpu_s(self) -> float:
        return sum(t.user + t.system for t in (process.cpu_times() for process in self.processes()))

    def memory_mb(self, kind: str) -> float:
        """`pss` counts what processes share once, `uss` only what each has for itself."""
        return float(sum(getattr(process.memory_full_info(), kind) for process in self.processes()) / 1e6)

    def metrics(self) -> str:
        with urlopen(f"http://{self.settings.media_bind}/metrics") as answer:
            return str(answer.read().decode())

    def count_unheard(self) -> int:
        return sum(int(count) for count in re.findall(r'heard="no"\} (\d+)', self.metrics()))

    def lags(self) -> dict[str, int]:
        """Batches by upper bound of their lag, of all processes, cumulative."""
        found: dict[str, int] = {}
        for bound, count in re.findall(r'lag_seconds_bucket\{process="\d+",le="([^"]+)"\} (\d+)', self.metrics()):
            found[bound] = found.get(bound, 0) + int(count)
        return found


@contextmanager
def media(folder: Path, engine: str, processes: int) -> Iterator[Media]:
    server = Media(folder, engine, processes)
    mine = psutil.Process()
    cores = mine.cpu_affinity() or []
    try:
        if len(cores) > 1:
            server.pin(cores[0])
            mine.cpu_affinity(cores[1:])
        yield server
    finally:
        mine.cpu_affinity(cores)
        server.stop()


def press(folder: Path, engine: str, frames: Sequence[str], streams: int) -> Load:
    """So many streams in real time, each at another place of the call."""
    with media(folder, engine, 1) as server:
        return asyncio.run(_press(server, frames, streams))


async def _press(server: Media, frames: Sequence[str], streams: int) -> Load:
    late: list[float] = []
    seconds = WARM_UP_S + MEASURED_S
    begin = time.perf_counter() + 1.0
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        places = [n * len(frames) // streams for n in range(streams)]
        calls = [asyncio.create_task(stream(server, session, frames, place, begin, seconds, late)) for place in places]
        await asyncio.sleep(max(0.0, begin + WARM_UP_S - time.perf_counter()))
        late.clear()
        before, spent, at = await asyncio.to_thread(server.lags), server.cpu_s(), time.perf_counter()
        await asyncio.sleep(max(0.0, begin + seconds - 1 - time.perf_counter()))
        after, cpu, took = await asyncio.to_thread(server.lags), server.cpu_s() - spent, time.perf_counter() - at
        unheard, late_p99_s = await asyncio.to_thread(server.count_unheard), percentile(late, 0.99)
        await asyncio.gather(*calls)
    lags = {bound: after[bound] - before[bound] for bound in after}
    return Load(cpu / streams / took, bound_of(lags), late_p99_s, unheard)


def bound_of(lags: dict[str, int]) -> float:
    """The least bound that 95 % of the batches keep."""
    return next(float(bound) for bound, count in lags.items() if count >= 0.95 * lags["+Inf"])


async def stream(
    server: Media,
    session: aiohttp.ClientSession,
    frames: Sequence[str],
    first: int,
    begin: float,
    seconds: float,
    late: list[float],
) -> None:
    sid = f"MZ{secrets.token_hex(16)}"
    call_sid = await asyncio.to_thread(server.open_call)
    headers = {"X-Twilio-Signature": server.signature()}
    async with session.ws_connect(server.settings.media_url, headers=headers, compress=0) as socket:
        shape = {"encoding": "audio/x-mulaw", "sampleRate": 8000, "channels": 1}
        start = {"streamSid": sid, "callSid": call_sid, "customParameters": {}, "mediaFormat": shape}
        await socket.send_str(json.dumps({"event": "start", "streamSid": sid, "start": start}))
        begin = max(begin, time.perf_counter()) + FRAME_S * (first % 20) / 20  # not all in the same instant
        for number in range(round(seconds / FRAME_S)):
            due = begin + number * FRAME_S
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            late.append(time.perf_counter() - due)
            payload = frames[(first + number) % len(frames)]
            await socket.send_str(
                f'{{"event":"media","sequenceNumber":"{number}","streamSid":"{sid}","media":{{"track":"inbound",'
                f'"chunk":"{number}","timestamp":"{number * 20}","payload":"{payload}"}}}}'
            )
        await socket.send_str(json.dumps({"event": "stop", "streamSid": sid}))
        await socket.receive(timeout=60)  # it has heard all of it, and closes


# ---------------------------------------------------------------- memory


def memory(folder: Path, processes: int) -> Row:
    with media(folder, "vosk", processes) as server:
        note = "proportional set size, idle; the model is loaded once, before they fork"
        return Row(f"media: memory of {processes} process{'es' * (processes > 1)}", server.memory_mb("pss"), "MB", note)


def leak(folder: Path, frames: Sequence[str]) -> Row:
    """Many short calls, one after the other: what the process has grown by between the first quarter and the end."""

    async def calls(server: Media, count: int) -> None:
        waiting = iter(range(count))

        async def line(session: aiohttp.ClientSession) -> None:
            for n in waiting:
                await stream(server, session, frames, n * 37, 0.0, SHORT_S, [])

        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            await asyncio.gather(*(line(session) for _ in range(AT_ONCE)))

    with media(folder, "vosk", 1) as server:
        asyncio.run(calls(server, SHORT_CALLS // 4))
        early = server.memory_mb("uss")
        asyncio.run(calls(server, SHORT_CALLS - SHORT_CALLS // 4))
        late = server.memory_mb("uss")
    note = f"{SHORT_CALLS} streams of {SHORT_S:.0f} s, {AT_ONCE} at once; {early:.0f} MB after a quarter of them"
    return Row("media: memory grown by, last three quarters of the streams", late - early, "MB", note)
