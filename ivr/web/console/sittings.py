"""A sitting: one time that somebody listens for a case file; within it, seeking and starting again are one playback."""

import hashlib
from datetime import timedelta
from secrets import token_hex

from itsdangerous import BadSignature, Signer

from ivr.ports import Clock

LASTS = timedelta(hours=1)
NAME_BYTES = 8
SEPARATOR = "~"


class Sittings:
    """Names sittings of one person with one case, and knows its own again; nothing is stored, so any process can tell.

    Signed, so that nobody makes two playbacks pass for one.
    """

    def __init__(self, secret_key: str, clock: Clock) -> None:
        self._signer = Signer(secret_key, salt="case sitting", digest_method=hashlib.sha256)
        self._clock = clock

    def begin(self, case_id: str, listener: str) -> str:
        """For an address on the page."""
        until = round((self._clock.now() + LASTS).timestamp())
        return self._signer.sign(SEPARATOR.join((case_id, listener, token_hex(NAME_BYTES), str(until)))).decode()

    def find(self, signed: str, case_id: str, listener: str) -> str | None:
        """The sitting's name; None for one that is over, somebody else's, or was never ours."""
        try:
            case, whose, name, until = self._signer.unsign(signed).decode().split(SEPARATOR)
        except BadSignature:
            return None
        is_own = (case, whose) == (case_id, listener)
        return name if is_own and int(until) > self._clock.now().timestamp() else None
