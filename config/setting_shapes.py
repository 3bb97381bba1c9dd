"""What the text of a setting may look like; a parser's `ValueError` says what is expected and never holds the value."""

import base64
import ipaddress
import re
from collections.abc import Callable
from enum import StrEnum
from hashlib import sha256
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, urlsplit

E = TypeVar("E", bound=StrEnum)

KEY_BYTES = 32
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MIN_SECRET_LENGTH = 32


def split(text: str, schemes: set[str], example: str) -> SplitResult:
    expected = f"must be an address like {example}"
    try:
        url = urlsplit(text)
        _ = url.port  # raises for a port that is no number
    except ValueError:
        raise ValueError(expected) from None
    if url.scheme not in schemes or not url.hostname or url.username is not None or url.query or url.fragment:
        raise ValueError(expected)
    if "_" in url.hostname:  # Twilio refuses callback hosts with an underscore
        raise ValueError("must not have an underscore in its host name")
    return url


def web_address(schemes: set[str]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        return split(text, schemes, f"{max(schemes)}://spelregel.example.nl").geturl().rstrip("/")

    return parse


def origin(schemes: set[str]) -> Callable[[str], str]:
    address = web_address(schemes)

    def parse(text: str) -> str:
        origin = address(text)
        if urlsplit(origin).path:
            raise ValueError("must not have a path")
        return origin

    return parse


def media_url(production: bool) -> Callable[[str], str]:
    schemes = {"wss"} if production else {"wss", "ws"}

    def parse(text: str) -> str:
        return split(text, schemes, f"{max(schemes)}://spelregel.example.nl/media").geturl()

    return parse


def loopback_url(text: str) -> str:
    """The variable switches the production checks off, so it may only name a carrier on this machine."""
    url = split(text, {"http"}, "http://127.0.0.1:4010")
    if not is_loopback(str(url.hostname)):
        raise ValueError("is for the local carrier only and must name a loopback host; leave it out in production")
    return url.geturl().rstrip("/")


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def database_url(text: str) -> str:
    """PostgreSQL addresses get the driver that is installed; SQLite needs a file, since processes share it."""
    scheme, separator, rest = text.partition("://")
    if separator and scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
        return f"postgresql+psycopg://{rest}"
    if separator and scheme == "sqlite" and rest.startswith("/") and ":memory:" not in rest and rest != "/":
        return text
    raise ValueError("must be like sqlite:////var/lib/spelregel/spelregel.db or postgresql://user@host/name")


def redis_url(text: str) -> str:
    if urlsplit(text).scheme not in {"redis", "rediss", "unix"}:
        raise ValueError("must be like redis://host:6379/0")
    return text


def folder(text: str) -> Path:
    return Path(text).expanduser().absolute()


def stylesheet(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if path.suffix != ".css" or not path.is_file():
        raise ValueError("must name a stylesheet, like /etc/spelregel/theme.css")
    return path


def bind_address(text: str) -> str:
    if not re.fullmatch(r"(?:[0-9A-Za-z.-]+|\[[0-9A-Fa-f:]+\]):[0-9]{1,5}|unix:/.+", text):
        raise ValueError("must be like 127.0.0.1:8000 or unix:/run/spelregel/web.sock")
    return text


def clamd(text: str) -> Path | tuple[str, int]:
    """A Unix socket, or host and port."""
    if text.startswith("unix:/"):
        return Path(text.removeprefix("unix:"))
    host, _, port = text.rpartition(":")
    if not re.fullmatch(r"[0-9A-Za-z.-]+|\[[0-9A-Fa-f:]+\]", host) or not re.fullmatch(r"[0-9]{1,5}", port):
        raise ValueError("must be like unix:/run/clamav/clamd.ctl or 127.0.0.1:3310")
    return host.strip("[]"), int(port)


def process_count(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]?", text):
        raise ValueError("must be a number of processes from 1 to 99; about one a core")
    return int(text)


def slug(text: str) -> str:
    if not SLUG.fullmatch(text):
        raise ValueError("must be the name of a profile in config/policies, like example")
    return text


def scope(text: str) -> str:
    if "openid" not in text.split():
        raise ValueError("must have openid among its words")
    return " ".join(text.split())


def few(text: str) -> int:
    if not re.fullmatch(r"[0-9]", text):
        raise ValueError("must be a number of proxies from 0 to 9")
    return int(text)


def one_of(choices: type[E]) -> Callable[[str], E]:
    def parse(text: str) -> E:
        if text not in set(choices):
            raise ValueError(f"must be one of {', '.join(choices)}")
        return choices(text)

    return parse


def switch(text: str) -> bool:
    if text not in {"on", "off"}:
        raise ValueError("must be on or off")
    return text == "on"


def account_sid(text: str) -> str:
    if not re.fullmatch(r"AC[0-9a-f]{32}", text):
        raise ValueError("must be AC and 32 hexadecimal digits")
    return text


def sms_sender(text: str) -> str:
    """An E.164 number, or an alphanumeric sender of at most 11 characters (3GPP TS 23.040, 9.1.2.5)."""
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}|(?=.*[A-Za-z])[0-9A-Za-z ]{1,11}", text):
        raise ValueError("must be a number like +31201234567, or a name of at most 11 letters and digits")
    return text


def secret(text: str) -> str:
    if len(text) < MIN_SECRET_LENGTH or any(character.isspace() for character in text):
        raise ValueError(f"must have at least {MIN_SECRET_LENGTH} characters and no spaces")
    return text


def key(text: str) -> bytes:
    """32 bytes as 64 hexadecimal digits or base64 (either alphabet, RFC 4648 sections 4 and 5)."""
    try:
        if re.fullmatch(r"[0-9A-Fa-f]{64}", text):
            return bytes.fromhex(text)
        key = base64.b64decode(text.replace("-", "+").replace("_", "/"), validate=True)
    except ValueError:  # binascii.Error, or a character outside ASCII
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError(f"must be {KEY_BYTES} bytes in base64, or {2 * KEY_BYTES} hexadecimal digits")
    return key


def verifier_keys(text: str) -> tuple[str, ...]:
    """Ed25519 keys as C2SP signed-note writes them, `name+key id+key`, with spaces between."""
    for vkey in text.split():
        name, key_id, material = _split_verifier_key(vkey)
        if sha256(f"{name}\n".encode() + material).hexdigest()[:8] != key_id:
            raise ValueError("has a key whose id is not that of the key: was it copied in full?")
    return tuple(text.split())


def verifier_key(text: str) -> str:
    keys = verifier_keys(text)
    if len(keys) != 1:
        raise ValueError("must be one public key; earlier ones have a variable of their own")
    return keys[0]


def _split_verifier_key(vkey: str) -> tuple[str, str, bytes]:
    try:
        name, key_id, encoded = vkey.split("+", 2)
        material = base64.b64decode(encoded, validate=True)
    except ValueError:
        name, key_id, material = "", "", b""
    if not name or material[:1] != b"\x01" or len(material) != 1 + KEY_BYTES:
        raise ValueError("must be public keys as `spelregel log key` prints them, with spaces between")
    return name, key_id, material


def token(text: str) -> str:
    """RFC 6750: what may stand in a header as a bearer token."""
    if not re.fullmatch(r"[A-Za-z0-9._~+/-]{16,4096}=*", text):
        raise ValueError("must be a bearer token of 16 letters and digits or more")
    return text
