"""PURE. The addresses that the carrier and the caller are given."""

import hashlib
import hmac
from dataclasses import dataclass, field
from urllib.parse import urlsplit

TOKEN_BYTES = 16
CODE_DIGITS = 12
OPENING_CODE_DIGITS = 6

PERSISTENT = "#rc=3&rp=ct,5xx"
"""By itself the carrier brings nothing again that was answered with a 5xx (Twilio, "Connection overrides"; a fragment
is not sent and not signed). All of these requests may come twice."""


@dataclass(frozen=True, slots=True)
class Links:
    """Builds absolute addresses. Tokens are derived from the secret, so that asking again gives the same ones."""

    public_url: str
    media_url: str
    secret: str = field(repr=False)

    def rules(self, agency: str) -> str:
        """The agency's public page (R2)."""
        return f"{self.public_url}/spelregels/{agency}"

    def sound(self, call_id: str) -> str:
        """Where staff who may listen hear the agency's recording."""
        return f"{self.public_url}/console/gesprekken/{call_id}/geluid"

    def stream(self) -> str:
        """Where the carrier sends a caller's audio: TwiML and the signature know it with scheme wss only."""
        return urlsplit(self.media_url)._replace(scheme="wss").geturl()

    def leg(self, call_id: str) -> str:
        """Where the caller's leg fetches its next document."""
        return self._persistent(f"leg/{call_id}")

    def leg_answered(self, call_id: str, prompt_id: int) -> str:
        return self._persistent(f"leg/{call_id}/{prompt_id}")

    def left_room(self, call_id: str) -> str:
        return self._persistent(f"left/{call_id}")

    def ringing(self) -> str:
        return f"{self.public_url}/voice/ringing"

    def conference_events(self, call_id: str) -> str:
        return self._persistent(f"conference/{call_id}")

    def employee_events(self, call_id: str) -> str:
        return self._persistent(f"employee/{call_id}")

    def employee_leg(self, call_id: str) -> str:
        """Where an employee's leg that has keys fetches its first document."""
        return self._persistent(f"employee/{call_id}/leg")

    def employee_left_room(self, call_id: str) -> str:
        return self._persistent(f"employee/{call_id}/left")

    def employee_answered(self, call_id: str, visit: str, question: str) -> str:
        """Where the key goes that answers a question to the employee; `visit` is their stay outside the room."""
        return self._persistent(f"employee/{call_id}/{visit}/{question}")

    def recording_events(self, call_id: str) -> str:
        return self._persistent(f"recording/{call_id}")

    def stream_events(self, call_id: str) -> str:
        return self._persistent(f"stream/{call_id}")

    def prompt(self, call_id: str, prompt_id: int) -> str:
        """An announcement's document. Whether the carrier signs its request is not documented, so it has a token."""
        return f"{self.public_url}/voice/prompt/{call_id}/{prompt_id}/{self.prompt_token(call_id, prompt_id)}"

    def audio(self, digest: str) -> str:
        """A recorded prompt; the same for everybody, so the carrier may keep it."""
        return f"{self.public_url}/voice/audio/{digest}.wav"

    def prompt_token(self, call_id: str, prompt_id: int) -> str:
        return self._derive("prompt", f"{call_id}:{prompt_id}").hex()

    def copy_token(self, call_id: str) -> str:
        """The secret part of the link to the copy; only its digest is stored."""
        return self._derive("copy", call_id).hex()

    def copy(self, call_id: str) -> str:
        return f"{self.public_url}/kopie/{self.copy_token(call_id)}"

    def copy_code(self, call_id: str) -> str:
        """The pick-up code that is read out, for who cannot get an SMS: 12 digits."""
        return self._digits("code", call_id, CODE_DIGITS)

    def receipt_token(self, call_id: str) -> str:
        """The secret part of the link to the receipt of a call that was refused recording; it opens nothing else."""
        return self._derive("receipt", call_id).hex()

    def receipt(self, call_id: str) -> str:
        return f"{self.public_url}/kopie/{self.receipt_token(call_id)}"

    def receipt_code(self, call_id: str) -> str:
        """The same as a pick-up code."""
        return self._digits("receipt-code", call_id, CODE_DIGITS)

    def opening_code(self, code_id: str) -> str:
        """The code by SMS that opens a link: 6 digits, other ones each time that a code is asked for."""
        return self._digits("opening", code_id, OPENING_CODE_DIGITS)

    def _persistent(self, path: str) -> str:
        return f"{self.public_url}/voice/{path}{PERSISTENT}"

    def _digits(self, purpose: str, value: str, count: int) -> str:
        return f"{int.from_bytes(self._derive(purpose, value)) % 10**count:0{count}d}"

    def _derive(self, purpose: str, value: str) -> bytes:
        return hmac.digest(self.secret.encode(), f"{purpose}:{value}".encode(), hashlib.sha256)[:TOKEN_BYTES]


def token_digest(token: str) -> str:
    """What is stored of a token or code: its hex SHA-256."""
    return hashlib.sha256(token.encode()).hexdigest()
