"""The processes of a demo: the service's three and the local carrier, on free loopback ports, with made-up keys."""

import base64
import json
import os
import secrets
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import Request, urlopen

from config import settings
from config.settings import Settings
from ivr.demo.certificates import make_certificate
from ivr.errors import SpelregelError
from ivr.serving import gunicorn_arguments
from ivr.wiring import DEMO_NUMBER

NUMBER = DEMO_NUMBER
READY_WITHIN_S = 90
STOP_WITHIN_S = 10
LAST_LINES = 12


class DemoFault(SpelregelError):
    """The demo cannot go on; the text says where it stopped."""


def make_environment(folder: Path, models: Path) -> dict[str, str]:
    """Everything that the service needs, made for one demo: secrets that are good for nothing else."""
    web, media, carrier = _free_ports(3)

    def key() -> str:
        return base64.b64encode(secrets.token_bytes(32)).decode()

    certificate = make_certificate(folder / "certificate")
    return {
        "SPELREGEL_DATA_DIR": str(folder),
        "SPELREGEL_MODEL_DIR": str(models),
        "SPELREGEL_PUBLIC_URL": f"http://127.0.0.1:{web}",
        "SPELREGEL_WEB_BIND": f"127.0.0.1:{web}",
        "SPELREGEL_MEDIA_URL": f"ws://127.0.0.1:{media}/media",
        "SPELREGEL_MEDIA_BIND": f"127.0.0.1:{media}",
        "SPELREGEL_SECRET_KEY": secrets.token_hex(32),
        "SPELREGEL_RECORDING_KEY": key(),
        "SPELREGEL_SIGNING_KEY": key(),
        "SPELREGEL_CERTIFICATE": str(certificate.chain),
        "SPELREGEL_CERTIFICATE_KEY": str(certificate.key),
        "SPELREGEL_SMS_SENDER": "Voorbeeld",
        "SPELREGEL_PROMPT_AUDIO": "",  # the scripted caller waits for words, and a recording has none
        "TWILIO_ACCOUNT_SID": "AC" + secrets.token_hex(16),
        "TWILIO_AUTH_TOKEN": secrets.token_hex(16),
        "TWILIO_API_URL": f"http://127.0.0.1:{carrier}",
    }


def write_environment(environment: Mapping[str, str], path: Path) -> None:
    """As a file that a shell can read, for this user only: `set -a; . FILE` gives the demo's settings."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.writelines(f"{name}={shlex.quote(value)}\n" for name, value in environment.items())


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


class Household:
    """Starts the processes and ends them again. Their output goes to one file each in the demo's folder."""

    def __init__(self, environment: Mapping[str, str], folder: Path) -> None:
        self.settings: Settings = settings.load(environment)
        self.carrier_url = environment["TWILIO_API_URL"]
        self.environment = {**os.environ, **environment}
        self._folder = folder
        self.processes: dict[str, subprocess.Popen[bytes]] = {}

    def commands(self) -> dict[str, list[str]]:
        s = self.settings
        python = [sys.executable, "-m"]
        carrier = {
            "--port": self.carrier_url.rsplit(":", 1)[1],
            "--account-sid": s.twilio_account_sid,
            "--auth-token": s.twilio_auth_token,
            "--number": NUMBER,
            "--voice-url": f"{s.public_url}/voice/incoming",
            "--status-callback": f"{s.public_url}/voice/status",
            "--state-dir": str(self._folder / "carrier"),
        }
        return {
            "carrier": [*python, "ivr.emulator", *(word for option in carrier.items() for word in option)],
            "web": gunicorn_arguments("web", s, graceful_s=1),
            "media": gunicorn_arguments("media", s, graceful_s=1),
            "worker": [*python, "ivr", "worker"],
        }

    def start(self, *names: str) -> None:
        """Start these processes (all of them where none is named) and wait until they answer."""
        commands = self.commands()
        for name in names or commands:
            with (self._folder / f"{name}.log").open("ab") as output:
                self.processes[name] = subprocess.Popen(  # noqa: S603 - our own commands
                    commands[name], env=self.environment, stdout=output, stderr=output, start_new_session=True
                )
        self._await("carrier", f"{self.carrier_url}/local/events")
        self._await("web", f"{self.settings.public_url}/readyz")
        self._await("media", f"http://{self.settings.media_bind}/readyz")

    def _await(self, name: str, url: str) -> None:
        deadline = time.monotonic() + READY_WITHIN_S
        while time.monotonic() < deadline:
            try:
                with urlopen(url, timeout=5):  # noqa: S310 - loopback
                    return
            except (URLError, ConnectionError, TimeoutError):
                self.check()
                time.sleep(0.1)
        raise self._fault(name, f"did not start within {READY_WITHIN_S} s")

    def check(self) -> None:
        """Raises `DemoFault` when one of the processes has ended by itself."""
        for name, process in self.processes.items():
            if process.poll() is not None:
                raise self._fault(name, f"ended by itself with exit code {process.returncode}")

    def _fault(self, name: str, what: str) -> DemoFault:
        log = self._folder / f"{name}.log"
        last = log.read_text(errors="replace").splitlines()[-LAST_LINES:]
        return DemoFault("\n".join([f"the process {name} {what}; the end of {log}:", *last]))

    def kill(self, *names: str) -> None:
        """As a crash would: kill -9 for the process and its children."""
        for name in names:
            os.killpg(self.processes[name].pid, signal.SIGKILL)
            self.processes.pop(name).wait()

    def stop(self) -> None:
        """End everything; who is interrupted while waiting, or waits too long, leaves no process behind either."""
        try:
            for process in self.processes.values():
                process.terminate()
            for process in self.processes.values():
                with suppress(subprocess.TimeoutExpired):
                    process.wait(timeout=STOP_WITHIN_S)
        finally:
            for name in [name for name, process in self.processes.items() if process.poll() is None]:
                self.kill(name)
            self.processes.clear()

    # ------------------------------------------------------------ the local carrier's own controls

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Ask the local carrier; gives its JSON answer."""
        data = None if body is None else json.dumps(body).encode()
        request = Request(f"{self.carrier_url}/local/{path}", data=data, method=method)  # noqa: S310 - loopback
        request.add_header("Content-Type", "application/json")
        with urlopen(request, timeout=30) as answer:  # noqa: S310 - loopback
            text = answer.read()
        return json.loads(text) if text else None

    def register(self, identity: str, script: list[dict[str, Any]], name: str = "", *, answer: bool = True) -> None:
        """Who answers calls to this address from now on, called `name` in the events; a scripted party."""
        phone = {"script": script, "name": name or identity, "answer_after_s": 1.0, "answer": answer}
        self.control("PUT", f"phones/{quote(identity, safe='')}", phone)

    def call(self, caller: str, script: list[dict[str, Any]], name: str = "caller", to: str = NUMBER) -> str:
        """A scripted caller dials in; gives the call's sid."""
        answer = self.control("POST", "calls", {"from": caller, "to": to, "script": script, "name": name})
        return str(answer["callSid"])

    def events(self, since: int, wait_s: float = 0) -> list[dict[str, Any]]:
        """What happened after event number `since`; with `wait_s` it waits that long for the first."""
        return list(self.control("GET", f"events?since={since}&wait_s={wait_s}"))
