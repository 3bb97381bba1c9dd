"""One POST to a server that is not ours, with a bounded answer. No redirects: what we send goes only where the
installation says."""

import time
from collections.abc import Mapping
from dataclasses import dataclass

import requests
from urllib3.exceptions import HTTPError

QUIET_S = 10.0
"""The longest silence; `WHOLE_S` is the longest that all of it may take."""

WHOLE_S = 30.0
LARGEST_ANSWER_BYTES = 64 * 1024
PIECE_BYTES = 4096
COME_BACK = frozenset({408, 425, 429})


class NotNow(Exception):
    """No answer, none in time, or one that says to come back. The text follows the server's name.

    `retry_after` is what the header of that name says (RFC 9110, 10.2.3), None where there is none.
    """

    def __init__(self, text: str, retry_after: str | None = None) -> None:
        super().__init__(text)
        self.retry_after = retry_after


class AnswerTooLong(Exception):
    """More than `LARGEST_ANSWER_BYTES`. The text follows the server's name."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    body: bytes


def post(
    url: str, body: bytes, headers: Mapping[str, str], *, quiet_s: float = QUIET_S, whole_s: float = WHOLE_S
) -> Answer:
    """Any final answer. No error's text has the address, which may hold a secret.

    Raises `NotNow` for no answer, 408, 425, 429 and 5xx; `AnswerTooLong`.
    """
    until = time.monotonic() + whole_s
    try:
        with requests.post(
            url,
            data=body,
            headers={"Accept-Encoding": "identity", **headers},
            timeout=quiet_s,
            allow_redirects=False,
            stream=True,
        ) as answer:
            if answer.status_code in COME_BACK or answer.status_code >= 500:
                raise NotNow(f"says {answer.status_code}", answer.headers.get("Retry-After"))
            return Answer(answer.status_code, _read(answer, until))
    except (requests.RequestException, HTTPError, OSError) as fault:
        raise NotNow(f"does not answer: {type(fault).__name__}") from None  # the fault's text has the URL


def _read(answer: requests.Response, until: float) -> bytes:
    got = b""
    while piece := answer.raw.read1(PIECE_BYTES):
        got += piece
        if len(got) > LARGEST_ANSWER_BYTES:
            raise AnswerTooLong(f"answers with more than {LARGEST_ANSWER_BYTES} bytes")
        if time.monotonic() > until:
            raise NotNow("does not come to an end")
    return got
