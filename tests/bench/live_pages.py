"""Many pages of the console that keep themselves up to date, against one web process: how long a question of such a
page takes, and what all of them cost, while calls go on and move."""

import asyncio
import os
import re
import secrets
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path
from urllib.request import urlopen

import aiohttp
import psutil

from config import settings
from config.policy import Role
from ivr.demo.household import NUMBER, make_environment
from ivr.dialogue.events import ThirdPersonPresent
from ivr.serving import gunicorn_arguments
from ivr.wiring import Wiring
from storage.records import UserRecord
from tests.bench.table import Row, percentile

PAGES, CALLS = 200, 30
PACE_S, MEASURED_S, MOVES_PER_S = 1.5, 30, 2
READY_WITHIN_S = 30
ASKS = re.compile(r'hx-get="([^"]+)"')


@dataclass
class Asked:
    """What the pages asked, in seconds each, and how often there was something new."""

    took: list[float] = field(default_factory=list)
    news: int = 0


def measure(folder: Path) -> list[Row]:
    folder.mkdir(parents=True)
    environment = make_environment(folder, folder / "models")
    wiring = Wiring(settings.load(environment))
    wiring.prepare()
    call_ids = [
        wiring.driver.open(f"CA{secrets.token_hex(16)}", NUMBER, "+31612345678")[0].call_id for _ in range(CALLS)
    ]
    cookies = [sign_in(wiring, f"page{number}") for number in range(PAGES)]
    with serving(folder, environment, wiring.settings.public_url) as process:
        asked, cpu = asyncio.run(_press(wiring, process, cookies, call_ids))
    wiring.database.close()
    note = f"{PAGES} open pages, {CALLS} calls of which {MOVES_PER_S} a second move, one process"
    return [
        Row("live pages: a page asks, p50", percentile(asked.took, 0.50) * 1000, "ms", note),
        Row("live pages: a page asks, p95", percentile(asked.took, 0.95) * 1000, "ms", f"n={len(asked.took)}"),
        Row(
            "live pages: CPU of the web process",
            cpu,
            "s/s",
            f"{asked.news / len(asked.took):.0%} of the answers had news",
        ),
    ]


def sign_in(wiring: Wiring, name: str) -> str:
    with wiring.database.transaction() as unit:
        unit.users.add(
            UserRecord(name, Role.EMPLOYEE, ("example",), f"no token of {name}", wiring.clock.now(), "bench")
        )
    return wiring.sessions.begin(name)


@contextmanager
def serving(folder: Path, environment: dict[str, str], url: str) -> Iterator[psutil.Process]:
    """The web process alone; gives its worker."""
    command = gunicorn_arguments("web", settings.load(environment), graceful_s=1)
    with (folder / "web.log").open("wb") as output:
        process = subprocess.Popen(command, env={**os.environ, **environment}, stdout=output, stderr=output)
    try:
        deadline = time.monotonic() + READY_WITHIN_S
        while True:
            try:
                urlopen(f"{url}/readyz", timeout=5).close()  # noqa: S310 - loopback
                break
            except OSError:
                if time.monotonic() > deadline or process.poll() is not None:
                    raise
                time.sleep(0.1)
        (worker,) = psutil.Process(process.pid).children()
        yield worker
    finally:
        process.terminate()
        process.wait(timeout=30)


async def _press(
    wiring: Wiring, process: psutil.Process, cookies: Sequence[str], call_ids: Sequence[str]
) -> tuple[Asked, float]:
    """Half of the pages show the list, the others one call each."""
    asked = Asked()
    base = wiring.settings.public_url
    begin = time.perf_counter() + 1.0

    async def page(session: aiohttp.ClientSession, number: int, cookie: str) -> None:
        path = "/console/nu" if number % 2 else f"/console/nu/{call_ids[number % len(call_ids)]}"
        headers = {"Cookie": f"{wiring.sessions.cookie}={cookie}"}
        async with session.get(base + path, headers=headers) as answer:
            answer.raise_for_status()
            asks = unescape(ASKS.findall(await answer.text())[0])
        due = begin + PACE_S * number / PAGES
        while due < begin + MEASURED_S:
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            sent = time.perf_counter()
            async with session.get(base + asks, headers=headers) as answer:
                text = await answer.text()
                answer.raise_for_status()
            asked.took.append(time.perf_counter() - sent)
            if text:
                asked.news += 1
                asks = unescape(ASKS.findall(text)[0])
            due += PACE_S

    def move(number: int) -> None:
        wiring.driver.handle(call_ids[number % len(call_ids)], ThirdPersonPresent())

    async def moving() -> None:
        for number in range(MOVES_PER_S * MEASURED_S):
            await asyncio.sleep(max(0.0, begin + number / MOVES_PER_S - time.perf_counter()))
            await asyncio.to_thread(move, number)

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
        pages = [asyncio.create_task(page(session, number, cookie)) for number, cookie in enumerate(cookies)]
        await asyncio.sleep(max(0.0, begin - time.perf_counter()))
        before = process.cpu_times()
        await asyncio.gather(moving(), *pages)
        after = process.cpu_times()
    return asked, (after.user + after.system - before.user - before.system) / MEASURED_S
