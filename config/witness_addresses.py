"""Where checkpoints of the consent log go, as the environment says it; docs/configuration.md has the forms.

What stands behind `#` is never sent: it is what the witness signs with.
"""

import hashlib
import re
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from urllib.parse import SplitResult, unquote, urlsplit

from config.setting_shapes import is_loopback

MAIL_ADDRESS = re.compile(r"[A-Za-z0-9.!#$&*+/=^_{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
VKEY = re.compile(r"[^\s+]+\+[0-9a-f]{8}\+[A-Za-z0-9+/]+={0,2}")
FORMS = (
    "mailto:, file:///, https://, witness+https://HOST/PREFIX#VERIFIER-KEY or tsa+https://HOST/PATH#/CERTIFICATE.pem"
)
SMTP_PORT, SMTPS_PORT = 587, 465
DAY_MINUTES = 24 * 60


class WitnessKind(StrEnum):
    MAIL = "mailto"
    FOLDER = "file"
    POST = "https"
    COSIGNER = "witness"
    TIME_STAMP = "tsa"


@dataclass(frozen=True, slots=True)
class WitnessAddress:
    """`target` is an e-mail address, a folder or a web address, which may hold a secret; `name` never does.

    `pinned` is a witness's verifier key (C2SP signed-note), or the file with a time stamp authority's certificate.
    """

    kind: WitnessKind
    name: str
    target: str = field(repr=False)
    pinned: str = ""


@dataclass(frozen=True, slots=True)
class MailServer:
    """`tls`: from the first byte on (smtps). Else it is asked for (STARTTLS), but on this machine itself."""

    host: str
    port: int
    tls: bool
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def local(self) -> bool:
        return is_loopback(self.host)


def witness_addresses(text: str) -> tuple[WitnessAddress, ...]:
    found = tuple(_address(word) for word in text.split())
    if len({address.name for address in found}) < len(found):
        raise ValueError("must not name one witness twice")
    return found


def mail_address(text: str) -> str:
    if not MAIL_ADDRESS.fullmatch(text):
        raise ValueError("must be an e-mail address like logboek@voorbeeld.nl")
    return text


def mail_server(text: str) -> MailServer:
    try:
        url = urlsplit(text)
        port = url.port
    except ValueError:
        url, port = SplitResult("", "", "", "", ""), None
    beyond = url.path.strip("/") or url.query or url.fragment
    if url.scheme not in {"smtp", "smtps"} or not url.hostname or beyond:
        raise ValueError("must be like smtps://user:password@mail.voorbeeld.nl:465")
    tls = url.scheme == "smtps"
    user, password = unquote(url.username or ""), unquote(url.password or "")
    return MailServer(url.hostname, port or (SMTPS_PORT if tls else SMTP_PORT), tls, user, password)


def pace(text: str) -> timedelta:
    if not re.fullmatch(r"[1-9][0-9]{0,3}", text) or int(text) > DAY_MINUTES:
        raise ValueError(f"must be a number of minutes from 1 to {DAY_MINUTES}")
    return timedelta(minutes=int(text))


def _address(word: str) -> WitnessAddress:
    scheme, _, rest = word.partition(":")
    try:
        if scheme == "mailto":
            return WitnessAddress(WitnessKind.MAIL, f"mailto:{mail_address(rest)}", rest)
        if scheme == "file":
            return _folder(urlsplit(word))
        kind, _, web = scheme.rpartition("+")
        return _web(WitnessKind(kind or "https"), urlsplit(f"{web}:{rest}"))
    except ValueError as fault:
        why = f": {fault}" if isinstance(fault, _Wrong) else ""  # a library's own words may hold the value
        raise ValueError(f"must be addresses like {FORMS}{why}") from None


class _Wrong(ValueError):
    """Says what is wrong without the value."""


def _folder(url: SplitResult) -> WitnessAddress:
    folder = Path(unquote(url.path))
    if url.netloc or url.query or url.fragment or not folder.is_absolute() or folder == Path("/"):
        raise _Wrong("a folder is named from the root")
    return WitnessAddress(WitnessKind.FOLDER, f"file://{folder}", str(folder))


def _web(kind: WitnessKind, url: SplitResult) -> WitnessAddress:
    _ = url.port  # raises for a port that is no number
    if kind in (WitnessKind.MAIL, WitnessKind.FOLDER) or not url.hostname:
        raise _Wrong("a web address names a host")
    if url.scheme != "https" and not (url.scheme == "http" and is_loopback(url.hostname)):
        raise _Wrong("only https leaves this machine")
    pinned = unquote(url.fragment)
    if kind is WitnessKind.COSIGNER and not VKEY.fullmatch(pinned):
        raise _Wrong("the witness's verifier key must stand behind a #")
    if kind is WitnessKind.TIME_STAMP and not Path(pinned).is_absolute():
        raise _Wrong("the file with the authority's certificate must stand behind a #")
    if kind is WitnessKind.POST and pinned:
        raise _Wrong("nothing stands behind a # in a plain address")
    target = url._replace(fragment="").geturl()
    return WitnessAddress(kind, _name(kind, url, target), target, pinned)


def _name(kind: WitnessKind, url: SplitResult, target: str) -> str:
    """Host and port, and where a path may be a secret eight digits that tell it from others at the same host."""
    host = f"[{url.hostname}]" if ":" in str(url.hostname) else url.hostname
    place = f"{host}:{url.port}" if url.port else f"{host}"
    before = "" if kind is WitnessKind.POST else f"{kind}+"
    apart = url.username or url.password or url.query or url.path.strip("/")
    mark = f"/~{hashlib.sha256(target.encode()).hexdigest()[:8]}" if apart else ""
    return f"{before}{url.scheme}://{place}{mark}"
