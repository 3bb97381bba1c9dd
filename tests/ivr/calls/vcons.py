"""A call as a signed vCon, and what one may do to such a file."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from config.certificate import Certificate
from ivr.calls.jobs import JobKind
from ivr.calls.vcon_contents import decode_base64url
from ivr.calls.vcon_evidence import base64url
from tests.builders import PUBLIC_URL, House, wav_of
from tests.fakes import RECORDING_SID

SECONDS = 3


def recorded_call(
    folder: Path, url: str, certificate: Certificate | None, *, sealed: bool = True, public_url: str = PUBLIC_URL
) -> House:
    """A call whose recording was stored, at a service that signs with this certificate."""
    house = House(folder, url)
    house.wiring.settings = replace(house.wiring.settings, certificate=certificate)
    house.stopped(SECONDS)
    house.wiring.settings = replace(house.wiring.settings, public_url=public_url)
    for made in ("links", "exporter"):  # they are made anew, for the address that the service has from here on
        vars(house.wiring).pop(made, None)
    house.carrier.files[RECORDING_SID] = wav_of(SECONDS)
    house.clock.pass_s(60)
    house.run_jobs(JobKind.COLLECT_RECORDING)
    if sealed:
        house.wiring.seal_log()
    return house


def payload_of(signed: Mapping[str, Any]) -> dict[str, Any]:
    vcon: dict[str, Any] = json.loads(decode_base64url(signed["payload"]))
    return vcon


def with_payload(signed: Mapping[str, Any], change: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
    """The same signature over another payload."""
    vcon = payload_of(signed)
    change(vcon)
    return {**signed, "payload": base64url(json.dumps(vcon).encode())}


def attachment(vcon: Mapping[str, Any], purpose: str) -> Any:
    return next(one for one in vcon["attachments"] if one["purpose"] == purpose)


def flip(text: str, place: int) -> str:
    """One bit of base64url text, so that it stays base64url."""
    data = bytearray(decode_base64url(text))
    data[place % len(data)] ^= 1
    return base64.urlsafe_b64encode(bytes(data)).decode().rstrip("=")
