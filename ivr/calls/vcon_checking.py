"""Whether a signed vCon is what the agency gave: its signature and certificates; `vcon_contents.py` looks at the rest.

Needs the file, the certificate of whom one trusts and, for the log, its public key: no database, no network.
Source: draft-ietf-vcon-vcon-core-04, section 5; RFC 7515.
"""

import base64
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey

from ivr.calls.certificate_chain import ChainFault, check_chain, name_of
from ivr.calls.vcon_contents import Finding, check_contents, decode_base64url
from ivr.calls.vcon_signing import LARGEST_BYTES, VconRegistry
from ivr.errors import SpelregelError
from storage.consent_log.checkpoint import NoteKey

KEYS: Mapping[str, type[ECKey | RSAKey | OKPKey]] = {
    "ES256": ECKey, "RS256": RSAKey, "Ed25519": OKPKey, "EdDSA": OKPKey
}  # fmt: skip
"""By algorithm: what the agency signs with, and what the draft recommends."""

GZIP = b"\x1f\x8b"


class UnreadableVcon(SpelregelError):
    """This is no vCon; the text says why not."""


@dataclass(frozen=True, slots=True)
class Against:
    """What the reader has of their own: trusted certificates, when all must have been valid, the log's public keys, and
    the recording's file."""

    trusted: Sequence[x509.Certificate]
    at: datetime
    log_keys: Sequence[NoteKey] = ()
    recording: bytes | None = None


def check_vcon(data: bytes, against: Against) -> list[Finding]:
    """All that can be said of it. Raises `UnreadableVcon`."""
    document = _parse(data)
    if "payload" not in document and "parties" in document:
        vcon, findings = document, [Finding("signature", False, "this vCon is not signed")]
    else:
        payload, signatures = document.get("payload"), document.get("signatures")
        if not isinstance(payload, str) or not isinstance(signatures, list) or not signatures:
            raise UnreadableVcon("not a vCon: neither its unsigned form nor a JSON Web Signature")
        try:
            vcon = _parse(_unpacked(decode_base64url(payload)))
        except ValueError:
            raise UnreadableVcon("the payload is no base64url") from None
        findings = [one for signature in signatures for one in _check_signature(payload, signature, vcon, against)]
    return [*findings, *check_contents(vcon, against.log_keys, against.recording)]


def _parse(data: bytes) -> dict[str, Any]:
    """Raises `UnreadableVcon`, also where an object names a key twice: two readers could then see two documents."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        named = dict(pairs)
        if len(named) != len(pairs):
            raise UnreadableVcon("an object in it names a key twice")
        return named

    try:
        document = json.loads(data, object_pairs_hook=once)
    except (ValueError, RecursionError):
        raise UnreadableVcon("not JSON, or only a part of it") from None
    if not isinstance(document, dict):
        raise UnreadableVcon("not a vCon: not a JSON object")
    return document


def _unpacked(payload: bytes) -> bytes:
    """The draft allows a gzipped one (section 5.2). Raises `UnreadableVcon` for one that is too large unpacked."""
    if not payload.startswith(GZIP):
        return payload
    unpacking = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacking.decompress(payload, LARGEST_BYTES)
    except zlib.error:
        raise UnreadableVcon("the payload is damaged") from None
    if not unpacking.eof:
        raise UnreadableVcon("the payload is cut short, or too large")
    return unpacked


def _check_signature(payload: str, signature: object, vcon: Mapping[str, Any], against: Against) -> Iterator[Finding]:
    header = signature.get("header") if isinstance(signature, dict) else None
    try:
        chain = _read_chain(header)
    except (ValueError, TypeError):
        yield Finding("signature", False, "there are no certificates with it that can be read")
        return
    try:
        _verify(payload, signature, chain[0])
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        yield Finding("signature", False, "it is not a signature of the first certificate's key over this content")
    else:
        yield Finding("signature", True, f"made with the key of {name_of(chain[0])}")
    try:
        anchor = check_chain(chain, against.trusted, against.at)
    except ChainFault as fault:
        yield Finding("certificate", False, str(fault))
    else:
        yield Finding("certificate", True, f"of {name_of(chain[0])}, issued under {name_of(anchor)}, whom you trust")
    if isinstance(header, dict) and "uuid" in header and header["uuid"] != vcon.get("uuid"):
        yield Finding("identity", False, "the id beside the signature is not that of the vCon")


def _read_chain(header: object) -> list[x509.Certificate]:
    """Raises `ValueError` or `TypeError` where there is none that can be read."""
    encoded = header.get("x5c") if isinstance(header, dict) else None
    if not isinstance(encoded, list) or not encoded:
        raise ValueError("no x5c")
    return [x509.load_der_x509_certificate(base64.b64decode(one, validate=True)) for one in encoded]


def _verify(payload: str, signature: Any, leaf: x509.Certificate) -> None:
    """Raises `JoseError`, and what wrong types raise."""
    algorithm = json.loads(decode_base64url(signature["protected"]))["alg"]
    pem = leaf.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    jws.deserialize_json(
        {"payload": payload, "signatures": [signature]},
        KEYS[algorithm].import_key(pem),
        registry=VconRegistry(algorithm),
    )
