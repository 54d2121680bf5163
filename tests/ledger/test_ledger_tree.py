"""The Merkle tree: against known values, against the definition, and against forgeries."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_sample import NaiveNodes, naive_path, naive_proof, naive_root, sample_entries

from placet.ledger import (
    EMPTY_ROOT,
    BadProofError,
    Frontier,
    Hash,
    UnfitError,
    hash_leaf,
    prove_consistency,
    prove_inclusion,
    root_of,
    verify_consistency,
    verify_inclusion,
)

LEAVES = [hash_leaf(each) for each in sample_entries(64)]
ROOTS = [naive_root(LEAVES[:size]) for size in range(65)]

VECTORS = [
    ("", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
    ("00", "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
    ("10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
    ("2021", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"),
    ("3031", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"),
    ("40414243", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"),
    ("5051525354555657", "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
    (
        "606162636465666768696a6b6c6d6e6f",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ),
]
"""The eight leaves of the Certificate Transparency test suite, and the root after each."""


def test_the_roots_are_those_of_certificate_transparency() -> None:
    """The published roots come out of the reader, of the frontier, and of the naive definition."""
    assert hashlib.sha256(b"").digest() == EMPTY_ROOT == root_of(0, NaiveNodes([]))
    frontier, leaves = Frontier(), []
    for text, root in VECTORS:
        leaves.append(hash_leaf(bytes.fromhex(text)))
        frontier = frontier.append(leaves[-1])[0]
        assert frontier.root.hex() == root
        assert root_of(len(leaves), NaiveNodes(leaves)).hex() == root
        assert naive_root(leaves).hex() == root


def test_every_inclusion_proof_is_that_of_the_definition() -> None:
    """For all sizes to 64 and all entries, the proof is RFC 6962's and verifies."""
    for size in range(1, 65):
        for index in range(size):
            read = NaiveNodes(LEAVES)
            proof = prove_inclusion(index, size, read)
            assert list(proof) == naive_path(index, LEAVES[:size])
            assert read.questions <= 1
            verify_inclusion(index, LEAVES[index], size, ROOTS[size], proof)


def test_every_consistency_proof_is_that_of_the_definition() -> None:
    """For all pairs of sizes to 64, the proof is RFC 6962's and verifies, at one question."""
    for new in range(65):
        for old in range(new + 1):
            read = NaiveNodes(LEAVES)
            proof = prove_consistency(old, new, read)
            assert list(proof) == (naive_proof(old, LEAVES[:new]) if old else [])
            assert read.questions <= 1
            verify_consistency(old, ROOTS[old], new, ROOTS[new], proof)


def test_no_other_entry_place_or_size_verifies() -> None:
    """A proof holds for its entry and its place only, and for no size with another root."""
    for size in range(1, 20):
        for index in range(size):
            proof = prove_inclusion(index, size, NaiveNodes(LEAVES))
            for other in range(-1, 21):
                if other != index:
                    with pytest.raises(BadProofError):
                        verify_inclusion(other, LEAVES[index], size, ROOTS[size], proof)
                if other != size:
                    with pytest.raises(BadProofError):
                        verify_inclusion(index, LEAVES[index], other, ROOTS[max(0, other)], proof)
            with pytest.raises(BadProofError):
                verify_inclusion(index, LEAVES[index - 1], size + 64, ROOTS[size], proof)


def changed(proof: tuple[Hash, ...]) -> list[tuple[Hash, ...]]:
    """Return a proof with a hash changed, left out, added, or two exchanged."""
    found = [(*proof, LEAVES[0]), (LEAVES[0], *proof)]
    for at, each in enumerate(proof):
        found.append((*proof[:at], Hash(bytes([each[0] ^ 1]) + each[1:]), *proof[at + 1 :]))
        found.append((*proof[:at], *proof[at + 1 :]))
        if at and proof[at] != proof[at - 1]:
            found.append((*proof[: at - 1], proof[at], proof[at - 1], *proof[at + 1 :]))
    return found


def test_no_changed_proof_verifies() -> None:
    """A proof with a hash changed, left out, added or exchanged is refused."""
    for size in range(1, 34):
        for index in range(size):
            for proof in changed(prove_inclusion(index, size, NaiveNodes(LEAVES))):
                with pytest.raises(BadProofError):
                    verify_inclusion(index, LEAVES[index], size, ROOTS[size], proof)
        for old in range(size + 1):
            for proof in changed(prove_consistency(old, size, NaiveNodes(LEAVES))):
                with pytest.raises(BadProofError):
                    verify_consistency(old, ROOTS[old], size, ROOTS[size], proof)


def test_a_tree_that_does_not_continue_another_is_refused() -> None:
    """No proof of the true log shows that it continues a log with another root."""
    forked = [hash_leaf(each) for each in sample_entries(64, "fork")]
    for new in range(1, 40):
        for old in range(1, new + 1):
            proof = prove_consistency(old, new, NaiveNodes(LEAVES))
            with pytest.raises(BadProofError):
                verify_consistency(old, naive_root(forked[:old]), new, ROOTS[new], proof)
            with pytest.raises(BadProofError):
                verify_consistency(old, ROOTS[old], new, naive_root(forked[:new]), proof)
    with pytest.raises(BadProofError, match="empty"):
        verify_consistency(0, LEAVES[0], 4, ROOTS[4], ())
    with pytest.raises(BadProofError, match="missing"):
        verify_consistency(3, ROOTS[3], 4, ROOTS[4], ())
    with pytest.raises(BadProofError, match="cannot continue"):
        verify_consistency(4, ROOTS[4], 3, ROOTS[3], ())


def test_questions_outside_the_tree_are_refused() -> None:
    """Asking for an entry beyond the end, or a smaller tree after a larger, says what is wrong."""
    read = NaiveNodes(LEAVES)
    for ask in (
        lambda: prove_inclusion(5, 5, read),
        lambda: prove_inclusion(-1, 5, read),
        lambda: prove_consistency(6, 5, read),
        lambda: root_of(-1, read),
        lambda: Frontier(3, (LEAVES[0],)),
    ):
        with pytest.raises(UnfitError):
            ask()


@given(st.integers(0, 64))
def test_the_frontier_is_taken_up_where_it_ended(size: int) -> None:
    """A frontier read from stored hashes goes on exactly as the one that was never lost."""
    kept = Frontier()
    for leaf in LEAVES[:size]:
        kept, completed = kept.append(leaf)
        assert completed[0] == leaf
    assert Frontier.read(size, NaiveNodes(LEAVES[:size])) == kept
    assert kept.root == ROOTS[size]
    assert len(kept.peaks) <= 7


@given(st.integers(1, 1 << 40), st.data())
def test_proofs_of_huge_trees_verify(size: int, data: st.DataObject) -> None:
    """Proofs of trees far too large to build hold: all leaves are alike, so few hashes are made."""
    rows = [hash_leaf(b"")]
    for _ in range(41):
        rows.append(Hash(hashlib.sha256(b"\x01" + rows[-1] + rows[-1]).digest()))
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(0, size))

    def read(nodes: object) -> list[Hash]:
        return [rows[node.level] for node in nodes]

    root = root_of(size, read)
    verify_inclusion(index, rows[0], size, root, prove_inclusion(index, size, read))
    verify_consistency(old, root_of(old, read), size, root, prove_consistency(old, size, read))
