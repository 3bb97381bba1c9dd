"""Environment -> frozen `Settings`, read once at start; the only place that knows the variables' names.

docs/configuration.md describes each variable. All faults come in one `SettingsError`, whose single line names them all
and never holds a value: a secret in the wrong variable must not reach a log.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

from config import certificate
from config import recording_settings as recording_shape
from config import setting_shapes as shape
from config.certificate import Certificate
from config.policy import Role
from config.recording_settings import NO_KEY, Bucket, RecordingKey, TokenKey
from config.witness_addresses import (
    MailServer,
    WitnessAddress,
    WitnessKind,
    mail_address,
    mail_server,
    pace,
    witness_addresses,
)

T = TypeVar("T")
D = TypeVar("D")

SHIPPED_POLICIES = Path(__file__).parent / "policies"
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
    the latter, and the speech model where that can be shared. Recordings lie in `recordings_dir` unless there is a
    `bucket`. `recording_key` and `signing_key` are 32 bytes (AES-256 key, Ed25519 seed); a recording key may also stay
    in a token (PKCS#11). `log_key` is the public half of the signing key, and `earlier_log_keys` are those that
    signed before, as C2SP writes them; a process that only verifies has no signing key.
    `certificate` signs what leaves the house, with time stamps of `c2pa_tsa` in copies.
    `trusted_proxies` is how many proxies stand before us, each of which adds the address that it was asked from.
    `twilio_api_url` is set for the local carrier only; `clamd` is the malware scanner's socket, or its host and
    port. `checkpoint_every` is how often the log's head is signed and sent to `witnesses`, which `mail_server` and
    `mail_from` are for where it goes by e-mail. Secrets stay out of the repr.
    """

    production: bool
    data_dir: Path
    database_url: str = field(repr=False)
    redis_url: str | None = field(repr=False)
    recordings_dir: Path
    bucket: Bucket | None
    s3_endpoint: str | None
    s3_region: str
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
    recording_key: RecordingKey = field(repr=False)
    earlier_recording_keys: tuple[RecordingKey, ...] = field(repr=False)
    pkcs11_module: Path
    pkcs11_pin: str = field(repr=False)
    signing_key: bytes | None = field(repr=False)
    log_key: str
    earlier_log_keys: tuple[str, ...]
    certificate: Certificate | None
    c2pa_tsa: str | None
    processing_log: str | None
    processing_log_token: str | None = field(repr=False)
    calling_application: str | None
    oidc: OidcClient | None
    trusted_proxies: int
    witnesses: tuple[WitnessAddress, ...]
    checkpoint_every: timedelta
    mail_server: MailServer | None
    mail_from: str


def load(environ: Mapping[str, str]) -> Settings:
    """Check everything, then give the settings. Raises `SettingsError`; an empty variable counts as absent."""
    read = _Reader(environ)
    production = not read.present("TWILIO_API_URL")
    web_schemes = {"https"} if production else {"https", "http"}
    public_url = read.required("SPELREGEL_PUBLIC_URL", shape.origin(web_schemes), blank="")
    data_dir, models = _folders(read)
    spotter, second_opinion = _stages(read)
    place = read.optional("SPELREGEL_RECORDINGS", recording_shape.recordings, data_dir / "recordings")
    settings = Settings(
        production=production,
        data_dir=data_dir,
        database_url=read.optional("DATABASE_URL", shape.database_url, f"sqlite:///{data_dir / 'spelregel.db'}"),
        redis_url=read.optional("REDIS_URL", shape.redis_url, None),
        recordings_dir=data_dir / "recordings" if isinstance(place, Bucket) else place,
        bucket=place if isinstance(place, Bucket) else None,
        s3_endpoint=read.optional("SPELREGEL_S3_ENDPOINT", shape.web_address(web_schemes), None),
        s3_region=read.optional("SPELREGEL_S3_REGION", recording_shape.region, "eu-central-1"),
        policies_dir=read.optional("SPELREGEL_POLICIES", shape.folder, SHIPPED_POLICIES),
        prompt_audio_dir=read.optional("SPELREGEL_PROMPT_AUDIO", shape.folder, None),
        theme=read.optional("SPELREGEL_THEME", shape.stylesheet, None),
        model_dir=models,
        public_url=public_url,
        media_url=read.optional(
            "SPELREGEL_MEDIA_URL", shape.media_url(production), f"ws{public_url.removeprefix('http')}/media"
        ),
        web_bind=read.optional("SPELREGEL_WEB_BIND", shape.bind_address, "127.0.0.1:8000"),
        media_bind=read.optional("SPELREGEL_MEDIA_BIND", shape.bind_address, "127.0.0.1:8001"),
        media_processes=read.optional("SPELREGEL_MEDIA_PROCESSES", shape.process_count, 1),
        default_agency=read.optional("SPELREGEL_AGENCY", shape.slug, None),
        speech_engine=read.optional("SPELREGEL_SPEECH_ENGINE", shape.one_of(SpeechEngine), SpeechEngine.AUTO),
        spotter=spotter,
        second_opinion=second_opinion,
        twilio_account_sid=read.required("TWILIO_ACCOUNT_SID", shape.account_sid, blank=""),
        twilio_auth_token=read.required("TWILIO_AUTH_TOKEN", shape.secret, blank=""),
        twilio_api_url=read.optional("TWILIO_API_URL", shape.loopback_url, None),
        sms_sender=read.optional("SPELREGEL_SMS_SENDER", shape.sms_sender, None),
        clamd=read.optional("SPELREGEL_CLAMD", shape.clamd, None),
        secret_key=read.required("SPELREGEL_SECRET_KEY", shape.secret, blank=""),
        recording_key=read.required("SPELREGEL_RECORDING_KEY", recording_shape.recording_key, blank=NO_KEY),
        earlier_recording_keys=read.optional("SPELREGEL_EARLIER_RECORDING_KEYS", recording_shape.recording_keys, ()),
        pkcs11_module=read.optional("SPELREGEL_PKCS11_MODULE", recording_shape.module, Path()),
        pkcs11_pin=read.optional("SPELREGEL_PKCS11_PIN", str, ""),
        signing_key=read.optional("SPELREGEL_SIGNING_KEY", shape.key, None),
        log_key=read.optional("SPELREGEL_LOG_KEY", shape.verifier_key, ""),
        earlier_log_keys=read.optional("SPELREGEL_EARLIER_LOG_KEYS", shape.verifier_keys, ()),
        certificate=_read_certificate(read),
        c2pa_tsa=read.optional("SPELREGEL_C2PA_TSA", shape.web_address({"https", "http"}), None),
        processing_log=read.optional("SPELREGEL_PROCESSING_LOG", shape.web_address(web_schemes), None),
        processing_log_token=read.optional("SPELREGEL_PROCESSING_LOG_TOKEN", shape.token, None),
        calling_application=read.optional("SPELREGEL_CALLING_APPLICATION", shape.web_address({"https", "http"}), None),
        oidc=_read_oidc(read, web_schemes) if any(map(read.present, OIDC_VARIABLES)) else None,
        trusted_proxies=read.optional("SPELREGEL_TRUSTED_PROXIES", shape.few, 0),
        witnesses=read.optional("SPELREGEL_WITNESSES", witness_addresses, ()),
        checkpoint_every=read.optional("SPELREGEL_CHECKPOINT_EVERY", pace, timedelta(hours=1)),
        mail_server=read.optional("SPELREGEL_SMTP_URL", mail_server, None),
        mail_from=read.optional("SPELREGEL_MAIL_FROM", mail_address, ""),
    )
    if settings.processing_log_token is not None and not read.present("SPELREGEL_PROCESSING_LOG"):
        read.refuse("SPELREGEL_PROCESSING_LOG_TOKEN", "needs SPELREGEL_PROCESSING_LOG, for which it is")
    if settings.calling_application is not None and not read.present("SPELREGEL_PROCESSING_LOG"):
        read.refuse("SPELREGEL_CALLING_APPLICATION", "needs SPELREGEL_PROCESSING_LOG, in which it stands")
    if not read.present("SPELREGEL_SIGNING_KEY") and not read.present("SPELREGEL_LOG_KEY"):
        read.refuse("SPELREGEL_SIGNING_KEY", "is missing")
    if any(witness.kind is WitnessKind.MAIL for witness in settings.witnesses):
        for name in ("SPELREGEL_SMTP_URL", "SPELREGEL_MAIL_FROM"):
            if not read.present(name):
                read.refuse(name, "is missing: SPELREGEL_WITNESSES has an e-mail address")
    if settings.speech_engine is SpeechEngine.WHISPER and settings.second_opinion is not SecondOpinion.OFF:
        read.refuse(
            "SPELREGEL_SECOND_OPINION", "needs Vosk to listen first; SPELREGEL_SPEECH_ENGINE must be auto or vosk"
        )
    if settings.s3_endpoint and not settings.bucket:
        read.refuse("SPELREGEL_S3_ENDPOINT", "needs a bucket: SPELREGEL_RECORDINGS must be like s3://bucket/prefix")
    keys = (settings.recording_key, *settings.earlier_recording_keys)
    if any(isinstance(key, TokenKey) for key in keys):
        for name in ("SPELREGEL_PKCS11_MODULE", "SPELREGEL_PKCS11_PIN"):
            if not read.present(name):
                read.refuse(name, "is missing: a recording key is in a token")
    if settings.c2pa_tsa is not None and not read.present("SPELREGEL_CERTIFICATE"):
        read.refuse("SPELREGEL_C2PA_TSA", "needs SPELREGEL_CERTIFICATE: what is not signed gets no time stamp")
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
    found = read.optional("SPELREGEL_POLICIES", shape.folder, SHIPPED_POLICIES)
    read.report_faults()
    return found


def stages(environ: Mapping[str, str]) -> tuple[bool, SecondOpinion]:
    """Spotter and second opinion alone, for commands that need no carrier. Raises `SettingsError`."""
    read = _Reader(environ)
    found = _stages(read)
    read.report_faults()
    return found


def _stages(read: "_Reader") -> tuple[bool, SecondOpinion]:
    spotter = read.optional("SPELREGEL_SPOTTER", shape.switch, True)
    return spotter, read.optional("SPELREGEL_SECOND_OPINION", shape.one_of(SecondOpinion), SecondOpinion.OFF)


def _folders(read: "_Reader") -> tuple[Path, Path]:
    """Where data lie, and the speech models, which other data folders may share."""
    data_dir = read.optional("SPELREGEL_DATA_DIR", shape.folder, Path("var").absolute())
    return data_dir, read.optional("SPELREGEL_MODEL_DIR", shape.folder, data_dir / "models")


def _read_certificate(read: "_Reader") -> Certificate | None:
    """Both variables or none. Whether it is valid today is looked at when it is used: a call never waits for it."""
    if not (read.present("SPELREGEL_CERTIFICATE") or read.present("SPELREGEL_CERTIFICATE_KEY")):
        return None
    chain = read.required("SPELREGEL_CERTIFICATE", certificate.read_chain, blank=None)
    key = read.required("SPELREGEL_CERTIFICATE_KEY", certificate.read_key, blank=None)
    if chain is None or key is None:
        return None
    try:
        return certificate.join(chain, *key)
    except ValueError as fault:
        read.refuse("SPELREGEL_CERTIFICATE_KEY", str(fault))
        return None


def _read_oidc(read: "_Reader", schemes: set[str]) -> OidcClient:
    """The first four variables or none."""
    return OidcClient(
        issuer=read.required("OIDC_ISSUER", shape.web_address(schemes), blank=""),
        client_id=read.required("OIDC_CLIENT_ID", str, blank=""),
        client_secret=read.required("OIDC_CLIENT_SECRET", str, blank=""),
        roles=read.required("SPELREGEL_OIDC_ROLES", _role_grants, blank=()),
        roles_claim=read.optional("SPELREGEL_OIDC_ROLES_CLAIM", str, "roles"),
        name_claim=read.optional("SPELREGEL_OIDC_NAME_CLAIM", str, "preferred_username"),
        scope=read.optional("SPELREGEL_OIDC_SCOPE", shape.scope, "openid profile"),
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


def _role_grants(text: str) -> tuple[RoleGrant, ...]:
    """The value may hold `=` and `:` itself, as names in a directory do: the last ones count."""
    grants = []
    for part in filter(None, map(str.strip, text.split(";"))):
        value, _, target = part.rpartition("=")
        role, _, agencies = target.partition(":")
        slugs = tuple(slug.strip() for slug in agencies.split(","))
        if not value.strip() or role.strip() not in set(Role) or not all(map(shape.SLUG.fullmatch, slugs)):
            raise ValueError(f"must be like VALUE=ROLE:AGENCY,AGENCY;VALUE=... with a role of {', '.join(Role)}")
        grants.append(RoleGrant(value.strip(), Role(role.strip()), slugs))
    if not grants:
        raise ValueError("must name at least one role")
    return tuple(grants)
