"""The environment: what a good one gives, and that every bad one is named without showing its value."""

import base64
from collections.abc import Mapping
from pathlib import Path

import pytest

from config.policy import Role
from config.recording_settings import Bucket, TokenKey
from config.settings import OidcClient, RoleGrant, SecondOpinion, SettingsError, SpeechEngine, load

KEY = bytes(range(32))
VKEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
LOCAL = {
    "SPELREGEL_PUBLIC_URL": "http://127.0.0.1:8000",
    "SPELREGEL_SECRET_KEY": "s" * 32,
    "SPELREGEL_RECORDING_KEY": KEY.hex(),
    "SPELREGEL_SIGNING_KEY": base64.b64encode(KEY).decode(),
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "t" * 32,
    "TWILIO_API_URL": "http://127.0.0.1:4010",
}
PRODUCTION = {k: v for k, v in LOCAL.items() if k != "TWILIO_API_URL"} | {
    "SPELREGEL_PUBLIC_URL": "https://bellen.voorbeeld.example",
}
REQUIRED = sorted(PRODUCTION)


def fault_of(environ: Mapping[str, str]) -> str:
    with pytest.raises(SettingsError) as caught:
        load(environ)
    text = str(caught.value)
    assert "\n" not in text
    return text


def test_a_local_carrier_means_not_production() -> None:
    settings = load(LOCAL)
    assert not settings.production
    assert settings.twilio_api_url == "http://127.0.0.1:4010"
    assert settings.media_url == "ws://127.0.0.1:8000/media"


def test_production_needs_no_more_than_address_account_and_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = load(PRODUCTION)
    assert settings.production
    assert settings.twilio_api_url is None
    assert settings.media_url == "wss://bellen.voorbeeld.example/media"
    assert settings.database_url == f"sqlite:///{tmp_path}/var/spelregel.db"
    assert settings.recordings_dir == tmp_path / "var" / "recordings"
    assert settings.model_dir == tmp_path / "var" / "models"
    assert settings.speech_engine is SpeechEngine.AUTO
    assert settings.spotter
    assert settings.second_opinion is SecondOpinion.OFF
    assert (settings.default_agency, settings.redis_url, settings.sms_sender, settings.oidc) == (None,) * 4


def test_keys_are_read_from_hexadecimal_and_both_base64_alphabets() -> None:
    key = bytes([0xFB, 0xEF, 0xBE, 0xFF]) * 8
    for text in (key.hex(), base64.b64encode(key).decode(), base64.urlsafe_b64encode(key).decode()):
        assert load(LOCAL | {"SPELREGEL_RECORDING_KEY": text}).recording_key == key


def test_what_differs_per_installation_is_taken_over() -> None:
    settings = load(
        PRODUCTION
        | {
            "DATABASE_URL": "postgres://spelregel@db/spelregel",
            "REDIS_URL": "redis://cache:6379/0",
            "SPELREGEL_DATA_DIR": "/srv/spelregel",
            "SPELREGEL_RECORDINGS": "file:///srv/op%20namen",
            "SPELREGEL_MODEL_DIR": "/srv/models",
            "SPELREGEL_MEDIA_URL": "wss://media.voorbeeld.example/media",
            "SPELREGEL_MEDIA_BIND": "0.0.0.0:9001",
            "SPELREGEL_MEDIA_PROCESSES": "8",
            "SPELREGEL_AGENCY": "ind",
            "SPELREGEL_SPEECH_ENGINE": "vosk",
            "SPELREGEL_SPOTTER": "off",
            "SPELREGEL_SECOND_OPINION": "confirm",
            "SPELREGEL_SMS_SENDER": "Voorbeeld",
            "OIDC_ISSUER": "https://inloggen.voorbeeld.example/realm",
            "OIDC_CLIENT_ID": "spelregel",
            "OIDC_CLIENT_SECRET": "geheim",
            "SPELREGEL_OIDC_ROLES": "CN=leiding,OU=x = leidinggevende:ind, uwv ; https://x/r=controleur:ind;",
            "SPELREGEL_OIDC_ROLES_CLAIM": "realm_access.roles",
            "SPELREGEL_OIDC_NAME_CLAIM": "email",
            "SPELREGEL_OIDC_SCOPE": "openid  email",
            "SPELREGEL_OIDC_ACR": "hoog",
            "SPELREGEL_TRUSTED_PROXIES": "1",
            "SPELREGEL_EARLIER_LOG_KEYS": f"{VKEY}  {VKEY}",
        }
    )
    assert settings.database_url == "postgresql+psycopg://spelregel@db/spelregel"
    assert settings.redis_url == "redis://cache:6379/0"
    assert settings.recordings_dir == Path("/srv/op namen")
    assert settings.model_dir == Path("/srv/models")
    assert settings.media_url == "wss://media.voorbeeld.example/media"
    assert settings.media_bind == "0.0.0.0:9001"
    assert settings.media_processes == 8
    assert settings.default_agency == "ind"
    assert settings.speech_engine is SpeechEngine.VOSK
    assert not settings.spotter
    assert settings.second_opinion is SecondOpinion.CONFIRM
    assert settings.sms_sender == "Voorbeeld"
    grants = (
        RoleGrant("CN=leiding,OU=x", Role.SUPERVISOR, ("ind", "uwv")),
        RoleGrant("https://x/r", Role.AUDITOR, ("ind",)),
    )
    assert settings.oidc == OidcClient(
        "https://inloggen.voorbeeld.example/realm",
        "spelregel",
        "geheim",
        grants,
        "realm_access.roles",
        "email",
        "openid email",
        "hoog",
    )
    assert settings.trusted_proxies == 1
    assert settings.earlier_log_keys == (VKEY, VKEY)


@pytest.mark.parametrize("environ", [LOCAL, PRODUCTION], ids=["local", "production"])
def test_all_that_is_missing_is_named_at_once(environ: Mapping[str, str]) -> None:
    missing = dict.fromkeys(REQUIRED, "")
    fault = fault_of({**environ, **missing})
    assert all(f"{name} is missing" in fault for name in REQUIRED)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SPELREGEL_PUBLIC_URL", "http://bellen.voorbeeld.example"),
        ("SPELREGEL_PUBLIC_URL", "https://bellen_nu.voorbeeld.example"),
        ("SPELREGEL_PUBLIC_URL", "https://bellen.voorbeeld.example/pad"),
        ("SPELREGEL_PUBLIC_URL", "https://iemand@bellen.voorbeeld.example"),
        ("SPELREGEL_PUBLIC_URL", "https://bellen.voorbeeld.example:poort"),
        ("SPELREGEL_PUBLIC_URL", "bellen.voorbeeld.example"),
        ("SPELREGEL_MEDIA_URL", "ws://bellen.voorbeeld.example/media"),
        ("SPELREGEL_RECORDING_KEY", KEY[:31].hex()),
        ("SPELREGEL_RECORDING_KEY", base64.b64encode(KEY[:16]).decode()),
        ("SPELREGEL_SIGNING_KEY", "geen sleutel"),
        ("SPELREGEL_SIGNING_KEY", "é" * 44),
        ("SPELREGEL_EARLIER_LOG_KEYS", "geen sleutel"),
        ("SPELREGEL_EARLIER_LOG_KEYS", VKEY[:-4]),
        ("SPELREGEL_EARLIER_LOG_KEYS", VKEY.replace("530d", "530e")),
        ("SPELREGEL_EARLIER_LOG_KEYS", VKEY.replace("example.com", "example.nl")),
        ("SPELREGEL_EARLIER_LOG_KEYS", f"{VKEY},{VKEY}"),
        ("SPELREGEL_SECRET_KEY", "te kort"),
        ("SPELREGEL_SPEECH_ENGINE", "siri"),
        ("SPELREGEL_SPOTTER", "aan"),
        ("SPELREGEL_SECOND_OPINION", "beide"),
        ("SPELREGEL_AGENCY", "../ind"),
        ("SPELREGEL_WEB_BIND", "9000"),
        ("SPELREGEL_MEDIA_PROCESSES", "0"),
        ("SPELREGEL_MEDIA_PROCESSES", "two"),
        ("SPELREGEL_SMS_SENDER", "Gemeente Voorbeeld"),
        ("SPELREGEL_RECORDINGS", "s3://Emmer/opnamen"),
        ("SPELREGEL_RECORDINGS", "s3://emmer/../opnamen"),
        ("SPELREGEL_RECORDINGS", "s3://sleutel:geheim@emmer/opnamen"),
        ("SPELREGEL_S3_ENDPOINT", "http://opslag.voorbeeld.example"),
        ("SPELREGEL_S3_ENDPOINT", "https://opslag.voorbeeld.example"),
        ("SPELREGEL_S3_REGION", "Frankfurt am Main"),
        ("SPELREGEL_RECORDING_KEY", "pkcs11:object=opnamen"),
        ("SPELREGEL_RECORDING_KEY", "pkcs11:token=spelregel"),
        ("SPELREGEL_RECORDING_KEY", "pkcs11:token=spelregel;object=opnamen?pin-value=123456"),
        ("SPELREGEL_RECORDING_KEY", "pkcs11:token=spelregel;object=opnamen;type=private"),
        ("SPELREGEL_RECORDING_KEY", "pkcs11:token=spelregel;object=a;object=b"),
        ("SPELREGEL_RECORDING_KEY", "pkcs11:token=spelregel;object=%FF"),
        ("SPELREGEL_EARLIER_RECORDING_KEYS", "geen sleutel"),
        ("SPELREGEL_PKCS11_MODULE", "/usr/lib/nergens.so"),
        ("SPELREGEL_RECORDINGS", "/srv/opnamen"),
        ("SPELREGEL_RECORDINGS", "file://server/opnamen"),
        ("DATABASE_URL", "mysql://db/spelregel"),
        ("DATABASE_URL", "sqlite:los.db"),
        ("DATABASE_URL", "sqlite:///:memory:"),
        ("REDIS_URL", "http://cache"),
        ("TWILIO_ACCOUNT_SID", "AC123"),
        ("TWILIO_AUTH_TOKEN", "12345"),
    ],
)
def test_a_malformed_variable_stops_production_without_its_value(name: str, value: str) -> None:
    fault = fault_of(PRODUCTION | {name: value})
    assert name in fault
    assert value not in fault.replace(name, "")


@pytest.mark.parametrize(
    "url", ["http://api.twilio.com", "http://192.168.1.1:4010", "https://127.0.0.1", "127.0.0.1:4010"]
)
def test_the_local_carrier_is_on_this_machine(url: str) -> None:
    assert "TWILIO_API_URL" in fault_of(LOCAL | {"TWILIO_API_URL": url})


@pytest.mark.parametrize("host", ["127.0.0.1", "127.1.2.3", "[::1]", "localhost"])
def test_every_loopback_host_can_be_the_local_carrier(host: str) -> None:
    assert load(LOCAL | {"TWILIO_API_URL": f"http://{host}:4010/"}).twilio_api_url == f"http://{host}:4010"


def test_whisper_alone_has_no_second_opinion() -> None:
    fault = fault_of(LOCAL | {"SPELREGEL_SPEECH_ENGINE": "whisper", "SPELREGEL_SECOND_OPINION": "either"})
    assert "SPELREGEL_SECOND_OPINION needs Vosk to listen first" in fault


def test_recordings_may_lie_in_a_bucket() -> None:
    settings = load(
        PRODUCTION
        | {
            "SPELREGEL_RECORDINGS": "s3://opnamen.voorbeeld/spelregel/live/",
            "SPELREGEL_S3_ENDPOINT": "https://opslag.voorbeeld.example:9000/",
            "SPELREGEL_S3_REGION": "nl-1",
        }
    )
    assert settings.bucket == Bucket("opnamen.voorbeeld", "spelregel/live")
    assert (settings.s3_endpoint, settings.s3_region) == ("https://opslag.voorbeeld.example:9000", "nl-1")
    assert load(PRODUCTION | {"SPELREGEL_RECORDINGS": "s3://emmer"}).bucket == Bucket("emmer", "")
    assert load(PRODUCTION).bucket is None


def test_a_recording_key_may_stay_in_a_token(tmp_path: Path) -> None:
    module = tmp_path / "module.so"
    module.write_bytes(b"")
    token = {"SPELREGEL_PKCS11_MODULE": str(module), "SPELREGEL_PKCS11_PIN": "1234"}
    address = "pkcs11:token=De%20kluis;object=opnamen;id=%01%ff;type=secret-key"
    settings = load(PRODUCTION | token | {"SPELREGEL_RECORDING_KEY": address})
    assert settings.recording_key == TokenKey("De kluis", "opnamen", b"\x01\xff")
    assert "1234" not in repr(settings)
    earlier = load(PRODUCTION | token | {"SPELREGEL_EARLIER_RECORDING_KEYS": f"{KEY.hex()}  pkcs11:token=a;id=b"})
    assert earlier.earlier_recording_keys == (KEY, TokenKey("a", None, b"b"))


def test_a_key_in_a_token_needs_the_module_and_the_pin() -> None:
    fault = fault_of(PRODUCTION | {"SPELREGEL_EARLIER_RECORDING_KEYS": "pkcs11:token=kluis;object=opnamen"})
    assert "SPELREGEL_PKCS11_MODULE is missing: a recording key is in a token" in fault
    assert "SPELREGEL_PKCS11_PIN is missing: a recording key is in a token" in fault


def test_a_misspelt_variable_is_named() -> None:
    assert "SPELREGEL_PUBLIK_URL is not a variable" in fault_of(LOCAL | {"SPELREGEL_PUBLIK_URL": "http://127.0.0.1"})


def test_the_switch_of_the_test_command_is_no_fault() -> None:
    assert load(LOCAL | {"SPELREGEL_TEST_SERVERS": "required"})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SPELREGEL_OIDC_ROLES", "leidinggevende:ind"),
        ("SPELREGEL_OIDC_ROLES", "x=directeur:ind"),
        ("SPELREGEL_OIDC_ROLES", "x=leidinggevende"),
        ("SPELREGEL_OIDC_ROLES", "x=leidinggevende:"),
        ("SPELREGEL_OIDC_ROLES", "=leidinggevende:ind"),
        ("SPELREGEL_OIDC_ROLES", ";"),
        ("SPELREGEL_OIDC_SCOPE", "profile"),
        ("SPELREGEL_TRUSTED_PROXIES", "-1"),
        ("SPELREGEL_TRUSTED_PROXIES", "yes"),
    ],
)
def test_sign_in_is_set_up_without_guessing(name: str, value: str) -> None:
    sign_in = {"OIDC_ISSUER": "https://x.example", "OIDC_CLIENT_ID": "x", "OIDC_CLIENT_SECRET": "x"}
    roles = {"SPELREGEL_OIDC_ROLES": "x=controleur:ind"}
    assert f"{name} must" in fault_of(PRODUCTION | sign_in | roles | {name: value})


def test_sign_in_needs_all_of_its_variables() -> None:
    fault = fault_of(PRODUCTION | {"OIDC_ISSUER": "http://inloggen.voorbeeld.example"})
    assert "OIDC_ISSUER must be an address" in fault
    assert "OIDC_CLIENT_ID is missing" in fault
    assert "OIDC_CLIENT_SECRET is missing" in fault
    assert "SPELREGEL_OIDC_ROLES is missing" in fault


def test_secrets_are_not_in_the_repr() -> None:
    environ = PRODUCTION | {
        "DATABASE_URL": "postgresql://spelregel:wachtwoord-db@db/spelregel",
        "REDIS_URL": "redis://:wachtwoord-redis@cache",
        "OIDC_ISSUER": "https://inloggen.voorbeeld.example",
        "OIDC_CLIENT_ID": "spelregel",
        "OIDC_CLIENT_SECRET": "wachtwoord-oidc",
        "SPELREGEL_OIDC_ROLES": "x=controleur:ind",
    }
    shown = repr(load(environ))
    assert "bellen.voorbeeld.example" in shown
    assert not [secret for secret in ("wachtwoord", "s" * 32, "t" * 32, KEY.hex(), repr(KEY)) if secret in shown]


def test_a_theme_is_a_stylesheet_that_is_there(tmp_path: Path) -> None:
    theme = tmp_path / "theme.css"
    assert "SPELREGEL_THEME must name a stylesheet" in fault_of({**LOCAL, "SPELREGEL_THEME": str(theme)})
    theme.write_text(".spelregel-theme { --round: 0; }")
    assert load({**LOCAL, "SPELREGEL_THEME": str(theme)}).theme == theme
    assert "SPELREGEL_THEME must name a stylesheet" in fault_of({**LOCAL, "SPELREGEL_THEME": str(tmp_path)})
