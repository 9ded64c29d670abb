"""Is this RFC 6962's tree? Against its published vectors, and its definition written out."""

from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymerkle import InmemoryTree, verify_consistency, verify_inclusion

from ledger.store.merkle import (
    EMPTY_ROOT,
    HASH,
    WIDTH,
    TileAt,
    consistency,
    grown,
    inclusion,
    path_of,
    root,
    widths,
)
from ledger.store.proving import continues, proved_root
from tests.proofs import extends, leaf_root
from tests.property.tries import tries

# The leaves and roots that certificate-transparency-go and others publish for trees of 0 to 8.
LEAVES = [bytes.fromhex(h) for h in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def leaf(content: bytes) -> bytes:
    return sha256(b"\0" + content).digest()


def defined_root(leaves: list[bytes]) -> bytes:
    """The definition of RFC 6962, section 2.1, as it stands there."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    left, right = defined_root(leaves[:split]), defined_root(leaves[split:])
    return sha256(b"\x01" + left + right).digest()


class Grove:
    """A tree that grew in steps."""

    def __init__(self, leaves: list[bytes], steps: list[int]) -> None:
        self.tiles: dict[TileAt, bytes] = {}
        size = 0
        for step in [*steps, len(leaves)]:
            some = leaves[size : size + step]
            self.tiles |= dict(grown(size, some, self.tiles.__getitem__))
            size += len(some)

    def __call__(self, at: TileAt) -> bytes:
        return self.tiles[at]


MANY = [leaf(str(n).encode()) for n in range(700)]


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_the_published_ones(size: int) -> None:
    tree = Grove([leaf(content) for content in LEAVES], [])

    assert root(size, tree).hex() == ROOTS[size]


@tries(100)
@given(st.integers(0, 700), st.lists(st.integers(1, 400), max_size=5), st.data())
def test_however_it_grew_a_tree_has_the_root_that_is_defined(
    size: int, steps: list[int], data: st.DataObject
) -> None:
    tree = Grove(MANY[:size], steps)
    older = data.draw(st.integers(0, size))

    assert root(size, tree) == defined_root(MANY[:size])
    assert root(older, tree) == defined_root(MANY[:older])


@tries(100)
@given(st.integers(1, 700), st.data())
def test_a_leaf_is_proved_and_no_other_in_its_place(size: int, data: st.DataObject) -> None:
    tree = Grove(MANY[:size], [])
    index = data.draw(st.integers(0, size - 1))

    proof = inclusion(index, size, tree)

    assert leaf_root(index, size, MANY[index], proof) == root(size, tree)
    assert leaf_root(index, size, leaf(b"another"), proof) != root(size, tree)
    assert leaf_root(index, size, MANY[index], [*proof, MANY[0]]) is None
    assert leaf_root(size, size, MANY[index], proof) is None


@tries(100)
@given(st.integers(1, 700), st.data())
def test_a_tree_is_proved_to_extend_its_beginning_and_no_other(
    size: int, data: st.DataObject
) -> None:
    tree = Grove(MANY[:size], [])
    older = data.draw(st.integers(1, size))
    new = (size, root(size, tree))

    proof = consistency(older, size, tree)

    assert extends((older, defined_root(MANY[:older])), new, proof)
    other = defined_root([leaf(b"another"), *MANY[1:older]])
    assert not extends((older, other), new, proof)


@tries(60)
@given(st.lists(st.binary(max_size=40), min_size=1, max_size=300), st.data())
def test_others_code_finds_the_same_roots_and_proofs(
    contents: list[bytes], data: st.DataObject
) -> None:
    """pymerkle, which somebody wrote who had not read this tree."""
    size = len(contents)
    index = data.draw(st.integers(0, size - 1))
    older = data.draw(st.integers(1, size))
    theirs = InmemoryTree(algorithm="sha256")
    theirs.append_entries(contents)
    ours = Grove([leaf(content) for content in contents], [])

    assert root(size, ours) == theirs.get_root(size)
    assert root(older, ours) == theirs.get_root(older)
    # Theirs begins with the leaf itself.
    proof = theirs.prove_inclusion(index + 1, size)
    assert [leaf(contents[index]), *inclusion(index, size, ours)] == proof.path
    verify_inclusion(leaf(contents[index]), root(size, ours), proof)
    # Their form of a consistency proof goes down to single leaves: each is held to our roots.
    verify_consistency(root(older, ours), root(size, ours), theirs.prove_consistency(older, size))
    old, new = (older, theirs.get_root(older)), (size, theirs.get_root(size))
    assert extends(old, new, consistency(older, size, ours))
    assert continues(old, new, proof=consistency(older, size, ours))


# Trees of 1 to 8 of LEAVES: (index, size) and (old, new), with the proofs that
# certificate-transparency-go and others publish beside the roots.
PATHS = [
    (0, 1, []),
    (0, 8, [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]),
    (5, 8, [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]),
    (2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]),
]  # fmt: skip
BETWEEN = [
    (1, 1, []),
    (1, 8, [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ]),
    (6, 8, [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ]),
    (2, 5, [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("index", "size", "published"), PATHS)
def test_the_proofs_of_leaves_are_the_published_ones(
    index: int, size: int, published: list[str]
) -> None:
    tree = Grove([leaf(content) for content in LEAVES], [])

    assert [each.hex() for each in inclusion(index, size, tree)] == published


@pytest.mark.parametrize(("old", "new", "published"), BETWEEN)
def test_the_proofs_between_trees_are_the_published_ones(
    old: int, new: int, published: list[str]
) -> None:
    tree = Grove([leaf(content) for content in LEAVES], [])

    assert [each.hex() for each in consistency(old, new, tree)] == published


@tries(100)
@given(st.integers(1, 700), st.data())
def test_both_who_check_proofs_agree(size: int, data: st.DataObject) -> None:
    """The ledger's own, which a cosigner runs, and the auditors' file: of sound and spoilt proofs."""
    tree = Grove(MANY[:size], [])
    index = data.draw(st.integers(0, size - 1))
    older = data.draw(st.integers(1, size))
    spoilt = data.draw(st.sampled_from(["sound", "shorter", "longer", "altered"]))

    def handed(proof: list[bytes]) -> list[bytes]:
        match spoilt:
            case "shorter":
                return proof[:-1]
            case "longer":
                return [*proof, MANY[0]]
            case "altered":
                return [*proof[:-1], leaf(b"another")] if proof else proof
            case _:
                return proof

    one = handed(inclusion(index, size, tree))
    assert proved_root(index, size, leaf=MANY[index], proof=one) == leaf_root(
        index, size, MANY[index], one
    )
    other = handed(consistency(older, size, tree))
    old, new = (older, root(older, tree)), (size, root(size, tree))
    assert continues(old, new, proof=other) == extends(old, new, other)
    assert continues(old, new, proof=other) == (other == consistency(older, size, tree))


def test_every_tree_extends_the_empty_one_without_proof() -> None:
    assert continues((0, EMPTY_ROOT), (1, MANY[0]), proof=[])
    assert not continues((0, MANY[0]), (1, MANY[0]), proof=[])
    assert extends((0, EMPTY_ROOT), (1, MANY[0]), [])
    assert not extends((0, MANY[0]), (1, MANY[0]), [])


def test_a_level_has_a_hash_for_each_full_tile_below() -> None:
    assert widths(70_000) == {0: 70_000, 1: 273, 2: 1}
    assert widths(WIDTH) == {0: 256, 1: 1}
    assert widths(0) == {}


def test_a_tile_holds_what_it_held_and_more() -> None:
    held = MANY[:3]
    ((at, tile),) = grown(3, MANY[3:5], lambda _: b"".join(held))

    assert at == TileAt(0, 0)
    assert tile == b"".join(MANY[:5])
    assert len(tile) == 5 * HASH


@pytest.mark.parametrize(
    ("at", "width", "path"),
    [
        (TileAt(0, 0), 256, "tile/0/000"),
        (TileAt(1, 999), 256, "tile/1/999"),
        (TileAt(0, 1_234_067), 8, "tile/0/x001/x234/067.p/8"),
        (TileAt(2, 1_000), 256, "tile/2/x001/000"),
    ],
)
def test_tiles_are_served_where_the_specification_says(at: TileAt, width: int, path: str) -> None:
    assert path_of(at, width) == path
