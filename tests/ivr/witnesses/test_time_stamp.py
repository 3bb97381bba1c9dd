"""Time stamps by a real authority (`openssl ts`), and everything that is not one of ours."""

import random
from pathlib import Path

import pytest
from cryptography.x509 import load_pem_x509_certificates
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from ivr.errors import WitnessRefused
from ivr.witnesses.time_stamp import TimeStamper, load_authority, stamped_at
from storage.errors import LogBroken
from storage.witnessing import StatementKind, StatementRow
from tests.builders import BEGAN
from tests.ivr.witnesses.outsiders import Answering, OpensslAuthority, Reply, web_server
from tests.ivr.witnesses.submitting import SmallLog

LOG = SmallLog(5)
NOTE = LOG.submission().note


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> OpensslAuthority:
    return OpensslAuthority(tmp_path_factory.mktemp("authority") / "one")


@pytest.fixture(scope="module")
def stranger(tmp_path_factory: pytest.TempPathFactory) -> OpensslAuthority:
    """Another authority, with the same names and another key."""
    return OpensslAuthority(tmp_path_factory.mktemp("authority") / "other")


def stamper(url: str, authority: OpensslAuthority) -> TimeStamper:
    return TimeStamper("tsa", url, load_authority(authority.pinned))


def row(stamp: bytes, note: str = NOTE) -> StatementRow:
    return StatementRow("tsa", 5, note, StatementKind.STAMPED, stamp, BEGAN)


def test_a_stamp_is_checked_at_once_and_later_by_us_and_by_openssl(authority: OpensslAuthority, tmp_path: Path) -> None:
    with web_server(authority) as url:
        said = stamper(url, authority).deliver(LOG.submission())
    assert said.kind is StatementKind.STAMPED
    offline = stamper("http://127.0.0.1:9", authority)
    offline.check(row(said.answer))
    assert stamped_at(said.answer).tzinfo is not None
    stamp, data = tmp_path / "stamp.tsr", tmp_path / "note.txt"
    stamp.write_bytes(said.answer)
    data.write_text(NOTE)
    assert authority.accepts(stamp, data)
    with pytest.raises(LogBroken, match="Mismatch between messages"):
        offline.check(row(said.answer, LOG.submission(4).note))


def test_each_question_is_another_one(authority: OpensslAuthority) -> None:
    with web_server(authority) as url:
        for _ in range(2):
            stamper(url, authority).deliver(LOG.submission())
    assert authority.asked[-1] != authority.asked[-2]


def query(note: str) -> bytes:
    asking = TimestampRequestBuilder().data(note.encode()).hash_algorithm(HashAlgorithm.SHA256)
    return asking.cert_request(cert_request=False).build().as_bytes()


def refused(answering: Answering, authority: OpensslAuthority) -> str:
    with web_server(answering) as url, pytest.raises(WitnessRefused) as caught:
        stamper(url, authority).deliver(LOG.submission())
    return str(caught.value)


def test_answers_that_are_no_stamp_of_this_question_are_refused(
    authority: OpensslAuthority, stranger: OpensslAuthority
) -> None:
    other_bytes = authority.stamp(query(LOG.submission(4).note))
    assert "Nonce mismatch" in refused(lambda _, __: Reply(200, other_bytes), authority)
    replayed = authority.stamp(query(NOTE))
    assert "Nonce mismatch" in refused(lambda _, __: Reply(200, replayed), authority)
    assert "verifying certificates" in refused(stranger, authority)
    assert "parse error" in refused(lambda _, __: Reply(200, b"rubbish"), authority)
    assert "parse error" in refused(lambda _, __: Reply(200), authority)
    assert "says 401" in refused(lambda _, __: Reply(401), authority)
    assert "more than" in refused(lambda _, __: Reply(200, bytes(70_000)), authority)
    rejected = bytes.fromhex("30053003020102")
    assert "no good" in refused(lambda _, __: Reply(200, rejected), authority)


def test_a_stored_stamp_that_was_harmed_is_named_or_says_the_same(authority: OpensslAuthority) -> None:
    """A few bytes of the format are under no signature (its version numbers, the serial number that names the
    certificate, which is pinned): what they say is not used."""
    stamp = authority.stamp(query(NOTE))
    offline, chance, accepted = stamper("http://127.0.0.1:9", authority), random.Random(3161), 0
    for at in range(len(stamp)):
        harmed = stamp[:at] + bytes([stamp[at] ^ 1 << chance.randrange(8)]) + stamp[at + 1 :]
        try:
            offline.check(row(harmed))
        except LogBroken:
            continue
        accepted += 1
        assert stamped_at(harmed) == stamped_at(stamp)
    assert accepted < len(stamp) / 10
    with pytest.raises(LogBroken):
        offline.check(row(stamp[:-1]))


def test_a_certificate_file_must_lead_to_a_root(authority: OpensslAuthority, tmp_path: Path) -> None:
    loaded = load_authority(authority.pinned)
    assert loaded.certificate == load_pem_x509_certificates((authority.folder / "tsa.pem").read_bytes())[0]
    with pytest.raises(ValueError, match="the root last"):
        load_authority(authority.folder / "tsa.pem")
    (tmp_path / "no.pem").write_text("no certificate")
    with pytest.raises(ValueError, match="PEM"):
        load_authority(tmp_path / "no.pem")
