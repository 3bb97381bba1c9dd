"""Passwords: how they are hashed, and which ones are refused (NIST SP 800-63B 5.1.1: length, no composition rules)."""

import threading
import unicodedata
from enum import StrEnum
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.profiles import RFC_9106_LOW_MEMORY

LEAST_LETTERS = 12
MOST_LETTERS = 256
FEWEST_DIFFERENT = 5
AT_ONCE = 2
"""Hashes at a time in one process: each takes 64 MiB, and sixteen threads may be asked for one."""

_WORST_WORDS = """
    password passwort wachtwoord welkom welkomwelkom geheim geheimpje inloggen admin administrator beheer beheerder
    qwerty qwertyuiop qwertyqwerty azerty asdfghjkl zxcvbnm abcdefghijkl iloveyou ikhouvanjou ikhouvanjullie letmein
    changeme changemenow veranderme veranderdit hallohallo vakantie zomer winter lente herfst voorjaar najaar
    januari februari maart april mei juni juli augustus september oktober november december maandag dinsdag woensdag
    donderdag vrijdag zaterdag zondag amsterdam rotterdam denhaag utrecht nederland holland oranje ajax feyenoord
    gemeente spelregel spelregels medewerker leidinggevende privacyfunctionaris klachtencommissie controleur
    mustang dragon monkey football voetbal superman batman sunshine princess prinses computer internet ministerie
    correcthorsebatterystaple wachtwoordwachtwoord passwordpassword
"""
WORST = frozenset(_WORST_WORDS.split())
"""Refused with whatever digits and signs around them."""

SEQUENCES = ("01234567890123456789", "98765432109876543210", "qwertyuiopasdfghjklzxcvbnm", "abcdefghijklmnopqrstuvwxyz")


class PasswordFault(StrEnum):
    """Why a password cannot be used."""

    SHORT = "short"
    LONG = "long"
    GUESSABLE = "guessable"


def fault_of(password: str, user_name: str) -> PasswordFault | None:
    if len(password) < LEAST_LETTERS:
        return PasswordFault.SHORT
    if len(password) > MOST_LETTERS:
        return PasswordFault.LONG
    low = password.casefold()
    letters = "".join(letter for letter in low if letter.isalpha())
    if (
        letters in WORST
        or letters == "".join(filter(str.isalpha, user_name))
        or len(set(low)) < FEWEST_DIFFERENT
        or any(low in sequence for sequence in SEQUENCES)
    ):
        return PasswordFault.GUESSABLE
    return None


class Passwords:
    """argon2id with the second choice of RFC 9106 section 4: 64 MiB, three passes, four lanes."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)
        self._turns = threading.BoundedSemaphore(AT_ONCE)

    def hash(self, password: str) -> str:
        with self._turns:
            return self._hasher.hash(_normal(password))

    def fits(self, password_hash: str | None, password: str) -> bool:
        """As much work for nobody's hash (None) as for somebody's."""
        with self._turns:
            try:
                return self._hasher.verify(password_hash or _nobodys_hash(), _normal(password)) and bool(password_hash)
            except (VerificationError, InvalidHashError):
                return False

    def is_outdated(self, password_hash: str) -> bool:
        """Made with other parameters than a new one."""
        return self._hasher.check_needs_rehash(password_hash)


@cache
def _nobodys_hash() -> str:
    """Once a process."""
    return PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY).hash("nobody has this password")


def _normal(password: str) -> bytes:
    """Keyboards write the same letter in different ways (NIST SP 800-63B 5.1.1.2). What is too long is cut: no
    password is, and hashing megabytes is what somebody else wants."""
    return unicodedata.normalize("NFKC", password[: MOST_LETTERS + 1]).encode("utf-8", "replace")
