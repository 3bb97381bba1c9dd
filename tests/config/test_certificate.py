"""The agency's certificate in the settings: what is taken, and that each wrong one is named without being shown."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from cryptography.x509 import ObjectIdentifier
from cryptography.x509.oid import ExtendedKeyUsageOID

from config.certificate import Algorithm, Key
from config.settings import Settings, load
from ivr.demo.certificates import make_certificate
from tests.certificates import DAY, DOCUMENTS, EMAIL, ORGANISATION, Authority, Files
from tests.config.test_settings import LOCAL, fault_of

ANYTHING = ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE
NO_CERTIFICATES = [None, b"", b"no certificate", b"-----BEGIN CERTIFICATE-----\nAAAA\n", b"x" * 300_000]


def environment(files: Files) -> dict[str, str]:
    return LOCAL | {"SPELREGEL_CERTIFICATE": str(files.chain), "SPELREGEL_CERTIFICATE_KEY": str(files.key)}


def settings_with(files: Files) -> Settings:
    return load(environment(files))


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


def test_nobody_needs_a_certificate() -> None:
    assert load(LOCAL).certificate is None


@pytest.mark.parametrize(
    ("algorithm", "key"),
    [
        (Algorithm.ES256, ec.generate_private_key(ec.SECP256R1())),
        (Algorithm.ED25519, ed25519.Ed25519PrivateKey.generate()),
    ],
)
def test_both_kinds_of_keys_are_taken(authority: Authority, algorithm: Algorithm, key: Key) -> None:
    found = settings_with(authority.issue(key=key)).certificate
    assert found is not None
    assert (found.algorithm, found.organisation) == (algorithm, ORGANISATION)
    assert found.chain_pem.count("BEGIN CERTIFICATE") == 2
    assert found.is_valid_at(datetime.now(UTC))
    assert not found.is_valid_at(datetime.now(UTC) + 400 * DAY)


def test_the_key_is_shown_nowhere(authority: Authority) -> None:
    files = authority.issue()
    lines = files.key.read_text().splitlines()[1:-1]
    assert not [line for line in lines if line in repr(settings_with(files))]


def test_one_that_is_over_does_not_keep_the_telephone_from_working(authority: Authority) -> None:
    found = settings_with(authority.issue(begins=-9 * DAY, ends=-DAY)).certificate
    assert found is not None
    assert not found.is_valid_at(datetime.now(UTC))


def test_the_demos_own_is_good(tmp_path: Path) -> None:
    made = make_certificate(tmp_path / "demo")
    found = settings_with(Files(made.chain, made.key)).certificate
    assert found is not None
    assert found.is_valid_at(datetime.now(UTC))
    with pytest.raises(FileExistsError):
        make_certificate(tmp_path / "demo")


def test_one_without_the_other_is_named(authority: Authority) -> None:
    files = authority.issue()
    assert "SPELREGEL_CERTIFICATE_KEY is missing" in fault_of(LOCAL | {"SPELREGEL_CERTIFICATE": str(files.chain)})
    assert "SPELREGEL_CERTIFICATE is missing" in fault_of(LOCAL | {"SPELREGEL_CERTIFICATE_KEY": str(files.key)})


def test_anothers_key_is_refused(authority: Authority) -> None:
    mine, other = authority.issue(), authority.issue(name="other")
    fault = fault_of(environment(Files(mine.chain, other.key)))
    assert "SPELREGEL_CERTIFICATE_KEY must be the key of the first certificate" in fault


@pytest.mark.parametrize(
    ("purposes", "organisation", "issues", "told"),
    [
        ([DOCUMENTS], ORGANISATION, False, "extended key usage emailProtection"),
        (
            [EMAIL, ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE],
            ORGANISATION,
            False,
            "extended key usage emailProtection",
        ),
        ([], ORGANISATION, False, "names its usage"),
        ([EMAIL], "", False, "must name the organisation"),
        ([EMAIL], ORGANISATION, True, "none to issue others"),
    ],
)
def test_what_readers_of_credentials_refuse_is_refused_at_the_start(
    authority: Authority, purposes: list[ObjectIdentifier], organisation: str, issues: bool, told: str
) -> None:
    files = authority.issue(organisation, purposes, issues=issues)
    assert told in fault_of(environment(files))


def test_an_authoritys_own_certificate_signs_nothing(authority: Authority) -> None:
    files = authority.issue()
    files.chain.write_bytes(authority.pem.read_bytes())
    assert "not with its own" in fault_of(environment(files))


def test_a_chain_out_of_order_or_of_another_authority_is_refused(authority: Authority, tmp_path: Path) -> None:
    files = authority.issue()
    stranger = Authority(tmp_path / "elsewhere", "Een ander")
    files.chain.write_bytes(files.chain.read_bytes().replace(authority.pem.read_bytes(), stranger.pem.read_bytes()))
    assert "must have after certificate 1 that of its issuer" in fault_of(environment(files))


@pytest.mark.parametrize("content", NO_CERTIFICATES)
def test_a_file_that_holds_no_certificate_is_named(authority: Authority, content: bytes | None) -> None:
    files = authority.issue()
    files.chain.unlink()
    if content is not None:
        files.chain.write_bytes(content)
    fault = fault_of(environment(files))
    assert "SPELREGEL_CERTIFICATE must name a file" in fault
    assert str(files.chain) not in fault


def test_a_key_that_others_can_read_is_refused(authority: Authority) -> None:
    files = authority.issue()
    files.key.chmod(0o644)
    assert "SPELREGEL_CERTIFICATE_KEY must name a file that others cannot read" in fault_of(environment(files))


def test_keys_of_other_kinds_are_refused(authority: Authority) -> None:
    files = authority.issue()
    wrong = ec.generate_private_key(ec.SECP384R1())
    locked = wrong.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"geheim"))
    files.key.write_bytes(locked)
    assert "without a password" in fault_of(environment(files))
    files.key.write_bytes(b"no key")
    assert "without a password" in fault_of(environment(files))
    other = authority.issue(key=wrong, name="p384")
    assert "must be a key for ES256 (P-256) or Ed25519" in fault_of(environment(other))


def test_time_stamps_need_something_to_stamp() -> None:
    fault = fault_of(LOCAL | {"SPELREGEL_C2PA_TSA": "http://tsa.voorbeeld.example"})
    assert "SPELREGEL_C2PA_TSA needs SPELREGEL_CERTIFICATE" in fault
    assert "SPELREGEL_C2PA_TSA must be an address" in fault_of(LOCAL | {"SPELREGEL_C2PA_TSA": "ftp://tsa"})


def test_the_time_stamp_authority_is_taken_over(authority: Authority) -> None:
    environ = environment(authority.issue()) | {"SPELREGEL_C2PA_TSA": "http://tsa.voorbeeld.example/tsr"}
    assert load(environ).c2pa_tsa == "http://tsa.voorbeeld.example/tsr"
