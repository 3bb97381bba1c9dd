"""Environment -> frozen `Settings`, read once at start; the only place that knows the variables' names.

docs/configuration.md describes each variable. All faults come in one `SettingsError`, whose single line names them all
and never holds a value: a secret in the wrong variable must not reach a log.
"""

import base64
import ipaddress
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import TypeVar
from urllib.parse import SplitResult, unquote, urlsplit

from config.policy import Role

T = TypeVar("T")
D = TypeVar("D")
E = TypeVar("E", bound=StrEnum)

KEY_BYTES = 32
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
SHIPPED_POLICIES = Path(__file__).parent / "policies"
MIN_SECRET_LENGTH = 32
OUR_PREFIX = "SPELREGEL_"
TEST_VARIABLES = frozenset({"SPELREGEL_TEST_SERVERS"})
OIDC_VARIABLES = (
    "OIDC_ISSUER",
    "OIDC_CLIENT_ID",
    "OIDC_CLIENT_SECRET",
    "SPELREGEL_OIDC_ROLES",
    "SPELREGEL_OIDC_ROLES_CLAIM",
    "SPELREGEL_OIDC_NAME_CLAIM",
    "SPELREGEL_OIDC_SCOPE",
    "SPELREGEL_OIDC_ACR",
)


class SettingsError(Exception):
    """The environment cannot be used; the text is one line that names every fault."""


class SpeechEngine(StrEnum):
    AUTO = "auto"
    VOSK = "vosk"
    WHISPER = "whisper"


class SecondOpinion(StrEnum):
    """Whisper's beside Vosk's, of a wish to record."""

    OFF = "off"
    CONFIRM = "confirm"
    EITHER = "either"


@dataclass(frozen=True, slots=True)
class RoleGrant:
    """Who has this value in their roles at the agency's sign-in service is this here, for these agencies."""

    value: str
    role: Role
    agencies: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OidcClient:
    """The agency's own sign-in service (OpenID Connect).

    `roles_claim` and `name_claim` are where its tokens have somebody's roles and name; `acr` is the level of assurance
    that they must have, None for any.
    """

    issuer: str
    client_id: str
    client_secret: str = field(repr=False)
    roles: tuple[RoleGrant, ...] = ()
    roles_claim: str = "roles"
    name_claim: str = "preferred_username"
    scope: str = "openid profile"
    acr: str | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    """What differs per installation.

    `public_url` is the origin that the carrier and the public reach, without a slash at the end; `media_url` the full
    address of the carrier's WebSocket. `web_bind` and `media_bind` are gunicorn's `host:port`; `media_processes` share
    the latter, and the speech model where that can be shared. `recording_key` and `signing_key` are 32 bytes (AES-256
    key, Ed25519 seed). `trusted_proxies` is how many proxies stand before us, each of which adds the address that it
    was asked from. `twilio_api_url` is set for the local carrier only; `clamd` is the malware scanner's socket, or its
    host and port. Secrets stay out of the repr.
    """

    production: bool
    data_dir: Path
    database_url: str = field(repr=False)
    redis_url: str | None = field(repr=False)
    recordings_dir: Path
    policies_dir: Path
    prompt_audio_dir: Path | None
    theme: Path | None
    model_dir: Path
    public_url: str
    media_url: str
    web_bind: str
    media_bind: str
    media_processes: int
    default_agency: str | None
    speech_engine: SpeechEngine
    spotter: bool
    second_opinion: SecondOpinion
    twilio_account_sid: str
    twilio_auth_token: str = field(repr=False)
    twilio_api_url: str | None
    sms_sender: str | None
    clamd: Path | tuple[str, int] | None
    secret_key: str = field(repr=False)
    recording_key: bytes = field(repr=False)
    signing_key: bytes = field(repr=False)
    oidc: OidcClient | None
    trusted_proxies: int


def load(environ: Mapping[str, str]) -> Settings:
    """Check everything, then give the settings. Raises `SettingsError`; an empty variable counts as absent."""
    read = _Reader(environ)
    production = not read.present("TWILIO_API_URL")
    web_schemes = {"https"} if production else {"https", "http"}
    public_url = read.required("SPELREGEL_PUBLIC_URL", _origin(web_schemes), blank="")
    data_dir, models = _folders(read)
    spotter, second_opinion = _stages(read)
    settings = Settings(
        production=production,
        data_dir=data_dir,
        database_url=read.optional("DATABASE_URL", _database_url, f"sqlite:///{data_dir / 'spelregel.db'}"),
        redis_url=read.optional("REDIS_URL", _redis_url, None),
        recordings_dir=read.optional("SPELREGEL_RECORDINGS", _recordings_dir, data_dir / "recordings"),
        policies_dir=read.optional("SPELREGEL_POLICIES", _folder, SHIPPED_POLICIES),
        prompt_audio_dir=read.optional("SPELREGEL_PROMPT_AUDIO", _folder, None),
        theme=read.optional("SPELREGEL_THEME", _stylesheet, None),
        model_dir=models,
        public_url=public_url,
        media_url=read.optional(
            "SPELREGEL_MEDIA_URL", _media_url(production), f"ws{public_url.removeprefix('http')}/media"
        ),
        web_bind=read.optional("SPELREGEL_WEB_BIND", _bind_address, "127.0.0.1:8000"),
        media_bind=read.optional("SPELREGEL_MEDIA_BIND", _bind_address, "127.0.0.1:8001"),
        media_processes=read.optional("SPELREGEL_MEDIA_PROCESSES", _process_count, 1),
        default_agency=read.optional("SPELREGEL_AGENCY", _slug, None),
        speech_engine=read.optional("SPELREGEL_SPEECH_ENGINE", _one_of(SpeechEngine), SpeechEngine.AUTO),
        spotter=spotter,
        second_opinion=second_opinion,
        twilio_account_sid=read.required("TWILIO_ACCOUNT_SID", _account_sid, blank=""),
        twilio_auth_token=read.required("TWILIO_AUTH_TOKEN", _secret, blank=""),
        twilio_api_url=read.optional("TWILIO_API_URL", _loopback_url, None),
        sms_sender=read.optional("SPELREGEL_SMS_SENDER", _sms_sender, None),
        clamd=read.optional("SPELREGEL_CLAMD", _clamd, None),
        secret_key=read.required("SPELREGEL_SECRET_KEY", _secret, blank=""),
        recording_key=read.required("SPELREGEL_RECORDING_KEY", _key, blank=b""),
        signing_key=read.required("SPELREGEL_SIGNING_KEY", _key, blank=b""),
        oidc=_read_oidc(read, web_schemes) if any(map(read.present, OIDC_VARIABLES)) else None,
        trusted_proxies=read.optional("SPELREGEL_TRUSTED_PROXIES", _few, 0),
    )
    if settings.speech_engine is SpeechEngine.WHISPER and settings.second_opinion is not SecondOpinion.OFF:
        read.refuse(
            "SPELREGEL_SECOND_OPINION", "needs Vosk to listen first; SPELREGEL_SPEECH_ENGINE must be auto or vosk"
        )
    read.finish()
    return settings


def model_dir(environ: Mapping[str, str]) -> Path:
    """The speech models' folder alone, for commands that need nothing else. Raises `SettingsError`."""
    read = _Reader(environ)
    _, models = _folders(read)
    read.report_faults()
    return models


def policies_dir(environ: Mapping[str, str]) -> Path:
    """The agency profiles' folder alone, for commands that need nothing else. Raises `SettingsError`."""
    read = _Reader(environ)
    found = read.optional("SPELREGEL_POLICIES", _folder, SHIPPED_POLICIES)
    read.report_faults()
    return found


def stages(environ: Mapping[str, str]) -> tuple[bool, SecondOpinion]:
    """Spotter and second opinion alone, for commands that need no carrier. Raises `SettingsError`."""
    read = _Reader(environ)
    found = _stages(read)
    read.report_faults()
    return found


def _stages(read: "_Reader") -> tuple[bool, SecondOpinion]:
    spotter = read.optional("SPELREGEL_SPOTTER", _switch, True)
    return spotter, read.optional("SPELREGEL_SECOND_OPINION", _one_of(SecondOpinion), SecondOpinion.OFF)


def _folders(read: "_Reader") -> tuple[Path, Path]:
    """Where data lie, and the speech models, which other data folders may share."""
    data_dir = read.optional("SPELREGEL_DATA_DIR", _folder, Path("var").absolute())
    return data_dir, read.optional("SPELREGEL_MODEL_DIR", _folder, data_dir / "models")


def _read_oidc(read: "_Reader", schemes: set[str]) -> OidcClient:
    """The first four variables or none."""
    return OidcClient(
        issuer=read.required("OIDC_ISSUER", _web_address(schemes), blank=""),
        client_id=read.required("OIDC_CLIENT_ID", str, blank=""),
        client_secret=read.required("OIDC_CLIENT_SECRET", str, blank=""),
        roles=read.required("SPELREGEL_OIDC_ROLES", _role_grants, blank=()),
        roles_claim=read.optional("SPELREGEL_OIDC_ROLES_CLAIM", str, "roles"),
        name_claim=read.optional("SPELREGEL_OIDC_NAME_CLAIM", str, "preferred_username"),
        scope=read.optional("SPELREGEL_OIDC_SCOPE", _scope, "openid profile"),
        acr=read.optional("SPELREGEL_OIDC_ACR", str, None),
    )


class _Reader:
    """Collects the faults of all variables; until `finish` raises them, `blank` stands in for what is wrong."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ
        self._known = {*TEST_VARIABLES}
        self._faults: list[str] = []

    def present(self, name: str) -> bool:
        return bool(self._environ.get(name))

    def required(self, name: str, parse: Callable[[str], T], *, blank: T) -> T:
        if not self.present(name):
            self._known.add(name)
            self._faults.append(f"{name} is missing")
        return self.optional(name, parse, blank)

    def optional(self, name: str, parse: Callable[[str], T], default: D) -> T | D:
        self._known.add(name)
        if not self.present(name):
            return default
        try:
            return parse(self._environ[name])
        except ValueError as fault:
            self.refuse(name, str(fault))
            return default

    def refuse(self, name: str, why: str) -> None:
        self._faults.append(f"{name} {why}")

    def finish(self) -> None:
        ours = {name for name in self._environ if name.startswith(OUR_PREFIX)}
        self._faults += [f"{name} is not a variable of this program" for name in sorted(ours - self._known)]
        self.report_faults()

    def report_faults(self) -> None:
        if self._faults:
            raise SettingsError("settings: " + "; ".join(self._faults))


# ------------------------------------------------------------ one parser per shape; ValueError says what is expected


def _split(text: str, schemes: set[str], example: str) -> SplitResult:
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


def _web_address(schemes: set[str]) -> Callable[[str], str]:
    def parse(text: str) -> str:
        return _split(text, schemes, f"{max(schemes)}://spelregel.example.nl").geturl().rstrip("/")

    return parse


def _origin(schemes: set[str]) -> Callable[[str], str]:
    address = _web_address(schemes)

    def parse(text: str) -> str:
        origin = address(text)
        if urlsplit(origin).path:
            raise ValueError("must not have a path")
        return origin

    return parse


def _media_url(production: bool) -> Callable[[str], str]:
    schemes = {"wss"} if production else {"wss", "ws"}

    def parse(text: str) -> str:
        return _split(text, schemes, f"{max(schemes)}://spelregel.example.nl/media").geturl()

    return parse


def _loopback_url(text: str) -> str:
    """The variable switches the production checks off, so it may only name a carrier on this machine."""
    url = _split(text, {"http"}, "http://127.0.0.1:4010")
    if not _is_loopback(str(url.hostname)):
        raise ValueError("is for the local carrier only and must name a loopback host; leave it out in production")
    return url.geturl().rstrip("/")


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _database_url(text: str) -> str:
    """PostgreSQL addresses get the driver that is installed; SQLite needs a file, since processes share it."""
    scheme, separator, rest = text.partition("://")
    if separator and scheme in {"postgres", "postgresql", "postgresql+psycopg"}:
        return f"postgresql+psycopg://{rest}"
    if separator and scheme == "sqlite" and rest.startswith("/") and ":memory:" not in rest and rest != "/":
        return text
    raise ValueError("must be like sqlite:////var/lib/spelregel/spelregel.db or postgresql://user@host/name")


def _redis_url(text: str) -> str:
    if urlsplit(text).scheme not in {"redis", "rediss", "unix"}:
        raise ValueError("must be like redis://host:6379/0")
    return text


def _folder(text: str) -> Path:
    return Path(text).expanduser().absolute()


def _stylesheet(text: str) -> Path:
    path = Path(text).expanduser().absolute()
    if path.suffix != ".css" or not path.is_file():
        raise ValueError("must name a stylesheet, like /etc/spelregel/theme.css")
    return path


def _recordings_dir(text: str) -> Path:
    url = urlsplit(text)
    if url.scheme == "s3":
        raise ValueError("names S3 storage, which is not yet supported; use file:///a/folder")
    if url.scheme != "file" or url.netloc or not url.path.startswith("/"):
        raise ValueError("must be like file:///var/lib/spelregel/recordings")
    return Path(unquote(url.path))


def _bind_address(text: str) -> str:
    if not re.fullmatch(r"(?:[0-9A-Za-z.-]+|\[[0-9A-Fa-f:]+\]):[0-9]{1,5}|unix:/.+", text):
        raise ValueError("must be like 127.0.0.1:8000 or unix:/run/spelregel/web.sock")
    return text


def _clamd(text: str) -> Path | tuple[str, int]:
    """A Unix socket, or host and port."""
    if text.startswith("unix:/"):
        return Path(text.removeprefix("unix:"))
    host, _, port = text.rpartition(":")
    if not re.fullmatch(r"[0-9A-Za-z.-]+|\[[0-9A-Fa-f:]+\]", host) or not re.fullmatch(r"[0-9]{1,5}", port):
        raise ValueError("must be like unix:/run/clamav/clamd.ctl or 127.0.0.1:3310")
    return host.strip("[]"), int(port)


def _process_count(text: str) -> int:
    if not re.fullmatch(r"[1-9][0-9]?", text):
        raise ValueError("must be a number of processes from 1 to 99; about one a core")
    return int(text)


def _slug(text: str) -> str:
    if not SLUG.fullmatch(text):
        raise ValueError("must be the name of a profile in config/policies, like example")
    return text


def _role_grants(text: str) -> tuple[RoleGrant, ...]:
    """The value may hold `=` and `:` itself, as names in a directory do: the last ones count."""
    grants = []
    for part in filter(None, map(str.strip, text.split(";"))):
        value, _, target = part.rpartition("=")
        role, _, agencies = target.partition(":")
        slugs = tuple(slug.strip() for slug in agencies.split(","))
        if not value.strip() or role.strip() not in set(Role) or not all(map(SLUG.fullmatch, slugs)):
            raise ValueError(f"must be like VALUE=ROLE:AGENCY,AGENCY;VALUE=... with a role of {', '.join(Role)}")
        grants.append(RoleGrant(value.strip(), Role(role.strip()), slugs))
    if not grants:
        raise ValueError("must name at least one role")
    return tuple(grants)


def _scope(text: str) -> str:
    if "openid" not in text.split():
        raise ValueError("must have openid among its words")
    return " ".join(text.split())


def _few(text: str) -> int:
    if not re.fullmatch(r"[0-9]", text):
        raise ValueError("must be a number of proxies from 0 to 9")
    return int(text)


def _one_of(choices: type[E]) -> Callable[[str], E]:
    def parse(text: str) -> E:
        if text not in set(choices):
            raise ValueError(f"must be one of {', '.join(choices)}")
        return choices(text)

    return parse


def _switch(text: str) -> bool:
    if text not in {"on", "off"}:
        raise ValueError("must be on or off")
    return text == "on"


def _account_sid(text: str) -> str:
    if not re.fullmatch(r"AC[0-9a-f]{32}", text):
        raise ValueError("must be AC and 32 hexadecimal digits")
    return text


def _sms_sender(text: str) -> str:
    """An E.164 number, or an alphanumeric sender of at most 11 characters (3GPP TS 23.040, 9.1.2.5)."""
    if not re.fullmatch(r"\+[1-9][0-9]{6,14}|(?=.*[A-Za-z])[0-9A-Za-z ]{1,11}", text):
        raise ValueError("must be a number like +31201234567, or a name of at most 11 letters and digits")
    return text


def _secret(text: str) -> str:
    if len(text) < MIN_SECRET_LENGTH or any(character.isspace() for character in text):
        raise ValueError(f"must have at least {MIN_SECRET_LENGTH} characters and no spaces")
    return text


def _key(text: str) -> bytes:
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
