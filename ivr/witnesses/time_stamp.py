"""A time stamp authority (RFC 3161): signs that the checkpoint existed, and when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.x509 import Certificate, load_pem_x509_certificates
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    VerifierBuilder,
    decode_timestamp_response,
)

from ivr.errors import WitnessRefused
from ivr.evidence_ports import Submission
from ivr.witnesses.web import post
from storage.errors import LogBroken
from storage.witnessing import Statement, StatementKind, StatementRow


@dataclass(frozen=True, slots=True)
class Authority:
    """`certificate` is the one and only that stamps are accepted from; `chain` leads from it to its root."""

    certificate: Certificate
    chain: Sequence[Certificate]


def load_authority(file: Path) -> Authority:
    """PEM: the authority's own certificate, then those above it up to the root. Raises `OSError`, `ValueError`."""
    certificate, *chain = load_pem_x509_certificates(file.read_bytes())
    if not chain or chain[-1].subject != chain[-1].issuer:
        raise ValueError("must hold the authority's certificate and those above it, the root last")
    return Authority(certificate, chain)


class TimeStamper:
    def __init__(self, name: str, url: str, authority: Authority) -> None:
        self.name = name
        self._url = url
        self._authority = authority

    def deliver(self, submission: Submission) -> Statement:
        note = submission.note.encode()
        asking = TimestampRequestBuilder().data(note).hash_algorithm(HashAlgorithm.SHA256)
        request = asking.cert_request(cert_request=False).build()  # the one that counts is pinned
        answer = post(self.name, self._url, request.as_bytes(), "application/timestamp-query")
        if answer.status != 200:
            raise WitnessRefused(f"{self.name} says {answer.status}")
        try:
            self._verify(answer.body, note, request.nonce)
        except LogBroken as fault:
            raise WitnessRefused(f"{self.name} answers what is no good: {fault}") from fault
        return Statement(StatementKind.STAMPED, answer.body)

    def check(self, row: StatementRow) -> None:
        self._verify(row.answer, row.note.encode(), None)

    def _verify(self, der: bytes, note: bytes, nonce: int | None) -> None:
        """Raises `LogBroken`."""
        authority = self._authority
        verifier = VerifierBuilder(
            tsa_certificate=authority.certificate, roots=list(authority.chain), nonce=nonce
        ).build()
        try:
            verifier.verify_message(decode_timestamp_response(der), note)
        except Exception as fault:  # a stranger's bytes: two libraries' parsers have errors without a common name
            raise LogBroken(f"not a time stamp of this checkpoint by this authority: {fault}") from fault


def stamped_at(der: bytes) -> datetime:
    """What a time stamp response says, one that was checked before."""
    return decode_timestamp_response(der).tst_info.gen_time
