"""A proof that leaves the house: it holds for its own entry, and for nothing else."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from storage.consent_log.chain import Frontier, inclusion_proof, leaf_hash, root_of_leaves
from storage.consent_log.checkpoint import Checkpoint, NoteSigner
from storage.consent_log.entry import Entry
from storage.consent_log.tlog_proof import TlogProof, check_tlog_proof, parse_tlog_proof
from storage.errors import LogBroken

SIGNER = NoteSigner.from_seed("log.example/log", bytes(32))
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
ENTRIES = [Entry(n, "call-1", n, f"event-{n}", "answer:yes", NOON, {}, {}, None).canonical() for n in range(11)]


def subtree_at(level: int, index: int) -> bytes:
    return root_of_leaves([leaf_hash(entry) for entry in ENTRIES[index << level : (index + 1) << level]])


def proof_of(index: int) -> TlogProof:
    tree = Frontier()
    for entry in ENTRIES:
        tree, _ = tree.append(leaf_hash(entry))
    note = SIGNER.sign(Checkpoint("log.example/log", tree.size, tree.root()).text())
    return TlogProof(index, tuple(inclusion_proof(index, tree.size, subtree_at)), note)


@pytest.mark.parametrize("index", range(len(ENTRIES)))
def test_a_proof_leads_from_its_entry_to_the_checkpoint(index: int) -> None:
    proof = proof_of(index)
    assert parse_tlog_proof(proof.text()) == proof
    assert check_tlog_proof(proof.text(), ENTRIES[index], [SIGNER.key]).size == len(ENTRIES)


@pytest.mark.parametrize(
    "harm",
    [
        lambda text: text.replace("tlog-proof@v1", "tlog-proof@v2"),
        lambda text: text.replace("index 4", "index 5"),
        lambda text: text.replace("index 4", "index 04"),
        lambda text: text.replace("index 4\n", "index 4\nAAAA\n"),
        lambda text: text.replace("index 4\n", "index 4\n*\n"),
        lambda text: text.replace("\n11\n", "\n12\n"),
        lambda text: "\n".join(text.split("\n")[:2] + text.split("\n")[3:]),
        lambda text: text.replace("\n\n", "\n"),
        lambda text: text[:10],
    ],
)
def test_a_harmed_proof_is_refused(harm: Callable[[str], str]) -> None:
    with pytest.raises(LogBroken):
        check_tlog_proof(harm(proof_of(4).text()), ENTRIES[4], [SIGNER.key])


def test_another_entry_or_another_signer_is_refused() -> None:
    text = proof_of(4).text()
    with pytest.raises(LogBroken, match="of entry 4, and this is entry 5"):
        check_tlog_proof(text, ENTRIES[5], [SIGNER.key])
    with pytest.raises(LogBroken, match="does not lead"):
        check_tlog_proof(text, ENTRIES[4].replace(b"yes", b"no"), [SIGNER.key])
    with pytest.raises(LogBroken, match="not an entry"):
        check_tlog_proof(text, b"{}", [SIGNER.key])
    with pytest.raises(LogBroken):
        check_tlog_proof(text, ENTRIES[4], [NoteSigner.from_seed("log.example/log", bytes([1]) * 32).key])
