"""A certificate for the demo: an authority of its own and, issued by it, that of an agency that does not exist."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ORGANISATION = "Gemeente Voorbeeld (demo)"
VALID = timedelta(days=365)
BEFORE = timedelta(hours=1)
"""Clocks of others may be a little behind."""


class DemoCertificate(NamedTuple):
    """PEM files: the authority's certificate, the agency's chain, and the agency's key."""

    authority: Path
    chain: Path
    key: Path


def make_certificate(folder: Path, organisation: str = ORGANISATION) -> DemoCertificate:
    """Written once: raises `FileExistsError` rather than overwriting. The authority's key is kept nowhere."""
    files = DemoCertificate(folder / "authority.pem", folder / "certificate.pem", folder / "certificate.key")
    now = datetime.now(UTC)
    authority_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    authority_name = _name(organisation, f"Authority of {organisation}")
    authority = _build(authority_name, authority_name, authority_key.public_key(), authority_key, now, issues=True)
    leaf = _build(_name(organisation, organisation), authority_name, key.public_key(), authority_key, now, issues=False)
    folder.mkdir(parents=True, exist_ok=True)
    _write(files.authority, authority.public_bytes(Encoding.PEM), 0o644)
    _write(files.chain, leaf.public_bytes(Encoding.PEM) + authority.public_bytes(Encoding.PEM), 0o644)
    _write(files.key, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    return files


def _name(organisation: str, common_name: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _build(
    subject: x509.Name,
    issuer: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    issuer_key: ec.EllipticCurvePrivateKey,
    now: datetime,
    *,
    issues: bool,
) -> x509.Certificate:
    """One that issues others, or one that signs (C2PA 2.2, section 14.5.1)."""
    usage = x509.KeyUsage(
        digital_signature=not issues,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=issues,
        crl_sign=issues,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        x509.CertificateBuilder(issuer, subject, public_key, x509.random_serial_number())
        .not_valid_before(now - BEFORE)
        .not_valid_after(now + VALID)
        .add_extension(x509.BasicConstraints(ca=issues, path_length=0 if issues else None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if not issues:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False)
    return builder.sign(issuer_key, SHA256())


def _write(path: Path, data: bytes, mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
