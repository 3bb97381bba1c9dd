"""PURE. Callers' numbers as people type them, and the keyed hash by which a call is found without naming one."""

import hashlib
import hmac
import re
from dataclasses import dataclass, field

E164 = re.compile(r"\+[1-9][0-9]{6,14}")
BETWEEN = re.compile(r"[\s().\-/]")
DUTCH = "+31"
HASH_BYTES = 16


@dataclass(frozen=True, slots=True)
class NumberKey:
    """A bare hash of a phone number can be reversed by trying them all; this one only with the service's secret."""

    secret: str = field(repr=False)

    def hash_of(self, number: str) -> str | None:
        """Hex; None for what is no number, such as that of a caller who hides it."""
        if E164.fullmatch(number) is None:
            return None
        key = self.secret.encode()
        return hmac.digest(key, f"caller's number:{number}".encode(), hashlib.sha256)[:HASH_BYTES].hex()

    def pseudonym_of(self, number: str | None) -> str | None:
        """Hex, for the agency's processing log: the same for all calls from one number. It is not what calls are found
        by here, so neither leads to the other. None for what is no number."""
        if number is None or E164.fullmatch(number) is None:
            return None
        return hmac.digest(self.secret.encode(), f"processing log:{number}".encode(), hashlib.sha256).hex()


def is_hash(text: str) -> bool:
    return re.fullmatch(rf"[0-9a-f]{{{2 * HASH_BYTES}}}", text) is not None


def parse_number(typed: str) -> str | None:
    """E.164 of `06 12 34 56 78`, `0031-6...` or `+31 (0)6 ...`; None where it is no phone number."""
    digits = BETWEEN.sub("", typed.replace("(0)", ""))
    if digits.startswith("00"):
        digits = f"+{digits[2:]}"
    elif digits.startswith("0"):
        digits = DUTCH + digits[1:]
    return digits if E164.fullmatch(digits) else None
