"""PURE. Whether a form is of one of our own pages: each carries a value that only its own session can have made."""

import hmac
from hashlib import sha256

CSRF_FIELD = "csrf"
CSRF_HEADER = "X-CSRF-Token"


def csrf_of(token: str) -> str:
    """What a form of the session with this token carries; of no use in another (OWASP: HMAC-based token pattern).

    A session that is over can still tell which forms were its own.
    """
    return hmac.digest(token.encode(), b"csrf", sha256).hex()


def is_own_form(token: str, csrf: str) -> bool:
    """Whether a form that carried `csrf` is of the session with this token."""
    return hmac.compare_digest(csrf_of(token).encode(), csrf.encode())
