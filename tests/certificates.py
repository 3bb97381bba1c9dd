"""Certificates for tests: an authority, and what it issues, good and bad, as files."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from config import certificate
from config.certificate import Certificate, Key

EMAIL = ExtendedKeyUsageOID.EMAIL_PROTECTION
DOCUMENTS = x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36")
"""id-kp-documentSigning (RFC 9336)."""

ORGANISATION = "Gemeente Voorbeeld"
DAY = timedelta(days=1)


def name_of(organisation: str, common_name: str) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common_name)]
    if organisation:
        parts.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation))
    return x509.Name(parts)


@dataclass(frozen=True)
class Files:
    chain: Path
    key: Path

    def load(self) -> Certificate:
        return certificate.join(certificate.read_chain(str(self.chain)), *certificate.read_key(str(self.key)))


@dataclass
class Authority:
    """Issues whatever is asked of it."""

    folder: Path
    name: str = "Een autoriteit"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    def __post_init__(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        self.certificate = self._build(name_of("", self.name), self.key, [], timedelta(0), 3650 * DAY, issues=True)
        self.pem = self.folder / "authority.pem"
        self.pem.write_bytes(self.certificate.public_bytes(Encoding.PEM))

    def issue(
        self,
        organisation: str = ORGANISATION,
        purposes: Sequence[x509.ObjectIdentifier] = (EMAIL,),
        *,
        key: Key | None = None,
        begins: timedelta = -365 * DAY,
        ends: timedelta = 365 * DAY,
        issues: bool = False,
        name: str = "leaf",
    ) -> Files:
        """`begins` and `ends` count from now."""
        key = key or ec.generate_private_key(ec.SECP256R1())
        leaf = self._build(name_of(organisation, "ondertekenaar"), key, purposes, begins, ends, issues=issues)
        files = Files(self.folder / f"{name}.pem", self.folder / f"{name}.key")
        files.chain.write_bytes(leaf.public_bytes(Encoding.PEM) + self.pem.read_bytes())
        files.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        files.key.chmod(0o600)
        return files

    def _build(
        self,
        subject: x509.Name,
        key: Key,
        purposes: Sequence[x509.ObjectIdentifier],
        begins: timedelta,
        ends: timedelta,
        *,
        issues: bool,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        usage = dict.fromkeys(
            ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement", "encipher_only"), False
        )
        builder = (
            x509.CertificateBuilder(name_of("", self.name), subject, key.public_key(), x509.random_serial_number())
            .not_valid_before(now + min(begins, ends - DAY))
            .not_valid_after(now + ends)
            .add_extension(x509.BasicConstraints(ca=issues, path_length=None), critical=True)
            .add_extension(
                x509.KeyUsage(
                    digital_signature=not issues, key_cert_sign=issues, crl_sign=issues, decipher_only=False, **usage
                ),
                critical=True,
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self.key.public_key()), critical=False)
        )
        if purposes:
            builder = builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=False)
        return builder.sign(self.key, SHA256())
