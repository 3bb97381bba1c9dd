"""A vCon in its signed form: a JSON Web Signature (RFC 7515) with the agency's certificate.

Source: draft-ietf-vcon-vcon-core-04, section 5.2. The certificates and the vCon's id stand in the unprotected header,
as the draft asks; the algorithm stands in the protected one only, since RFC 7515 (7.2.1) forbids a name in both.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from joserfc import jws
from joserfc.jwk import ECKey, OKPKey
from joserfc.registry import HeaderParameter

from config.certificate import Algorithm, Certificate
from ivr.calls.vcon_evidence import base64url
from storage.records import Json

NAMES: Mapping[Algorithm, str] = {Algorithm.ES256: "ES256", Algorithm.ED25519: "Ed25519"}
"""As RFC 7518 and RFC 9864 have them; the latter replaces `EdDSA`, which did not say with which curve."""

HEADERS = {"uuid": HeaderParameter("The vCon's id, as in its payload", "str")}
LARGEST_BYTES = 1 << 30
"""Of a vCon: a library's usual limit of a small token is none for an hour of sound."""


class VconRegistry(jws.JWSRegistry):
    """What a vCon's signature may have in its headers, by one algorithm."""

    max_payload_length = 2 * LARGEST_BYTES

    def __init__(self, algorithm: str) -> None:
        super().__init__(header_registry=HEADERS, algorithms=[algorithm])


@dataclass(frozen=True, slots=True)
class VconSigner:
    """Signs with the first certificate of the chain; safe to share between threads."""

    certificate: Certificate = field(repr=False)

    def sign(self, vcon: Mapping[str, Json]) -> dict[str, Json]:
        """The general JSON serialization: `payload` and one signature over it."""
        algorithm = NAMES[self.certificate.algorithm]
        kind = ECKey if self.certificate.algorithm is Algorithm.ES256 else OKPKey
        header: dict[str, Json] = {"x5c": [*self._chain()], "uuid": vcon["uuid"]}
        payload = json.dumps(vcon, ensure_ascii=False, separators=(",", ":")).encode()
        (signature,) = jws.serialize_json(
            [{"protected": {"alg": algorithm}, "header": header}],
            payload,
            kind.import_key(self.certificate.key_pem),
            registry=VconRegistry(algorithm),
        )["signatures"]
        return {
            "payload": base64url(payload),
            "signatures": [
                {
                    "protected": signature["protected"],
                    "header": header,
                    "signature": signature["signature"],
                }
            ],
        }

    def _chain(self) -> list[str]:
        """DER in base64, the agency's own first (RFC 7515, 4.1.6)."""
        chain = x509.load_pem_x509_certificates(self.certificate.chain_pem.encode())
        return [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in chain]
