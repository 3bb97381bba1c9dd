"""The Merkle tree against the vectors of Certificate Transparency and against its own definition."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree

from storage.consent_log.chain import (
    EMPTY_ROOT,
    Frontier,
    consistency_proof,
    inclusion_proof,
    leaf_hash,
    node_hash,
    root_of_leaves,
    verify_consistency,
    verify_inclusion,
)

CT_LEAVES = [
    bytes.fromhex(leaf)
    for leaf in ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"]
]
CT_ROOTS = ["e3b0c442", "6e340b9c", "fac54203", "aeb6bcfe", "d37ee418", "4e3bbb1f", "76e67dad", "ddb89be4", "5dc9da79"]
CT_ROOT_OF_EIGHT = "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"
LARGEST = 40
LEAVES = [leaf_hash(bytes([number])) for number in range(LARGEST)]


def defined_root(leaves: list[bytes]) -> bytes:
    """MTH, word for word (RFC 9162 section 2.1.1)."""
    if not leaves:
        return EMPTY_ROOT
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(defined_root(leaves[:k]), defined_root(leaves[k:]))


def subtree_at(level: int, index: int) -> bytes:
    return defined_root(LEAVES[index << level : (index + 1) << level])


ROOTS = [defined_root(LEAVES[:size]) for size in range(LARGEST + 1)]


@pytest.mark.parametrize("size", range(9))
def test_roots_of_certificate_transparency(size: int) -> None:
    assert root_of_leaves([leaf_hash(leaf) for leaf in CT_LEAVES[:size]]).hex()[:8] == CT_ROOTS[size]


def test_root_of_all_eight() -> None:
    assert root_of_leaves([leaf_hash(leaf) for leaf in CT_LEAVES]).hex() == CT_ROOT_OF_EIGHT


@given(st.lists(st.binary(max_size=20), max_size=70))
def test_the_root_is_that_of_another_implementation(entries: list[bytes]) -> None:
    """pymerkle, whose tree is that of RFC 6962 and so of RFC 9162."""
    tree = InmemoryTree(algorithm="sha256")
    for entry in entries:
        tree.append_entry(entry)
    ours = root_of_leaves([leaf_hash(entry) for entry in entries])
    assert ours == (tree.get_root() if entries else EMPTY_ROOT)
    for size in range(1, len(entries)):
        assert root_of_leaves([leaf_hash(entry) for entry in entries[:size]]) == tree.get_root(size)


def test_the_frontier_grows_into_the_defined_root_and_gives_each_subtree_once() -> None:
    frontier = Frontier()
    for number, leaf in enumerate(LEAVES):
        frontier, completed = frontier.append(leaf)
        assert frontier.size == number + 1
        assert frontier.root() == ROOTS[number + 1]
        for level, subtree in enumerate(completed):
            assert subtree == subtree_at(level, number >> level)
        assert (number + 1) % (1 << len(completed)) != 0


def test_every_inclusion_proof_is_accepted_and_short() -> None:
    for size in range(1, LARGEST + 1):
        for index in range(size):
            proof = inclusion_proof(index, size, subtree_at)
            assert len(proof) <= (size - 1).bit_length()
            assert verify_inclusion(index, size, LEAVES[index], ROOTS[size], proof)


def test_every_consistency_proof_is_accepted() -> None:
    for size in range(LARGEST + 1):
        for old_size in range(size + 1):
            proof = consistency_proof(old_size, size, subtree_at)
            assert verify_consistency(old_size, size, ROOTS[old_size], ROOTS[size], proof)


def spoiled(proof: list[bytes]) -> list[list[bytes]]:
    """Cut, lengthened, swapped and changed ones."""
    bad = [[*proof, ROOTS[3]], [ROOTS[3], *proof], [*proof, *proof[-1:], ROOTS[1]]]
    bad += [proof[:at] + proof[at + 1 :] for at in range(len(proof))]
    bad += [[*proof[:at], bytes([proof[at][0] ^ 1]) + proof[at][1:], *proof[at + 1 :]] for at in range(len(proof))]
    bad += [proof[::-1]] if len(proof) > 1 else []
    return bad


def test_every_spoiled_proof_is_refused() -> None:
    for size in range(1, 20):
        for index in range(size):
            for proof in spoiled(inclusion_proof(index, size, subtree_at)):
                assert not verify_inclusion(index, size, LEAVES[index], ROOTS[size], proof)
        for old_size in range(size + 1):
            for proof in spoiled(consistency_proof(old_size, size, subtree_at)):
                assert not verify_consistency(old_size, size, ROOTS[old_size], ROOTS[size], proof)


def test_a_rewritten_history_is_never_consistent() -> None:
    for size in range(2, 20):
        for old_size in range(1, size):
            proof = consistency_proof(old_size, size, subtree_at)
            other = defined_root([leaf_hash(b"other"), *LEAVES[1:old_size]])
            assert not verify_consistency(old_size, size, other, ROOTS[size], proof)


@given(st.integers(-2, 45), st.integers(-2, 45), st.lists(st.binary(min_size=32, max_size=32), max_size=7))
def test_no_random_proof_is_accepted(index: int, size: int, proof: list[bytes]) -> None:
    assert not verify_inclusion(index, size, leaf_hash(b"x"), leaf_hash(b"y"), proof)
    assert not verify_consistency(index, size, leaf_hash(b"x"), leaf_hash(b"y"), proof)


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_there_is_no_proof_of_a_leaf_outside(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="no leaf"):
        inclusion_proof(index, size, subtree_at)


@pytest.mark.parametrize(("old_size", "size"), [(-1, 3), (4, 3)])
def test_there_is_no_proof_from_a_larger_tree(old_size: int, size: int) -> None:
    with pytest.raises(ValueError, match="no beginning"):
        consistency_proof(old_size, size, subtree_at)
