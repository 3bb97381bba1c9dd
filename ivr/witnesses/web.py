"""One POST to a witness, with a bounded answer. No redirects: a checkpoint goes only where the installation says."""

import time
from dataclasses import dataclass

import requests
from urllib3.exceptions import HTTPError

from ivr.errors import WitnessBusy, WitnessRefused

QUIET_S = 10.0
"""The longest silence; `WHOLE_S` is the longest that the whole answer may take."""

WHOLE_S = 30.0
LARGEST_ANSWER_BYTES = 64 * 1024
PIECE_BYTES = 4096
COME_BACK = frozenset({408, 425, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


def post(
    name: str, url: str, body: bytes, content_type: str, *, quiet_s: float = QUIET_S, whole_s: float = WHOLE_S
) -> Answer:
    """Any final answer. `name` stands in errors instead of the address, which may hold a secret.

    Raises `WitnessBusy` for no answer, 408, 425, 429 and 5xx; `WitnessRefused` for a redirect or a huge answer.
    """
    until = time.monotonic() + whole_s
    try:
        with requests.post(
            url,
            data=body,
            headers={"Content-Type": content_type, "Accept-Encoding": "identity"},
            timeout=quiet_s,
            allow_redirects=False,
            stream=True,
        ) as answer:
            status = answer.status_code
            if status in COME_BACK or status >= 500:
                raise WitnessBusy(f"{name} says {status}")
            if 300 <= status < 400:
                raise WitnessRefused(f"{name} sends us elsewhere ({status}); set the address that it has now")
            return Answer(status, _read(name, answer, until))
    except (requests.RequestException, HTTPError, OSError) as fault:
        raise WitnessBusy(f"{name} does not answer: {type(fault).__name__}") from None  # the fault's text has the URL


def _read(name: str, answer: requests.Response, until: float) -> bytes:
    got = b""
    while piece := answer.raw.read1(PIECE_BYTES):
        got += piece
        if len(got) > LARGEST_ANSWER_BYTES:
            raise WitnessRefused(f"{name} answers with more than {LARGEST_ANSWER_BYTES} bytes")
        if time.monotonic() > until:
            raise WitnessBusy(f"{name} does not come to an end")
    return got
