"""PURE. The Merkle tree over the log: hashes, roots, proofs and their verification (RFC 9162 section 2.1).

Hashes are 32 bytes. A *subtree* is a perfect one: level l, index i holds the 2^l leaves from i * 2^l.
Generating and verifying share nothing but `leaf_hash` and `node_hash`.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256(b"").digest()

SubtreeAt = Callable[[int, int], bytes]
"""(level, index) -> hash of that perfect subtree."""


def leaf_hash(data: bytes) -> bytes:
    return hashlib.sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


@dataclass(frozen=True, slots=True)
class Frontier:
    """All that appending needs: the size, and the perfect subtrees that make up the tree, largest first."""

    size: int = 0
    peaks: tuple[bytes, ...] = ()

    def append(self, leaf: bytes) -> tuple["Frontier", list[bytes]]:
        """The frontier with one leaf more, and the subtrees that this leaf completes, from the leaf itself upwards."""
        completed = [leaf]
        peaks = list(self.peaks)
        joined = self.size
        while joined & 1:
            completed.append(node_hash(peaks.pop(), completed[-1]))
            joined >>= 1
        return Frontier(self.size + 1, (*peaks, completed[-1])), completed

    def root(self) -> bytes:
        if not self.peaks:
            return EMPTY_ROOT
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def root_of_leaves(leaves: Sequence[bytes]) -> bytes:
    """MTH as the RFC defines it, for a handful of leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier, _ = frontier.append(leaf)
    return frontier.root()


# ---------------------------------------------------------------- generating (2.1.3.1 and 2.1.4.1)


def inclusion_proof(index: int, size: int, subtree_at: SubtreeAt) -> list[bytes]:
    """PATH(index, D[size]). Raises `ValueError` unless 0 <= index < size."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(_range_root(middle, end, subtree_at))
            end = middle
        else:
            proof.append(_range_root(start, middle, subtree_at))
            start = middle
    return proof[::-1]


def consistency_proof(old_size: int, size: int, subtree_at: SubtreeAt) -> list[bytes]:
    """PROOF(old_size, D[size]); empty for equal sizes and for an old size of 0. Raises `ValueError`
    unless 0 <= old_size <= size."""
    if not 0 <= old_size <= size:
        raise ValueError(f"a tree of {old_size} is no beginning of one of {size}")
    proof: list[bytes] = []
    start, end = 0, size
    while old_size not in (start, end):
        middle = start + _split(end - start)
        if old_size <= middle:
            proof.append(_range_root(middle, end, subtree_at))
            end = middle
        else:
            proof.append(_range_root(start, middle, subtree_at))
            start = middle
    if start > 0:
        proof.append(_range_root(start, end, subtree_at))
    return proof[::-1]


def _split(count: int) -> int:
    """The largest power of two smaller than `count`."""
    return 1 << ((count - 1).bit_length() - 1)


def _range_root(start: int, end: int, subtree_at: SubtreeAt) -> bytes:
    """Root over leaves start..end, where start is a multiple of a power of two that is at least their count."""
    count = end - start
    if count & (count - 1) == 0:
        level = count.bit_length() - 1
        return subtree_at(level, start >> level)
    middle = start + _split(count)
    return node_hash(_range_root(start, middle, subtree_at), _range_root(middle, end, subtree_at))


# ---------------------------------------------------------------- verifying, as the RFC writes it


def verify_inclusion(index: int, size: int, leaf: bytes, root: bytes, proof: Sequence[bytes]) -> bool:
    """RFC 9162 section 2.1.3.2."""
    if index < 0 or index >= size:
        return False
    fn, sn = index, size - 1
    r = leaf
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            if not fn & 1:
                while fn != 0 and not fn & 1:
                    fn >>= 1
                    sn >>= 1
        else:
            r = node_hash(r, p)
        fn >>= 1
        sn >>= 1
    return sn == 0 and r == root


def verify_consistency(old_size: int, size: int, old_root: bytes, root: bytes, proof: Sequence[bytes]) -> bool:
    """RFC 9162 section 2.1.4.2; sizes 0 and equal ones, which it leaves out, take an empty proof."""
    if old_size < 0 or old_size > size:
        return False
    if old_size == size:
        return not proof and old_root == root
    if old_size == 0:
        return not proof and old_root == EMPTY_ROOT
    if not proof:
        return False
    path = list(proof)
    if old_size & (old_size - 1) == 0:
        path.insert(0, old_root)
    fn, sn = old_size - 1, size - 1
    while fn & 1:
        fn >>= 1
        sn >>= 1
    fr = sr = path[0]
    for c in path[1:]:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            fr = node_hash(c, fr)
            sr = node_hash(c, sr)
            if not fn & 1:
                while fn != 0 and not fn & 1:
                    fn >>= 1
                    sn >>= 1
        else:
            sr = node_hash(sr, c)
        fn >>= 1
        sn >>= 1
    return sn == 0 and fr == old_root and sr == root
