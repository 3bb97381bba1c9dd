"""Whether a chain of certificates leads to an authority that the reader trusts.

Source: RFC 5280 section 6, as far as a short chain with one purpose goes: names, signatures, validity, who may issue
and what the first one may be used for. There is no revocation here: the reader has no network.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID

E = TypeVar("E", bound=x509.ExtensionType)


class ChainFault(Exception):
    """Why this certificate is not trusted, in words."""


def check_chain(
    chain: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate], at: datetime
) -> x509.Certificate:
    """The trusted certificate under which the first one of `chain` was issued. `at` is when all must be valid.

    Raises `ChainFault`.
    """
    anchor = _find_anchor(chain, trusted)
    path = list(chain) if chain[-1] == anchor else [*chain, anchor]
    for one in path:
        if not one.not_valid_before_utc <= at <= one.not_valid_after_utc:
            until = f"{one.not_valid_before_utc:%Y-%m-%d} to {one.not_valid_after_utc:%Y-%m-%d}"
            raise ChainFault(f"the certificate of {name_of(one)} is valid from {until}, not on {at:%Y-%m-%d}")
    for below, (one, issuer) in enumerate(pairwise(path)):
        if not _issued_by(one, issuer):
            raise ChainFault(f"{name_of(issuer)} did not issue the certificate of {name_of(one)}")
        if not _may_issue(issuer, below):
            raise ChainFault(f"{name_of(issuer)} may not issue certificates")
    usage = _extension(path[0], x509.KeyUsage)
    if usage is None or not usage.digital_signature:
        raise ChainFault(f"the certificate of {name_of(path[0])} is not for signatures")
    return anchor


def name_of(certificate: x509.Certificate) -> str:
    """The organisation, else the common name, else all of the subject."""
    for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME):
        for name in certificate.subject.get_attributes_for_oid(kind):
            return str(name.value)
    return certificate.subject.rfc4514_string() or "nobody"


def _find_anchor(chain: Sequence[x509.Certificate], trusted: Sequence[x509.Certificate]) -> x509.Certificate:
    """The last one of the chain where the reader trusts it, else its issuer among the trusted."""
    if not trusted:
        raise ChainFault(f"nobody whom you trust was named; the file says that it is from {name_of(chain[0])}")
    if chain[-1] in trusted:
        return chain[-1]
    for one in trusted:
        if _issued_by(chain[-1], one):
            return one
    raise ChainFault(f"nobody whom you trust issued the certificate of {name_of(chain[0])}")


def _issued_by(one: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        one.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _may_issue(issuer: x509.Certificate, below: int) -> bool:
    """`below` is how many certificates of issuers stand between it and the first one."""
    basic, usage = _extension(issuer, x509.BasicConstraints), _extension(issuer, x509.KeyUsage)
    if basic is None or not basic.ca or (usage is not None and not usage.key_cert_sign):
        return False
    return basic.path_length is None or basic.path_length >= below


def _extension(certificate: x509.Certificate, kind: type[E]) -> E | None:
    try:
        return certificate.extensions.get_extension_for_class(kind).value
    except (x509.ExtensionNotFound, ValueError):
        return None
