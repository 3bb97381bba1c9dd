"""A visit: one opening of a copy's page, within which listening and seeking count as one use."""

import hashlib
from datetime import timedelta
from secrets import token_hex

from itsdangerous import BadSignature, Signer

from ivr.ports import Clock

LASTS = timedelta(hours=6)


class Visits:
    """Names visits, and knows its own again while they last; nothing is stored, so any process can tell."""

    def __init__(self, secret_key: str, clock: Clock) -> None:
        self._signer = Signer(secret_key, salt="copy visit", digest_method=hashlib.sha256)
        self._clock = clock

    def begin(self) -> str:
        return token_hex(8)

    def sign(self, visit: str) -> str:
        """For an address on the page."""
        until = self._clock.now() + LASTS
        return self._signer.sign(f"{visit}-{round(until.timestamp())}").decode()

    def find(self, signed: str) -> str | None:
        """The visit; None for one that is over or was never ours."""
        try:
            visit, until = self._signer.unsign(signed).decode().split("-")
        except BadSignature:
            return None
        return visit if int(until) > self._clock.now().timestamp() else None
