"""The agency's certificate, with which copies and exports are signed: a PEM file of certificates, the agency's own
first, and a PEM file with its key.

What is asked of it is what the C2PA specification asks of a signing certificate (2.2, section 14.5.1): not an
authority's own, key usage digitalSignature, extended key usage emailProtection, an organisation's name. That documents
of other kinds are signed with it as well (a vCon's JWS) asks nothing more.
"""

import stat
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

Chain: TypeAlias = tuple[x509.Certificate, ...]
Key: TypeAlias = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey

LARGEST_BYTES = 256 * 1024
KEY_OF_OTHERS = stat.S_IRWXO


class Algorithm(StrEnum):
    """By the kind of key; the names are those of JOSE and C2PA in small letters."""

    ES256 = "es256"
    ED25519 = "ed25519"


@dataclass(frozen=True, slots=True)
class Certificate:
    """Chain and key as PEM; `fingerprint` is the SHA-256 of the agency's own certificate, hexadecimal."""

    chain_pem: str
    key_pem: str = field(repr=False)
    algorithm: Algorithm
    organisation: str
    valid_from: datetime
    valid_until: datetime
    fingerprint: str

    def is_valid_at(self, moment: datetime) -> bool:
        return self.valid_from <= moment <= self.valid_until


def read_chain(text: str) -> Chain:
    """From the file of that name. Raises `ValueError` that says what is expected."""
    try:
        chain = tuple(x509.load_pem_x509_certificates(_read(Path(text).expanduser())))
    except (OSError, ValueError):
        raise ValueError("must name a file with certificates in PEM, the agency's own first") from None
    for number, (one, issuer) in enumerate(pairwise(chain), start=1):
        try:
            one.verify_directly_issued_by(issuer)
        except (ValueError, TypeError, InvalidSignature):
            raise ValueError(f"must have after certificate {number} that of its issuer") from None
    _check_leaf(chain[0])
    return chain


def read_key(text: str) -> tuple[Key, str]:
    """The key and its PEM, from the file of that name, which others may not be able to read. Raises `ValueError`."""
    path = Path(text).expanduser()
    try:
        mode = path.stat().st_mode
        pem = _read(path)
    except OSError:
        raise ValueError("must name a file with a key in PEM") from None
    if mode & KEY_OF_OTHERS:
        raise ValueError("must name a file that others cannot read: chmod o-rwx")
    try:
        key = load_pem_private_key(pem, password=None)
    except (ValueError, TypeError):
        raise ValueError("must name a file with one key in PEM, without a password") from None
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key, pem.decode()
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1):
        return key, pem.decode()
    raise ValueError("must be a key for ES256 (P-256) or Ed25519")


def join(chain: Chain, key: Key, key_pem: str) -> Certificate:
    """Raises `ValueError` where the key is another certificate's."""
    leaf = chain[0]
    if key.public_key() != leaf.public_key():
        raise ValueError("must be the key of the first certificate")
    return Certificate(
        chain_pem="".join(one.public_bytes(Encoding.PEM).decode() for one in chain),
        key_pem=key_pem,
        algorithm=Algorithm.ED25519 if isinstance(key, ed25519.Ed25519PrivateKey) else Algorithm.ES256,
        organisation=organisation_of(leaf),
        valid_from=leaf.not_valid_before_utc,
        valid_until=leaf.not_valid_after_utc,
        fingerprint=leaf.fingerprint(SHA256()).hex(),
    )


def organisation_of(certificate: x509.Certificate) -> str:
    """Empty where it names none."""
    names = certificate.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(names[0].value).strip() if names else ""


def _read(path: Path) -> bytes:
    """Raises `OSError`, also for what is too large to be what was asked for."""
    with path.open("rb") as file:
        data = file.read(LARGEST_BYTES + 1)
    if len(data) > LARGEST_BYTES:
        raise OSError("too large")
    return data


def _check_leaf(leaf: x509.Certificate) -> None:
    """Raises `ValueError` for a certificate that readers of credentials refuse."""
    if leaf.issuer == leaf.subject:
        raise ValueError("must begin with a certificate that an authority issued, not with its own")
    if not organisation_of(leaf):
        raise ValueError("must name the organisation (O) in the agency's own certificate")
    try:
        usage = leaf.extensions.get_extension_for_class(x509.KeyUsage).value
        purposes = set(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value)
        leaf.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier)
    except (x509.ExtensionNotFound, ValueError):
        raise ValueError("must have a first certificate that names its usage and its authority's key") from None
    if not usage.digital_signature or usage.key_cert_sign:
        raise ValueError("must have a first certificate with key usage digitalSignature, and none to issue others")
    if ExtendedKeyUsageOID.EMAIL_PROTECTION not in purposes or ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE in purposes:
        raise ValueError("must have a first certificate with extended key usage emailProtection")
