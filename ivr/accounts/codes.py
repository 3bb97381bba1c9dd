"""One-time codes of an app (TOTP, RFC 6238), and recovery codes for who has lost it."""

import base64
import hmac
import re
import secrets
from datetime import datetime

import pyotp

STEP_S = 30
DIGITS = 6
STEPS_OFF = 1
"""Clocks of telephones differ (RFC 6238 section 5.2)."""

SECRET_BYTES = 20
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
GROUP = 4


def find_step(secret: bytes, code: str, now: datetime) -> int | None:
    """The time step of which this is the code; the newest where it is of several."""
    totp = _totp(secret)
    current = int(now.timestamp()) // STEP_S
    typed = re.sub(r"\s", "", code)
    found = None
    for step in range(current - STEPS_OFF, current + STEPS_OFF + 1):
        if hmac.compare_digest(totp.generate_otp(step).encode(), typed.encode()):
            found = step
    return found


def address(secret: bytes, user_name: str, issuer: str) -> str:
    """What an app reads from the picture: `otpauth://...`."""
    return _totp(secret).provisioning_uri(name=user_name, issuer_name=issuer)


def as_text(secret: bytes) -> str:
    """To type over, in groups."""
    return _grouped(base64.b32encode(secret).decode())


def code_at(secret: bytes, now: datetime) -> str:
    """What the app shows."""
    return _totp(secret).generate_otp(int(now.timestamp()) // STEP_S)


def new_recovery_codes() -> list[str]:
    """80 random bits each, in four groups of four."""
    return [
        _grouped(base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode().lower()) for _ in range(RECOVERY_CODES)
    ]


def plain_recovery_code(typed: str) -> str:
    """As it is digested: without what people type in between."""
    return re.sub(r"[\s-]", "", typed).casefold()


def _totp(secret: bytes) -> pyotp.TOTP:
    return pyotp.TOTP(base64.b32encode(secret).decode(), digits=DIGITS, interval=STEP_S)


def _grouped(text: str) -> str:
    return "-".join(text[start : start + GROUP] for start in range(0, len(text), GROUP))
