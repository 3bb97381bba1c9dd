"""A witness that cosigns: what it is told, what it says back, and every way in which that can be wrong."""

import base64
from collections.abc import Callable, Iterator

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from ivr.errors import LogContradicted, WitnessBusy, WitnessRefused
from ivr.witnesses.cosigner import Cosigner
from storage.consent_log.checkpoint import NoteSigner
from storage.consent_log.cosignature import parse_cosigner
from storage.errors import LogBroken
from storage.witnessing import StatementKind, StatementRow
from tests.builders import BEGAN
from tests.ivr.witnesses.outsiders import OutsideWitness, Reply, grows, web_server
from tests.ivr.witnesses.submitting import ORIGIN, SIGNER, SmallLog

NAME = "witness.test/w1"


@pytest.fixture
def outside() -> OutsideWitness:
    return OutsideWitness(NAME, ORIGIN, SIGNER.key.public.public_bytes_raw())


@pytest.fixture
def cosigner(outside: OutsideWitness) -> Iterator[Cosigner]:
    with web_server(outside) as url:
        yield Cosigner("witness", f"{url}/prefix", parse_cosigner(outside.vkey))


def test_it_cosigns_every_step_of_a_log_that_only_grows(outside: OutsideWitness, cosigner: Cosigner) -> None:
    log, known = SmallLog(40), 0
    for size in (1, 2, 3, 7, 8, 8, 13, 31, 32, 40):
        said = cosigner.deliver(log.submission(size, known))
        assert said.kind is StatementKind.COSIGNED
        assert said.answer.decode().startswith(f"— {NAME} ")
        cosigner.check(row := StatementRow("witness", size, log.submission(size).note, said.kind, said.answer, BEGAN))
        assert row.size == outside.seen[0]
        known = size
    assert outside.heard == [0, 1, 2, 3, 7, 8, 8, 13, 31, 32]


def test_a_witness_with_an_ml_dsa_key_is_understood_too(outside: OutsideWitness) -> None:
    outside.key = MLDSA44PrivateKey.from_seed_bytes(bytes(32))
    with web_server(outside) as url:
        cosigner = Cosigner("witness", url, parse_cosigner(outside.vkey))
        said = cosigner.deliver(SmallLog(5).submission())
    cosigner.check(StatementRow("witness", 5, SmallLog(5).submission().note, said.kind, said.answer, BEGAN))
    with pytest.raises(LogBroken, match="is false"):
        cosigner.check(StatementRow("witness", 4, SmallLog(4).submission().note, said.kind, said.answer, BEGAN))


def test_it_is_told_from_where_it_knows_the_log_when_it_says_so(outside: OutsideWitness, cosigner: Cosigner) -> None:
    log = SmallLog(20)
    cosigner.deliver(log.submission(9))
    cosigner.deliver(log.submission(20))
    assert outside.heard == [0, 0, 9]
    assert outside.seen[0] == 20


def test_a_log_that_was_rewritten_is_contradicted(outside: OutsideWitness, cosigner: Cosigner) -> None:
    cosigner.deliver(SmallLog(9).submission())
    with pytest.raises(LogContradicted, match="9 entries that are not the first 9") as caught:
        cosigner.deliver(SmallLog(20, "rewritten").submission(known_size=9))
    assert caught.value.size == 9
    assert outside.seen[0] == 9


def test_another_log_of_the_same_size_is_contradicted(cosigner: Cosigner) -> None:
    cosigner.deliver(SmallLog(9).submission())
    with pytest.raises(LogContradicted, match="has seen 9 entries"):
        cosigner.deliver(SmallLog(9, "rewritten").submission(known_size=9))


def test_an_old_backup_is_contradicted(cosigner: Cosigner) -> None:
    cosigner.deliver(SmallLog(9).submission())
    with pytest.raises(LogContradicted, match="has seen 9 entries of this log; ours has 5") as caught:
        cosigner.deliver(SmallLog(5).submission())
    assert caught.value.size == 9


def test_a_witness_that_does_not_know_us_says_so(outside: OutsideWitness, cosigner: Cosigner) -> None:
    with pytest.raises(WitnessRefused, match="knows no key that signed"):
        cosigner.deliver(SmallLog(5).submission(signer=NoteSigner.from_seed(ORIGIN, bytes(range(32)))))
    outside.log_name = "elsewhere.test/log"
    with pytest.raises(WitnessRefused, match="does not know this log"):
        cosigner.deliver(SmallLog(5).submission())


@given(st.data())
def test_every_proof_that_we_make_convinces_it_and_no_other_does(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, 60))
    old_size = data.draw(st.integers(1, size))
    log = SmallLog(size)
    old_root, root, proof = log.checkpoint(old_size).root, log.checkpoint().root, list(log.prove(old_size, size))
    assert grows(old_size, size, old_root, root, proof)
    assert not grows(old_size, size, SmallLog(old_size, "rewritten").checkpoint().root, root, proof)
    assert not grows(old_size, size, old_root, root, [*proof, bytes(32)])
    if proof:
        at = data.draw(st.integers(0, len(proof) - 1))
        assert not grows(old_size, size, old_root, root, proof[:at] + proof[at + 1 :])
        assert not grows(old_size, size, old_root, root, [*proof[:at], bytes(32), *proof[at + 1 :]])


# ---------------------------------------------------------------- answers that are no good

LOG = SmallLog(5)
TEXT = LOG.checkpoint().text()
TRUE = OutsideWitness(NAME, ORIGIN, SIGNER.key.public.public_bytes_raw())
FORGER = OutsideWitness(NAME, ORIGIN, TRUE.log_key, Ed25519PrivateKey.from_private_bytes(bytes(reversed(range(32)))))


def forged() -> str:
    """Another key's signature under the true key's id."""
    mark, name, encoded = FORGER.cosign(TEXT).split(" ")
    return f"{mark} {name} {base64.b64encode(TRUE.key_id + base64.b64decode(encoded)[4:]).decode()}\n"


def answering(*replies: Reply) -> Callable[[str, bytes], Reply]:
    waiting = list(replies)
    return lambda _, __: waiting.pop(0) if len(waiting) > 1 else waiting[0]


@pytest.mark.parametrize(
    ("reply", "fault", "told"),
    [
        (Reply(200, b"rubbish"), WitnessRefused, "malformed"),
        (Reply(200, b"\xff\xfe"), WitnessRefused, "no good"),
        (Reply(200), WitnessRefused, "malformed"),
        (Reply(200, FORGER.cosign(TEXT).encode()), WitnessRefused, "another key"),
        (Reply(200, forged().encode()), WitnessRefused, "is false"),
        (Reply(200, TRUE.cosign(LOG.checkpoint(4).text()).encode()), WitnessRefused, "is false"),
        (Reply(200, TRUE.cosign(TEXT)[:-20].encode() + b"\n"), WitnessRefused, "malformed"),
        (Reply(200, SIGNER.sign(TEXT).split("\n\n")[1].encode()), WitnessRefused, "another key"),
        (Reply(200, b"x" * 70_000), WitnessRefused, "more than 65536 bytes"),
        (Reply(302, headers={"Location": "http://127.0.0.1:9/"}), WitnessRefused, "sends us elsewhere"),
        (Reply(400), WitnessRefused, "does not understand"),
        (Reply(401), WitnessRefused, "not an answer of a witness"),
        (Reply(409, b"many\n"), WitnessRefused, "without the size"),
        (Reply(409, b"03\n"), WitnessRefused, "without the size"),
        (Reply(409, b"9" * 30 + b"\n"), WitnessRefused, "without the size"),
        (Reply(409, b"3\n"), WitnessRefused, "has seen 3 entries when it is told so"),
        (Reply(409, b"0\n"), WitnessRefused, "has seen 0 entries when it is told so"),
        (Reply(409, b"6\n"), LogContradicted, "has seen 6 entries of this log; ours has 5"),
        (Reply(422), WitnessRefused, "not an answer of a witness"),
        (Reply(429), WitnessBusy, "says 429"),
        (Reply(503), WitnessBusy, "says 503"),
        (Reply(200, b"", {"Content-Length": "500"}), WitnessBusy, "does not answer: ProtocolError"),
    ],
)
def test_an_answer_that_is_no_good_is_refused(reply: Reply, fault: type[Exception], told: str) -> None:
    with web_server(answering(reply)) as url, pytest.raises(fault, match=told):
        Cosigner("witness", url, parse_cosigner(TRUE.vkey)).deliver(LOG.submission())


def test_a_witness_that_names_another_size_each_time_is_asked_three_times_and_then_left_alone() -> None:
    asked: list[bytes] = []

    def restless(_: str, body: bytes) -> Reply:
        asked.append(body)
        return Reply(409, f"{len(asked)}\n".encode())

    with web_server(restless) as url, pytest.raises(WitnessBusy, match="another checkpoint last"):
        Cosigner("witness", url, parse_cosigner(TRUE.vkey)).deliver(LOG.submission())
    assert [body.split(b"\n")[0] for body in asked] == [b"old 0", b"old 1", b"old 2"]


def test_lines_by_other_keys_are_passed_over() -> None:
    body = FORGER.cosign(TEXT) + TRUE.cosign(TEXT)
    with web_server(answering(Reply(200, body.encode()))) as url:
        said = Cosigner("witness", url, parse_cosigner(TRUE.vkey)).deliver(LOG.submission())
    assert f"{said.answer.decode()}\n" == TRUE.cosign(TEXT)


def test_a_stored_cosignature_that_was_harmed_is_named() -> None:
    cosigner = Cosigner("witness", "http://127.0.0.1:9", parse_cosigner(TRUE.vkey))
    line, note = TRUE.cosign(TEXT).rstrip("\n").encode(), LOG.submission().note
    cosigner.check(StatementRow("witness", 5, note, StatementKind.COSIGNED, line, BEGAN))
    for at in range(len(line)):
        harmed = line[:at] + bytes([line[at] ^ 1]) + line[at + 1 :]
        with pytest.raises(LogBroken):
            cosigner.check(StatementRow("witness", 5, note, StatementKind.COSIGNED, harmed, BEGAN))
