"""The local carrier as one server on loopback: REST, control API and browser phone."""

import asyncio
import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from aiohttp import web

from ivr.emulator import local_api, rest, rest_recordings
from ivr.emulator.exchange import Exchange, Settings
from ivr.emulator.faults import read_faults
from ivr.emulator.rest_requests import EXCHANGE, rest_middleware
from ivr.emulator.webhooks import is_loopback

_NOTICE = "LOCAL CARRIER, a stand-in for demo and tests: no telephone network behind it, never for production."


class LocalCarrier:
    """Start it, point the service at `base_url`, steer it under `/local/`.

    Takes    the account's credentials, the customer's voice URL, loopback host, port (0: any free one).
    Raises   ValueError for a host that is not loopback, BadFaults for unknown faults.
    """

    def __init__(
        self,
        *,
        account_sid: str,
        auth_token: str,
        voice_url: str,
        voice_fallback_url: str = "",
        status_callback: str = "",
        number: str = "+31201234567",
        state_dir: Path | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        faults: Mapping[str, Any] | None = None,
    ) -> None:
        if not is_loopback(host):
            raise ValueError(f"the local carrier listens on loopback only, not on {host}")
        self._temporary = tempfile.TemporaryDirectory(prefix="local-carrier-") if state_dir is None else None
        self.state_dir = Path(self._temporary.name) if self._temporary else state_dir or Path()
        self.state_dir.mkdir(parents=True, exist_ok=True)
        self._settings = Settings(
            account_sid=account_sid,
            auth_token=auth_token,
            voice_url=voice_url,
            voice_fallback_url=voice_fallback_url,
            status_callback=status_callback,
            number=number,
            state_dir=self.state_dir,
        )
        self._host = host
        self._port = port
        self._faults = read_faults(faults or {})
        self.base_url = ""

    async def start(self) -> None:
        self.exchange = Exchange(self._settings)
        self.exchange.webhooks.faults = self._faults
        app = web.Application(middlewares=[rest_middleware])
        app[EXCHANGE] = self.exchange
        for module in (rest_recordings, rest, local_api):
            app.add_routes(module.routes)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port)
        await site.start()
        host = f"[{self._host}]" if ":" in self._host else self._host
        self.base_url = self.exchange.base_url = f"http://{host}:{self._runner.addresses[0][1]}"
        await self.exchange.start()

    async def stop(self) -> None:
        """Ends all calls."""
        await self.exchange.stop()
        await self._runner.cleanup()
        if self._temporary:
            self._temporary.cleanup()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


async def serve(carrier: LocalCarrier, stop: asyncio.Event) -> None:
    """Run until `stop` is set. Prints one line when ready."""
    async with carrier:
        print(f"{_NOTICE} Ready at {carrier.base_url}", flush=True)  # noqa: T201 -- the line others wait for
        await stop.wait()
