"""What is the root of the tree over the log, and what proves that a leaf or an older tree is in it?

RFC 6962's tree (https://www.rfc-editor.org/rfc/rfc6962#section-2.1), kept as tiles of 256 hashes
(https://c2sp.org/tlog-tiles): the tile at level L and number N holds the hashes of 256 whole
subtrees of 256**L leaves each. Hashes are 32 bytes of SHA-256. The leaf at index i is the event at
position i + 1.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from struct import Struct
from typing import NamedTuple

from ledger.domain.refusals import TreeBroken

HASH = 32
WIDTH = 256
_HEIGHT = 8
_NODE_PREFIX = b"\x01"
_PAIR = Struct(f"{2 * HASH}s")
# The root of the tree without leaves (RFC 6962, section 2.1).
EMPTY_ROOT = sha256(b"").digest()


class TileAt(NamedTuple):
    """Where a tile stands: its level, and its number within the level."""

    level: int
    number: int


# The hashes of a tile, one after another: all 256, or as many as there are yet.
Tiles = Callable[[TileAt], bytes]


def node(left: bytes, right: bytes) -> bytes:
    """The hash of two subtrees side by side."""
    return sha256(_NODE_PREFIX + left + right).digest()


def root(size: int, tiles: Tiles) -> bytes:
    """The root of the tree over the first `size` leaves; refuses (`TreeBroken`) where a tile does
    not hold what that takes.
    """
    return stretch(0, size, tiles) if size else EMPTY_ROOT


def inclusion(index: int, size: int, tiles: Tiles) -> list[bytes]:
    """What proves that a leaf is in the tree of this size: siblings, from the leaf's to the
    root's child (RFC 6962, section 2.1.1).
    """
    assert 0 <= index < size, "a proof is about a leaf of the tree"
    low, high = 0, size
    path: list[bytes] = []
    while high - low > 1:
        middle = low + split(high - low)
        if index < middle:
            path.append(stretch(middle, high, tiles))
            high = middle
        else:
            path.append(stretch(low, middle, tiles))
            low = middle
    return path[::-1]


def consistency(old: int, new: int, tiles: Tiles) -> list[bytes]:
    """What proves that the tree of the `old` size is how the one of the `new` size began (RFC
    6962, section 2.1.2). Empty where the two are one, or the old one has no leaf.
    """
    assert 0 <= old <= new, "a log only grows"
    if old in {0, new}:
        return []
    low, high = 0, new
    path: list[bytes] = []
    begins_here = True
    while old != high:
        middle = low + split(high - low)
        if old <= middle:
            path.append(stretch(middle, high, tiles))
            high = middle
        else:
            path.append(stretch(low, middle, tiles))
            low = middle
            begins_here = False
    if not begins_here:
        path.append(stretch(low, high, tiles))
    return path[::-1]


def grown(size: int, leaves: Sequence[bytes], tail: Tiles) -> Iterator[tuple[TileAt, bytes]]:
    """The tiles that change when these leaf hashes come to a tree of `size`, each with all it
    holds from now on. `tail` gives the last tile of a level, where it is not full yet.
    """
    level, began = 0, size
    hashes = list(leaves)
    while hashes:
        first, held = divmod(began, WIDTH)
        content = (tail(TileAt(level, first)) if held else b"") + b"".join(hashes)
        full: list[bytes] = []
        for index, begin in enumerate(range(0, len(content), WIDTH * HASH), start=first):
            tile = content[begin : begin + WIDTH * HASH]
            yield TileAt(level, index), tile
            if len(tile) == WIDTH * HASH:
                full.append(_whole(tile))
        level, began, hashes = level + 1, first, full


def stretch(low: int, high: int, tiles: Tiles) -> bytes:
    """The hash over the leaves from `low` up to `high`; `low` is where such a subtree may begin."""
    size = high - low
    if size & (size - 1) == 0:
        return _subtree(size.bit_length() - 1, low // size, tiles)
    middle = low + split(size)
    return node(stretch(low, middle, tiles), stretch(middle, high, tiles))


def over(hashes: Sequence[bytes]) -> bytes:
    """The root over these hashes, side by side: leaves, or whole subtrees of one size, of which the
    last may be smaller.
    """
    count = len(hashes)
    if not count:
        return EMPTY_ROOT
    if count & (count - 1) == 0:
        return _whole(b"".join(hashes))
    middle = split(count)
    return node(over(hashes[:middle]), over(hashes[middle:]))


def path_of(at: TileAt, width: int = WIDTH) -> str:
    """Where a tile is served, below the log's address: `tile/0/x001/x234/067.p/8`."""
    digits = f"{at.number:03}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    parts = [digits[i : i + 3] for i in range(0, len(digits), 3)]
    name = "/".join([*(f"x{part}" for part in parts[:-1]), parts[-1]])
    partial = f".p/{width}" if width < WIDTH else ""
    return f"tile/{at.level}/{name}{partial}"


def widths(size: int) -> Mapping[int, int]:
    """How many hashes each level has in the tree of this size."""
    found: dict[int, int] = {}
    level = 0
    while size:
        found[level] = size
        level, size = level + 1, size // WIDTH
    return found


def split(size: int) -> int:
    """Where a tree parts: the largest power of two smaller than `size`."""
    return 1 << (size - 1).bit_length() - 1


def _subtree(height: int, index: int, tiles: Tiles) -> bytes:
    """The hash of a whole subtree of 2**height leaves."""
    level, above = divmod(height, _HEIGHT)
    count = 1 << above
    tile, offset = divmod(index * count, WIDTH)
    held = tiles(TileAt(level, tile))[offset * HASH : (offset + count) * HASH]
    if len(held) != count * HASH:
        raise TreeBroken(
            f"tile {tile} of level {level} is shorter than the tree that was signed has it: "
            "`ledger verify` shows what is wrong first"
        )
    return _whole(held)


def _whole(hashes: bytes) -> bytes:
    """The root over hashes, as many as a power of two."""
    # `node` of each pair, written out: of all the work on a tree most is done here.
    while len(hashes) > HASH:
        hashes = b"".join(
            [sha256(_NODE_PREFIX + pair).digest() for (pair,) in _PAIR.iter_unpack(hashes)]
        )
    return hashes
