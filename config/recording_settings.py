"""Where recordings lie and which keys open them: the shapes of those settings."""

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from config.setting_shapes import key

BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
PREFIX = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*(/[A-Za-z0-9][A-Za-z0-9_-]*)*")
TOKEN_KEY = "must be like pkcs11:token=NAME;object=LABEL or pkcs11:token=NAME;id=%01"  # noqa: S105  no secret


@dataclass(frozen=True, slots=True)
class Bucket:
    """A place in an S3-compatible store; `prefix` has no slash at its end, and may be empty."""

    name: str
    prefix: str


@dataclass(frozen=True, slots=True)
class TokenKey:
    """A key that stays in a PKCS#11 token: the token's label, and the key's label, id or both (RFC 7512)."""

    token: str
    label: str | None
    key_id: bytes | None


RecordingKey = bytes | TokenKey
NO_KEY: RecordingKey = b""


def recordings(text: str) -> Path | Bucket:
    url = urlsplit(text)
    if url.scheme == "file" and not url.netloc and url.path.startswith("/"):
        return Path(unquote(url.path))
    prefix = url.path.strip("/")
    named = url.scheme == "s3" and BUCKET.fullmatch(url.netloc) and not (url.query or url.fragment)
    if not named or (prefix and not PREFIX.fullmatch(prefix)):
        raise ValueError("must be like file:///var/lib/spelregel/recordings or s3://bucket/prefix")
    return Bucket(url.netloc, prefix)


def region(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]{1,40}", text):
        raise ValueError("must be like eu-central-1")
    return text


def recording_key(text: str) -> RecordingKey:
    """32 bytes, or the address of a key in a token."""
    return _token_key(text) if text.startswith("pkcs11:") else key(text)


def recording_keys(text: str) -> tuple[RecordingKey, ...]:
    return tuple(map(recording_key, text.split()))


def module(text: str) -> Path:
    path = Path(text)
    if not path.is_file():
        raise ValueError("must name a PKCS#11 module, like /usr/lib/softhsm/libsofthsm2.so")
    return path


def _token_key(text: str) -> TokenKey:
    """The path attributes that find one key; whatever else a URI may have would be ignored, and so it is refused."""
    found: dict[str, bytes] = {}
    for attribute in text.removeprefix("pkcs11:").split(";"):
        name, separator, value = attribute.partition("=")
        if (
            name in found
            or not separator
            or not re.fullmatch(r"(?:[A-Za-z0-9._~:\[\]@!$'()*+,=&-]|%[0-9A-Fa-f]{2})+", value)
        ):
            raise ValueError(TOKEN_KEY)
        found[name] = unquote_to_bytes(value)
    if found.pop("type", b"secret-key") != b"secret-key" or not {"token"} < set(found) <= {"token", "object", "id"}:
        raise ValueError(f"{TOKEN_KEY}; the PIN goes into SPELREGEL_PKCS11_PIN")
    try:
        return TokenKey(
            found["token"].decode(), found["object"].decode() if "object" in found else None, found.get("id")
        )
    except UnicodeDecodeError:
        raise ValueError(TOKEN_KEY) from None
